//! When the remote cannot or will not: the entry waits in the queue, and the error says why.

use crate::remote::{Bare, Clone, git, target};
use crate::world::{NOON, key, success, tag, time};
use provost_manifest::{ArtifactKind, Manifests, PushTarget, RemoteName, push};
use std::fs;
use std::path::Path;

/// A clone with one entry and its bundle.
fn recorded(bare: &Bare) -> Clone {
    let clone = bare.clone_of();
    let artifacts = clone.manifests().artifacts();
    let path = artifacts.write(&tag("v1"), ArtifactKind::Provenance, b"{\"bundle\":1}").unwrap();
    let mut entry = success(7, "v1");
    entry.artifact = path.as_str().to_owned();
    clone.record(entry);
    clone
}

#[track_caller]
fn is_queued(clone: &Clone, code: &str) -> String {
    let pushed = clone.push();
    let error = pushed.failure.as_ref().unwrap();
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(pushed.queued, [key(7, "v1")]);
    assert!(!pushed.is_complete() && pushed.commit.is_none() && pushed.recorded.is_empty());
    assert_eq!(clone.queue().len(), 1);
    error.to_string()
}

#[test]
fn a_protected_branch_refuses_once_and_a_flush_finishes_later() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    for hook in ["pre-receive", "update"] {
        bare.hook(hook, "echo 'GH006: Protected branch update failed' >&2; exit 1");
        let error = is_queued(&clone, "push-refused");
        assert!(error.contains("GH006: Protected branch update failed"), "{error}");
        assert!(error.contains("provost manifest flush"), "{error}");
        bare.unhook(hook);
    }
    assert_eq!(clone.push().tries, 1);
    assert_eq!(bare.runs(), [7]);
    assert_eq!(clone.queue().len(), 0);
}

#[test]
fn a_flush_needs_nothing_but_the_queue() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    bare.hook("pre-receive", "exit 1");
    is_queued(&clone, "push-refused");
    bare.unhook("pre-receive");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("provenance-queue").join("queue.jsonl");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    fs::copy(clone.queue_file(), &copy).unwrap();
    // The runner's disk vanishes.
    drop(clone);
    let other = bare.clone_of();
    for from in [folder.path(), &copy, copy.parent().unwrap()] {
        let pushed = other.flush_from(from);
        assert!(pushed.is_complete(), "{pushed:?}");
        assert_eq!(bare.runs(), [7]);
        assert_eq!(bare.linear_commits("main"), 2, "once");
        let bundle = bare.read("artifacts/slsa/v1/provenance-v1.json");
        assert_eq!(bundle.as_deref(), Some("{\"bundle\":1}"));
        assert!(copy.exists() && !other.queue_file().exists());
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(other.flush_from(empty.path()).is_complete());
    let nowhere = folder.path().join("none");
    let error = provost_manifest::flush(&other.manifests(), Some(&nowhere), &target(), time(NOON));
    assert!(error.unwrap_err().to_string().contains("none"));
}

#[test]
fn a_remote_that_is_gone_is_told_without_its_credentials() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    fs::rename(bare.path(), bare.path().with_extension("away")).unwrap();
    let error = is_queued(&clone, "unreachable");
    assert!(error.contains("cannot reach origin: git ls-remote failed"), "{error}");
    fs::rename(bare.path().with_extension("away"), bare.path()).unwrap();
    // Nobody listens on port 1.
    let url = "http://someone:hunter2@127.0.0.1:1/o/r.git?token=hunter2";
    git(clone.root(), &["remote", "set-url", "origin", url]);
    let error = is_queued(&clone, "unreachable");
    assert!(error.contains("127.0.0.1"), "{error}");
    for text in [&error, &clone.queue()[0], &format!("{:?}", clone.push())] {
        assert!(!text.contains("hunter2") && !text.contains("someone"), "{text}");
    }
}

#[test]
fn a_remote_that_is_not_configured_is_named() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    git(clone.root(), &["remote", "rename", "origin", "upstream"]);
    let error = is_queued(&clone, "no-remote");
    assert!(error.contains("no remote \"origin\""), "{error}");
    let upstream: RemoteName = "upstream".parse().unwrap();
    let pushed = clone.push_to(&PushTarget { remote: upstream, ..target() });
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn no_branch_anywhere_is_named() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    git(clone.root(), &["checkout", "--quiet", "--detach"]);
    let away = Bare::empty();
    git(clone.root(), &["remote", "set-url", "origin", away.path().to_str().unwrap()]);
    let error = is_queued(&clone, "no-branch");
    assert!(error.contains("--branch"), "{error}");
}

#[test]
fn a_root_outside_of_git_queues_everything() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = Manifests::at(folder.path());
    manifests.record(success(7, "v1"), time(NOON)).unwrap();
    let pushed = push(&manifests, &target(), time(NOON)).unwrap();
    assert_eq!(pushed.failure.as_ref().unwrap().code(), "no-repository");
    assert_eq!(pushed.queued, [key(7, "v1")]);
    // What waits there reaches a clone.
    let bare = Bare::new();
    let queue = provost_manifest::queue_path().under(folder.path());
    assert!(bare.clone_of().flush_from(&queue).is_complete());
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn a_broken_manifest_on_the_branch_is_left_alone() {
    let bare = Bare::new();
    bare.clone_of().commit_and_push("docs/reports/2026-11-20/manifest.json", "[{");
    let clone = bare.clone_of();
    git(clone.root(), &["rm", "--quiet", "--cached", "docs/reports/2026-11-20/manifest.json"]);
    fs::remove_dir_all(clone.root().join("docs")).unwrap();
    clone.record(success(7, "v1"));
    let tip = bare.tip("main");
    let pushed = clone.push();
    let error = pushed.failure.unwrap();
    assert_eq!(error.code(), "remote-manifest");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("docs/reports/2026-11-20/manifest.json:1:"), "{cause}");
    assert_eq!((bare.tip("main"), pushed.queued.len()), (tip, 1));
}

#[test]
fn what_stands_in_the_way_on_the_branch_is_not_replaced() {
    let link = |target: &str, path: &str| {
        let (target, path) = (target.to_owned(), path.to_owned());
        move |clone: &Clone| {
            let path = clone.root().join(&path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(&target, path).unwrap();
        }
    };
    let file = |clone: &Clone| fs::write(clone.root().join("docs"), "a file").unwrap();
    type Make = Box<dyn Fn(&Clone)>;
    let cases: [(&str, Make); 4] = [
        ("docs", Box::new(file)),
        ("docs", Box::new(link("elsewhere", "docs"))),
        ("docs/reports/2026-11-23/manifest.json", {
            Box::new(link("/etc/passwd", "docs/reports/2026-11-23/manifest.json"))
        }),
        ("artifacts/slsa/v1", Box::new(link("../..", "artifacts/slsa/v1"))),
    ];
    for (path, make) in cases {
        let bare = Bare::new();
        let clone = recorded(&bare);
        let other = bare.clone_of();
        make(&other);
        git(other.root(), &["add", "--all"]);
        git(other.root(), &["commit", "--quiet", "--message", "in the way"]);
        git(other.root(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        let tip = bare.tip("main");
        let error = is_queued(&clone, "crossed-path");
        assert!(error.contains(&format!(": {path} stands on the branch")), "{error}");
        assert_eq!(bare.tip("main"), tip, "{path}");
    }
}

#[test]
fn hooks_and_settings_of_the_clone_do_not_run() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    let proof = clone.root().join("ran");
    let script = format!("#!/bin/sh\ntouch '{}'\nexit 1\n", proof.display());
    let hooks = clone.root().join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for name in
        ["pre-push", "pre-commit", "post-commit", "reference-transaction", "post-index-change"]
    {
        let path = hooks.join(name);
        fs::write(&path, &script).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let set = |name: &str, value: &str| git(clone.root(), &["config", name, value]);
    set("commit.gpgSign", "true");
    set("push.gpgSign", "true");
    set("push.followTags", "true");
    set("remote.origin.prune", "true");
    set("core.autocrlf", "true");
    set("core.fsmonitor", hooks.join("pre-push").to_str().unwrap());
    fs::write(clone.root().join(".git/info/attributes"), "* filter=x ident\n").unwrap();
    set("filter.x.clean", hooks.join("pre-push").to_str().unwrap());
    git(clone.root(), &["-c", "core.hooksPath=/dev/null", "tag", "-a", "-m", "x", "kept-here"]);
    assert!(clone.push().is_complete());
    assert!(!proof.exists());
    assert_eq!(git(bare.path(), &["tag"]), "");
    let bundle = bare.read("artifacts/slsa/v1/provenance-v1.json");
    assert_eq!(bundle.as_deref(), Some("{\"bundle\":1}"));
}

#[test]
fn a_remote_that_hangs_is_given_up() {
    let bare = Bare::new();
    let clone = recorded(&bare);
    bare.hook("pre-receive", "sleep 600");
    let target = PushTarget { timeout: std::time::Duration::from_secs(2), ..target() };
    let pushed = clone.push_to(&target);
    assert_eq!(pushed.failure.as_ref().unwrap().code(), "timed-out");
    assert_eq!(pushed.queued.len(), 1);
    bare.unhook("pre-receive");
    assert!(clone.flush().is_complete());
    assert!(Path::new(&clone.root()).exists());
    assert_eq!(bare.runs(), [7]);
}
