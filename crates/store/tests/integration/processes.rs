//! Several processes write the same log at once.

use crate::helper::{Acknowledged, accepted_of, acknowledged, process};
use crate::sample::Place;
use std::process::Stdio;
use std::sync::Barrier;

const PROCESSES: u64 = 6;
const EVENTS: u64 = 25;
/// The run that every process reports.
const SHARED: u64 = 1_000_000;

#[test]
fn every_distinct_event_is_there_exactly_once() {
    // The log does not exist yet: its making is raced for, too.
    let place = Place::new();
    let children: Vec<_> = (0..PROCESSES)
        .map(|process_number| {
            let own = (1..=EVENTS).map(|event| process_number * EVENTS + event);
            let mut command = process(&place, own.chain([SHARED]));
            command.stdin(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    // Each waits for the end of its input, so that none is done before the last has started.
    let children: Vec<_> = children
        .into_iter()
        .map(|mut child| {
            drop(child.stdin.take());
            child
        })
        .collect();
    let mut all: Vec<Acknowledged> = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        let acknowledged = acknowledged(&output.stdout);
        assert_eq!(acknowledged.len() as u64, EVENTS + 1);
        all.extend(acknowledged);
    }

    let mut expected: Vec<String> = (1..=PROCESSES * EVENTS)
        .chain([SHARED])
        .map(|run| accepted_of(run).key.as_str().to_owned())
        .collect();
    expected.sort();
    assert_eq!(place.keys(), expected);
    assert_eq!(place.integrity(), "ok");

    let (shared, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.run_id == SHARED);
    assert!(own.iter().all(|it| it.outcome == "Inserted"));
    let first = shared.iter().filter(|it| it.outcome == "Inserted").count();
    assert_eq!((first, shared.len() as u64), (1, PROCESSES));
    assert!(shared.iter().all(|it| it.id == shared[0].id), "{shared:?}");
}

#[test]
fn a_new_log_may_be_opened_by_many_at_once() {
    const OPENERS: u64 = 8;
    for _ in 0..40 {
        let place = Place::new();
        let start = Barrier::new(OPENERS as usize);
        std::thread::scope(|scope| {
            for run in 1..=OPENERS {
                let (place, start) = (&place, &start);
                scope.spawn(move || {
                    start.wait();
                    place.log().append(&[accepted_of(run)]).unwrap();
                });
            }
        });
        assert_eq!(place.keys().len() as u64, OPENERS);
    }
}
