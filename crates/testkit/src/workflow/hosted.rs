//! A repository as `provost init` leaves it, hosted by the fake GitHub, whose workflows run.

use super::action::INSTALL;
use super::document::Workflow as Document;
use super::event::Event;
use super::git::{self, HERMETIC, MAY_WRITE};
use super::report::RunReport;
use super::run;
use super::stage::{Dispatched, Stage, locked};
use crate::VirtualSigstore;
use crate::github::{
    FakeGithub, Fault, Gate, On, Repository, RepositoryHandle, RunHandle, Token, Workflow,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// `OWNER/NAME` of every hosted repository, and GitHub's numbers of it.
const REPOSITORY: &str = "acme/app";
const IDS: (u64, u64) = (1_296_269, 9_919);

/// The gh of a runner.
const GH: &str = include_str!("gh.sh");

/// Refuses who may not write, and everyone while the branch is protected.
const HOOK: &str = include_str!("pre-receive.sh");

/// How the repository builds its release.
#[derive(Clone, Debug)]
pub struct Build {
    /// The command of `provost init --build`.
    pub command: String,
    /// The pattern of `provost init --artifacts`.
    pub artifacts: String,
}

impl Default for Build {
    /// A script of the repository, `build.sh`, that writes one file.
    fn default() -> Self {
        Self { command: "bash build.sh".into(), artifacts: "dist/*".into() }
    }
}

/// A hosted repository. What the API dispatches runs on a thread of its own, one run after the
/// other; everything ends when this is dropped.
pub struct Hosted {
    stage: Arc<Stage>,
    queue: Sender<Option<(RunHandle, Gate)>>,
    thread: Option<JoinHandle<()>>,
}

impl Hosted {
    /// Makes a repository with one file to build, calls `provost init` (the program at `provost`)
    /// in it, and commits the answer. Panics if any of that fails.
    pub fn new(provost: &Path, build: &Build) -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        let remote = folder.path().join("remote.git");
        make_remote(&remote);
        let github = FakeGithub::start();
        let repository = github.add(Repository::new(REPOSITORY).ids(IDS.0, IDS.1).git(&remote));
        let dispatcher = Token::fine_grained("release-bot", &["actions:write"]).only(REPOSITORY);
        let secrets = BTreeMap::from([
            ("PROVENANCE_DISPATCH_TOKEN".to_owned(), github.token(dispatcher)),
            ("SLACK_WEBHOOK_URL".to_owned(), github.webhook_url()),
            ("OPS_NOTIFY_TOKEN".to_owned(), String::new()),
        ]);
        let stage = Arc::new(Stage {
            repository,
            sigstore: VirtualSigstore::new(),
            folder,
            provost: provost.to_owned(),
            secrets: Mutex::new(secrets),
            cancel_at: Mutex::new(None),
            before: Mutex::default(),
            groups: Mutex::default(),
            dispatched: Mutex::new(Dispatched::default()),
            changed: Condvar::new(),
            last_number: AtomicUsize::new(0),
            github,
        });
        let (queue, queued) = channel();
        let served = Arc::clone(&stage);
        let thread = std::thread::spawn(move || serve(&served, &queued));
        let hosted = Self { stage, queue, thread: Some(thread) };
        hosted.put_programs();
        hosted.first_commit(build);
        hosted.announce_workflows();
        hosted
    }

    /// GitHub.
    pub fn github(&self) -> &FakeGithub {
        &self.stage.github
    }

    /// The repository there.
    pub fn repository(&self) -> &RepositoryHandle {
        &self.stage.repository
    }

    /// The bare repository that all clones come from.
    pub fn remote(&self) -> PathBuf {
        self.stage.remote()
    }

    /// A person's working copy on `main`, which may push.
    pub fn checkout(&self) -> PathBuf {
        self.stage.folder.path().join("checkout")
    }

    /// The event log that every job writes, a file of SQLite.
    pub fn event_log(&self) -> PathBuf {
        self.stage.folder.path().join("events.db")
    }

    /// Commits these files to `main` and pushes; the commit.
    pub fn commit(&self, files: &[(&str, &str)]) -> String {
        let checkout = self.checkout();
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["reset", "--quiet", "--hard", "origin/main"]);
        for (path, text) in files {
            put(&checkout.join(path), text);
        }
        self.commit_all();
        self.head()
    }

    fn commit_all(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Change"]);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// The commit that `main` stands at.
    pub fn head(&self) -> String {
        git::expected(&self.stage.remote(), &["rev-parse", "refs/heads/main"])
    }

    /// Git in the working copy. Panics if it fails.
    pub fn git(&self, words: &[&str]) -> String {
        git::expected(&self.checkout(), words)
    }

    /// A file as it stands on `main`.
    pub fn read(&self, path: &str) -> Option<String> {
        git::said(&self.stage.remote(), &["show", &format!("refs/heads/main:{path}")])
    }

    /// The entries of all manifests on `main`.
    pub fn manifest(&self) -> Vec<Value> {
        let list = ["ls-tree", "-r", "--name-only", "refs/heads/main", "docs/reports"];
        let paths = git::expected(&self.stage.remote(), &list);
        let entries = paths.lines().filter(|path| path.ends_with("/manifest.json")).map(|path| {
            let text = self.read(path).expect("a listed file is there");
            serde_json::from_str::<Vec<Value>>(&text).expect("a manifest is a list")
        });
        entries.flatten().collect()
    }

    /// From now on every push is refused as by a protected branch, or taken again.
    pub fn protect(&self, is_protected: bool) {
        let mark = self.stage.remote().join("protected");
        match is_protected {
            true => std::fs::write(mark, "").expect("a file is written"),
            false => std::fs::remove_file(mark).expect("the branch was protected"),
        }
    }

    /// Sets a secret of the repository; empty is not set.
    pub fn secret(&self, name: &str, value: &str) {
        locked(&self.stage.secrets).insert(name.to_owned(), value.to_owned());
    }

    /// The value of a secret.
    pub fn secret_value(&self, name: &str) -> String {
        locked(&self.stage.secrets).get(name).cloned().unwrap_or_default()
    }

    /// Somebody cancels the run when it comes to this step of this job.
    pub fn cancel_at(&self, job: &str, step: &str) {
        *locked(&self.stage.cancel_at) = Some((job.to_owned(), step.to_owned()));
    }

    /// Nobody cancels any more.
    pub fn cancel_nothing(&self) {
        *locked(&self.stage.cancel_at) = None;
    }

    /// Something that happens whenever the job of this id is about to start.
    pub fn before(&self, job: &str, then: impl FnMut(&RunHandle) + Send + 'static) {
        locked(&self.stage.before).push((job.to_owned(), Box::new(then)));
    }

    /// Starts the workflow of this file name and runs it to its end, with everything that it
    /// dispatches.
    ///
    /// # Errors
    /// What a workflow asks for that nobody here knows.
    pub fn start(&self, file: &str, event: Event) -> Result<RunReport, String> {
        run::start(&self.stage, file, event)
    }

    /// The runs that the API has dispatched and that ended since this was last asked. Waits for
    /// those that go on.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn dispatched(&self) -> Result<Vec<RunReport>, String> {
        let dispatched = locked(&self.stage.dispatched);
        let mut dispatched = self
            .stage
            .changed
            .wait_while(dispatched, |dispatched| dispatched.going_on > 0)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut dispatched.ended).into_iter().collect()
    }

    /// Calls `provost init --patch` in the working copy, commits and pushes.
    pub fn patch(&self) {
        self.init(&["--patch"]);
        self.commit_all();
    }

    /// Tells GitHub of every workflow of `main` that can be dispatched.
    pub fn announce_workflows(&self) {
        let list = ["ls-tree", "-r", "--name-only", "refs/heads/main", ".github/workflows"];
        for path in git::expected(&self.stage.remote(), &list).lines() {
            let text = self.read(path).expect("a listed file is there");
            let document = Document::read(path, &text).expect("a workflow is understood");
            if document.on.contains_key("workflow_dispatch") {
                self.announce(path, &document);
            }
        }
    }

    fn announce(&self, path: &str, document: &Document) {
        let mut workflow = Workflow::new(path).name(&document.name);
        let inputs = document.inputs("workflow_dispatch").expect("inputs are understood");
        for (name, input) in inputs {
            workflow = workflow.input(&name, input.required);
        }
        let (stage, queue) = (Arc::downgrade(&self.stage), self.queue.clone());
        self.stage.repository.workflow(workflow.on_run(move |handle| {
            let Some(stage) = stage.upgrade() else { return };
            // Whoever dispatched asks how the run goes; the first such question is answered when
            // the run is over, so nobody asks a thousand times.
            let gate = Gate::new();
            let path = format!("/repos/{REPOSITORY}/actions/runs/{}", handle.id());
            stage.github.fault(On::new("GET", &path), Fault::Hold(gate.clone()));
            locked(&stage.dispatched).going_on += 1;
            queue.send(Some((handle.clone(), gate))).expect("the thread waits for runs");
        }));
    }

    fn put_programs(&self) {
        let programs = self.stage.programs();
        std::fs::create_dir(&programs).expect("a folder is made");
        put_program(&programs.join("gh"), GH);
    }

    fn first_commit(&self, build: &Build) {
        let checkout = self.checkout();
        std::fs::create_dir(&checkout).expect("a folder is made");
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        let remote = self.stage.remote().display().to_string();
        self.git(&["remote", "add", "origin", &remote]);
        let receive = format!("env {MAY_WRITE}=1 git receive-pack");
        self.git(&["config", "remote.origin.receivepack", &receive]);
        self.init(&["--build", &build.command, "--artifacts", &build.artifacts]);
        let configuration = checkout.join("provost.toml");
        let text = std::fs::read_to_string(&configuration).expect("init writes a configuration");
        put(&configuration, &self.configured(&text));
        put(&checkout.join("root.json"), &self.stage.sigstore.trusted_root_json());
        put(
            &checkout.join("build.sh"),
            "mkdir dist\necho \"app $GITHUB_REF_NAME\" >dist/app.txt\n",
        );
        put(&checkout.join(".gitignore"), "/.provost/\n/out/\n");
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "First"]);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// Calls `provost init`, for which the repository lies where it will lie.
    fn init(&self, words: &[&str]) {
        let page = format!("https://github.com/{REPOSITORY}");
        self.git(&["remote", "set-url", "origin", &page]);
        let output = Command::new(&self.stage.provost)
            .args(["init", "--action", INSTALL])
            .args(words)
            .current_dir(self.checkout())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(HERMETIC)
            .output()
            .expect("provost starts");
        self.git(&["remote", "set-url", "origin", &self.stage.remote().display().to_string()]);
        let said = String::from_utf8_lossy(&output.stderr);
        // 11: a file of the repository's own differs and was left alone.
        let is_done = [Some(0), Some(11)].contains(&output.status.code());
        assert!(is_done, "provost init: {said}");
    }

    /// What a person fills in after `provost init`, and what leads to the fake.
    fn configured(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut set = |from: &str, to: &str| {
            assert!(text.contains(from), "init writes {from:?}");
            text = text.replace(from, to);
        };
        set("# repository_id =", &format!("repository_id = {}", IDS.0));
        set("# owner_id =", &format!("owner_id = {}", IDS.1));
        set("[policy]\n", "[policy]\ntrusted_root = \"root.json\"\n");
        let log = self.event_log();
        set("sqlite:.provost/events.db", &format!("sqlite:{}", log.display()));
        text.push_str("\n[github]\ndownload_hosts = [\"127.0.0.1\"]\n");
        text.push_str("\n[notify]\nslack_hosts = [\"127.0.0.1\"]\n");
        text
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        // The receiver is gone only if the thread is.
        let _ = self.queue.send(None);
        if let Some(thread) = self.thread.take() {
            // Its panics are printed where they happen.
            let _ = thread.join();
        }
    }
}

/// Runs what is dispatched until it is told to end.
fn serve(stage: &Stage, queue: &Receiver<Option<(RunHandle, Gate)>>) {
    while let Ok(Some((handle, gate))) = queue.recv() {
        let ran = catch_unwind(AssertUnwindSafe(|| {
            gate.wait_for_arrivals(1);
            run::continue_dispatched(stage, &handle)
        }));
        let ended = ran.unwrap_or_else(|_| {
            handle.complete("failure");
            Err("the run panicked".into())
        });
        gate.open();
        let mut dispatched = locked(&stage.dispatched);
        dispatched.going_on -= 1;
        dispatched.ended.push(ended);
        stage.changed.notify_all();
    }
}

fn make_remote(remote: &Path) {
    std::fs::create_dir(remote).expect("a folder is made");
    git::expected(remote, &["init", "--quiet", "--bare", "--initial-branch=main"]);
    // Runs are about commits, whatever the branches have become since.
    git::expected(remote, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    std::fs::create_dir_all(remote.join("hooks")).expect("a folder is made");
    put_program(&remote.join("hooks/pre-receive"), HOOK);
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
        .expect("a folder is made");
    std::fs::write(path, text).expect("a file is written");
}

fn put_program(path: &Path, text: &str) {
    put(path, text);
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a mode is set");
}
