//! What the tests share: one artifact, one honest scene a family of builders, and the judge.

use provost_attestation::bundle::{Content, parse_documents};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_control::config::Config;
use provost_control::{ArtifactInput, Expectations};
use provost_policy::check::POLICY_CHECKS;
use provost_policy::{Artifact, Decision, Policy, decide};
use provost_testkit::{
    BundleShape, SignedAttestation, SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun,
    instant, statement,
};
use provost_verify::check::{Check, Outcome};
use provost_verify::root::Root;
use provost_verify::{Rejection, Verifier, layer};
use serde_json::{Value, json};
use std::sync::LazyLock;

pub(crate) const ARTIFACT: &[u8] = b"the released bytes\n";
pub(crate) const SIGNED_AT: &str = "2026-03-01T12:00:00Z";
pub(crate) const SOURCE: &str = "github.com/example-org/artifact";
pub(crate) const GENERATOR: &str = "slsa-framework/slsa-github-generator/.github/workflows/";
pub(crate) const BUILDER: &str = "example-org/workflows/.github/workflows/build.yml";
pub(crate) const BUILDER_COMMIT: &str = "eeb03fb7518fb0036e4bb0713134c3b6531c68ba";
pub(crate) const OTHER_COMMIT: &str = "0dfcd24824432c4ce587f79c918eef8fc2c44d7b";

/// One honest instance for all tests that need no other.
pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> = LazyLock::new(VirtualSigstore::new);

/// A month after the signing.
pub(crate) fn now() -> jiff::Timestamp {
    instant("2026-04-01T00:00:00Z")
}

/// Both digests of [`ARTIFACT`] that builders write.
pub(crate) fn digests() -> ArtifactDigests {
    let sha256 = statement::subject("", ARTIFACT);
    let sha512 = statement::npm_subject("", "", ARTIFACT);
    let digest = |algorithm: DigestAlgorithm, subject: &Value| {
        let hex = subject["digest"][algorithm.name()].as_str().unwrap();
        ArtifactDigest::from_hex(algorithm, hex).unwrap()
    };
    ArtifactDigests::from_list(vec![
        digest(DigestAlgorithm::Sha256, &sha256),
        digest(DigestAlgorithm::Sha512, &sha512),
    ])
    .unwrap()
}

pub(crate) fn subject() -> Value {
    statement::subject("artifact.tar.gz", ARTIFACT)
}

/// A release and what is expected of it; every field may be changed before it is judged.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) identity: WorkflowIdentity,
    pub(crate) statement: Value,
    pub(crate) expectations: Expectations,
    pub(crate) config: Option<Config>,
    pub(crate) shape: BundleShape,
}

impl Scene {
    /// `statement` is written of the identity as it is now; later changes of the identity let the
    /// two disagree.
    pub(crate) fn new(
        identity: WorkflowIdentity,
        statement: impl FnOnce(&WorkflowIdentity, &[Value]) -> Value,
    ) -> Self {
        let statement = statement(&identity, &[subject()]);
        let source_uri = Some(SOURCE.to_owned());
        Self {
            identity,
            statement,
            expectations: Expectations { source_uri, ..Expectations::default() },
            config: None,
            shape: BundleShape::V03RekorV1,
        }
    }

    /// An attestation by a reusable workflow of another repository, at a release tag.
    pub(crate) fn attestation() -> Self {
        Self::attestation_by("refs/tags/v7.1.0")
    }

    /// The same at any ref of the builder.
    pub(crate) fn attestation_by(git_ref: &str) -> Self {
        let identity = identity().reusable(BUILDER, git_ref, BUILDER_COMMIT);
        let mut scene = Self::new(identity, statement::actions_attest);
        scene.expectations.builder_id = Some(format!("https://github.com/{BUILDER}"));
        scene
    }

    /// An attestation that the triggered workflow signs itself.
    pub(crate) fn own_workflow(run: WorkflowRun) -> Self {
        let workflow = format!("{}/{}", run.repository, run.workflow_path);
        let identity = WorkflowIdentity::github_actions(run);
        let mut scene = Self::new(identity, statement::actions_attest);
        scene.expectations.builder_id = Some(format!("https://github.com/{workflow}"));
        scene
    }

    /// Provenance v0.2 by the generic generator.
    pub(crate) fn generic() -> Self {
        Self::generic_of(WorkflowRun::example())
    }

    /// The same of any run.
    pub(crate) fn generic_of(run: WorkflowRun) -> Self {
        Self::new(generator(run, "generator_generic_slsa3.yml"), statement::generic)
    }

    /// Provenance v1 by the container-based builder.
    pub(crate) fn container_based() -> Self {
        let identity = generator(WorkflowRun::example(), "builder_container-based_slsa3.yml");
        Self::new(identity, statement::container_based)
    }

    /// Provenance v1 by the generator's nodejs builder, behind a delegator.
    pub(crate) fn delegator() -> Self {
        let builder = format!("https://github.com/{GENERATOR}builder_nodejs_slsa3.yml");
        Self::delegator_for(&format!("{builder}@refs/tags/v2.0.0"))
    }

    /// The same for any builder, `name@ref`.
    pub(crate) fn delegator_for(builder: &str) -> Self {
        let identity = generator(WorkflowRun::example(), "delegator_generic_slsa3.yml");
        Self::new(identity, |identity, subjects| statement::delegator(identity, subjects, builder))
    }

    /// Provenance v1 by the npm CLI, in a workflow of the source repository.
    pub(crate) fn npm_cli() -> Self {
        let mut scene = Self::new(identity(), |identity, _| {
            let package = statement::npm_subject("@example/artifact", "1.2.3", ARTIFACT);
            statement::npm_cli(identity, &[package])
        });
        scene.expectations.builder_id = Some("https://github.com/actions/runner".into());
        scene
    }

    /// Changes what is expected.
    #[must_use]
    pub(crate) fn expecting(mut self, edit: impl FnOnce(&mut Expectations)) -> Self {
        edit(&mut self.expectations);
        self
    }

    /// Changes the certificate, after the statement was written.
    #[must_use]
    pub(crate) fn certified(
        mut self,
        edit: impl FnOnce(WorkflowIdentity) -> WorkflowIdentity,
    ) -> Self {
        self.identity = edit(self.identity);
        self
    }

    /// Puts `value` at a JSON Pointer of the statement; the member is there already, or its
    /// parent is an object.
    #[must_use]
    pub(crate) fn stating(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match self.statement.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                members.insert(name.to_owned(), value);
            }
            Some(Value::Array(items)) => items[name.parse::<usize>().unwrap()] = value,
            other => panic!("{pointer}: {other:?} has no members"),
        }
        self
    }

    /// Takes away what stands at a JSON Pointer of the statement.
    #[must_use]
    pub(crate) fn without(mut self, pointer: &str) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let members = self.statement.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        assert!(members.remove(name).is_some(), "nothing at {pointer}");
        self
    }

    /// Takes the expectations from a `provost.toml` instead of flags.
    #[must_use]
    pub(crate) fn configured(mut self, toml: &str) -> Self {
        self.config = Some(Config::parse(toml).unwrap());
        self.expectations = Expectations::default();
        self
    }

    pub(crate) fn request(&self) -> SigningRequest {
        SigningRequest::new(&self.statement, self.identity.clone(), SIGNED_AT).shape(self.shape)
    }

    pub(crate) fn policy(&self) -> Policy {
        self.expectations.policy(self.config.as_ref()).unwrap()
    }

    /// Signs the statement and decides about [`ARTIFACT`].
    pub(crate) fn judge(&self) -> Decision {
        self.judge_under(&self.policy())
    }

    /// The same under a policy of the test's own.
    pub(crate) fn judge_under(&self, policy: &Policy) -> Decision {
        judge(&root_for(self.shape), &SIGSTORE.sign(&self.request()), policy)
    }
}

/// The certificate of the example's own workflow.
pub(crate) fn identity() -> WorkflowIdentity {
    WorkflowIdentity::github_actions(WorkflowRun::example())
}

fn generator(run: WorkflowRun, file: &str) -> WorkflowIdentity {
    WorkflowIdentity::github_actions(run).reusable(
        &format!("{GENERATOR}{file}"),
        "refs/tags/v2.0.0",
        BUILDER_COMMIT,
    )
}

/// The trusted root for bundles of that shape: GitHub's private instance knows no log.
pub(crate) fn root_for(shape: BundleShape) -> Value {
    let mut root = SIGSTORE.trusted_root();
    if shape == BundleShape::V03Tsa {
        root["tlogs"] = json!([]);
        root["ctlogs"] = json!([]);
    }
    root
}

pub(crate) fn verifier(trusted_root: &Value) -> Verifier {
    Verifier::new(vec![Root::from_json(&trusted_root.to_string()).unwrap()])
}

pub(crate) fn judge(root: &Value, attestation: &SignedAttestation, policy: &Policy) -> Decision {
    judge_bytes(&verifier(root), attestation.bundle_json().as_bytes(), policy, now())
}

/// Decides about [`ARTIFACT`] on both ways there are, step by step and as the use case *verify*
/// does from a file, and makes sure that they agree.
pub(crate) fn judge_bytes(
    verifier: &Verifier,
    bundle: &[u8],
    policy: &Policy,
    now: jiff::Timestamp,
) -> Decision {
    let direct = decide_bytes(verifier, bundle, policy, now);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attestation.sigstore.json");
    std::fs::write(&file, bundle).unwrap();
    let artifact = ArtifactInput::Digests { name: "artifact.tar.gz".into(), digests: digests() };
    let judgements = provost_control::verify(&[artifact], &[file], verifier, policy, now).unwrap();
    let [judgement] = judgements.try_into().unwrap();
    let decision = judgement.result.unwrap().decision;
    assert_eq!(direct.is_accepted(), decision.is_accepted());
    assert_eq!(failed(&direct), failed(&decision));
    assert_eq!(not_run(&direct), not_run(&decision));
    assert_eq!(direct.bundle_sha256(), decision.bundle_sha256());
    decision
}

fn decide_bytes(
    verifier: &Verifier,
    bundle: &[u8],
    policy: &Policy,
    now: jiff::Timestamp,
) -> Decision {
    let artifact = Artifact { name: "artifact.tar.gz".into(), digests: digests() };
    let verification = match parse_documents(bundle) {
        Ok(documents) => match documents.as_slice() {
            [document] => match &document.content {
                Content::Bundle(bundle) => verifier.verify(bundle, Some(&artifact.digests), now),
                other => panic!("not a bundle: {other:?}"),
            },
            others => panic!("{} documents", others.len()),
        },
        Err(error) => {
            let sha256 = provost_control::sha256_hex(bundle);
            Err(Rejection::of_malformed_bundle(error.to_string(), &sha256))
        }
    };
    decide(&verification, &artifact, policy)
}

fn ids(decision: &Decision, wanted: fn(&Outcome) -> bool) -> Vec<&'static str> {
    let chosen = decision.checks().iter().filter(|check| wanted(check.outcome()));
    chosen.map(|check| check.id().as_str()).collect()
}

/// Ids of the checks that failed, in order.
pub(crate) fn failed(decision: &Decision) -> Vec<&'static str> {
    ids(decision, |outcome| matches!(outcome, Outcome::Failed { .. }))
}

/// Ids of the checks that did not run, in order.
pub(crate) fn not_run(decision: &Decision) -> Vec<&'static str> {
    ids(decision, |outcome| matches!(outcome, Outcome::NotRun))
}

/// Ids of the checks whose question did not arise, in order.
pub(crate) fn skipped(decision: &Decision) -> Vec<&'static str> {
    ids(decision, |outcome| matches!(outcome, Outcome::Skipped { .. }))
}

pub(crate) fn check<'a>(decision: &'a Decision, id: &str) -> &'a Check {
    decision.checks().iter().find(|check| check.id().as_str() == id).unwrap()
}

#[track_caller]
pub(crate) fn assert_accepted(decision: &Decision) {
    let refusals: Vec<&Check> = decision.failed_checks().collect();
    assert!(decision.is_accepted(), "refused: {refusals:#?}");
    assert_eq!(not_run(decision), [""; 0]);
    assert!(decision.rejection().is_none());
}

/// Policy refused: exactly these checks failed, and every check ran.
#[track_caller]
pub(crate) fn assert_refused(decision: &Decision, checks: &[&str]) {
    assert!(!decision.is_accepted(), "accepted, although: {checks:?}");
    let detail: Vec<&Check> = decision.failed_checks().collect();
    assert_eq!(failed(decision), checks, "{detail:#?}");
    assert_eq!(not_run(decision), [""; 0], "{detail:#?}");
    assert!(decision.rejection().is_none());
    assert!(decision.facts().is_some(), "a signature that stands has facts");
}

/// The signature layer refused: this check failed for that reason, those of the layer in
/// `open` did not run, and neither did any check of policy.
#[track_caller]
pub(crate) fn assert_rejected(decision: &Decision, id: &str, reason: &str, open: &[&str]) {
    assert!(!decision.is_accepted(), "accepted, although: {id} {reason}");
    let (found, detail) = decision.rejection().expect("a rejection");
    assert_eq!(failed(decision), [id], "{detail}");
    assert_eq!(found.as_str(), id, "{detail}");
    assert!(detail.contains(reason), "rejected for another reason: {detail}");
    let policy = POLICY_CHECKS.iter().map(|info| info.id.as_str());
    let expected: Vec<&str> = open.iter().copied().chain(policy).collect();
    assert_eq!(not_run(decision), expected, "{id}: {detail}");
    assert!(decision.facts().is_none(), "nothing is proven");
    assert_eq!(decision.level(), 0);
}

/// The ids of the signature layer behind `id`.
pub(crate) fn layer_after(id: &str) -> Vec<&'static str> {
    let mut ids = layer::CHECKS.iter().map(|info| info.id.as_str());
    ids.by_ref().find(|other| *other == id).unwrap();
    ids.collect()
}
