//! Tells one failure, or its end, with a tracker in a file; and dies where it is told to.
//!
//! ```text
//! notify ROOT TRACKER SLACK_URL NOW failure REASON DIE_AT
//! notify ROOT TRACKER SLACK_URL NOW recovered "" DIE_AT
//! ```
//!
//! Every step of the use case and every order to the tracker, before and after, counts one. At the
//! one numbered `DIE_AT` the process ends as if killed: nothing is flushed, nothing is dropped.
//! Otherwise it prints how many there were.

use provost_control::config::{Config, LoadedConfig};
use provost_control::{
    Comment, Issue, IssueState, IssueTracker, NotifyRequest, TrackerError, notify_failure_watched,
    notify_recovery,
};
use serde_json::{Value, json};
use std::cell::Cell;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const LOGIN: &str = "provost-bot[bot]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match notify(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Where there is nobody to tell, the exit code says it.
            let _ = writeln!(std::io::stderr(), "notify: {error}");
            ExitCode::FAILURE
        }
    }
}

fn notify(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let [root, tracker, slack, now, what, reason, die_at] = arguments else {
        return Err("usage: notify ROOT TRACKER SLACK_URL NOW WHAT REASON DIE_AT".into());
    };
    let count = Count { done: Cell::new(0), die_at: die_at.parse()? };
    let tracker = InFile { path: PathBuf::from(tracker), count: &count };
    let text = format!(
        "[source]\nrepository = \"github.com/acme/app\"\n\
         [notify]\nslack_function_url = \"{slack}\"\n"
    );
    let config = LoadedConfig {
        config: Config::parse(&text)?,
        base: PathBuf::from(root),
        path: PathBuf::from(root).join("provost.toml"),
        sha256: String::new(),
    };
    let request = NotifyRequest::new(Some(config), "v1.2.3", 77, reason, "")?;
    let done = match what.as_str() {
        "recovered" => {
            notify_recovery(&request, Some(&tracker))?;
            true
        }
        _ => notify_failure_watched(&request, Some(&tracker), now.parse()?, &|_| count.one())?
            .is_complete(),
    };
    writeln!(std::io::stdout(), "{}", count.done.get())?;
    Ok(done)
}

/// Counts, and ends the process at one number.
struct Count {
    done: Cell<usize>,
    die_at: usize,
}

impl Count {
    fn one(&self) {
        self.done.set(self.done.get() + 1);
        if self.done.get() == self.die_at {
            std::process::abort();
        }
    }
}

/// Issues and comments in a JSON file.
struct InFile<'a> {
    path: PathBuf,
    count: &'a Count,
}

impl InFile<'_> {
    fn read(&self) -> Result<Value, TrackerError> {
        self.count.one();
        let empty = json!({"issues": [], "comments": []});
        match std::fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| refused(&error)),
            Err(_) => Ok(empty),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Value)) -> Result<(), TrackerError> {
        let mut state = self.read()?;
        change(&mut state);
        let new = self.path.with_extension("new");
        std::fs::write(&new, state.to_string()).map_err(|error| refused(&error))?;
        std::fs::rename(&new, &self.path).map_err(|error| refused(&error))?;
        self.count.one();
        Ok(())
    }
}

fn refused(error: &dyn Error) -> TrackerError {
    TrackerError::Refused(error.to_string())
}

fn list(state: &Value, name: &str) -> Vec<Value> {
    state[name].as_array().cloned().unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

impl IssueTracker for InFile<'_> {
    fn own_login(&self) -> Result<String, TrackerError> {
        Ok(LOGIN.to_owned())
    }

    fn ensure_label(&self, _label: &str) -> Result<(), TrackerError> {
        Ok(())
    }

    fn issues(&self, _label: &str) -> Result<Vec<Issue>, TrackerError> {
        let issue = |value: &Value| Issue {
            number: value["number"].as_u64().unwrap_or_default(),
            author: LOGIN.to_owned(),
            state: if value["open"] == true { IssueState::Open } else { IssueState::Closed },
            body: text(value, "body"),
        };
        Ok(list(&self.read()?, "issues").iter().map(issue).collect())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, TrackerError> {
        let comments = list(&self.read()?, "comments");
        let on = comments.iter().filter(|value| value["on"] == number);
        Ok(on
            .map(|value| Comment { author: LOGIN.to_owned(), body: text(value, "body") })
            .collect())
    }

    fn create(&self, title: &str, body: &str, _label: &str) -> Result<u64, TrackerError> {
        let mut number = 0;
        self.change(|state| {
            number = list(state, "issues").len() + 1;
            let issue = json!({"number": number, "title": title, "body": body, "open": true});
            if let Some(issues) = state["issues"].as_array_mut() {
                issues.push(issue);
            }
        })?;
        Ok(number as u64)
    }

    fn comment(&self, number: u64, body: &str) -> Result<(), TrackerError> {
        self.change(|state| {
            if let Some(comments) = state["comments"].as_array_mut() {
                comments.push(json!({"on": number, "body": body}));
            }
        })
    }

    fn set_state(&self, number: u64, to: IssueState) -> Result<(), TrackerError> {
        self.change(|state| {
            let issues = state["issues"].as_array_mut().into_iter().flatten();
            for issue in issues.filter(|issue| issue["number"] == number) {
                issue["open"] = json!(to == IssueState::Open);
            }
        })
    }
}
