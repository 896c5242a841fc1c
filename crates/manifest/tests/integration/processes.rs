//! Many writers at once.

use crate::world::{DAY, NOON, World, record_command, success, time};
use std::collections::BTreeSet;
use std::process::{Child, Stdio};

#[test]
fn processes_and_threads_that_write_at_once_lose_nothing() {
    let world = World::new();
    let runs = |writer: u64| (1..=20).map(move |run| writer * 100 + run);
    let children: Vec<Child> = (0..8)
        .map(|writer| {
            let mut command = record_command(world.root(), &runs(writer).collect::<Vec<_>>());
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for writer in 8..10 {
            let manifests = world.manifests();
            scope.spawn(move || {
                for run in runs(writer) {
                    manifests.record(success(run, "v1"), time(NOON)).unwrap();
                }
            });
        }
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let entries = world.manifests().entries().unwrap();
    let found: Vec<u64> = entries.iter().map(|standing| standing.entry.run).collect();
    let wanted: BTreeSet<u64> = (0..10).flat_map(runs).collect();
    assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
    assert_eq!(world.manifests().lint().unwrap(), []);
    assert_eq!(world.files(), [DAY]);
}

#[test]
fn the_same_report_from_many_processes_is_one_entry_and_one_answer() {
    let world = World::new();
    let children: Vec<Child> = (0..16)
        .map(|_| {
            let mut command = record_command(world.root(), &[7]);
            command.stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut answers: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    answers.sort();
    let (first, rest) = answers.split_first().unwrap();
    assert!(first.starts_with("Added "), "{first}");
    let repeated = first.replacen("Added", "Unchanged", 1);
    assert!(rest.iter().all(|answer| *answer == repeated), "{rest:?}");
    assert_eq!(world.manifests().entries().unwrap().len(), 1);
}
