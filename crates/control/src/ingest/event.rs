//! The events that an entry and a `failure.json` are.

use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_manifest::{DayFile, Entry, ManifestError};
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_wire::v1::{Failure, parse_time};

/// The events of the manifest entry that `text` is as JSON: its outcome, then that its failure was
/// announced, if it was.
///
/// # Errors
/// What is wrong with the entry, ready to show, without its place.
pub fn events_of_entry(text: &str) -> Result<Vec<Event>, String> {
    let file = DayFile::parse("entry", format!("[{text}]").as_bytes()).map_err(|error| {
        let problems = match &error {
            ManifestError::InvalidFile { problems } => problems.as_slice(),
            _ => &[],
        };
        let texts: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        match texts.is_empty() {
            true => error.to_string(),
            false => texts.join("; "),
        }
    })?;
    let entry = file.entries().next().ok_or("it is no entry")?;
    Ok(std::iter::once(event_of(entry)).chain(announcement_of(entry)).collect())
}

/// The event that the failure of an entry was announced, as the entry now stands; `None` while
/// nobody was told.
pub(crate) fn announcement_of(entry: &Entry) -> Option<Event> {
    let notified = entry.notified.as_ref().filter(|told| told.slack || told.issue.is_some())?;
    if entry.status != Status::Failure {
        return None;
    }
    let outcome = event_of(entry);
    Some(Event {
        key: EventKey::of_announcement(&outcome.key, notified.slack, notified.issue),
        kind: EventKind::Notified,
        status: EventStatus::Success,
        decision: Some(Event::announcement_details(notified.slack, notified.issue)),
        ..outcome
    })
}

/// The event that an entry is: `validated` once the gate decided, before that `provenance`.
pub(crate) fn event_of(entry: &Entry) -> Event {
    let kind = match entry.decision {
        Some(_) => EventKind::Validated,
        None => EventKind::Provenance,
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Event {
        key: EventKey::of_entry(
            kind,
            entry.repository.as_deref(),
            entry.run,
            entry.tag.as_str(),
            entry.status,
            entry.validated_at,
        ),
        kind,
        status: entry.status.into(),
        run_id: entry.run,
        attempt: entry.attempt,
        tag: entry.tag.to_string(),
        repository: entry.repository.clone(),
        release_url: some(&entry.release_url),
        artifact_path: some(&entry.artifact),
        failure_reason: entry.failure_reason.clone(),
        occurred_at: entry.validated_at,
        validated_at: Some(entry.validated_at),
        commit_sha: entry.commit.clone(),
        builder_id: entry.builder_id.clone(),
        slsa_build_level: entry.slsa_build_level,
        decision: None,
        manifest_sha256: None,
        actor: None,
    }
}

/// The event that a `failure.json` is: the one of its manifest entry, so that both together are one
/// row. `validated` when checks failed, since then the gate decided, else `provenance`.
///
/// # Errors
/// What is wrong with it, beginning with the member.
pub(super) fn event_of_failure(failure: &Failure) -> Result<Event, String> {
    let is_number = failure.run.bytes().all(|byte| byte.is_ascii_digit());
    let run: i64 = failure.run.parse().map_err(|_| "run: must be a run id")?;
    let run = u64::try_from(run).ok().filter(|_| is_number).ok_or("run: must be a run id")?;
    let tag: Tag = failure.tag.parse().map_err(|error| format!("tag: {error}"))?;
    if failure.status != "failure" {
        return Err("status: must be failure".to_owned());
    }
    let at: Timestamp =
        parse_time("occurred_at", &failure.occurred_at).map_err(|error| error.to_string())?;
    let kind = match failure.checks_failed.is_empty() {
        true => EventKind::Provenance,
        false => EventKind::Validated,
    };
    let repository = failure.repository.as_deref().filter(|slug| !slug.is_empty());
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Event {
        key: EventKey::of_entry(kind, repository, run, tag.as_str(), Status::Failure, at),
        kind,
        status: EventStatus::Failure,
        run_id: run,
        attempt: None,
        tag: tag.to_string(),
        repository: repository.map(str::to_owned),
        release_url: some(&failure.release_url),
        artifact_path: None,
        failure_reason: some(&failure.failure_reason),
        occurred_at: at,
        validated_at: Some(at),
        commit_sha: None,
        builder_id: None,
        slsa_build_level: None,
        decision: None,
        manifest_sha256: None,
        actor: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_manifest::EntryKey;

    fn failure(checks: &[&str]) -> Failure {
        let at = "2026-11-23T12:00:00Z".parse().expect("time");
        let mut failure = Failure::reported(77, "v1", "no bundle", at);
        failure.repository = Some("acme/app".to_owned());
        failure.checks_failed = checks.iter().map(|check| (*check).to_owned()).collect();
        failure
    }

    #[test]
    fn a_failure_is_the_event_of_its_entry() {
        let at = "2026-11-23T12:00:00Z".parse().expect("time");
        let key = EntryKey { run: 77, tag: "v1".parse().expect("tag") };
        let mut entry = Entry::new(key, Status::Failure, at);
        entry.repository = Some("acme/app".to_owned());
        entry.failure_reason = Some("no bundle".to_owned());
        assert_eq!(event_of_failure(&failure(&[])), Ok(event_of(&entry)));
        entry.decision = Some(provost_record::Verdict::Refused);
        assert_eq!(event_of_failure(&failure(&["signature"])), Ok(event_of(&entry)));
    }

    #[test]
    fn a_failure_with_one_thing_wrong_is_refused_naming_it() {
        let with = |change: fn(&mut Failure)| {
            let mut failure = failure(&[]);
            change(&mut failure);
            event_of_failure(&failure).expect_err("refused")
        };
        assert!(with(|it| it.run = "x".into()).starts_with("run"));
        assert!(with(|it| it.run = "+7".into()).starts_with("run"));
        assert!(with(|it| it.run = "9223372036854775808".into()).starts_with("run"));
        assert!(with(|it| it.tag = "v..1".into()).starts_with("tag"));
        assert!(with(|it| it.status = "success".into()).starts_with("status"));
        assert!(with(|it| it.occurred_at = "today".into()).starts_with("occurred_at"));
    }
}
