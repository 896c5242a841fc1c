//! A notifier that is killed after every step: the repeat completes, Slack gets at most one message
//! more, and an issue or a comment is never doubled.

use crate::notify::events_in;
use provost_control::{IngestSource, ingest};
use provost_manifest::{Entry, EntryKey, Manifests};
use provost_record::Status;
use provost_store::StoreUrl;
use provost_testkit::scripted_server::{ScriptedServer, answer};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Output};

/// More steps than any call has.
const BOUND: usize = 100;

const FIRST: &str = "2026-11-23T12:00:00Z";
const LATER: &str = "2026-11-23T13:00:00Z";

/// A root, a tracker's file and a far side.
struct World {
    folder: tempfile::TempDir,
    slack: ScriptedServer,
}

impl World {
    fn new(slack_delivers: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("root")).unwrap();
        let answer = match slack_delivers {
            true => answer(200, &[], r#"{"delivered":true}"#),
            false => answer(500, &[], ""),
        };
        Self { folder, slack: ScriptedServer::always(answer) }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn run(&self, now: &str, what: &str, reason: &str, die_at: usize) -> Output {
        let mut command = Command::new(notifier());
        command.env_clear().arg(self.root()).arg(self.folder.path().join("tracker.json"));
        command.arg(self.slack.url("/f")).args([now, what, reason, &die_at.to_string()]);
        command.output().unwrap()
    }

    /// One call that dies at that step, and the repeat that is not. Whether there was such a step.
    fn run_twice(&self, now: &str, what: &str, reason: &str, die_at: usize) -> bool {
        let first = self.run(now, what, reason, die_at);
        let died = !first.status.success();
        if died {
            assert_eq!(first.status.code(), None, "{first:?}");
        }
        let again = self.run(LATER, what, reason, 0);
        assert!(again.status.success(), "{die_at}: {again:?}");
        died
    }

    fn tracker(&self) -> Value {
        match std::fs::read(self.folder.path().join("tracker.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Err(_) => json!({"issues": [], "comments": []}),
        }
    }

    fn entry(&self) -> Entry {
        let standing = Manifests::at(&self.root()).find(77, &"v1.2.3".parse().unwrap()).unwrap();
        standing.unwrap().entry
    }

    fn failure(&self) -> Value {
        let path = self.root().join("artifacts/slsa/v1.2.3/failure.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// How many events the log lacks that the manifest would give it, and how many it has.
    fn events(&self) -> (usize, usize) {
        let store = StoreUrl::parse("sqlite:.provost/events.db", &self.root()).unwrap();
        let before = events_in(&store);
        ingest(&IngestSource::Path(self.root()), &store).unwrap();
        (events_in(&store) - before, before)
    }
}

/// The example of this crate, which is built along with these tests.
fn notifier() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples").join("notify");
    assert!(program.is_file(), "build the example first: run `cargo test -p provost-control`");
    program
}

/// Every step once, until a call has no such step any more.
fn at_every_step(mut run: impl FnMut(usize) -> bool) {
    let died = (1..BOUND).take_while(|die_at| run(*die_at)).count();
    assert!((4..BOUND - 1).contains(&died), "{died} steps");
}

#[test]
fn a_slack_message_is_sent_at_most_once_more() {
    let mut doubled = 0;
    at_every_step(|die_at| {
        let world = World::new(true);
        let died = world.run_twice(FIRST, "failure", "the build broke", die_at);
        assert!(world.entry().notified.unwrap().slack, "{die_at}");
        assert_eq!(world.failure()["notified"]["slack"], true, "{die_at}");
        assert_eq!(world.events(), (0, 2), "{die_at}");
        assert_eq!(world.tracker()["issues"], json!([]), "{die_at}");
        let sent = world.slack.stop().len();
        assert!((1..=2).contains(&sent), "{die_at}: {sent}");
        doubled += sent - 1;
        died
    });
    assert_eq!(doubled, 1, "only a death between sending and remembering doubles");
}

#[test]
fn an_issue_is_never_opened_twice() {
    at_every_step(|die_at| {
        let world = World::new(false);
        let died = world.run_twice(FIRST, "failure", "the build broke", die_at);
        let tracker = world.tracker();
        assert_eq!(tracker["issues"].as_array().unwrap().len(), 1, "{die_at}");
        assert_eq!(tracker["comments"], json!([]), "{die_at}");
        assert_eq!(world.entry().notified.unwrap().issue, Some(1), "{die_at}");
        assert_eq!(world.failure()["notified"]["issue"], 1, "{die_at}");
        assert_eq!(world.events(), (0, 2), "{die_at}");
        assert!(world.slack.stop().len() <= 2, "{die_at}");
        died
    });
}

#[test]
fn a_later_report_is_never_commented_twice() {
    at_every_step(|die_at| {
        let world = World::new(false);
        assert!(world.run(FIRST, "failure", "the build broke", 0).status.success());
        let died = world.run_twice(LATER, "failure", "the upload broke", die_at);
        let tracker = world.tracker();
        assert_eq!(tracker["issues"].as_array().unwrap().len(), 1, "{die_at}");
        assert_eq!(tracker["comments"].as_array().unwrap().len(), 1, "{die_at}");
        assert_eq!(world.failure()["failure_reason"], "the upload broke", "{die_at}");
        assert_eq!(world.events().0, 0, "{die_at}");
        died
    });
}

#[test]
fn an_end_is_told_once_and_closes_the_issue() {
    at_every_step(|die_at| {
        let world = World::new(false);
        assert!(world.run(FIRST, "failure", "the build broke", 0).status.success());
        let key = EntryKey { run: 77, tag: "v1.2.3".parse().unwrap() };
        let now = LATER.parse().unwrap();
        let success = Entry::new(key, Status::Success, now);
        Manifests::at(&world.root()).record(success, now).unwrap();
        let died = world.run_twice(LATER, "recovered", "", die_at);
        let tracker = world.tracker();
        assert_eq!(tracker["issues"][0]["open"], false, "{die_at}");
        assert_eq!(tracker["comments"].as_array().unwrap().len(), 1, "{die_at}");
        died
    });
}
