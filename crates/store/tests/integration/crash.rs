//! `kill -9` before any system call on the log's files loses nothing that was acknowledged and
//! leaves nothing half written.

use crate::helper::{Moment, accepted_of, acknowledged, can_trace, moments, of_the_log, traced};
use crate::sample::{Place, accepted};
use provost_store::{KpiFilter, Outcome};
use std::os::unix::process::ExitStatusExt;

const RUNS: [u64; 2] = [1, 2];

/// As many kills as there is time for.
const KILLS: usize = 250;

#[test]
fn while_the_log_is_made() {
    sweep("crash::while_the_log_is_made", Place::new);
}

#[test]
fn while_a_log_is_written() {
    sweep("crash::while_a_log_is_written", || {
        let place = Place::new();
        place.log().append(&[accepted("v0", 0, 0)]).unwrap();
        place
    });
}

fn sweep(test: &str, prepared: fn() -> Place) {
    if !can_trace(test) {
        return;
    }
    let moments = moments(test, &prepared(), &RUNS, "all", KILLS);
    let mut deaths = [0; RUNS.len() + 1];
    for moment in &moments {
        let place = prepared();
        let (killed, stdout) = kill_at(&place, moment);
        check(&place, &stdout, moment);
        deaths[acknowledged(&stdout).len()] += usize::from(killed);
    }
    tell!("{test}: killed after 0, 1 and 2 acknowledgements: {deaths:?} times");
    // The kills reach every stage of the work. Which thread closes the database differs from run
    // to run, and with it the number of calls of each; so a few moments may not come.
    assert!(deaths.iter().all(|&kills| kills > 0), "{deaths:?}");
    assert!(deaths.iter().sum::<usize>() > moments.len() / 2, "{deaths:?} of {}", moments.len());
}

/// Runs the process until it is killed at the moment: whether it was, and what it had printed.
fn kill_at(place: &Place, moment: &Moment) -> (bool, Vec<u8>) {
    let Moment { call, count } = moment;
    let inject = format!("inject={call}:signal=KILL:when={count}");
    let mut arguments = of_the_log(place);
    arguments.extend(["-f", "-qq", "-o", "/dev/null", "-e", &inject].map(str::to_owned));
    let output = traced(place, RUNS, &arguments).output().unwrap();
    // `strace` ends as its child did.
    let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(killed || output.status.success(), "{moment:?}: {} {stderr}", output.status);
    (killed, output.stdout)
}

fn check(place: &Place, stdout: &[u8], moment: &Moment) {
    let acknowledged = acknowledged(stdout);
    let log = place.log();
    let rows = log.kpi(&KpiFilter::default()).unwrap();
    for it in &acknowledged {
        let row = rows.iter().find(|row| row.run_id == it.run_id);
        let row = row.unwrap_or_else(|| panic!("{moment:?}: run {} was lost", it.run_id));
        assert_eq!(row.id.to_string(), it.id, "{moment:?}");
    }
    // What is there is whole: it is the event that was sent.
    for run in RUNS {
        let there = rows.iter().find(|row| row.run_id == run);
        let again = log.append(&[accepted_of(run)]).unwrap()[0];
        match there {
            Some(row) => assert_eq!((again.id, again.outcome), (row.id, Outcome::Duplicate)),
            None => assert_eq!(again.outcome, Outcome::Inserted, "{moment:?}"),
        }
    }
    drop(log);
    assert_eq!(place.integrity(), "ok", "{moment:?}");
    let expected = "select count(*) = count(distinct event_key) from provenance_audit_log";
    assert_eq!(place.value(expected).as_deref(), Some("1"), "{moment:?}");
}

/// The system calls that write and sync, and the acknowledgements between them.
fn writes_and_syncs(place: &Place, runs: [u64; 2]) -> Vec<String> {
    let trace = place.folder().join("trace");
    let calls = "trace=pwrite64,fsync,fdatasync,write";
    let arguments = ["-f", "-s", "64", "-e", calls, "-o", trace.to_str().unwrap()];
    let output = traced(place, runs, &arguments.map(str::to_owned)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(trace).unwrap();
    text.lines()
        .filter_map(|line| Some(line.split_once(' ')?.1.trim_start().to_owned()))
        .filter(|call| !call.starts_with("write(") || call.contains("acknowledged"))
        .collect()
}

#[test]
fn an_event_is_synced_before_it_is_acknowledged() {
    if !can_trace("crash::an_event_is_synced_before_it_is_acknowledged") {
        return;
    }
    let place = Place::new();
    let calls = writes_and_syncs(&place, RUNS);
    let mut acknowledgements = 0;
    for (index, _) in calls.iter().enumerate().filter(|(_, call)| call.starts_with("write(")) {
        let last = &calls[index - 1];
        assert!(last.contains("sync("), "{last} before {}", calls[index]);
        acknowledgements += 1;
    }
    assert_eq!(acknowledgements, RUNS.len());
}

#[test]
fn what_a_killed_process_left_unsynced_is_synced_before_it_is_a_duplicate() {
    let test = "crash::what_a_killed_process_left_unsynced_is_synced_before_it_is_a_duplicate";
    if !can_trace(test) {
        return;
    }
    let mut left_behind = 0;
    for moment in moments(test, &Place::new(), &RUNS, "fsync,fdatasync", KILLS) {
        let place = Place::new();
        let (_, stdout) = kill_at(&place, &moment);
        let unacknowledged = RUNS.iter().filter(|&&run| {
            let acknowledged = acknowledged(&stdout);
            let key = accepted_of(run).key.as_str().to_owned();
            let sent = acknowledged.iter().any(|it| it.run_id == run);
            !sent && place.log_of_a_copy().keys().contains(&key)
        });
        if unacknowledged.count() == 0 {
            continue;
        }
        left_behind += 1;
        let calls = writes_and_syncs(&place, RUNS);
        let acknowledged = calls.iter().position(|call| call.starts_with("write(")).unwrap();
        let synced = calls[..acknowledged].iter().any(|call| call.contains("sync("));
        assert!(synced, "{moment:?}: {calls:#?}");
    }
    assert!(left_behind > 0);
}
