//! What a crash leaves behind, and what others may see of a call that goes on.

use crate::pipeline::world::{TAG, World};
use crate::program::EXECUTABLE;
use provost_testkit::github::{Fault, Gate, On};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

/// Somebody without rights, for a root who sees everything.
const NOBODY: u32 = 65_534;

fn spawn(command: &mut Command, uid: u32) -> Child {
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(uid);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// With a shell that lifts the limit on cores first.
fn unlimited(words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"]).args(words);
    command
}

/// A dispatch that waits for GitHub's first answer.
fn held(world: &World, uid: u32) -> (Child, Gate) {
    let gate = Gate::new();
    world.github.fault(On::new("*", "/**"), Fault::Hold(gate.clone()));
    let mut command = unlimited(&[EXECUTABLE, "dispatch", "--tag", TAG]);
    command
        .current_dir(world.root())
        .env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher)
        .env("GITHUB_TOKEN", &world.reader);
    let child = spawn(&mut command, uid);
    gate.wait_for_arrivals(1);
    (child, gate)
}

fn end(mut child: Child, signal: &str) -> std::process::ExitStatus {
    let id = child.id().to_string();
    let killed = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(killed.success());
    child.wait().unwrap()
}

#[test]
fn a_crash_leaves_no_core() {
    let world = World::new();
    let (child, _gate) = held(&world, 0);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
    let status = end(child, "-ABRT");
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped());
}

#[test]
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
fn nobody_else_reads_the_environment_of_a_call() {
    let world = World::new();
    std::fs::set_permissions(world.root(), Permissions::from_mode(0o777)).unwrap();
    // Any other process belongs to its user, and shows that user its environment.
    let other = spawn(&mut unlimited(&["sleep", "600"]), NOBODY);
    let is_of_root = |id: u32| std::fs::metadata(format!("/proc/{id}/environ")).unwrap().uid() == 0;
    let others = is_of_root(other.id());
    end(other, "-KILL");
    if others {
        println!("not checked here: the owner of a process (nobody's are root's)");
        return;
    }
    let (child, _gate) = held(&world, NOBODY);
    let owned = is_of_root(child.id());
    end(child, "-KILL");
    assert!(owned, "the environment can be read by the user");
}
