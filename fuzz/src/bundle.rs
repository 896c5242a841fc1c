//! Bundle files, through the parsers and the whole of verification.

use jiff::Timestamp;
use provost_attestation::bundle::{ClaimedBundle, Content, parse_documents};
use provost_attestation::json;
use provost_verify::Verifier;
use provost_verify::root::Root;
use serde_json::Value;
use std::sync::LazyLock;

/// The trusted root of the seeds, and what alone was ever signed under it.
const TRUSTED_ROOT: &str = include_str!("../virtual/trusted_root.json");
const SIGNED: &[u8] = include_bytes!("../virtual/statement.json");

/// A real bundle among the seeds; its trusted root is embedded.
const REAL: &str = include_str!("../../examples/sigstore-js-2.0.0/provenance.sigstore.json");

/// A clock after every time in the seeds.
const NOW: &str = "2026-06-01T00:00:00Z";

struct World {
    verifier: Verifier,
    signed: [Vec<u8>; 2],
    now: Timestamp,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut roots = vec![Root::from_json(TRUSTED_ROOT).expect("the root of the seeds")];
    roots.extend(provost_trust::embedded_roots().expect("the embedded roots"));
    World {
        verifier: Verifier::new(roots),
        signed: [SIGNED.to_vec(), only_bundle(REAL).payload().to_vec()],
        now: NOW.parse().expect("a time"),
    }
});

/// The strict scan accepts nothing that the JSON parser refuses; a bundle read again from its own
/// text, or written and read by the library, is the same bundle; and nothing verifies but what
/// was signed, with a certificate, at a known time.
pub fn bundle(data: &[u8]) {
    let scanned = json::scan(data);
    if scanned.is_ok() {
        let value: Result<Value, _> = serde_json::from_slice(data);
        assert!(value.is_ok(), "the strict scan took what is no JSON: {value:?}");
    }
    let Ok(documents) = parse_documents(data) else { return };
    assert!(!documents.is_empty(), "an empty list is an error");
    for document in &documents {
        if let Content::Bundle(claimed) = &document.content {
            same_again(claimed);
            only_what_was_signed(claimed);
        }
    }
}

fn same_again(claimed: &ClaimedBundle) {
    let again = only_bundle(claimed.text());
    assert_eq!(again.bundle(), claimed.bundle(), "its own text reads as another bundle");
    assert_eq!(again.payload(), claimed.payload());
    let written = claimed.bundle().to_json().expect("a bundle can be written");
    let again = only_bundle(&written);
    assert_eq!(again.bundle(), claimed.bundle(), "written and read, it is another bundle");
    assert_eq!(again.statement().is_ok(), claimed.statement().is_ok());
}

fn only_bundle(text: &str) -> ClaimedBundle {
    let mut documents = parse_documents(text.as_bytes()).expect("a bundle's text is a document");
    assert_eq!(documents.len(), 1);
    match documents.remove(0).content {
        Content::Bundle(bundle) => *bundle,
        other => panic!("a bundle's text is no bundle: {other:?}"),
    }
}

fn only_what_was_signed(claimed: &ClaimedBundle) {
    let World { verifier, signed, now } = &*WORLD;
    let verified = match verifier.verify(claimed, None, *now) {
        Ok(verified) => verified,
        Err(rejection) => {
            assert!(rejection.checks().iter().any(|check| check.has_failed()), "no reason");
            return;
        }
    };
    let payload = verified.payload();
    assert!(signed.iter().any(|known| known == payload), "nobody signed this payload");
    assert!(verified.claims().is_some(), "no key is trusted");
    assert!(verified.signed_at().is_some_and(|time| time <= *now), "no trusted time");
    assert!(verified.checks().iter().all(|check| check.permits()), "{:?}", verified.checks());
}
