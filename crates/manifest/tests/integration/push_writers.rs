//! Many writers to one branch.

use crate::remote::{Bare, target};
use crate::world::{accepted, success, tag};
use provost_manifest::{ArtifactKind, Backoff, PushTarget};
use std::time::Duration;

#[test]
fn eight_writers_with_ten_tags_each_record_every_entry_once() {
    let bare = Bare::new();
    let backoff = Backoff {
        first: Duration::from_millis(50),
        longest: Duration::from_millis(800),
        ..target().backoff
    };
    let patient = PushTarget { tries: 500, backoff, ..target() };
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (bare, patient) = (&bare, patient.clone());
            scope.spawn(move || {
                let clone = bare.clone_of();
                for number in 0..10 {
                    let run = writer * 100 + number;
                    let name = format!("v{run}");
                    let bytes = format!("{{\"bundle\":{run}}}");
                    let artifacts = clone.manifests().artifacts();
                    let kind = ArtifactKind::Provenance;
                    let path = artifacts.write(&tag(&name), kind, bytes.as_bytes()).unwrap();
                    let mut entry = success(run, &name);
                    entry.artifact = path.as_str().to_owned();
                    clone.record(entry);
                    // Half of them one by one, half of them all at once.
                    if writer % 2 == 0 || number == 9 {
                        let pushed = clone.push_to(&patient);
                        assert!(pushed.is_complete(), "{pushed:?}");
                    }
                }
            });
        }
    });
    let mut wanted: Vec<u64> =
        (0..8).flat_map(|writer| (0..10).map(move |number| writer * 100 + number)).collect();
    wanted.sort_unstable();
    assert_eq!(bare.runs(), wanted);
    // The first commit, 4 times 10 pushes of one entry, 4 pushes of ten.
    assert_eq!(bare.linear_commits("main"), 1 + 40 + 4);
    for run in wanted {
        let bundle = bare.read(&format!("artifacts/slsa/v{run}/provenance-v{run}.json"));
        assert_eq!(bundle, Some(format!("{{\"bundle\":{run}}}")));
    }
}

#[test]
fn of_two_writers_with_one_tag_and_other_bytes_one_wins_and_one_is_told() {
    let bare = Bare::new();
    let pushed: Vec<_> = std::thread::scope(|scope| {
        let writer = |byte: u8| {
            let clone = bare.clone_of();
            clone.record(accepted(u64::from(byte), "v1", byte));
            clone.push_to(&PushTarget { tries: 100, ..target() })
        };
        let writers = [1, 2].map(|byte| scope.spawn(move || writer(byte)));
        writers.map(|writer| writer.join().unwrap()).into_iter().collect()
    });
    assert_eq!(bare.entries().len(), 1);
    assert_eq!(pushed.iter().filter(|pushed| pushed.is_complete()).count(), 1);
    assert_eq!(pushed.iter().map(|pushed| pushed.conflicts.len()).sum::<usize>(), 1);
}

#[test]
fn two_processes_on_one_root_take_turns() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    let children = [0; 4].map(|_| {
        let mut command = clone.pusher("push");
        command.stdout(std::process::Stdio::piped()).spawn().unwrap()
    });
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.stdout.ends_with(b"complete\n"), "{output:?}");
    }
    assert_eq!((bare.runs(), bare.linear_commits("main")), (vec![7], 2));
}
