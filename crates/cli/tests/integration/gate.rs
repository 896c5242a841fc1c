//! `gate` on the examples: what it writes, that a repeat doubles nothing, what it refuses.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::{Provost, failed, outcomes};
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

/// One thing changed. What is changed may be a file of the example or an argument.
struct Sister {
    name: &'static str,
    change: fn(&Example) -> Vec<&'static str>,
    /// The checks that fail for it, exactly.
    fails: &'static [&'static str],
}

/// What the policy asks of the package has no subject to ask.
const NOT_THE_SUBJECT: &[&str] =
    &["subject-digest", "source-ref", "package-name", "package-version", "slsa-level"];

const NPM_SISTERS: [Sister; 19] = [
    Sister {
        name: "a byte of the tarball",
        change: |example| {
            let path = example.path("artifacts/sigstore-2.0.0.tgz");
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[20_000] ^= 1;
            std::fs::write(path, bytes).unwrap();
            vec![]
        },
        fails: NOT_THE_SUBJECT,
    },
    Sister {
        name: "another tag",
        change: |_| vec!["--tag", "v9.9.9"],
        fails: &["source-ref", "package-version"],
    },
    Sister {
        name: "another source",
        change: |_| vec!["--source-uri", "github.com/sigstore/other"],
        fails: &["source-repository", "slsa-level"],
    },
    Sister {
        name: "another builder",
        change: |_| vec!["--builder-id", "https://github.com/actions/runner/self-hosted"],
        fails: &["builder-id", "slsa-level"],
    },
    Sister { name: "a higher level", change: |_| vec!["--min-level", "3"], fails: &["slsa-level"] },
    Sister { name: "another run", change: |_| vec!["--run", "1"], fails: &["run-id"] },
    Sister {
        name: "another commit",
        change: |_| vec!["--source-digest", "0000000000000000000000000000000000000000"],
        fails: &["source-digest"],
    },
    Sister {
        name: "another trusted root",
        change: |example| {
            let other = Example::copy(LEVEL3);
            std::fs::copy(other.path("trusted_root.json"), example.path("other.json")).unwrap();
            vec!["--trusted-root", "other.json"]
        },
        fails: &["certificate-chain"],
    },
    Sister {
        name: "a byte of the payload",
        change: |example| {
            example.edit_bundle(|bundle| {
                let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
                bundle["dsseEnvelope"]["payload"] = payload.replacen('Q', "R", 1).into();
            });
            vec![]
        },
        fails: &["signature"],
    },
    Sister {
        name: "a payload that is no statement",
        change: |example| {
            example.edit_bundle(|bundle| change_base64(&mut bundle["dsseEnvelope"]["payload"]));
            vec![]
        },
        fails: &["envelope"],
    },
    Sister {
        name: "a byte of the signature",
        change: |example| {
            example.edit_bundle(|bundle| {
                change_base64(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"]);
            });
            vec![]
        },
        fails: &["signature"],
    },
    Sister {
        name: "an unknown member in the bundle",
        change: |example| {
            example.edit_bundle(|bundle| bundle["more"] = json!(1));
            vec![]
        },
        fails: &["bundle-format"],
    },
    Sister {
        name: "another file instead of the artifact",
        change: |example| {
            std::fs::remove_file(example.path("artifacts/sigstore-2.0.0.tgz")).unwrap();
            std::fs::write(example.path("artifacts/other.tgz"), "other").unwrap();
            vec![]
        },
        fails: NOT_THE_SUBJECT,
    },
    Sister {
        name: "an artifact more",
        change: |example| {
            std::fs::write(example.path("artifacts/other.tgz"), "other").unwrap();
            vec![]
        },
        fails: NOT_THE_SUBJECT,
    },
    Sister {
        name: "a trigger that is not allowed",
        change: |example| {
            example.configure("[\"push\"]", "[\"release\", \"workflow_dispatch\"]");
            vec![]
        },
        fails: &["build-trigger"],
    },
    Sister {
        name: "another package",
        change: |example| {
            example.configure("package_name = \"sigstore\"", "package_name = \"sigstor\"");
            vec![]
        },
        fails: &["package-name"],
    },
    Sister {
        name: "a repository of the same name",
        change: |example| {
            example.configure("repository_id = 495574555", "repository_id = 495574556");
            vec![]
        },
        fails: &["source-repository", "slsa-level"],
    },
    Sister {
        name: "another owner of the same name",
        change: |example| {
            example.configure("owner_id = 71096353", "owner_id = 71096354");
            vec![]
        },
        fails: &["source-repository", "slsa-level"],
    },
    Sister {
        name: "another ref of the builder",
        change: |example| {
            example.configure("[\"refs/heads/main\"]", "[\"refs/heads/release\"]");
            vec![]
        },
        fails: &["builder-ref", "slsa-level"],
    },
];

const LEVEL3_SISTERS: [Sister; 8] = [
    Sister {
        name: "an artifact missing",
        change: |example| {
            std::fs::remove_file(example.path("artifacts/app-linux-arm64.txt")).unwrap();
            vec![]
        },
        fails: &["subject-digest"],
    },
    Sister {
        name: "a foreign file",
        change: |example| {
            std::fs::write(example.path("artifacts/app-linux-riscv64.txt"), "app").unwrap();
            vec![]
        },
        fails: &["subject-digest", "slsa-level"],
    },
    Sister {
        name: "a byte of one of two artifacts",
        change: |example| {
            example.edit("artifacts/app-linux-arm64.txt", "1.4.0", "1.4.1");
            vec![]
        },
        // The other artifact's statement now attests a file that is not there.
        fails: &["subject-digest", "subject-digest", "slsa-level"],
    },
    Sister {
        name: "a ref pattern that does not match",
        change: |example| {
            example.configure("refs/tags/v2.*.*", "refs/tags/v3.*.*");
            vec![]
        },
        fails: &["builder-ref", "slsa-level", "builder-ref", "slsa-level"],
    },
    Sister {
        name: "another signing workflow",
        change: |example| {
            example.configure("workflows/build.yml", "workflows/other.yml");
            vec![]
        },
        fails: &["builder-id", "slsa-level", "builder-id", "slsa-level"],
    },
    Sister {
        name: "another tag",
        change: |_| vec!["--tag", "v1.4.1"],
        fails: &["source-ref", "source-ref"],
    },
    Sister {
        name: "a builder trusted for less",
        change: |example| {
            example.configure("[\"refs/tags/v2.*.*\"]", "[\"refs/tags/v2.*.*\"]\nlevel = 2");
            vec![]
        },
        fails: &["slsa-level", "slsa-level"],
    },
    Sister {
        name: "the public good root",
        change: |example| {
            example.configure("trusted_root = \"trusted_root.json\"\n", "");
            vec![]
        },
        fails: &["certificate-chain", "certificate-chain"],
    },
];

/// Another canonical text of the same length.
fn change_base64(value: &mut Value) {
    let text = value.as_str().unwrap();
    let middle = text.len() / 2;
    let other = if text.as_bytes()[middle] == b'A' { "B" } else { "A" };
    *value = format!("{}{other}{}", &text[..middle], &text[middle + 1..]).into();
}

#[test]
fn the_real_release_with_one_thing_changed_is_refused() {
    for sister in &NPM_SISTERS {
        is_refused_and_then_admitted(NPM, sister);
    }
}

#[test]
fn the_level_3_release_with_one_thing_changed_is_refused() {
    for sister in &LEVEL3_SISTERS {
        is_refused_and_then_admitted(LEVEL3, sister);
    }
}

/// A refusal is recorded, and gives way to the admission of the release as it is.
fn is_refused_and_then_admitted(example: &str, sister: &Sister) {
    let (name, example) = (sister.name, Example::copy(example));
    let arguments = (sister.change)(&example);
    let report = example.gate().args(&arguments).report(10);
    assert_eq!(failed(&report), sister.fails, "{name}");
    assert_eq!(report["error"], Value::Null, "{name}");
    for decision in report["decisions"].as_array().unwrap() {
        assert_eq!(decision["recorded"], true, "{name}");
    }
    is_recorded_as_refused(&example, sister);

    let refused = example.files();
    example.gate().args(&arguments).run().expect(10);
    assert!(example.files() == refused, "{name}: a repeat changed a file");

    example.restore();
    let report = example.gate().report(0);
    assert!(outcomes(&report).iter().all(|outcome| *outcome == "accepted"), "{name}");
    let entries = example.entries();
    let accepted: Vec<&Value> =
        entries.iter().filter(|entry| entry["decision"] == "accepted").collect();
    let [accepted] = accepted.as_slice() else { panic!("{name}: {entries:?}") };
    assert_eq!(accepted["status"], "success", "{name}");
    assert_eq!(accepted.get("failure_reason"), None, "{name}");
    let events = example.events();
    let words: Vec<&str> = events.iter().map(|event| event.status.as_str()).collect();
    assert_eq!(words, ["failure", "success"], "{name}");
}

fn is_recorded_as_refused(example: &Example, sister: &Sister) {
    let name = sister.name;
    let mut fails: Vec<&str> = sister.fails.to_vec();
    fails.sort_unstable();
    fails.dedup();
    let reason = format!("refused: {}", fails.join(", "));
    let entries = example.entries();
    let [entry] = entries.as_slice() else { panic!("{name}: {entries:?}") };
    assert_eq!(entry["status"], "failure", "{name}");
    assert_eq!(entry["decision"], "refused", "{name}");
    assert_eq!(entry["failure_reason"], reason, "{name}");
    assert_eq!(entry["checks_failed"], json!(fails), "{name}");
    assert_eq!(entry["artifact"], "", "{name}: a refused bundle is not kept");
    assert_eq!(entry.get("slsa_build_level"), None, "{name}");

    let tag = entry["tag"].as_str().unwrap();
    let failure = example.written(&format!("artifacts/slsa/{tag}/failure.json"));
    let schema = jsonschema::validator_for(&provost_wire::v1::Failure::json_schema()).unwrap();
    assert!(schema.is_valid(&failure), "{name}: {failure:#}");
    for key in ["run", "tag", "status", "failure_reason", "checks_failed", "release_url"] {
        assert_eq!(failure[key], entry[key], "{name}: {key}");
    }
    assert_eq!(failure["occurred_at"], entry["validated_at"], "{name}");
    let summary = example.written(&format!("artifacts/slsa/{tag}/vsa-{tag}.json"));
    assert_eq!(summary["predicate"]["verificationResult"], "FAILED", "{name}");
    assert_eq!(summary["predicate"]["verifiedLevels"], json!([]), "{name}");

    let events = example.events();
    let [event] = events.as_slice() else { panic!("{name}: {events:?}") };
    assert_eq!((event.event.as_str(), event.status.as_str()), ("validated", "failure"), "{name}");
    assert_eq!(event.failure_reason.as_deref(), Some(reason.as_str()), "{name}");
    assert_eq!((event.tag.as_str(), event.artifact_path.as_deref()), (tag, None), "{name}");
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
fn old_bytes_under_a_new_tag_and_new_bytes_under_an_old_one_are_refused() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    let report = example.gate().args(["--tag", "v2.0.1"]).report(10);
    assert_eq!(failed(&report), ["source-ref", "package-version", "tag-reuse"]);
    std::fs::write(example.path("artifacts/sigstore-2.0.0.tgz"), "other bytes").unwrap();
    let report = example.gate().args(["--run", "7"]).report(10);
    for id in ["subject-digest", "run-id", "tag-reuse"] {
        assert!(failed(&report).contains(&id.to_owned()), "{id}: {report}");
    }
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
