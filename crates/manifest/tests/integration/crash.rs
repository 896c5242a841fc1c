//! A writer that is killed, or whose system calls fail, at every one of them in turn.
//!
//! `strace` injects the fault: the Nth call of one kind, for N = 1, 2, … until the writer makes
//! no Nth call any more. What stands afterwards must be the old file or the new one, byte for byte.

use crate::world::{DAY, NOON, World, add_record_arguments, recorder, success, time};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Output};

/// Everything by which a writer touches the file system; `?` passes over a call that this machine
/// does not have.
const CALLS: [&str; 13] = [
    "?open",
    "openat",
    "?mkdir",
    "mkdirat",
    "?getdents64",
    "flock",
    "write",
    "fsync",
    "?fdatasync",
    "?rename",
    "?renameat",
    "?renameat2",
    "unlinkat",
];

/// More calls of one kind than any writer makes.
const BOUND: usize = 500;

/// What stands before the writer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An empty root.
    Nothing,
    /// Two days' files, and what a killed writer left.
    Entries,
}

/// One faulty run of a writer that records run 9.
struct Faulty {
    world: World,
    output: Output,
    was_injected: bool,
}

impl Before {
    fn world(self) -> World {
        let world = World::new();
        if self == Self::Entries {
            for (run, now) in [(5, "2026-11-20T12:00:00Z"), (7, NOON), (11, NOON)] {
                let manifests = world.manifests();
                manifests.record(success(run, "v1"), time(now)).unwrap();
            }
            world.write("docs/reports/2026-11-23/.provost-999999999.tmp", "[\n  {");
        }
        world
    }

    /// The file before and after.
    fn texts(self) -> (Option<String>, Option<String>) {
        let world = self.world();
        let old = world.read(DAY);
        record_nine(&world);
        (old, world.read(DAY))
    }
}

impl Faulty {
    fn run(before: Before, call: &str, fault: &str, nth: usize) -> Self {
        let world = before.world();
        let trace = tempfile::NamedTempFile::new().unwrap();
        let mut strace = Command::new("strace");
        strace.arg("-f").arg("-o").arg(trace.path());
        strace.arg("-e").arg(format!("trace={call}"));
        strace.arg("-e").arg(format!("inject={call}:{fault}:when={nth}"));
        strace.arg(recorder());
        add_record_arguments(&mut strace, world.root(), &[9]);
        let output = strace.output().unwrap();
        let trace = fs::read_to_string(trace.path()).unwrap();
        let was_injected = trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL");
        assert!(nth < BOUND, "{call} never ends");
        Self { world, output, was_injected }
    }

    fn message(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

fn record_nine(world: &World) {
    let manifests = world.manifests();
    manifests.record(success(9, "v1"), time(NOON)).unwrap();
}

/// Says so past the capture of test output when nothing can be injected here.
fn can_inject() -> bool {
    let reason = match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => {
            format!("ptrace not permitted ({})", String::from_utf8_lossy(&output.stderr).trim())
        }
        Err(error) => format!("strace not found ({error})"),
    };
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: crash tests: {reason}");
    false
}

/// Whatever happened: files parse, nobody sees leftovers, and the next writer completes the state.
fn assert_recovers(faulty: &Faulty, before: Before, new: Option<&String>, about: &str) {
    let manifests = faulty.world.manifests();
    assert_eq!(manifests.lint().unwrap(), [], "{about}");
    record_nine(&faulty.world);
    assert_eq!(faulty.world.read(DAY).as_ref(), new, "{about}");
    let files = match before {
        Before::Nothing => vec![DAY],
        Before::Entries => vec!["docs/reports/2026-11-20/manifest.json", DAY],
    };
    assert_eq!(faulty.world.files(), files, "{about}");
}

#[test]
fn killed_at_any_call_leaves_the_old_file_or_the_new() {
    if !can_inject() {
        return;
    }
    let mut kills: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen = [0, 0];
    for before in [Before::Nothing, Before::Entries] {
        let (old, new) = before.texts();
        for call in CALLS {
            for nth in 1.. {
                let about = format!("{before:?}, {call} {nth}");
                let faulty = Faulty::run(before, call, "signal=KILL", nth);
                let text = faulty.world.read(DAY);
                if !faulty.was_injected {
                    assert!(faulty.output.status.success(), "{about}");
                    assert_eq!(text, new, "{about}");
                    break;
                }
                *kills.entry(call.trim_start_matches('?')).or_default() += 1;
                assert!(!faulty.output.status.success(), "{about}");
                assert!(text == old || text == new, "{about}: {text:?}");
                seen[usize::from(text == new)] += 1;
                assert_recovers(&faulty, before, new.as_ref(), &about);
            }
        }
    }
    // The faults did hit the writer, before and after the new file came to stand.
    for call in ["openat", "mkdirat", "flock", "write", "fsync", "unlinkat"] {
        assert!(kills.contains_key(call), "{call}: {kills:?}");
    }
    assert!(kills.keys().any(|call| call.starts_with("rename")), "{kills:?}");
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn an_error_of_any_call_is_told_and_the_old_file_stands() {
    if !can_inject() {
        return;
    }
    let before = Before::Entries;
    let (old, new) = before.texts();
    for error in ["ENOSPC", "EIO"] {
        let mut told = 0;
        for call in CALLS {
            for nth in 1.. {
                let about = format!("{error}, {call} {nth}");
                let faulty = Faulty::run(before, call, &format!("error={error}"), nth);
                let text = faulty.world.read(DAY);
                let message = faulty.message();
                if faulty.output.status.success() {
                    // No fault, or one that does not matter, such as while sweeping.
                    assert_eq!(text, new, "{about}");
                } else if message.starts_with("record: cannot sync")
                    && !message.contains("/.provost-")
                {
                    // Written, but perhaps not for ever: the folder could not be made durable.
                    assert_eq!(text, new, "{about}: {message}");
                    told += 1;
                } else if message.starts_with("record: cannot") {
                    assert_eq!(text, old, "{about}: {message}");
                    told += 1;
                } else {
                    // Outside the writer: the loader, or the answer on standard output.
                    assert!(text == old || text == new, "{about}: {message}");
                }
                assert_recovers(&faulty, before, new.as_ref(), &about);
                if !faulty.was_injected {
                    break;
                }
            }
        }
        assert!(told > 5, "{error}: told {told} times");
    }
}

#[test]
fn an_interrupted_call_is_made_again() {
    if !can_inject() {
        return;
    }
    let (_, new) = Before::Entries.texts();
    let faulty = Faulty::run(Before::Entries, "write", "error=EINTR", 1);
    assert!(faulty.was_injected && faulty.output.status.success());
    assert_eq!(faulty.world.read(DAY), new);
}

/// What a loss of power would leave cannot be tried here; the order of the calls decides it.
#[test]
fn the_file_is_synced_before_it_is_renamed_and_every_folder_after() {
    if !can_inject() {
        return;
    }
    let world = Before::Entries.world();
    let synced = |runs: &[u64]| {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-y", "-e", "trace=fsync,?rename,?renameat,?renameat2", "-o"]);
        strace.arg(trace.path()).arg(recorder());
        add_record_arguments(&mut strace, world.root(), runs);
        assert!(strace.output().unwrap().status.success());
        let trace = fs::read_to_string(trace.path()).unwrap();
        trace.lines().filter_map(call_and_name).collect::<Vec<_>>()
    };
    let root = world.root().file_name().unwrap().to_str().unwrap();
    let folders = ["fsync 2026-11-23", "fsync reports", "fsync docs", &format!("fsync {root}")];
    let mut wanted = vec!["fsync .provost-N.tmp", "rename 2026-11-23"];
    wanted.extend(folders);
    assert_eq!(synced(&[9]), wanted);
    // A repeat makes durable what a writer killed after its rename did not.
    let mut wanted = vec!["fsync manifest.json"];
    wanted.extend(folders);
    assert_eq!(synced(&[9]), wanted);
}

/// `4711 fsync(8</a/b>) = 0` as `fsync b`; a process id in the name as `N`.
fn call_and_name(line: &str) -> Option<String> {
    let (call, rest) = line.split_once('(')?;
    let call = if call.contains("rename") { "rename" } else { "fsync" };
    let path = rest.split_once('<')?.1.split_once('>')?.0;
    let name = path.rsplit('/').next()?;
    let name = if name.starts_with(".provost-") { ".provost-N.tmp" } else { name };
    Some(format!("{call} {name}"))
}
