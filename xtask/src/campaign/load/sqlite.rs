//! Single events into SQLite: through the event log, and by a bare loop.

use super::Plan;
use super::comparison::{Comparison, Goal};
use anyhow::Result;
use jiff::Timestamp;
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{EventLog, StoreUrl};
use provost_testkit::load::Release;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Instant;

pub(super) fn compare(plan: &Plan) -> Result<Comparison> {
    let mut comparison = Comparison::new(
        "single events into SQLite, through the event log",
        "a bare loop over one prepared insert into the same table, WAL, `synchronous=FULL`, a \
         commit an event",
        "rows/s",
        Goal::AtLeast(0.6),
    );
    let events: Vec<Event> = (0..plan.events).map(event).collect::<Result<_>>()?;
    for run in 0..=plan.runs {
        let folder = tempfile::tempdir()?;
        let ours = through_the_log(&folder.path().join("ours.db"), &events)?;
        let theirs = bare(&folder.path().join("theirs.db"), &events)?;
        if run > 0 {
            comparison.push(ours, theirs);
        }
    }
    Ok(comparison)
}

fn event(number: u64) -> Result<Event> {
    let release = Release(number);
    let at: Timestamp = release.validated_at().parse()?;
    let (kind, run_id, tag) = (EventKind::Validated, release.run_id(), release.tag());
    let repository = Some(Release::REPOSITORY);
    Ok(Event {
        key: EventKey::of_entry(kind, repository, run_id, &tag, Status::Success, at),
        kind,
        status: EventStatus::Success,
        run_id,
        attempt: Some(1),
        tag,
        repository: repository.map(str::to_owned),
        release_url: Some(release.url()),
        artifact_path: Some(release.artifact()),
        failure_reason: None,
        occurred_at: at,
        validated_at: Some(at),
        commit_sha: Some(format!("{number:040x}")),
        builder_id: None,
        slsa_build_level: None,
        decision: None,
        manifest_sha256: None,
        actor: None,
    })
}

fn open(file: &Path) -> Result<EventLog> {
    let url = StoreUrl::parse(&format!("sqlite:{}", file.display()), Path::new("/"))?;
    Ok(EventLog::open(&url)?)
}

fn through_the_log(file: &Path, events: &[Event]) -> Result<f64> {
    let log = open(file)?;
    let start = Instant::now();
    for event in events {
        log.append(std::slice::from_ref(event))?;
    }
    Ok(events.len() as f64 / start.elapsed().as_secs_f64())
}

fn bare(file: &Path, events: &[Event]) -> Result<f64> {
    // The event log makes its tables, indexes and triggers; then it is not used any more.
    drop(open(file)?);
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    let mut insert = connection.prepare(
        "insert into provenance_audit_log (id, run_id, tag, release_url, artifact_path, status, \
         repository, event, event_key, occurred_at, attempt, validated_at, commit_sha) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?12)",
    )?;
    let start = Instant::now();
    for (number, event) in events.iter().enumerate() {
        insert.execute(params![
            format!("01930000-0000-7000-8000-{number:012x}"),
            i64::try_from(event.run_id)?,
            event.tag,
            event.release_url,
            event.artifact_path,
            event.status.as_str(),
            event.repository,
            event.kind.as_str(),
            event.key.as_str(),
            event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(),
            event.attempt,
            event.commit_sha,
        ])?;
    }
    Ok(events.len() as f64 / start.elapsed().as_secs_f64())
}
