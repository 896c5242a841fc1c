//! What contradicts the branch is not pushed, and said aloud; the rest is.

use crate::remote::{Bare, Clone, git};
use crate::world::{NOON, accepted, key, refused, success, tag};
use provost_manifest::{ArtifactKind, Entry, Pushed};

const LATER: &str = "2026-11-23T13:00:00Z";
const BUNDLE: &str = "artifacts/slsa/v1/provenance-v1.json";

/// An accepted release with its bundle.
fn release(clone: &Clone, mut entry: Entry, now: &str, bundle: &str) {
    let (of, kind) = (entry.tag.clone(), ArtifactKind::Provenance);
    let path = clone.manifests().artifacts().write(&of, kind, bundle.as_bytes()).unwrap();
    entry.artifact = path.as_str().to_owned();
    clone.record_at(entry, now);
}

/// Pushes both releases one after the other, each from a clone that does not know of the other.
fn after(first: Entry, second: Entry, bundles: [&str; 2]) -> (Bare, Clone, Pushed) {
    let bare = Bare::new();
    let (one, two) = (bare.clone_of(), bare.clone_of());
    release(&one, first, NOON, bundles[0]);
    release(&two, second, LATER, bundles[1]);
    assert!(one.push().is_complete());
    let pushed = two.push();
    (bare, two, pushed)
}

#[test]
fn the_same_artifacts_under_the_same_tag_are_no_conflict() {
    let (bare, _, pushed) = after(accepted(7, "v1", 1), accepted(8, "v1", 1), ["A", "A"]);
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(bare.runs(), [7, 8]);
    assert!(pushed.replaced.is_empty());
}

#[test]
fn a_tag_with_other_bytes_is_a_conflict_and_the_rest_is_pushed() {
    for (run, second) in [(8, accepted(8, "v1", 2)), (7, accepted(7, "v1", 2))] {
        let (bare, clone, pushed) = after(accepted(7, "v1", 1), second, ["A", "B"]);
        assert!(!pushed.is_complete() && pushed.failure.is_none() && pushed.commit.is_none());
        assert_eq!(pushed.conflicts[0].key, key(run, "v1"));
        let reason = &pushed.conflicts[0].reason;
        assert!(reason.contains("\"v1\" was accepted with other bytes"), "{reason}");
        assert_eq!(pushed.queued, [key(run, "v1")]);
        assert!(clone.queue()[0].contains("accepted with other bytes"));
        clone.record(success(9, "v2"));
        let pushed = clone.push();
        assert_eq!((pushed.recorded.len(), pushed.conflicts.len()), (1, 1));
        assert_eq!(bare.runs(), [7, 9]);
        assert_eq!(bare.read(BUNDLE).as_deref(), Some("A"));
        assert_eq!(clone.flush().conflicts.len(), 1, "it stays loud");
    }
}

#[test]
fn old_bytes_under_a_new_tag_are_a_conflict() {
    let (bare, _, pushed) = after(accepted(7, "v1", 1), accepted(8, "v2", 1), ["A", "A"]);
    let reason = &pushed.conflicts[0].reason;
    assert!(reason.contains("was accepted as \"v1\" already"), "{reason}");
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn a_refusal_of_other_bytes_is_no_conflict() {
    let bare = Bare::new();
    let (one, two) = (bare.clone_of(), bare.clone_of());
    release(&one, accepted(7, "v1", 1), NOON, "A");
    two.record_at(refused(8, "v1", 2), LATER);
    assert!(one.push().is_complete() && two.push().is_complete());
    assert_eq!(bare.runs(), [7, 8]);
    assert_eq!(bare.read(BUNDLE).as_deref(), Some("A"));
}

#[test]
fn a_later_attempt_with_the_same_artifacts_brings_its_bundle_and_says_so() {
    let attempt = |number| {
        let mut entry = accepted(7, "v1", 1);
        entry.attempt = Some(number);
        entry
    };
    let (bare, _, pushed) = after(attempt(1), attempt(2), ["A", "B"]);
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(pushed.replaced, [BUNDLE]);
    assert_eq!(bare.read(BUNDLE).as_deref(), Some("B"));
    assert_eq!(bare.entries()[0].attempt, Some(2));
    // The earlier attempt, pushed late, takes nothing back.
    let late = bare.clone_of();
    git(late.root(), &["checkout", "--quiet", "HEAD~2"]);
    release(&late, attempt(1), NOON, "A");
    assert!(late.push().is_complete());
    assert_eq!(bare.read(BUNDLE).as_deref(), Some("B"));
}

#[test]
fn another_bundle_of_unknown_artifacts_is_a_conflict() {
    let (bare, _, pushed) = after(success(7, "v1"), success(8, "v1"), ["A", "B"]);
    let reason = &pushed.conflicts[0].reason;
    assert!(reason.starts_with(BUNDLE) && reason.contains("never overwritten"), "{reason}");
    assert_eq!(bare.runs(), [7]);
    assert_eq!(bare.read(BUNDLE).as_deref(), Some("A"));
}

#[test]
fn a_case_twin_on_the_branch_moves_the_folder() {
    let bare = Bare::new();
    let (one, two) = (bare.clone_of(), bare.clone_of());
    release(&one, accepted(7, "V1", 1), NOON, "A");
    release(&two, accepted(8, "v1", 2), NOON, "B");
    assert!(one.push().is_complete() && two.push().is_complete());
    let hashed = provost_record::encoded_tag(&tag("v1"), true);
    let path = format!("artifacts/slsa/{hashed}/provenance-{hashed}.json");
    assert_eq!(bare.read(&path).as_deref(), Some("B"));
    assert_eq!(bare.entries()[1].artifact, path);
    assert!(two.push().commit.is_none(), "and stays there");
}
