//! Good bundles: what is mutated, and what it proves as it is.

use super::facts::{Facts, Proof};
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use provost_attestation::bundle::{Content, parse_documents};
use provost_attestation::digest::{ArtifactDigests, DigestAlgorithm};
use provost_control::config::{Config, LoadedConfig};
use provost_policy::{Artifact, Policy};
use provost_testkit::{
    BundleShape, ManagedKey, SignatureAlgorithm, SignedAttestation, SigningRequest,
    VirtualSigstore, WorkflowIdentity, WorkflowRun, instant, statement,
};
use provost_verify::{Verifier, root::Root};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A clock after every signing.
const NOW: &str = "2026-06-01T00:00:00Z";
const SIGNED_AT: &str = "2026-03-01T12:00:00Z";
/// Another time than the log's, so that it shows which of the two an acceptance rests on.
const TIMESTAMPED_AT: &str = "2026-03-01T12:00:01Z";
const ARTIFACT: &[u8] = b"the released bytes\n";

/// What the decisions about the virtual Sigstore's bundles are made by.
const POLICY: &str = r#"
[source]
repository = "github.com/example-org/artifact"
repository_id = 486325809
owner_id = 80431187

[policy]
min_level = 3

[[policy.builder]]
id = "https://github.com/example-org/workflows/.github/workflows/build.yml"
refs = ["refs/tags/v7.1.0"]
"#;

/// A good bundle under its trusted root and policy.
pub(super) struct Specimen {
    pub(super) name: String,
    /// The bundle. Every mutant is this with one thing changed.
    pub(super) bundle: Value,
    verifier: Verifier,
    policy: Policy,
    artifact: Artifact,
    now: Timestamp,
    facts: Facts,
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not a bundle, or rejected, or refused by policy.
    Refused,
    /// Accepted, and proves exactly what the original proves.
    Identical,
    /// Accepted, and proves the same with fewer witnesses: a part of the evidence is gone.
    FewerWitnesses,
    /// Accepted, and proves something else.
    Different(String),
    /// It brought the verifier down.
    Panicked(String),
}

/// Every specimen: the real release, the virtual Sigstore in each form, and managed keys.
pub(super) fn all(examples: &Path) -> Result<Vec<Specimen>> {
    let sigstore = VirtualSigstore::new();
    let mut specimens = vec![sigstore_js(&examples.join("sigstore-js-2.0.0"))?];
    for shape in BundleShape::ALL {
        specimens.push(keyless(&sigstore, shape)?);
    }
    for algorithm in [SignatureAlgorithm::EcdsaP256Sha256, SignatureAlgorithm::Ed25519] {
        specimens.push(managed_key(&sigstore, algorithm)?);
    }
    Ok(specimens)
}

/// The real release of the first example, under the embedded trusted root.
fn sigstore_js(folder: &Path) -> Result<Specimen> {
    let loaded = LoadedConfig::from_file(&folder.join("provost.toml"))?;
    let gate = &loaded.config.gate;
    let text = std::fs::read_to_string(loaded.resolve(gate.bundle.as_deref().context("bundle")?))?;
    let tag = gate.tag.as_deref().context("[gate].tag")?.parse()?;
    let policy = loaded.config.policy(Some(&tag)).map_err(anyhow::Error::msg)?;
    let verifier = Verifier::new(provost_trust::embedded_roots()?);
    Specimen::new("sigstore-js", serde_json::from_str(&text)?, verifier, policy)
}

fn keyless(sigstore: &VirtualSigstore, shape: BundleShape) -> Result<Specimen> {
    let mut trusted_root = sigstore.trusted_root();
    if shape == BundleShape::V03Tsa {
        // As GitHub's instance for private repositories: no log of any kind.
        trusted_root["tlogs"] = json!([]);
        trusted_root["ctlogs"] = json!([]);
    }
    let attestation = sigstore.sign(&request(shape));
    let verifier = Verifier::new(vec![Root::from_json(&trusted_root.to_string())?]);
    virtual_specimen(&format!("{shape:?}"), &attestation, verifier)
}

fn managed_key(sigstore: &VirtualSigstore, algorithm: SignatureAlgorithm) -> Result<Specimen> {
    let key = ManagedKey::generate(algorithm, "release-key");
    let attestation = sigstore.sign_with_key(&request(BundleShape::V03RekorV1), &key);
    let root = Root::from_json(&sigstore.trusted_root_json())?;
    let pem = key.public_key_pem();
    let managed = provost_verify::ManagedKey::from_pem(&pem).map_err(anyhow::Error::msg)?;
    let verifier = Verifier::new(vec![root]).with_key(managed);
    let name = match algorithm {
        SignatureAlgorithm::Ed25519 => "KeyEd25519",
        _ => "KeyP256",
    };
    virtual_specimen(name, &attestation, verifier)
}

fn virtual_specimen(
    name: &str,
    attestation: &SignedAttestation,
    verifier: Verifier,
) -> Result<Specimen> {
    let config = Config::parse(POLICY).map_err(anyhow::Error::msg)?;
    let tag = "v1.2.3".parse()?;
    let policy = config.policy(Some(&tag)).map_err(anyhow::Error::msg)?;
    Specimen::new(name, attestation.bundle(), verifier, policy)
}

fn request(shape: BundleShape) -> SigningRequest {
    let identity = WorkflowIdentity::github_actions(WorkflowRun::example()).reusable(
        "example-org/workflows/.github/workflows/build.yml",
        "refs/tags/v7.1.0",
        "eeb03fb7518fb0036e4bb0713134c3b6531c68ba",
    );
    let subject = statement::subject("artifact.tar.gz", ARTIFACT);
    let statement = statement::actions_attest(&identity, &[subject]);
    let mut request = SigningRequest::new(&statement, identity, SIGNED_AT).shape(shape);
    request.timestamped_at = Some(instant(TIMESTAMPED_AT));
    request
}

impl Specimen {
    fn new(name: &str, bundle: Value, verifier: Verifier, policy: Policy) -> Result<Self> {
        let text = bundle.to_string();
        let artifact = attested(&text).with_context(|| format!("{name} names no artifact"))?;
        let now = NOW.parse()?;
        let proof = prove(text.as_bytes(), &verifier, &artifact, &policy, now);
        let [Proof::Proven(facts)] = proof.as_slice() else {
            bail!("{name} is no good bundle: {proof:?}");
        };
        let facts = facts.as_ref().clone();
        Ok(Self { name: name.to_owned(), bundle, verifier, policy, artifact, now, facts })
    }

    /// Whether it has a log entry, which holds certificate and signature byte for byte.
    pub(super) fn has_log(&self) -> bool {
        self.holds("/verificationMaterial/tlogEntries/0")
    }

    /// Whether it has an RFC 3161 timestamp.
    pub(super) fn has_timestamp(&self) -> bool {
        self.holds("/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0")
    }

    /// Whether its log entry is of Rekor v2.
    pub(super) fn is_rekor_v2(&self) -> bool {
        let kind = "/verificationMaterial/tlogEntries/0/kindVersion/kind";
        self.bundle.pointer(kind).and_then(Value::as_str) == Some("hashedrekord")
    }

    /// Whether it is of bundle version 0.1.
    pub(super) fn is_v01(&self) -> bool {
        self.bundle["mediaType"].as_str().is_some_and(|kind| kind.ends_with("version=0.1"))
    }

    fn holds(&self, pointer: &str) -> bool {
        self.bundle.pointer(pointer).is_some()
    }

    /// Judges a mutant.
    pub(super) fn judge(&self, mutant: &[u8]) -> Verdict {
        let Self { verifier, artifact, policy, now, .. } = self;
        let proofs =
            catch_unwind(AssertUnwindSafe(|| prove(mutant, verifier, artifact, policy, *now)));
        let proofs = match proofs {
            Ok(proofs) => proofs,
            Err(panic) => return Verdict::Panicked(words_of(panic.as_ref())),
        };
        let mut verdict = Verdict::Refused;
        for proof in proofs {
            let Proof::Proven(facts) = proof else { continue };
            verdict = match self.facts.difference(&facts) {
                None if *facts == self.facts => Verdict::Identical,
                None => Verdict::FewerWitnesses,
                Some(difference) => return Verdict::Different(difference),
            };
        }
        verdict
    }
}

/// What each document of a file proves; nothing when it is no bundle file at all.
fn prove(
    bytes: &[u8],
    verifier: &Verifier,
    artifact: &Artifact,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Proof> {
    let Ok(documents) = parse_documents(bytes) else { return Vec::new() };
    let mut proofs = Vec::new();
    for document in documents {
        let Content::Bundle(claimed) = document.content else { continue };
        let verification = verifier.verify(&claimed, Some(&artifact.digests), now);
        proofs.push(Proof::of(verification, artifact, policy));
    }
    proofs
}

/// The artifact that a bundle claims to be about: its first subject with a strong digest.
fn attested(text: &str) -> Option<Artifact> {
    let documents = parse_documents(text.as_bytes()).ok()?;
    let Content::Bundle(claimed) = &documents.first()?.content else { return None };
    let subject = claimed.statement().ok()?.subjects.first()?;
    let usable = |algorithm| algorithm != DigestAlgorithm::Sha384;
    let digest = subject.strong_digests().find(|digest| usable(digest.algorithm()))?;
    Some(Artifact { name: "artifact".to_owned(), digests: ArtifactDigests::new(digest) })
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_itself_and_a_forgery_is_refused() {
        let sigstore = VirtualSigstore::new();
        for shape in BundleShape::ALL {
            let specimen = keyless(&sigstore, shape).expect("a good bundle");
            let text = specimen.bundle.to_string();
            assert_eq!(specimen.judge(text.as_bytes()), Verdict::Identical);
            assert_eq!(specimen.judge(format!("\n {text}\n").as_bytes()), Verdict::Identical);
            assert_eq!(specimen.judge(b"{}"), Verdict::Refused);
        }
    }

    /// The oracle must see a difference: another genuine bundle is accepted, with other facts.
    #[test]
    fn another_signing_of_another_statement_is_different() {
        let sigstore = VirtualSigstore::new();
        let specimen = keyless(&sigstore, BundleShape::V03RekorV1).expect("a good bundle");
        let mut later = request(BundleShape::V03RekorV1);
        later.integrated_at = Some(instant("2026-03-01T12:00:02Z"));
        let verdict = specimen.judge(sigstore.sign(&later).bundle_json().as_bytes());
        assert!(
            matches!(&verdict, Verdict::Different(what) if what.contains("time")),
            "{verdict:?}"
        );
        let mut other = request(BundleShape::V03RekorV1);
        other.identity.deployment_environment = Some("production".to_owned());
        let verdict = specimen.judge(sigstore.sign(&other).bundle_json().as_bytes());
        assert_eq!(verdict, Verdict::Different("signer".to_owned()));
    }
}
