//! Two copies of one entry come to one, whoever asks and however often.

use crate::world::{accepted, failure, refused, success, time};
use provost_manifest::{Entry, Notified, reconcile};
use provost_record::{Status, Verdict};

/// Every kind of word at every time, with and without an attempt.
fn words() -> Vec<Entry> {
    let kinds = [
        success(7, "v1"),
        failure(7, "v1", "cancelled"),
        accepted(7, "v1", 1),
        refused(7, "v1", 1),
    ];
    let mut words = Vec::new();
    for kind in kinds {
        for second in 0..3 {
            for attempt in [None, Some(1), Some(2)] {
                let mut word = kind.clone();
                word.validated_at = time(&format!("2026-11-23T12:00:0{second}Z"));
                word.attempt = attempt;
                word.commit = (second == 1).then(|| "c".repeat(40));
                word.notified = (second == 2).then(|| Notified::new(true, None));
                words.push(word);
            }
        }
    }
    words
}

#[test]
fn a_second_time_changes_nothing() {
    for standing in &words() {
        for other in &words() {
            let once = reconcile(standing, other).entry;
            let about = format!("{standing:?}\n{other:?}\n{once:?}");
            assert_eq!(reconcile(&once, other).entry, once, "{about}");
            assert_eq!(reconcile(&once, standing).entry, once, "{about}");
            assert!(once.validated_at >= standing.validated_at, "{about}");
        }
    }
}

#[test]
fn a_refusal_is_undone_by_a_newer_decision_only() {
    for standing in &words() {
        for other in words().iter().filter(|other| other.decision == Some(Verdict::Refused)) {
            let reconciled = reconcile(standing, other).entry;
            if standing.decision.is_none() {
                assert_eq!(reconciled.decision, Some(Verdict::Refused));
                assert_eq!(reconciled.status, Status::Failure);
            }
        }
    }
}

#[test]
fn the_newer_word_holds_with_its_time() {
    let at = |mut entry: Entry, text: &str| {
        entry.validated_at = time(text);
        entry
    };
    let early = at(failure(7, "v1", "cancelled"), "2026-11-23T12:00:00Z");
    let late = at(accepted(7, "v1", 1), "2026-11-23T13:00:00Z");
    for (standing, other, is_newer) in [(&early, &late, true), (&late, &early, false)] {
        let reconciled = reconcile(standing, other);
        assert_eq!((&reconciled.entry, reconciled.other_is_newer), (&late, is_newer));
    }
    // A later word that decided nothing leaves the refusal, a moment younger than both.
    let refusal = at(refused(7, "v1", 1), "2026-11-23T12:00:00Z");
    let mut bare = at(success(7, "v1"), "2026-11-23T13:00:00Z");
    bare.release_url = "https://x/v1".to_owned();
    let reconciled = reconcile(&bare, &refusal).entry;
    assert_eq!(reconciled.decision, Some(Verdict::Refused));
    assert_eq!(reconciled.release_url, "https://x/v1");
    assert_eq!(reconciled.validated_at, time("2026-11-23T13:00:01Z"));
}
