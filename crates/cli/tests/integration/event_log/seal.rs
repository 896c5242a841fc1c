//! The newest seal in the manifest's commits.

use super::Folder;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const LOG: &str = "sqlite:events.db";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A clone with entries, and the remote that it pushes to.
fn pushing() -> (Folder, TempDir) {
    let (folder, bare) = (Folder::with_entries(), tempfile::tempdir().unwrap());
    git(bare.path(), &["init", "--quiet", "--bare", "--initial-branch=main"]);
    git(folder.root(), &["init", "--quiet", "--initial-branch=main"]);
    git(folder.root(), &["remote", "add", "origin", bare.path().to_str().unwrap()]);
    git(folder.root(), &["commit", "--quiet", "--allow-empty", "--message", "begin"]);
    git(folder.root(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    (folder, bare)
}

fn newest_commit(bare: &TempDir) -> String {
    git(bare.path(), &["log", "-1", "--format=%B", "main"])
}

#[test]
fn a_push_notes_the_seal_and_the_log_is_held_against_it() {
    let (folder, bare) = pushing();
    folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
    let seal = folder.provost(&["store", "seal", "--store", LOG, "--format", "json"]);
    let newest = seal.run().expect(0).json()["newest"].as_str().unwrap().to_owned();
    let push = folder.provost(&["manifest", "push"]).env("PROVOST_STORE_URL", LOG);
    assert_eq!(push.run().expect(0).stderr, "");
    let text = newest_commit(&bare);
    assert!(text.ends_with(&format!("\n\nProvost-Seal: {newest}")), "{text}");

    git(folder.root(), &["fetch", "--quiet", "origin"]);
    git(folder.root(), &["reset", "--quiet", "--hard", "origin/main"]);
    let verify = |code| {
        let call = folder.provost(&["store", "verify", "--git", "--store", LOG]);
        call.args(["--format", "json"]).run().expect(code).json()
    };
    let sound = verify(0);
    assert_eq!((&sound["outcome"], &sound["anchors"]), (&json!("sound"), &json!([newest])));
    // Whoever rewrites log and seals together is found out by the commit.
    std::fs::remove_file(folder.path("events.db")).unwrap();
    folder.add(&["--run=9", "--tag=v3", "--status=success"]);
    folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
    folder.provost(&["store", "seal", "--store", LOG]).run().expect(0);
    assert_eq!(verify(11)["fault"]["fault"], "anchor");
}

#[test]
fn a_log_that_does_not_answer_holds_up_no_push() {
    let (folder, bare) = pushing();
    let push = folder.provost(&["manifest", "push"]);
    let push = push.env("PROVOST_STORE_URL", "postgres://me@127.0.0.1:1/events").run().expect(0);
    assert!(push.stderr.contains("does not note the newest seal"), "{}", push.stderr);
    assert!(!newest_commit(&bare).contains("Provost-Seal"));
}

#[test]
fn nothing_is_noted_where_no_log_is_configured_or_nothing_is_sealed() {
    for variable in ["", LOG, "sqlite:none.db"] {
        let (folder, bare) = pushing();
        folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
        let push = folder.provost(&["manifest", "push"]).env("PROVOST_STORE_URL", variable);
        assert_eq!(push.run().expect(0).stderr, "", "{variable:?}");
        assert!(!newest_commit(&bare).contains("Provost-Seal"));
        assert!(!folder.path("none.db").exists());
        let verify = folder.provost(&["store", "verify", "--git", "--store", LOG]).run().expect(0);
        assert!(verify.stderr.contains("no commit remembers a seal"), "{}", verify.stderr);
    }
}
