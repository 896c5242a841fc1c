//! A second report of the same run and tag.

use crate::world::{DAY, NOON, World, accepted, failure, refused, subject, success, time};
use provost_manifest::{Entry, Notified, SettleOutcome, Settled};
use provost_record::{Status, Verdict};

const LATER: &str = "2026-11-23T13:00:00Z";

/// Records both reports and returns how the second one settled.
fn after(first: Entry, second: Entry) -> Settled {
    let world = World::new();
    world.manifests().record(first, time(NOON)).unwrap();
    let settled = world.manifests().record(second, time(LATER)).unwrap();
    assert_eq!(world.manifests().lint().unwrap(), []);
    let standing = world.manifests().entries().unwrap();
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].entry, settled.entry);
    settled
}

#[test]
fn a_decision_completes_what_the_provenance_job_reported() {
    let mut job = success(7, "v1");
    job.commit = Some("c".repeat(40));
    job.release_url = "https://github.com/o/r/releases/tag/v1".to_owned();
    let settled = after(job.clone(), accepted(7, "v1", 1));
    assert_eq!(settled.outcome, SettleOutcome::Updated);
    assert_eq!(settled.entry.commit, job.commit);
    assert_eq!(settled.entry.release_url, job.release_url);
    assert_eq!(settled.entry.decision, Some(Verdict::Accepted));
    assert_eq!(settled.entry.validated_at, time(LATER));
}

#[test]
fn a_refusal_makes_a_success_a_failure_and_a_bare_report_does_not_undo_it() {
    let settled = after(success(7, "v1"), refused(7, "v1", 1));
    assert_eq!(settled.entry.status, Status::Failure);
    for report in [success(7, "v1"), failure(7, "v1", "the gate job failed")] {
        let settled = after(refused(7, "v1", 1), report);
        assert_eq!(settled.outcome, SettleOutcome::Unchanged);
        assert_eq!(settled.entry.status, Status::Failure);
        let reason = settled.entry.failure_reason.as_deref();
        assert_eq!(reason, Some("refused: source-ref"));
        assert_eq!(settled.entry.validated_at, time(NOON));
    }
}

#[test]
fn a_new_decision_replaces_all_of_the_old_one() {
    let mut before = accepted(7, "v1", 1);
    before.builder_id = Some("https://builder".to_owned());
    before.commit = Some("c".repeat(40));
    let settled = after(before, refused(7, "v1", 2));
    let mut wanted = refused(7, "v1", 2);
    wanted.validated_at = time(LATER);
    assert_eq!(settled.entry, wanted);
    let settled = after(refused(7, "v1", 2), accepted(7, "v1", 1));
    let mut wanted = accepted(7, "v1", 1);
    wanted.validated_at = time(LATER);
    assert_eq!(settled.entry, wanted);
}

#[test]
fn a_failure_after_an_acceptance_fails_the_release_and_keeps_the_decision() {
    let settled = after(accepted(7, "v1", 1), failure(7, "v1", "cancelled"));
    assert_eq!(settled.entry.status, Status::Failure);
    assert_eq!(settled.entry.decision, Some(Verdict::Accepted));
    assert_eq!(settled.entry.subjects, accepted(7, "v1", 1).subjects);
}

#[test]
fn a_late_report_of_an_earlier_attempt_changes_no_outcome() {
    let attempt = |mut entry: Entry, attempt| {
        entry.attempt = Some(attempt);
        entry
    };
    let second = attempt(accepted(7, "v1", 1), 2);
    let mut first = attempt(failure(7, "v1", "cancelled"), 1);
    let settled = after(second.clone(), first.clone());
    assert_eq!(settled.outcome, SettleOutcome::Unchanged);
    assert_eq!(settled.entry.status, Status::Success);
    // It still tells what nobody knew.
    first.dispatched_by_run = Some(5);
    let settled = after(second, first);
    assert_eq!(settled.entry.dispatched_by_run, Some(5));
    assert_eq!(settled.entry.status, Status::Success);
    // A later attempt's failure is the newer word.
    let settled = after(attempt(success(7, "v1"), 1), attempt(failure(7, "v1", "cancelled"), 2));
    assert_eq!(settled.entry.status, Status::Failure);
}

#[test]
fn what_was_announced_stays_announced_and_is_no_new_outcome() {
    let mut told = failure(7, "v1", "cancelled");
    told.notified = Some(Notified::new(false, Some(42)));
    let settled = after(failure(7, "v1", "cancelled"), told.clone());
    assert_eq!(settled.outcome, SettleOutcome::Updated);
    assert_eq!(settled.entry.validated_at, time(NOON));
    let settled = after(told.clone(), accepted(7, "v1", 1));
    assert_eq!(settled.entry.notified, told.notified);
    let mut in_slack = failure(7, "v1", "cancelled");
    in_slack.notified = Some(Notified::new(true, None));
    let settled = after(told, in_slack);
    assert_eq!(settled.entry.notified, Some(Notified::new(true, Some(42))));
}

#[test]
fn unknown_keys_of_the_standing_entry_survive_at_every_level() {
    let world = World::new();
    let mut standing = accepted(7, "v1", 1);
    standing.notified = Some(Notified::new(true, None));
    world.manifests().record(standing, time(NOON)).unwrap();
    let text = world.read(DAY).unwrap();
    let text = text
        .replacen("\"name\": \"a.tar.gz\",", "\"name\": \"a.tar.gz\", \"size\": 5,", 1)
        .replacen("\"slack\": true", "\"slack\": true, \"mail\": 1", 1)
        .replacen("\"run\"", "\"zz\": {\"b\": 1, \"a\": 2.50}, \"run\"", 1);
    world.write(DAY, &text);
    let settled = world.manifests().record(refused(7, "v1", 1), time(LATER)).unwrap();
    assert_eq!(settled.outcome, SettleOutcome::Updated);
    let text = world.read(DAY).unwrap();
    for kept in ["\"size\": 5", "\"mail\": 1", "\"a\": 2.5,\n      \"b\": 1\n"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert_eq!(world.manifests().lint().unwrap(), []);
}

#[test]
fn a_newer_outcome_is_never_older_than_the_one_it_replaces() {
    let world = World::new();
    let manifests = world.manifests();
    let cancelled = || failure(7, "v1", "cancelled");
    manifests.record(success(7, "v1"), time(NOON)).unwrap();
    // The clock of the next runner is an hour behind.
    let second = manifests.record(cancelled(), time("2026-11-23T11:00:00Z")).unwrap();
    assert_eq!(second.entry.validated_at, time("2026-11-23T12:00:01Z"));
    let third = manifests.record(success(7, "v1"), time(NOON)).unwrap();
    assert_eq!(third.entry.validated_at, time("2026-11-23T12:00:02Z"));
}

#[test]
fn subjects_are_those_of_the_latest_report_that_names_any() {
    let mut other = accepted(7, "v1", 2);
    other.subjects = Some(vec![subject("b.zip", 2)]);
    let settled = after(accepted(7, "v1", 1), other.clone());
    assert_eq!(settled.entry.subjects, other.subjects);
    let settled = after(other.clone(), success(7, "v1"));
    assert_eq!(settled.entry.subjects, other.subjects);
    assert_eq!(settled.outcome, SettleOutcome::Unchanged);
}
