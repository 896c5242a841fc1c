//! A bare repository, and clones of it with a manifest in their work trees.

use crate::world::{NOON, example, time};
use provost_manifest::{
    Backoff, BranchName, DayFile, Entry, Manifests, PushTarget, Pushed, RemoteName, flush, push,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// A bare repository that everybody pushes to.
pub(crate) struct Bare {
    folder: TempDir,
}

/// A clone; its top is the manifest's root.
pub(crate) struct Clone {
    folder: TempDir,
}

/// Runs git, which must succeed, and gives what it printed.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = git_output(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

pub(crate) fn git_output(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Someone", "-c", "user.email=some@one"]);
    command.args(arguments).output().unwrap()
}

/// Origin, its default branch, hardly any waiting.
pub(crate) fn target() -> PushTarget {
    let mut target = PushTarget::new(RemoteName::default(), None);
    let (first, longest) = (Duration::from_millis(1), Duration::from_millis(1));
    target.backoff = Backoff { first, longest, ..Backoff::default() };
    target
}

pub(crate) fn to_branch(name: &str) -> PushTarget {
    let branch: BranchName = name.parse().unwrap();
    PushTarget { branch: Some(branch), ..target() }
}

impl Bare {
    /// Without a commit; its default branch will be `main`.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main"]);
        Self { folder }
    }

    /// With one commit of something else.
    pub(crate) fn new() -> Self {
        let bare = Self::empty();
        let clone = bare.clone_of();
        clone.commit("README", "hello\n");
        git(clone.root(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        bare
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn clone_of(&self) -> Clone {
        let folder = tempfile::tempdir().unwrap();
        let from = self.path().to_str().unwrap();
        git(folder.path(), &["clone", "--quiet", from, "."]);
        Clone { folder }
    }

    /// As actions/checkout makes it: one commit, no branch.
    pub(crate) fn shallow_clone(&self) -> Clone {
        let folder = tempfile::tempdir().unwrap();
        let from = format!("file://{}", self.path().display());
        git(folder.path(), &["init", "--quiet", "."]);
        git(folder.path(), &["remote", "add", "origin", &from]);
        let commit = self.tip("main").unwrap();
        git(folder.path(), &["fetch", "--quiet", "--no-tags", "--depth=1", "origin", &commit]);
        git(folder.path(), &["checkout", "--quiet", "--detach", &commit]);
        Clone { folder }
    }

    pub(crate) fn tip(&self, branch: &str) -> Option<String> {
        let name = format!("refs/heads/{branch}");
        let output = git_output(self.path(), &["rev-parse", "--verify", "--quiet", &name]);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let output = git_output(self.path(), &["cat-file", "blob", &format!("main:{path}")]);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The files of the branch.
    pub(crate) fn files(&self, branch: &str) -> Vec<String> {
        let listed = git(self.path(), &["ls-tree", "-r", "--name-only", "-z", branch]);
        listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
    }

    /// Every entry of main, each day's file being one that lint accepts.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let files = self.files("main");
        let days = files.iter().filter(|path| path.ends_with("/manifest.json"));
        let folder = tempfile::tempdir().unwrap();
        let mut entries = Vec::new();
        for path in days {
            let text = self.read(path).unwrap();
            let copy = folder.path().join(path);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::write(copy, &text).unwrap();
            let file = DayFile::parse(path, text.as_bytes()).unwrap();
            entries.extend(file.entries().cloned());
        }
        assert_eq!(Manifests::at(folder.path()).lint().unwrap(), []);
        entries
    }

    pub(crate) fn runs(&self) -> Vec<u64> {
        self.entries().iter().map(|entry| entry.run).collect()
    }

    /// How many commits the branch has; none may be a merge, and nothing may be broken.
    #[track_caller]
    pub(crate) fn linear_commits(&self, branch: &str) -> usize {
        assert_eq!(git(self.path(), &["rev-list", "--merges", branch]), "");
        git(self.path(), &["fsck", "--strict", "--no-dangling"]);
        git(self.path(), &["rev-list", "--count", branch]).parse().unwrap()
    }

    /// A hook that runs before anything is taken.
    pub(crate) fn hook(&self, name: &str, script: &str) {
        let path = self.path().join("hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn unhook(&self, name: &str) {
        fs::remove_file(self.path().join("hooks").join(name)).unwrap();
    }
}

impl Clone {
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn manifests(&self) -> Manifests {
        Manifests::at(self.root())
    }

    pub(crate) fn record(&self, entry: Entry) {
        self.record_at(entry, NOON);
    }

    pub(crate) fn record_at(&self, entry: Entry, now: &str) {
        self.manifests().record(entry, time(now)).unwrap();
    }

    pub(crate) fn push(&self) -> Pushed {
        self.push_to(&target())
    }

    pub(crate) fn push_to(&self, target: &PushTarget) -> Pushed {
        push(&self.manifests(), target, time(NOON)).unwrap()
    }

    pub(crate) fn flush(&self) -> Pushed {
        flush(&self.manifests(), None, &target(), time(NOON)).unwrap()
    }

    pub(crate) fn flush_from(&self, from: &Path) -> Pushed {
        flush(&self.manifests(), Some(from), &target(), time(NOON)).unwrap()
    }

    pub(crate) fn queue_file(&self) -> PathBuf {
        provost_manifest::queue_path().under(self.root())
    }

    /// The queue's lines.
    pub(crate) fn queue(&self) -> Vec<String> {
        let text = fs::read_to_string(self.queue_file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn commit(&self, path: &str, text: &str) {
        let full = self.root().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
        git(self.root(), &["add", "--force", "--", path]);
        git(self.root(), &["commit", "--quiet", "--message", path]);
    }

    /// Commits something of somebody else's and pushes it to main.
    pub(crate) fn commit_and_push(&self, path: &str, text: &str) {
        self.commit(path, text);
        git(self.root(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    }

    /// What must not change by a push: branches, tags, index, configuration, shallow boundary. The
    /// remote-tracking branch moves, as by any push.
    pub(crate) fn own_state(&self) -> Vec<String> {
        let file = |name: &str| {
            let bytes = fs::read(self.root().join(".git").join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let refs = git(self.root(), &["for-each-ref", "refs/heads", "refs/tags", "refs/stash"]);
        let mut state = vec![refs];
        state.extend(["HEAD", "index", "config", "shallow", "FETCH_HEAD", "ORIG_HEAD"].map(file));
        state
    }

    /// The example `push` on this clone.
    pub(crate) fn pusher(&self, verb: &str) -> Command {
        let mut command = Command::new(example("push"));
        command.arg(self.root()).args([NOON, verb]);
        command
    }
}
