//! How a second report of the same run and tag changes the entry that stands, and what two copies
//! of an entry that went separate ways come to.

use crate::entry::{Entry, EntrySubject, Notified};
use jiff::{SignedDuration, Timestamp};
use provost_record::Verdict;

/// The standing entry after `report`; `None` when nothing would change.
///
/// `validated_at` moves to `now` when the outcome changes, and then at least one second past the
/// time that stands: a clock that jumps back must not make the newer outcome look older in the
/// event log. It stays when only `notified` or unknown keys change, because that is no outcome.
pub(crate) fn settle(standing: &Entry, report: &Entry, now: Timestamp) -> Option<Entry> {
    let mut merged = merge(standing, report);
    if merged == *standing {
        return None;
    }
    if outcome(&merged) != outcome(standing) {
        let next_second = standing
            .validated_at
            .saturating_add(SignedDuration::from_secs(1))
            .unwrap_or(Timestamp::MAX);
        merged.validated_at = now.max(next_second);
    }
    Some(merged)
}

/// What two copies of one entry come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// The entry that holds what both know.
    pub entry: Entry,
    /// Whether the other copy's word is the newer one.
    pub other_is_newer: bool,
}

/// Brings two copies of the entry of one run and tag together, such as the one of a branch
/// (`standing`) and the one of a working tree (`other`), without a clock: every reader comes to the
/// same result, and doing it again changes nothing.
///
/// The newer copy is that of the later attempt, else that of the later `validated_at`, else the one
/// that decided, a refusal before an acceptance. It is laid over the older one by the rules of
/// [`crate::Manifests::record`]: what only the older one knows stays, a refusal gives way to a
/// decision only, what was announced stays announced. `validated_at` is that of the copy whose
/// outcome it is; an outcome that neither had is a second younger than both.
pub fn reconcile(standing: &Entry, other: &Entry) -> Reconciled {
    let other_is_newer = is_newer(other, standing);
    let mut entry =
        if other_is_newer { overlay(standing, other) } else { overlay(other, standing) };
    let same_outcome = |one: &Entry, two: &Entry| {
        let mut two = outcome(two);
        two.validated_at = one.validated_at;
        outcome(one) == two
    };
    let (before, after) = (standing.validated_at, other.validated_at);
    entry.validated_at = if same_outcome(&entry, standing) {
        before
    } else if same_outcome(&entry, other) && after > before {
        after
    } else {
        let newest = before.max(after);
        newest.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
    };
    Reconciled { entry, other_is_newer }
}

fn is_newer(one: &Entry, other: &Entry) -> bool {
    let weight = |entry: &Entry| match entry.decision {
        None => 0,
        Some(Verdict::Accepted) => 1,
        Some(Verdict::Refused) => 2,
    };
    match (one.attempt, other.attempt) {
        (Some(one), Some(other)) if one != other => one > other,
        _ => (one.validated_at, weight(one)) > (other.validated_at, weight(other)),
    }
}

/// The entry without what is no part of its outcome.
fn outcome(entry: &Entry) -> Entry {
    let mut outcome = entry.clone();
    outcome.notified = None;
    outcome.recovered_by_run = None;
    outcome.unknown.clear();
    outcome
}

/// The newer report over the older one; the standing entry is the newer when the report is of an
/// earlier attempt of the same run. The time is the standing one.
fn merge(standing: &Entry, report: &Entry) -> Entry {
    let is_late = match (report.attempt, standing.attempt) {
        (Some(reported), Some(standing)) => reported < standing,
        _ => false,
    };
    let mut merged = if is_late { overlay(report, standing) } else { overlay(standing, report) };
    merged.validated_at = standing.validated_at;
    merged
}

/// What `newer` knows, and what only `older` knows.
fn overlay(older: &Entry, newer: &Entry) -> Entry {
    // A refusal gives way to a decision only, never to a report that decided nothing.
    let refusal_stands = newer.decision.is_none() && older.decision == Some(Verdict::Refused);
    let outcome = if refusal_stands { older } else { newer };
    // What an earlier decision proved goes with it: an entry never mixes two decisions.
    let decided_again = older.decision.is_some() && newer.decision.is_some();
    let proven = |new: &Option<String>, old: &Option<String>| match decided_again {
        true => new.clone(),
        false => new.clone().or_else(|| old.clone()),
    };
    let level = match newer.decision {
        Some(_) => newer.slsa_build_level,
        None => newer.slsa_build_level.or(older.slsa_build_level),
    };
    Entry {
        artifact: known(&newer.artifact, &older.artifact),
        release_url: known(&newer.release_url, &older.release_url),
        failure_reason: outcome.failure_reason.clone(),
        repository: newer.repository.clone().or_else(|| older.repository.clone()),
        commit: proven(&newer.commit, &older.commit),
        subjects: subjects(older, newer),
        builder_id: proven(&newer.builder_id, &older.builder_id),
        slsa_build_level: level,
        attempt: newer.attempt.or(older.attempt),
        decision: newer.decision.or(older.decision),
        checks_failed: outcome.checks_failed.clone(),
        notified: notified(older.notified.as_ref(), newer.notified.as_ref()),
        dispatched_by_run: newer.dispatched_by_run.or(older.dispatched_by_run),
        recovered_by_run: newer.recovered_by_run.or(older.recovered_by_run),
        unknown: over(&older.unknown, &newer.unknown),
        ..Entry::new(newer.key(), outcome.status, newer.validated_at)
    }
}

fn known(newer: &str, older: &str) -> String {
    if newer.is_empty() { older } else { newer }.to_owned()
}

/// The newer subjects, with the unknown keys that the older ones of the same name carry.
fn subjects(older: &Entry, newer: &Entry) -> Option<Vec<EntrySubject>> {
    let Some(new) = &newer.subjects else {
        return older.subjects.clone();
    };
    let before = older.subjects.as_deref().unwrap_or_default();
    let with_unknown = |subject: &EntrySubject| {
        let mut subject = subject.clone();
        if let Some(same) = before.iter().find(|old| old.name == subject.name) {
            subject.unknown = over(&same.unknown, &subject.unknown);
        }
        subject
    };
    Some(new.iter().map(with_unknown).collect())
}

/// What was announced stays announced.
pub(crate) fn notified(older: Option<&Notified>, newer: Option<&Notified>) -> Option<Notified> {
    let (Some(old), Some(new)) = (older, newer) else {
        return newer.or(older).cloned();
    };
    Some(Notified {
        slack: old.slack || new.slack,
        issue: new.issue.or(old.issue),
        gaps: old.gaps.union(&new.gaps).cloned().collect(),
        unknown: over(&old.unknown, &new.unknown),
    })
}

type Unknown = serde_json::Map<String, serde_json::Value>;

fn over(older: &Unknown, newer: &Unknown) -> Unknown {
    let mut both = older.clone();
    both.extend(newer.clone());
    both
}
