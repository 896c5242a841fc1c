//! What `verify` takes as artifacts and bundles, and what it does not take yet.

use crate::attested::{Attested, BYTES, SIGNED_AT, identity};
use crate::program::{Provost, failed, outcomes};
use provost_control::sha256_hex;
use provost_testkit::{SigningRequest, statement};
use serde_json::{Value, json};

#[test]
fn digests_stand_in_for_files() {
    let attested = Attested::new();
    let digest = format!("sha256:{}", sha256_hex(BYTES));
    let report = attested.verify([&digest]).report(0);
    assert_eq!(report["decisions"][0]["subject"]["name"], digest);
    let other = format!("sha256:{}", sha256_hex(b"other"));
    let report = attested.verify([&digest, &other]).report(10);
    assert_eq!(outcomes(&report), ["accepted", "refused"]);
    assert_eq!(failed(&report), ["subject-digest"]);
    // Another algorithm than the one that was attested proves nothing either way.
    let sha512 = format!("sha512:{}", "0".repeat(128));
    assert_eq!(failed(&attested.verify([&sha512]).report(10)), ["subject-digest"]);
    for wrong in [
        "sha256:abc".to_owned(),
        "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned(),
        "md5:d41d8cd98f00b204e9800998ecf8427e".to_owned(),
        digest.to_uppercase().replace("SHA256", "sha256"),
        format!("{digest}0"),
    ] {
        let report = attested.verify([&wrong]).report(2);
        assert_eq!(report["error"]["code"], "configuration", "{wrong}");
    }
}

#[test]
fn folders_and_lines_of_bundles_are_searched_by_digest() {
    let attested = Attested::new();
    let bundle = std::fs::read_to_string(attested.path("app.json")).unwrap();
    let decoys: Vec<String> = (0..3)
        .map(|_| std::fs::read_to_string(Attested::new().path("app.json")).unwrap())
        .collect();
    std::fs::create_dir(attested.path("bundles")).unwrap();
    attested.write("bundles/README.md", "no bundle");
    attested.write("bundles/a.json", &decoys[0]);
    attested.write("bundles/b.intoto.jsonl", format!("{}\n{}\n", decoys[1], decoys[2]));
    let verify = |bundle: &str, code| {
        Provost::new(["verify", "app.txt", "--trusted-root", "root.json", "--bundle", bundle])
            .args(["--source-uri", "github.com/example-org/artifact"])
            .args(["--signer-workflow", "example-org/builders/.github/workflows/build.yml"])
            .cwd(attested.root())
            .report(code)
    };
    // The decoys name the artifact too, but another instance signed them.
    let report = verify("bundles", 10);
    assert_eq!(report["decisions"][0]["others"].as_array().unwrap().len(), 2);
    attested.write("bundles/c.build.slsa", &bundle);
    let report = verify("bundles", 0);
    assert_eq!(outcomes(&report), ["accepted"]);
    let lines = format!("{}\n{}\n{bundle}\n", decoys[1], decoys[2]);
    attested.write("all.jsonl", &lines);
    assert_eq!(
        verify("all.jsonl", 0)["decisions"][0]["bundle_sha256"],
        sha256_hex(bundle.as_bytes())
    );
    attested.write("all.jsonl", lines.replace(&bundle, ""));
    verify("all.jsonl", 10);
}

#[test]
fn nothing_to_check_is_never_a_pass() {
    let attested = Attested::new();
    std::fs::create_dir(attested.path("empty")).unwrap();
    for (name, text) in [("empty.json", ""), ("blank.jsonl", "\n\n \n")] {
        attested.write(name, text);
    }
    let verify = |arguments: &[&str], code: i32| -> Value {
        Provost::new(["verify"])
            .args(arguments)
            .args(["--trusted-root", "root.json", "--unsafe-any-source"])
            .cwd(attested.root())
            .report(code)["error"]["code"]
            .clone()
    };
    assert_eq!(verify(&["app.txt"], 3), "nothing-to-check");
    assert_eq!(verify(&["--bundle", "app.json"], 3), "nothing-to-check");
    for empty in ["empty", "empty.json", "blank.jsonl"] {
        assert_eq!(verify(&["app.txt", "--bundle", empty], 3), "nothing-to-check", "{empty}");
    }
    assert_eq!(verify(&["app.txt", "--bundle", "none.json"], 1), "unreadable");
    assert_eq!(verify(&["none.txt", "--bundle", "app.json"], 1), "unreadable");
    assert_eq!(verify(&["empty", "--bundle", "app.json"], 1), "unreadable", "a folder");
}

#[test]
fn a_bundle_that_is_none_is_refused() {
    let attested = Attested::new();
    let bundle = std::fs::read_to_string(attested.path("app.json")).unwrap();
    let twice = format!("{{\"mediaType\":\"x\",{}", &bundle[1..]);
    for (name, text) in [
        ("half", bundle[..bundle.len() / 2].to_owned()),
        ("two on a line", format!("{bundle}{bundle}")),
        ("a key twice", twice),
        ("a number", "1".to_owned()),
        ("an object of nothing", "{}".to_owned()),
        ("no JSON", "<html>".to_owned()),
        ("a byte order mark", format!("\u{feff}{bundle}")),
        ("deep", "[".repeat(10_000)),
    ] {
        attested.write("app.json", text);
        assert_eq!(failed(&attested.verify(["app.txt"]).report(10)), ["bundle-format"], "{name}");
    }
    let large = format!("{bundle}{}", " ".repeat(16 << 20));
    attested.write("app.json", large);
    assert_eq!(failed(&attested.verify(["app.txt"]).report(10)), ["bundle-format"]);
}

#[test]
fn a_plain_envelope_cannot_be_decided_offline() {
    let attested = Attested::new();
    let bundle: Value =
        serde_json::from_slice(&std::fs::read(attested.path("app.json")).unwrap()).unwrap();
    attested.write("app.json", bundle["dsseEnvelope"].to_string());
    let report = attested.verify(["app.txt"]).report(1);
    assert_eq!(report["error"]["code"], "undecidable-offline");
    assert!(report["error"]["detail"].as_str().unwrap().contains("--rekor-url"));
}

#[test]
fn a_valid_attestation_of_another_kind_is_no_provenance() {
    let identity = identity();
    let subjects = [statement::subject("app.txt", BYTES)];
    for kind in ["https://slsa.dev/verification_summary/v1", "https://spdx.dev/Document/v2.3"] {
        let statement =
            statement::statement("https://in-toto.io/Statement/v1", kind, &subjects, json!({}));
        let request = SigningRequest::new(&statement, identity.clone(), SIGNED_AT);
        let report = Attested::request(&request).verify(["app.txt"]).report(10);
        assert_eq!(failed(&report), ["predicate-type"], "{kind}");
    }
}

#[test]
fn what_is_not_supported_yet_says_so() {
    let attested = Attested::new();
    let not_yet = |provost: Provost| {
        let report = provost.report(2);
        assert_eq!(report["error"]["code"], "not-supported", "{report}");
        assert!(report["error"]["detail"].as_str().unwrap().contains("not supported yet"));
    };
    not_yet(attested.verify(["oci:ghcr.io/example-org/app@sha256:00"]));
    let vsa = "https://slsa.dev/verification_summary/v1";
    not_yet(attested.verify(["app.txt"]).args(["--predicate-type", vsa]));
    let bundle: Value =
        serde_json::from_slice(&std::fs::read(attested.path("app.json")).unwrap()).unwrap();
    let predicate_type = "https://slsa.dev/provenance/v1";
    let npm = json!({"attestations": [{"predicateType": predicate_type, "bundle": bundle}]});
    attested.write("app.json", npm.to_string());
    not_yet(attested.verify(["app.txt"]));
    let gcb = json!({
        "image_summary": {"digest": "sha256:00", "fully_qualified_digest": "x"},
        "provenance_summary": {"provenance": []},
    });
    attested.write("app.json", gcb.to_string());
    not_yet(attested.verify(["app.txt"]));
}
