//! The sisters of the examples: each differs in one thing, and is refused for it.

use crate::example::{Example, LEVEL3};
use serde_json::{Value, json};

/// One thing changed. What is changed may be a file of the example or an argument.
pub(crate) struct Sister {
    pub(crate) name: &'static str,
    /// Changes the example, and gives the arguments that the gate gets.
    pub(crate) change: fn(&Example) -> Vec<&'static str>,
    /// The checks that fail for it, exactly.
    pub(crate) fails: &'static [&'static str],
}

/// What the policy asks of the package has no subject to ask.
const NOT_THE_SUBJECT: &[&str] =
    &["subject-digest", "source-ref", "package-name", "package-version", "slsa-level"];

/// Of the real release.
pub(crate) const NPM_SISTERS: [Sister; 19] = [
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

/// Of the level 3 release.
pub(crate) const LEVEL3_SISTERS: [Sister; 8] = [
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
