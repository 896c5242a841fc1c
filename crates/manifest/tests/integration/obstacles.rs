//! What stands in the way of a writer: links, pipes, locks, permissions, limits.

use crate::world::{
    DAY, NOON, World, add_record_arguments, record_command, recorder, success, tag, time,
};
use provost_manifest::{ArtifactKind, ManifestError};
use rustix::fs::{CWD, FileType, Mode};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::time::Duration;

fn record(world: &World) -> Result<(), ManifestError> {
    let manifests = world.manifests();
    manifests.record(success(7, "v1"), time(NOON)).map(drop)
}

#[test]
fn a_link_anywhere_on_the_way_is_refused_and_not_followed() {
    for link in ["docs", "docs/reports", "docs/reports/2026-11-23", DAY, "docs/reports/2026-01-01"]
    {
        let (world, elsewhere) = (World::new(), World::new());
        elsewhere.write("manifest.json", "[]\n");
        let path = world.root().join(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let target = match link {
            DAY => elsewhere.root().join("manifest.json"),
            _ => elsewhere.root().to_owned(),
        };
        symlink(target, &path).unwrap();
        let error = record(&world).unwrap_err();
        assert!(matches!(error, ManifestError::InvalidPath { .. }), "{link}: {error}");
        let start = format!("{} is a symbolic link; remove it", path.display());
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(elsewhere.files(), ["manifest.json"]);
        assert_eq!(elsewhere.read("manifest.json").unwrap(), "[]\n");
        assert!(world.manifests().entries().is_err(), "{link}");
        assert!(world.manifests().lint().is_err(), "{link}");
    }
}

#[test]
fn a_link_in_the_folder_of_a_tag_is_refused_and_not_followed() {
    for link in
        ["artifacts", "artifacts/slsa", "artifacts/slsa/v1", "artifacts/slsa/v1/failure.json"]
    {
        let (world, elsewhere) = (World::new(), World::new());
        let path = world.root().join(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(elsewhere.root(), &path).unwrap();
        let artifacts = world.manifests().artifacts();
        let error = artifacts.write(&tag("v1"), ArtifactKind::Failure, b"{}").unwrap_err();
        assert!(matches!(error, ManifestError::InvalidPath { .. }), "{link}: {error}");
        assert_eq!(elsewhere.files(), [""; 0], "{link}");
    }
}

#[test]
fn a_file_or_a_pipe_in_the_wrong_place_is_refused_at_once() {
    let world = World::new();
    world.write("docs/reports", "a file");
    let error = record(&world).unwrap_err();
    assert!(error.to_string().contains("is no folder"), "{error}");
    let world = World::new();
    world.write("docs/reports/2026-11-23/x", "");
    let pipe = world.root().join(DAY);
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let error = record(&world).unwrap_err();
    assert!(error.to_string().contains("is no regular file"), "{error}");
}

#[test]
fn a_held_lock_is_waited_for_and_then_told() {
    let world = World::new();
    let holder = File::open(world.root()).unwrap();
    holder.lock().unwrap();
    let manifests = world.manifests().with_lock_wait(Duration::from_millis(20));
    let error = manifests.record(success(7, "v1"), time(NOON)).unwrap_err();
    assert!(matches!(error, ManifestError::LockTimeout { .. }), "{error}");
    assert!(error.to_string().contains("another process holds the lock"));
    let error = manifests.artifacts().write(&tag("v1"), ArtifactKind::Failure, b"{}").unwrap_err();
    assert!(matches!(error, ManifestError::LockTimeout { .. }), "{error}");
    assert_eq!(world.files(), [""; 0]);
    // Readers need no lock.
    assert_eq!(manifests.find(7, &tag("v1")).unwrap(), None);
    drop(holder);
    record(&world).unwrap();
}

/// Runs as another user where this one is root, for whom no folder is read-only.
#[test]
fn a_folder_that_may_not_be_written_is_named() {
    let world = World::new();
    record(&world).unwrap();
    let before = world.read(DAY);
    let folder = world.root().join("docs/reports/2026-11-23");
    fs::set_permissions(world.root(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let mut command = record_command(world.root(), &[8]);
    if rustix::process::geteuid().is_root() {
        // A copy, because the other user may not reach the folder of the build.
        let copy = world.root().join("recorder");
        fs::copy(recorder(), &copy).unwrap();
        command = Command::new(copy);
        add_record_arguments(&mut command, world.root(), &[8]);
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    let wanted = format!("record: cannot create {}/.provost-", folder.display());
    assert!(message.starts_with(&wanted), "{message}");
    assert!(message.ends_with("Permission denied (os error 13)\n"), "{message}");
    assert_eq!(world.read(DAY), before);
}

/// The limit on file sizes cuts the write short in the middle and kills the writer.
#[test]
fn a_write_cut_short_leaves_the_old_file() {
    let world = World::new();
    let manifests = world.manifests();
    for run in 1..=40 {
        manifests.record(success(run, "v1"), time(NOON)).unwrap();
    }
    let before = world.read(DAY).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c 0; ulimit -f 4; exec \"$0\" \"$@\""]);
    command.arg(recorder());
    add_record_arguments(&mut command, world.root(), &[99]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    if output.status.signal().is_some() {
        // Killed in the middle: half a temporary file is left, and nobody takes it for the file.
        assert_eq!(world.files().len(), 2);
    }
    assert_eq!(world.read(DAY).unwrap(), before);
    assert_eq!(manifests.lint().unwrap(), []);
    manifests.record(success(99, "v1"), time(NOON)).unwrap();
    assert_eq!(manifests.entries().unwrap().len(), 41);
    assert_eq!(world.files(), [DAY]);
}
