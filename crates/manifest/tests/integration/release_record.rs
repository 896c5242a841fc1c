//! From decisions to an entry.

use crate::world::{NOON, World, tag, time};
use provost_attestation::bundle::{Content, parse_documents};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_attestation::repository::Repository;
use provost_manifest::{ArtifactKind, DayFile, Entry, render};
use provost_policy::{
    Artifact, Decision, ExpectedBuilder, ExpectedBuilders, ExpectedRef, ExpectedSource, Policy,
    decide,
};
use provost_record::{Release, ReleaseRecord};
use provost_testkit::{SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun, statement};
use provost_verify::Verifier;
use provost_verify::root::Root;

const BYTES: &[u8] = b"the released bytes\n";

fn artifact(bytes: &[u8]) -> Artifact {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let digest = ArtifactDigest::new(DigestAlgorithm::Sha256, hash.as_ref()).unwrap();
    Artifact { name: "artifact.tar.gz".to_owned(), digests: ArtifactDigests::new(digest) }
}

/// The gate's decision about `bytes` under a policy that wants the tag `source_tag`.
fn decision(bytes: &[u8], source_tag: &str) -> Decision {
    let sigstore = VirtualSigstore::new();
    let identity = WorkflowIdentity::github_actions(WorkflowRun::example());
    let subject = statement::subject("artifact.tar.gz", BYTES);
    let statement = statement::actions_attest(&identity, &[subject]);
    let request = SigningRequest::new(&statement, identity.clone(), "2026-03-01T12:00:00Z");
    let text = sigstore.sign(&request).bundle_json();
    let mut documents = parse_documents(text.as_bytes()).unwrap();
    let Content::Bundle(bundle) = documents.remove(0).content else {
        panic!("not a bundle");
    };
    let root = Root::from_json(&sigstore.trusted_root_json()).unwrap();
    let artifact = artifact(bytes);
    let verified = Verifier::new(vec![root]).verify(&bundle, Some(&artifact.digests), time(NOON));
    let repository = Repository::from_expectation("github.com/example-org/artifact").unwrap();
    let source = ExpectedSource::Repository { repository, id: None, owner_id: None };
    let signer = identity.signer_uri.split('@').next().unwrap().to_owned();
    let builder = ExpectedBuilder {
        id: None,
        signer_workflow: Some(signer),
        refs: vec!["refs/tags/*".parse().unwrap()],
        build_types: Vec::new(),
        level: None,
    };
    let mut policy = Policy::new(source, ExpectedBuilders::Named(vec![builder]));
    policy.source_refs = vec![ExpectedRef::Tag(source_tag.to_owned())];
    decide(&verified, &artifact, &policy)
}

fn record(world: &World, decision: Decision) -> ReleaseRecord {
    let path = world.manifests().artifacts().path(&tag("v1.2.3"), ArtifactKind::Provenance);
    let release = Release {
        tag: tag("v1.2.3"),
        run_id: 14_095_611_671,
        attempt: Some(1),
        repository: Some("example-org/artifact".to_owned()),
        artifact_path: path.unwrap().as_str().to_owned(),
        release_url: "https://github.com/example-org/artifact/releases/tag/v1.2.3".to_owned(),
        dispatched_by_run: Some(14_095_611_600),
    };
    ReleaseRecord::new(release, vec![decision], "0".repeat(64), time(NOON)).unwrap()
}

const ACCEPTED: &str = r#"[
  {
    "run": "14095611671",
    "tag": "v1.2.3",
    "status": "success",
    "artifact": "artifacts/slsa/v1.2.3/provenance-v1.2.3.json",
    "release_url": "https://github.com/example-org/artifact/releases/tag/v1.2.3",
    "validated_at": "2026-11-23T12:00:00Z",
    "repository": "example-org/artifact",
    "commit": "693130cb6cb840a7bc9cb18c6510d536a95dc7e6",
    "subjects": [
      {
        "name": "artifact.tar.gz",
        "digest": {
          "sha256": "DIGEST"
        }
      }
    ],
    "builder_id": "https://github.com/example-org/artifact/.github/workflows/release.yml@refs/tags/v1.2.3",
    "slsa_build_level": LEVEL,
    "attempt": 1,
    "decision": "accepted",
    "dispatched_by_run": "14095611600"
  }
]
"#;

#[test]
fn an_acceptance_becomes_a_success_with_what_was_proven() {
    let world = World::new();
    let decision = decision(BYTES, "v1.2.3");
    let failed: Vec<_> = decision.failed_checks().collect();
    assert!(decision.is_accepted(), "{failed:?}");
    let level = decision.level();
    assert!((1..=3).contains(&level));
    let entry = Entry::of_record(&record(&world, decision));
    let digest = entry.digests().next().unwrap().to_hex();
    let wanted = ACCEPTED.replace("DIGEST", &digest).replace("LEVEL", &level.to_string());
    assert_eq!(render(std::slice::from_ref(&entry)), wanted);
    let settled = world.manifests().record(entry.clone(), time(NOON)).unwrap();
    assert_eq!(settled.entry, entry);
    let read = DayFile::parse("manifest.json", wanted.as_bytes()).unwrap();
    assert_eq!(read.entries().next(), Some(&entry));
    assert_eq!(world.manifests().lint().unwrap(), []);
}

#[test]
fn a_refusal_by_policy_becomes_a_failure_with_its_checks_and_no_level() {
    let world = World::new();
    let entry = Entry::of_record(&record(&world, decision(BYTES, "v1.2.4")));
    let text = render(std::slice::from_ref(&entry));
    for line in [
        "    \"status\": \"failure\",\n",
        "    \"failure_reason\": \"refused: source-ref\",\n",
        "    \"commit\": \"693130cb6cb840a7bc9cb18c6510d536a95dc7e6\",\n",
        "    \"decision\": \"refused\",\n    \"checks_failed\": [\n      \"source-ref\"\n    ],\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("slsa_build_level"));
    world.manifests().record(entry, time(NOON)).unwrap();
    assert_eq!(world.manifests().lint().unwrap(), []);
}

#[test]
fn an_artifact_that_was_not_signed_is_a_failure_with_its_own_digest() {
    let world = World::new();
    let entry = Entry::of_record(&record(&world, decision(b"other bytes", "v1.2.3")));
    let digests: Vec<_> = entry.digests().collect();
    let own: Vec<_> = artifact(b"other bytes").digests.iter().cloned().collect();
    assert_eq!(digests, own);
    let failed = entry.checks_failed.clone().unwrap();
    assert!(failed.contains(&"subject-digest".to_owned()), "{failed:?}");
    world.manifests().record(entry, time(NOON)).unwrap();
    assert_eq!(world.manifests().lint().unwrap(), []);
}
