//! `kill -9` between any two steps: a second run finishes, once each, and nothing is lost.

use crate::remote::{Bare, Clone};
use crate::world::{success, tag};
use provost_manifest::ArtifactKind;
use std::fs;
use std::os::unix::process::ExitStatusExt;

const STEPS: [&str; 8] =
    ["Read", "Queued", "Located", "Fetched", "Queued", "Committed", "Pushed", "Confirmed"];

/// Two entries to push, and a branch that the clone does not have yet.
fn prepared() -> (Bare, Clone) {
    let bare = Bare::new();
    let clone = bare.clone_of();
    bare.clone_of().commit_and_push("README", "newer\n");
    for run in [7, 8] {
        let name = format!("v{run}");
        let artifacts = clone.manifests().artifacts();
        let path = artifacts.write(&tag(&name), ArtifactKind::Provenance, b"{}").unwrap();
        let mut entry = success(run, &name);
        entry.artifact = path.as_str().to_owned();
        clone.record(entry);
    }
    (bare, clone)
}

fn is_once_each(bare: &Bare, about: &str) {
    assert_eq!(bare.runs(), [7, 8], "{about}");
    assert_eq!(bare.linear_commits("main"), 3, "{about}");
    for run in [7, 8] {
        let path = format!("artifacts/slsa/v{run}/provenance-v{run}.json");
        assert_eq!(bare.read(&path).as_deref(), Some("{}"), "{about}");
    }
}

fn steps(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output).lines().map(str::to_owned).collect()
}

#[test]
fn these_are_the_steps_of_a_push() {
    let (bare, clone) = prepared();
    let output = clone.pusher("push").output().unwrap();
    let mut wanted = STEPS.map(str::to_owned).to_vec();
    wanted.push("complete".to_owned());
    assert_eq!(steps(&output.stdout), wanted, "{output:?}");
    is_once_each(&bare, "without a crash");
}

#[test]
fn killed_after_any_step_the_next_push_finishes() {
    for dies_after in 1..=STEPS.len() {
        let about = format!("killed after {} ({dies_after})", STEPS[dies_after - 1]);
        let (bare, clone) = prepared();
        let state = clone.own_state();
        let killed = clone.pusher("push").arg(dies_after.to_string()).output().unwrap();
        assert_eq!(killed.status.signal(), Some(9), "{about}: {killed:?}");
        assert_eq!(steps(&killed.stdout), &STEPS[..dies_after], "{about}");
        let is_pushed = dies_after >= 7;
        assert_eq!(bare.linear_commits("main"), if is_pushed { 3 } else { 2 }, "{about}");
        let is_queued = (2..8).contains(&dies_after);
        assert_eq!(clone.queue().len(), if is_queued { 2 } else { 0 }, "{about}");
        assert!(clone.push().is_complete(), "{about}");
        is_once_each(&bare, &about);
        assert!(!clone.queue_file().exists(), "{about}");
        assert_eq!(clone.own_state(), state, "{about}");
    }
}

#[test]
fn killed_after_it_was_queued_the_queue_alone_is_enough() {
    for dies_after in 2..STEPS.len() {
        let about = format!("killed after {} ({dies_after})", STEPS[dies_after - 1]);
        let (bare, clone) = prepared();
        clone.pusher("push").arg(dies_after.to_string()).output().unwrap();
        let saved = tempfile::NamedTempFile::new().unwrap();
        fs::copy(clone.queue_file(), saved.path()).unwrap();
        drop(clone);
        let other = bare.clone_of();
        for _ in 0..2 {
            assert!(other.flush_from(saved.path()).is_complete(), "{about}");
            is_once_each(&bare, &about);
        }
    }
}

#[test]
fn a_flush_that_is_killed_is_finished_by_the_next() {
    let flushing = ["Read", "Queued", "Located", "Fetched", "Committed", "Pushed", "Confirmed"];
    for dies_after in 1..=flushing.len() {
        let about = format!("killed after {dies_after}");
        let (bare, clone) = prepared();
        bare.hook("pre-receive", "exit 1");
        assert_eq!(clone.push().queued.len(), 2);
        bare.unhook("pre-receive");
        let killed = clone.pusher("flush").arg(dies_after.to_string()).output().unwrap();
        assert_eq!(steps(&killed.stdout), &flushing[..dies_after], "{about}: {killed:?}");
        assert_eq!(killed.status.signal(), Some(9), "{about}");
        assert!(clone.flush().is_complete(), "{about}");
        is_once_each(&bare, &about);
    }
}
