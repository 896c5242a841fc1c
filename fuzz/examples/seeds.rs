//! Writes the seeds that come from the virtual Sigstore, and the trusted root they verify under.
//!
//! Keys are fresh, so every run changes the bundles and certificates; the statements stay.

use anyhow::{Context, Result};
use provost_testkit::{
    BundleShape, SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun, statement,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

const REAL: &str = "../examples/sigstore-js-2.0.0/provenance.sigstore.json";
const DELEGATED: &str =
    "https://github.com/example-org/builder/.github/workflows/maven.yml@refs/tags/v2.0.0";

fn main() -> Result<()> {
    let sigstore = VirtualSigstore::new();
    let identity = identity();
    let statements = statements(&identity);
    for (name, statement) in &statements {
        write(&format!("seeds/statement/{name}.json"), statement.to_string().as_bytes())?;
        let predicate = format!("{:#}", statement["predicate"]);
        write(&format!("seeds/provenance/{name}.json"), predicate.as_bytes())?;
    }
    let (_, signed) = &statements[0];
    write("virtual/statement.json", signed.to_string().as_bytes())?;
    write("virtual/trusted_root.json", sigstore.trusted_root_json().as_bytes())?;
    for shape in BundleShape::ALL {
        let request = request(signed, identity.clone()).shape(shape);
        let bundle = sigstore.sign(&request).bundle_json();
        write(&format!("seeds/bundle/{}.json", name_of(shape)), bundle.as_bytes())?;
    }
    let real = std::fs::read(here().join(REAL)).context(REAL)?;
    write("seeds/bundle/sigstore-js.json", &real)?;
    write_lines(&sigstore, signed, &identity)?;
    write_certificates(&sigstore, signed, &identity, &real)
}

/// A file of several documents, one a line.
fn write_lines(
    sigstore: &VirtualSigstore,
    signed: &Value,
    identity: &WorkflowIdentity,
) -> Result<()> {
    let attestation = sigstore.sign(&request(signed, identity.clone()));
    let lines = [attestation.bundle_json(), attestation.envelope.to_json().to_string()];
    write("seeds/bundle/lines.jsonl", format!("{}\n\n", lines.join("\n")).as_bytes())
}

fn write_certificates(
    sigstore: &VirtualSigstore,
    signed: &Value,
    identity: &WorkflowIdentity,
    real: &[u8],
) -> Result<()> {
    let old = (8..=24).fold(identity.clone(), WorkflowIdentity::without);
    let doubled = identity.clone().with_another(14, "refs/tags/v9.9.9");
    for (name, identity) in [("current", identity.clone()), ("old", old), ("doubled", doubled)] {
        let attestation = sigstore.sign(&request(signed, identity));
        let certificate = attestation.key_material.certificate().context("keyless")?;
        write(&format!("seeds/certificate/{name}.der"), certificate)?;
    }
    let bundle = provost_attestation::bundle::parse_documents(real)?;
    let [document] = bundle.as_slice() else { anyhow::bail!("{REAL} is one bundle") };
    let provost_attestation::bundle::Content::Bundle(bundle) = &document.content else {
        anyhow::bail!("{REAL} is a bundle")
    };
    let certificate = bundle.bundle().signing_certificate().context("keyless")?;
    write("seeds/certificate/sigstore-js.der", certificate.as_bytes())
}

fn identity() -> WorkflowIdentity {
    WorkflowIdentity::github_actions(WorkflowRun::example()).reusable(
        "example-org/workflows/.github/workflows/build.yml",
        "refs/tags/v7.1.0",
        "eeb03fb7518fb0036e4bb0713134c3b6531c68ba",
    )
}

fn statements(identity: &WorkflowIdentity) -> [(&'static str, Value); 5] {
    let bytes = b"the released bytes\n";
    let subjects = [statement::subject("artifact.tar.gz", bytes)];
    let package = [statement::npm_subject("@example-org/artifact", "1.2.3", bytes)];
    [
        ("actions-attest", statement::actions_attest(identity, &subjects)),
        ("npm-cli", statement::npm_cli(identity, &package)),
        ("generic", statement::generic(identity, &subjects)),
        ("delegator", statement::delegator(identity, &subjects, DELEGATED)),
        ("container-based", statement::container_based(identity, &subjects)),
    ]
}

fn request(statement: &Value, identity: WorkflowIdentity) -> SigningRequest {
    SigningRequest::new(statement, identity, "2026-03-01T12:00:00Z")
}

fn name_of(shape: BundleShape) -> &'static str {
    match shape {
        BundleShape::V01Intoto => "v0.1-intoto",
        BundleShape::V01IntotoWithoutProof => "v0.1-intoto-without-proof",
        BundleShape::V02Intoto => "v0.2-intoto",
        BundleShape::V03RekorV1 => "v0.3-rekor-v1",
        BundleShape::V03RekorV1AndTsa => "v0.3-rekor-v1-tsa",
        BundleShape::V03RekorV2 => "v0.3-rekor-v2",
        BundleShape::V03Tsa => "v0.3-tsa",
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn write(path: &str, bytes: &[u8]) -> Result<()> {
    let path = here().join(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, bytes).with_context(|| path.display().to_string())
}
