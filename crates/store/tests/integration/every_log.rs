//! What a program is told by every log, one behind HTTPS included: the same, and once.

use crate::sample::{accepted, at, of_repository, refused};
use crate::served::{Served, TOKEN};
use crate::target::{Target, answer_of_every_log, on_every_log};
use provost_control::events_of_entry;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{
    Access, EntryStanding, EventLog, KpiFilter, ManifestEntry, Outcome, StoreError, StoreUrl,
};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

fn entry(run: &str, members: Value) -> ManifestEntry {
    let mut json = json!({
        "run": run, "tag": format!("v{run}"), "status": "success", "artifact": "",
        "release_url": "", "validated_at": "2026-11-23T12:00:00Z", "repository": "acme/app",
        "decision": "accepted",
    });
    for (name, value) in members.as_object().unwrap() {
        json[name] = value.clone();
    }
    let events = events_of_entry(&json.to_string()).unwrap();
    ManifestEntry { json, events }
}

#[test]
fn entries_of_a_manifest_are_taken_once_and_what_contradicts_is_named() {
    answer_of_every_log(|target| {
        let log = target.log();
        let told = json!({"status": "failure", "decision": "refused", "failure_reason": "no",
            "notified": {"slack": true}});
        let entries = [entry("1", json!({})), entry("2", told), entry("1", json!({}))];
        let changed = entry("1", json!({"commit": "8f70009f"}));
        let standings = |entries: &[ManifestEntry]| -> Vec<EntryStanding> {
            log.ingest(entries).unwrap().into_iter().map(|it| it.outcome).collect()
        };
        use EntryStanding::{Duplicate, Inserted, Rejected};
        assert_eq!(standings(&entries), [Inserted, Inserted, Duplicate]);
        assert_eq!(standings(&entries), [Duplicate; 3]);
        assert_eq!(target.rows(), 3, "the announcement is an event of its own");
        // What was not known before contradicts nothing; what was known otherwise does.
        assert_eq!(standings(&[changed]), [Duplicate]);
        let first = entry("3", json!({"commit": "8f70009f"}));
        let other = entry("3", json!({"commit": "1b2d77aa"}));
        assert_eq!(
            standings(&[first, other, entry("4", json!({}))]),
            [Inserted, Rejected, Inserted]
        );
        let problem = log.ingest(&[entry("3", json!({"commit": "1b2d77aa"}))]).unwrap().remove(0);
        assert!(problem.problem.unwrap().contains("another commit_sha"));
        target.keys()
    });
}

#[test]
fn an_event_that_contradicts_is_refused_by_its_column() {
    on_every_log(|target| {
        let log = target.log();
        let sent = accepted("v1", 1, 0);
        log.append(std::slice::from_ref(&sent)).unwrap();
        let other = Some("other".to_owned());
        for (column, event) in [
            ("status", Event { status: EventStatus::Failure, ..sent.clone() }),
            ("tag", Event { tag: "v2".to_owned(), ..sent.clone() }),
            ("commit_sha", Event { commit_sha: other.clone(), ..sent.clone() }),
            ("builder_id", Event { builder_id: other, ..sent.clone() }),
        ] {
            let refused = log.append(&[event]).unwrap_err();
            let is_refusal =
                matches!(refused, StoreError::KeyConflict { .. } | StoreError::Rejected { .. });
            assert!(is_refusal, "{}: {column}: {refused:?}", target.name());
            assert!(refused.to_string().contains(column), "{}: {refused}", target.name());
        }
        assert_eq!(target.keys(), [sent.key.as_str()]);
        let again = log.append(std::slice::from_ref(&sent)).unwrap();
        assert_eq!(again[0].outcome, Outcome::Duplicate, "the log goes on");
    });
}

#[test]
fn more_rows_than_a_page_are_read_whole_and_in_order() {
    answer_of_every_log(|target| {
        let log = target.log();
        let events: Vec<Event> = (0..1_200)
            .map(|run| {
                let seconds = (run / 2) as i64;
                match run % 3 {
                    0 => refused(&format!("v{run}"), run, seconds),
                    1 => Event::of_dispatch("acme/app", run, "v", "", None, at(seconds)),
                    _ => of_repository(accepted(&format!("v{run}"), run, seconds), Some("acme/b")),
                }
            })
            .collect();
        log.append(&events).unwrap();
        let all = KpiFilter::default();
        let newest_first = |times: Vec<jiff::Timestamp>| assert!(times.is_sorted_by(|a, b| a >= b));
        let latest = log.latest(&all).unwrap();
        newest_first(latest.iter().map(|row| row.occurred_at).collect());
        let dispatches = log.dispatches(&all).unwrap();
        newest_first(dispatches.iter().map(|row| row.occurred_at).collect());
        let mut runs = Vec::new();
        log.each_event(|stored| {
            runs.push(stored.event.run_id);
            Ok::<(), StoreError>(())
        })
        .unwrap();
        runs.sort_unstable();
        assert_eq!(runs, (0..1_200).collect::<Vec<_>>());
        let limited = KpiFilter { limit: Some(650), ..KpiFilter::default() };
        assert_eq!(log.latest(&limited).unwrap(), latest[..650]);
        let one = KpiFilter { repository: Some("acme/b".into()), ..KpiFilter::default() };
        [
            latest.len(),
            dispatches.len(),
            log.kpi(&all).unwrap().len(),
            log.kpi(&one).unwrap().len(),
            log.incidents(&all).unwrap().len(),
            log.open_incidents(&all).unwrap().len(),
            log.open_incidents(&one).unwrap().len(),
        ]
    });
}

#[test]
fn the_events_of_a_release_are_those_of_its_tag() {
    answer_of_every_log(|target| {
        let log = target.log();
        let other = of_repository(accepted("v1", 9, 5), Some("acme/other"));
        let events = [refused("v1", 1, 0), accepted("v1", 2, 3), accepted("v2", 3, 1), other];
        log.append(&events).unwrap();
        let of = |repository, tag| -> Vec<(u64, EventKind)> {
            let found = log.release_events(repository, tag).unwrap();
            found.into_iter().map(|it| (it.event.run_id, it.event.kind)).collect()
        };
        let kind = EventKind::Validated;
        assert_eq!(of(None, "v1"), [(9, kind), (2, kind), (1, kind)]);
        assert_eq!(of(Some("acme/app"), "v1"), [(2, kind), (1, kind)]);
        assert_eq!(of(None, "v3"), []);
        assert_eq!(of(Some("acme/none"), "v1"), []);
        log.release_events(None, "v1").unwrap().into_iter().map(|it| it.event).collect::<Vec<_>>()
    });
}

#[test]
fn figures_of_all_time_are_the_same_everywhere() {
    answer_of_every_log(|target| {
        let log = target.log();
        let dispatched = Event::of_dispatch("acme/app", 1, "v1", "", None, at(0));
        let events = [dispatched, accepted("v1", 1, 90), refused("v2", 2, 0)];
        log.append(&events).unwrap();
        log.summary(&KpiFilter::default(), at(86_400)).unwrap()
    });
}

/// A way to the server that breaks the first connections once their requests were passed on: what
/// was sent arrives, and its answer does not.
struct Breaking {
    address: SocketAddr,
    broken: Arc<AtomicUsize>,
}

impl Breaking {
    fn start(server: SocketAddr, breaks: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let broken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&broken);
        // It ends with the process; nobody connects after the test.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let upstream = TcpStream::connect(server).unwrap();
                let is_broken = count.load(Ordering::SeqCst) < breaks;
                if is_broken {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                thread::spawn(move || pass(client, upstream, is_broken));
            }
        });
        Self { address, broken }
    }
}

fn pass(mut client: TcpStream, mut upstream: TcpStream, is_broken: bool) {
    let (mut requests, mut to_server) =
        (client.try_clone().unwrap(), upstream.try_clone().unwrap());
    thread::spawn(move || {
        std::io::copy(&mut requests, &mut to_server).ok();
        to_server.shutdown(Shutdown::Write).ok();
    });
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = upstream.read(&mut bytes) {
        // The server answers, so it has done what it was asked.
        if is_broken || client.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    client.shutdown(Shutdown::Both).ok();
    upstream.shutdown(Shutdown::Both).ok();
}

#[test]
fn an_answer_that_is_lost_costs_nothing_and_doubles_nothing() {
    let served = Served::start();
    let origin = served.url.endpoint().unwrap().url();
    let server = SocketAddr::from(([127, 0, 0, 1], origin.port().unwrap()));
    let access = Access::read(|name| (name == "PROVOST_STORE_TOKEN").then(|| TOKEN.to_owned()));
    let access = access.unwrap();
    let broken_log = |breaks: usize| {
        let way = Breaking::start(server, breaks);
        let url = format!("http://{}/functions/v1", way.address);
        let url = StoreUrl::parse(&url, Path::new(".")).unwrap();
        (way, EventLog::open_with(&url, &access).unwrap())
    };
    for (number, breaks) in [1, 2].into_iter().enumerate() {
        let number = number as u64;
        let (way, log) = broken_log(breaks);
        let sent = accepted("v1", number, 0);
        // What the first try wrote is there, and the second is told so.
        let appended = log.append(std::slice::from_ref(&sent)).unwrap();
        assert_eq!(appended[0].outcome, Outcome::Duplicate);
        assert_eq!(way.broken.load(Ordering::SeqCst), breaks);
        let (_way, log) = broken_log(breaks);
        let outcome = log.ingest(&[entry(&format!("10{number}"), json!({}))]).unwrap().remove(0);
        assert_eq!(outcome.outcome, EntryStanding::Duplicate);
    }
    let target = Target::Endpoint(served);
    assert_eq!(target.rows(), 4);
    // One that breaks always is an error, and the same may be sent again.
    let Target::Endpoint(served) = &target else { return };
    let (_way, log) = broken_log(usize::MAX);
    let refused = log.append(&[accepted("v2", 7, 0)]).unwrap_err();
    assert!(matches!(refused, StoreError::Endpoint(_)), "{refused:?}");
    let log = EventLog::open_with(&served.url, &access).unwrap();
    assert_eq!(log.append(&[accepted("v2", 7, 0)]).unwrap()[0].outcome, Outcome::Duplicate);
    assert_eq!(target.rows(), 5);
}
