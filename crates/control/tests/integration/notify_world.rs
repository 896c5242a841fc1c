//! A repository, a far side and a list of issues for the notifying use cases.

use jiff::Timestamp;
use provost_control::config::{Config, LoadedConfig};
use provost_control::{
    Comment, Issue, IssueState, IssueTracker, NotifyOutcome, NotifyRequest, NotifySecrets, Runner,
    TrackerError, notify_failure,
};
use provost_manifest::{Entry, EntryKey, Manifests};
use provost_record::Status;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::path::Path;

const LOGIN: &str = "provost-bot[bot]";

/// The secrets of these tests.
pub(crate) const TOKEN: &str = "canary-token";
pub(crate) const WEBHOOK_PATH: &str = "/services/canary/address";

/// Issues and comments in memory.
#[derive(Default)]
pub(crate) struct Issues {
    pub(crate) issues: RefCell<Vec<Issue>>,
    pub(crate) comments: RefCell<Vec<(u64, Comment)>>,
    pub(crate) is_down: Cell<bool>,
}

impl Issues {
    fn answer<T>(&self, value: T) -> Result<T, TrackerError> {
        match self.is_down.get() {
            true => Err(TrackerError::Refused("the issues are down".into())),
            false => Ok(value),
        }
    }
}

impl IssueTracker for Issues {
    fn own_login(&self) -> Result<String, TrackerError> {
        self.answer(LOGIN.to_owned())
    }

    fn ensure_label(&self, label: &str) -> Result<(), TrackerError> {
        assert_eq!(label, "ops-alert");
        self.answer(())
    }

    fn issues(&self, _label: &str) -> Result<Vec<Issue>, TrackerError> {
        self.answer(self.issues.borrow().clone())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, TrackerError> {
        let comments = self.comments.borrow();
        let on = comments.iter().filter(|(on, _)| *on == number);
        self.answer(on.map(|(_, comment)| comment.clone()).collect())
    }

    fn create(&self, _title: &str, body: &str, _label: &str) -> Result<u64, TrackerError> {
        let mut issues = self.issues.borrow_mut();
        let number = issues.len() as u64 + 1;
        let (author, body) = (LOGIN.to_owned(), body.to_owned());
        issues.push(Issue { number, author, state: IssueState::Open, body });
        self.answer(number)
    }

    fn comment(&self, number: u64, body: &str) -> Result<(), TrackerError> {
        let comment = Comment { author: LOGIN.to_owned(), body: body.to_owned() };
        self.comments.borrow_mut().push((number, comment));
        self.answer(())
    }

    fn set_state(&self, number: u64, to: IssueState) -> Result<(), TrackerError> {
        let mut issues = self.issues.borrow_mut();
        for issue in issues.iter_mut().filter(|issue| issue.number == number) {
            issue.state = to;
        }
        self.answer(())
    }
}

/// A repository.
pub(crate) struct Repo {
    pub(crate) folder: tempfile::TempDir,
}

impl Repo {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A failure of run 77 and tag v1.2.3, told as `[notify]` says.
    pub(crate) fn request(&self, notify: &str, reason: &str) -> NotifyRequest {
        let text = format!("[source]\nrepository = \"github.com/acme/app\"\n[notify]\n{notify}\n");
        let config = LoadedConfig {
            config: Config::parse(&text).unwrap(),
            base: self.root().to_owned(),
            path: self.root().join("provost.toml"),
            sha256: String::new(),
        };
        let url = "https://github.com/acme/app/releases/tag/v1.2.3";
        let mut request = NotifyRequest::new(Some(config), "v1.2.3", 77, reason, url).unwrap();
        request.runner = Runner::from_environment(|name| {
            let value = match name {
                "GITHUB_SERVER_URL" => "https://github.com",
                "GITHUB_REPOSITORY" => "acme/app",
                "GITHUB_WORKFLOW" => "provenance",
                "GITHUB_RUN_ID" => "80",
                "GITHUB_RUN_ATTEMPT" => "2",
                _ => return None,
            };
            Some(value.to_owned())
        });
        request
    }

    pub(crate) fn manifests(&self) -> Manifests {
        Manifests::at(self.root())
    }

    pub(crate) fn entry(&self) -> Entry {
        self.manifests().find(77, &"v1.2.3".parse().unwrap()).unwrap().unwrap().entry
    }

    pub(crate) fn record(&self, run: u64, status: Status, now: &str) {
        let key = EntryKey { run, tag: "v1.2.3".parse().unwrap() };
        let mut entry = Entry::new(key, status, at(now));
        entry.repository = Some("acme/app".to_owned());
        entry.failure_reason = (status == Status::Failure).then(|| "it broke".to_owned());
        self.manifests().record(entry, at(now)).unwrap();
    }

    pub(crate) fn failure(&self) -> Value {
        let path = self.root().join("artifacts/slsa/v1.2.3/failure.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Every byte below the root, as text.
    pub(crate) fn bytes(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => text += &String::from_utf8_lossy(&std::fs::read(path).unwrap()),
                }
            }
        }
        text
    }
}

/// With the secrets of these tests; the webhook is at that server.
pub(crate) fn secrets(server: &str) -> NotifySecrets {
    let webhook = format!("{server}{WEBHOOK_PATH}");
    NotifySecrets::from_environment(move |name| match name {
        "OPS_NOTIFY_TOKEN" => Some(TOKEN.to_owned()),
        "SLACK_WEBHOOK_URL" => Some(webhook.clone()),
        _ => None,
    })
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub(crate) const NOON: &str = "2026-11-23T12:00:00Z";
pub(crate) const ONE: &str = "2026-11-23T13:00:00Z";

pub(crate) fn tell(request: &NotifyRequest, issues: &Issues, now: &str) -> NotifyOutcome {
    notify_failure(request, Some(issues), at(now)).unwrap()
}
