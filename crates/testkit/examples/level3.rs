//! Makes the files of `examples/reusable-workflow-1.4.0`: two artifacts, their attestation by a
//! reusable workflow at a release tag, and the trusted root of the virtual Sigstore that signed.
//!
//! `cargo run -p provost-testkit --example level3 -- examples/reusable-workflow-1.4.0`
//!
//! Keys are fresh at each call, so all of these files change together.

use jiff::Timestamp;
use provost_testkit::statement::{actions_attest, subject};
use provost_testkit::{
    BundleShape, SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun,
};
use std::path::PathBuf;

const SIGNED_AT: &str = "2026-11-20T14:31:07Z";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    let artifacts = folder.join("artifacts");
    std::fs::create_dir_all(&artifacts)?;
    let files = [
        ("app-linux-amd64.txt", "This file stands for a program: app 1.4.0 for linux/amd64.\n"),
        ("app-linux-arm64.txt", "This file stands for a program: app 1.4.0 for linux/arm64.\n"),
    ];
    let mut subjects = Vec::new();
    for (name, text) in files {
        std::fs::write(artifacts.join(name), text)?;
        subjects.push(subject(name, text.as_bytes()));
    }
    let run = WorkflowRun {
        repository: "example-org/app".into(),
        repository_id: "1296269".into(),
        owner_id: "9919".into(),
        workflow_path: ".github/workflows/release.yml".into(),
        git_ref: "refs/tags/v1.4.0".into(),
        commit: "8f70009fde0c94ade6ce2a054b94718c819126ec".into(),
        event: "push".into(),
        run_id: "77".into(),
        attempt: "1".into(),
    };
    let identity = WorkflowIdentity::github_actions(run).reusable(
        "example-org/builders/.github/workflows/build.yml",
        "refs/tags/v2.1.0",
        "1b2d77aa01c4f0e8c2f7f0b7c9a0f9bd3b6f1e52",
    );
    let statement = actions_attest(&identity, &subjects);
    let signed_at: Timestamp = SIGNED_AT.parse()?;
    let sigstore = VirtualSigstore::new();
    let request = SigningRequest::new(&statement, identity, &signed_at.to_string())
        .shape(BundleShape::V03RekorV1);
    let bundle = sigstore.sign(&request).bundle_json();
    std::fs::write(folder.join("attestation.sigstore.json"), bundle + "\n")?;
    std::fs::write(folder.join("trusted_root.json"), sigstore.trusted_root_json() + "\n")?;
    Ok(())
}
