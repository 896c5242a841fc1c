//! `gate` on the examples: what it writes, and that a repeat doubles nothing.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::{Provost, outcomes};
use jiff::Timestamp;
use provost_control::sha256_hex;
use serde_json::{Value, json};

const SHA512: &str = "46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813\
                      b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c";
const RELEASE: &str = "https://github.com/sigstore/sigstore-js/releases/tag/sigstore%402.0.0";
const BUILDER: &str = "https://github.com/actions/runner/github-hosted";
const COMMIT: &str = "f0b49a04e5a62250e0f60fb128004a73110fe311";

#[test]
fn a_real_release_is_admitted_and_recorded() {
    let example = Example::copy(NPM);
    let bundle = std::fs::read(example.bundle()).unwrap();
    let config = std::fs::read(example.path("provost.toml")).unwrap();
    let report = example.gate().report(0);
    assert_eq!(outcomes(&report), ["accepted"]);
    assert_eq!(report["error"], Value::Null);
    let decision = &report["decisions"][0];
    assert_eq!(decision["recorded"], true);
    assert_eq!(decision["slsa_build_level"], 2);
    assert_eq!(decision["subject"], json!({"name": "sigstore-2.0.0.tgz", "sha512": SHA512}));
    assert_eq!(decision["bundle_sha256"], sha256_hex(&bundle));
    assert_eq!(decision["policy_sha256"], sha256_hex(&config));
    assert_eq!(decision["run"], json!({"id": "5904696764", "attempt": 1, "trigger": "push"}));
    assert_eq!(decision["signed_at"], "2023-08-18T16:05:35Z");

    let entries = example.entries();
    let at = time_of(&entries[0]["validated_at"]);
    let entry = json!({
        "run": "5904696764",
        "tag": "v2.0.0",
        "status": "success",
        "artifact": "artifacts/slsa/v2.0.0/provenance-v2.0.0.json",
        "release_url": RELEASE,
        "validated_at": at.to_string(),
        "repository": "sigstore/sigstore-js",
        "commit": COMMIT,
        "subjects": [{"name": "sigstore-2.0.0.tgz", "digest": {"sha512": SHA512}}],
        "builder_id": BUILDER,
        "slsa_build_level": 2,
        "attempt": 1,
        "decision": "accepted",
    });
    assert_eq!(entries, [entry]);
    assert_eq!(
        example.manifest(),
        format!("docs/reports/{}/manifest.json", at.strftime("%Y-%m-%d"))
    );
    let kept = std::fs::read(example.path("out/artifacts/slsa/v2.0.0/provenance-v2.0.0.json"));
    assert_eq!(kept.unwrap(), bundle, "the bundle is kept byte for byte");
    let summary = example.written("artifacts/slsa/v2.0.0/vsa-v2.0.0.json");
    assert_eq!(summary, vsa(at, &config, &bundle));
    an_event_repeats_the_entry(&example, at);
}

fn vsa(at: Timestamp, config: &[u8], bundle: &[u8]) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "sigstore-2.0.0.tgz", "digest": {"sha512": SHA512}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {
                "id": "https://provost.dev/provost",
                "version": {"provost": env!("CARGO_PKG_VERSION")},
            },
            "timeVerified": at.to_string(),
            "resourceUri": RELEASE,
            "policy": {"uri": "provost.toml", "digest": {"sha256": sha256_hex(config)}},
            "inputAttestations": [{"digest": {"sha256": sha256_hex(bundle)}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_2"],
            "slsaVersion": "1.0",
        },
    })
}

fn an_event_repeats_the_entry(example: &Example, at: Timestamp) {
    let events = example.events();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.event.as_str(), event.status.as_str()), ("validated", "success"));
    assert_eq!((event.run_id, event.tag.as_str()), (5_904_696_764, "v2.0.0"));
    assert_eq!(event.repository.as_deref(), Some("sigstore/sigstore-js"));
    let path = "artifacts/slsa/v2.0.0/provenance-v2.0.0.json";
    assert_eq!(event.artifact_path.as_deref(), Some(path));
    assert_eq!(event.release_url.as_deref(), Some(RELEASE));
    assert_eq!(event.failure_reason, None);
    assert_eq!(event.commit_sha.as_deref(), Some(COMMIT));
    assert_eq!(event.builder_id.as_deref(), Some(BUILDER));
    assert_eq!((event.slsa_build_level, event.attempt), (Some(2), Some(1)));
    assert_eq!(event.validated_at.as_deref().unwrap().parse::<Timestamp>().unwrap(), at);
    let manifest = std::fs::read(example.path("out").join(example.manifest())).unwrap();
    assert_eq!(event.manifest_sha256.as_deref(), Some(sha256_hex(&manifest).as_str()));
    let decisions: Value = serde_json::from_str(event.decision.as_deref().unwrap()).unwrap();
    assert_eq!(decisions[0]["outcome"], "accepted");
}

fn time_of(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_repeat_changes_no_byte_and_adds_no_event() {
    for name in [NPM, LEVEL3] {
        let example = Example::copy(name);
        example.gate().run().expect(0);
        let files = example.files();
        for _ in 0..2 {
            let output = example.gate().run().expect(0);
            assert!(output.stdout.contains(": success, as before"), "{}", output.stdout);
            assert_eq!(output.stdout.matches("as before").count(), 2, "{}", output.stdout);
            assert!(example.files() == files, "{name}: a repeat changed a file");
        }
        assert_eq!(example.events().len(), 1);
    }
}

#[test]
fn both_artifacts_of_the_level_3_release_are_decided() {
    let example = Example::copy(LEVEL3);
    let report = example.gate().args(["--min-level", "3"]).report(0);
    assert_eq!(outcomes(&report), ["accepted", "accepted"]);
    for (index, name) in ["app-linux-amd64.txt", "app-linux-arm64.txt"].into_iter().enumerate() {
        assert_eq!(report["decisions"][index]["subject"]["name"], name);
        assert_eq!(report["decisions"][index]["slsa_build_level"], 3);
    }
    let entries = example.entries();
    assert_eq!((&entries[0]["run"], &entries[0]["tag"]), (&json!("77"), &json!("v1.4.0")));
    assert_eq!(entries[0]["slsa_build_level"], 3);
    assert_eq!(entries[0]["subjects"].as_array().unwrap().len(), 2);
}

#[test]
fn the_summary_also_goes_where_it_is_asked_for() {
    let example = Example::copy(NPM);
    example.gate().args(["--vsa-out", "vsa.json"]).run().expect(0);
    let copy = std::fs::read(example.path("vsa.json")).unwrap();
    let kept = std::fs::read(example.path("out/artifacts/slsa/v2.0.0/vsa-v2.0.0.json")).unwrap();
    assert_eq!(copy, kept);
}

#[test]
fn the_configuration_is_found_where_the_environment_says_and_paths_are_relative_to_it() {
    let example = Example::copy(NPM);
    let elsewhere = tempfile::tempdir().unwrap();
    Provost::new(["gate"])
        .env("PROVOST_CONFIG", example.path("provost.toml"))
        .cwd(elsewhere.path())
        .run()
        .expect(0);
    assert_eq!(example.entries().len(), 1);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    let nowhere = Provost::new(["gate"]).cwd(elsewhere.path()).report(2);
    assert_eq!(nowhere["error"]["code"], "configuration");
}
