//! Both sides of a benchmark: single events through the event log, and by a bare loop over one
//! prepared insert into the same table.
//!
//! `single_events log|bare FILE EVENTS`; prints events a second.

use jiff::Timestamp;
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{EventLog, StoreUrl};
use provost_testkit::load::Release;
use rusqlite::{Connection, params};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [side, file, events] = arguments.as_slice() else {
        return Err("single_events log|bare FILE EVENTS".into());
    };
    let file = Path::new(file);
    let events: Vec<Event> = (0..events.parse()?).map(event).collect::<Result<_, _>>()?;
    let speed = match side.as_str() {
        "log" => through_the_log(file, &events)?,
        "bare" => bare(file, &events)?,
        _ => return Err("the side is log or bare".into()),
    };
    #[allow(clippy::print_stdout, reason = "the figure is what this program is for")]
    {
        println!("{speed}");
    }
    Ok(())
}

fn event(number: u64) -> Result<Event, Box<dyn Error>> {
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

fn open(file: &Path) -> Result<EventLog, Box<dyn Error>> {
    let url = StoreUrl::parse(&format!("sqlite:{}", file.display()), Path::new("/"))?;
    Ok(EventLog::open(&url)?)
}

fn through_the_log(file: &Path, events: &[Event]) -> Result<f64, Box<dyn Error>> {
    let log = open(file)?;
    let start = Instant::now();
    for event in events {
        log.append(std::slice::from_ref(event))?;
    }
    Ok(events.len() as f64 / start.elapsed().as_secs_f64())
}

fn bare(file: &Path, events: &[Event]) -> Result<f64, Box<dyn Error>> {
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
