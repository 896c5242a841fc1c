//! Verification: one file, one large file, many files.

use super::scenario::{Reading, Scenario, words};
use anyhow::{Context, Result};
use provost_attestation::digest::DigestAlgorithm;
use provost_control::hash_file;
use provost_testkit::statement::{actions_attest, statement};
use provost_testkit::{SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

/// All scenarios; their files are made in `folder`.
pub(crate) fn all(root: &Path, folder: &Path) -> Result<Vec<Scenario>> {
    let release = root.join("target/release");
    let provost = release.join("provost");
    Ok(vec![
        one_file(root, &provost, &release.join("examples/reference")),
        large_file(&provost, folder)?,
        many_files(&provost, folder)?,
    ])
}

fn one_file(root: &Path, provost: &Path, reference: &Path) -> Scenario {
    let example = root.join("examples/sigstore-js-2.0.0");
    let bundle = example.join("provenance.sigstore.json");
    let artifact = example.join("artifacts/sigstore-2.0.0.tgz");
    let mut ours = vec![provost.into(), "verify".into(), artifact.clone().into()];
    ours.extend(words(["--source-uri", "github.com/sigstore/sigstore-js", "--builder-id"]));
    ours.extend(words(["https://github.com/actions/runner/github-hosted", "--bundle"]));
    ours.push(bundle.clone().into());
    Scenario {
        name: "one file, one bundle, whole process",
        ours,
        theirs: vec![reference.into(), bundle.into(), artifact.into()],
        reference: "a 30-line program on `sigstore-verify`, signature only",
        goal: "at most 2.00; peak memory at most 3 x",
        runs: 31,
        reading: Reading::AtMost(2.0),
    }
}

fn large_file(provost: &Path, folder: &Path) -> Result<Scenario> {
    let artifact = folder.join("large");
    // A file with holes reads like any other; what is measured is reading and hashing.
    std::fs::File::create(&artifact)?.set_len(1 << 30)?;
    let sigstore = VirtualSigstore::new();
    let bundle = attest(&sigstore, std::slice::from_ref(&artifact))?;
    let bundle_path = folder.join("large.sigstore.json");
    std::fs::write(&bundle_path, bundle)?;
    let root = folder.join("large-root.json");
    std::fs::write(&root, sigstore.trusted_root_json())?;
    let mut ours = verify_command(provost, &root, &bundle_path);
    ours.push(artifact.clone().into());
    let mut theirs = words(["openssl", "dgst", "-sha256"]);
    theirs.push(artifact.into());
    Ok(Scenario {
        name: "a 1 GiB artifact, whole process",
        ours,
        theirs,
        reference: "`openssl dgst -sha256` of the same file",
        goal: "at most 1.10; peak memory within 4 MiB of the small case",
        runs: 7,
        reading: Reading::AtMost(1.10),
    })
}

fn many_files(provost: &Path, folder: &Path) -> Result<Scenario> {
    const FILES: usize = 100;
    let sigstore = VirtualSigstore::new();
    let bundles = folder.join("bundles");
    std::fs::create_dir_all(&bundles)?;
    let root = folder.join("many-root.json");
    std::fs::write(&root, sigstore.trusted_root_json())?;
    let mut ours = verify_command(provost, &root, &bundles);
    for index in 0..FILES {
        let artifact = folder.join(format!("file-{index}"));
        let mut file = std::fs::File::create(&artifact)?;
        for _ in 0..1024 {
            file.write_all(&[u8::try_from(index % 251)?; 1024])?;
        }
        file.write_all(&index.to_le_bytes())?;
        let bundle = attest(&sigstore, std::slice::from_ref(&artifact))?;
        std::fs::write(bundles.join(format!("file-{index}.sigstore.json")), bundle)?;
        ours.push(artifact.into());
    }
    let mut theirs = words(["taskset", "-c", "0"]);
    theirs.extend(ours.iter().cloned());
    Ok(Scenario {
        name: "100 artifacts of 1 MiB, 100 bundles, one call",
        ours,
        theirs,
        reference: "the same call on one core (`taskset -c 0`)",
        goal: "at least 1.70 x faster on two cores",
        runs: 11,
        reading: Reading::AtLeast(1.7),
    })
}

fn verify_command(provost: &Path, root: &Path, bundle: &Path) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec![provost.into(), "verify".into()];
    command.extend(words(["--source-uri", "github.com/example-org/artifact", "--signer-workflow"]));
    command.extend(words(["example-org/artifact/.github/workflows/release.yml", "--bundle"]));
    command.push(bundle.into());
    command.push("--trusted-root".into());
    command.push(root.into());
    command
}

/// An attestation of these files, as `actions/attest` writes it.
fn attest(sigstore: &VirtualSigstore, files: &[PathBuf]) -> Result<String> {
    let sha256 = std::collections::BTreeSet::from([DigestAlgorithm::Sha256]);
    let subjects: Vec<Value> = files
        .iter()
        .map(|path| {
            let digests = hash_file(path, &sha256)?;
            let digest = digests.of(DigestAlgorithm::Sha256).context("no digest")?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            Ok(json!({"name": name, "digest": {"sha256": digest.to_hex()}}))
        })
        .collect::<Result<_>>()?;
    let identity = WorkflowIdentity::github_actions(WorkflowRun::example());
    let template = actions_attest(&identity, &subjects);
    let made = statement(
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
        &subjects,
        template["predicate"].clone(),
    );
    let request = SigningRequest::new(&made, identity, "2026-11-20T12:00:00Z");
    Ok(sigstore.sign(&request).bundle_json())
}
