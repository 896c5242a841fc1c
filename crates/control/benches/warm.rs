//! Warm verification of one bundle, parsing inside both sides: `sigstore-verify` alone, and the
//! whole verdict with all checks. What counts is the ratio of the two in one run.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use criterion::{Criterion, criterion_group, criterion_main};
use provost_attestation::bundle::{Content, parse_documents};
use provost_attestation::digest::ArtifactDigests;
use provost_control::config::LoadedConfig;
use provost_policy::{Artifact, decide};
use provost_trust::embedded_roots;
use provost_verify::Verifier;
use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_types::{ArtifactDigest, Bundle, HashAlgorithm};
use sigstore_verify::VerificationPolicy;
use std::hint::black_box;
use std::path::Path;

const DIGEST: &str = "46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1\
                      e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c";

fn warm(criterion: &mut Criterion) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sigstore-js-2.0.0");
    let text = std::fs::read_to_string(example.join("provenance.sigstore.json")).unwrap();
    let digest = format!("sha512:{DIGEST}").parse::<provost_attestation::digest::ArtifactDigest>();
    let digest = digest.unwrap();

    let root = TrustedRoot::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT).unwrap();
    let library = sigstore_verify::Verifier::new(&root).unwrap();
    let any = VerificationPolicy::any_identity();
    let library_digest = ArtifactDigest::new(HashAlgorithm::Sha2512, digest.as_bytes()).unwrap();
    let mut group = criterion.benchmark_group("warm");
    group.bench_function("sigstore-verify alone", |bencher| {
        bencher.iter(|| {
            let bundle = Bundle::from_json(black_box(&text)).unwrap();
            library.verify(library_digest.clone(), &bundle, &any).unwrap()
        });
    });

    let config = LoadedConfig::from_file(&example.join("provost.toml")).unwrap();
    let tag = "v2.0.0".parse().unwrap();
    let policy = config.config.policy(Some(&tag)).unwrap();
    let verifier = Verifier::new(embedded_roots().unwrap());
    let artifact = Artifact { name: "a".into(), digests: ArtifactDigests::new(digest) };
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    group.bench_function("the whole verdict", |bencher| {
        bencher.iter(|| {
            let documents = parse_documents(black_box(text.as_bytes())).unwrap();
            let Content::Bundle(bundle) = &documents[0].content else { panic!("no bundle") };
            let verification = verifier.verify(bundle, Some(&artifact.digests), now);
            let decision = decide(&verification, &artifact, &policy);
            assert!(decision.is_accepted());
            decision
        });
    });
    group.finish();
}

criterion_group!(benches, warm);
criterion_main!(benches);
