//! `provost notify`

use super::environment::{environment, mask, retry, variable};
use super::event_log::{config_in_force, named, warn_if_ephemeral};
use crate::args::{Format, NotifyArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown, annotation, chain};
use crate::screen;
use crate::sink::command::Level;
use jiff::Timestamp;
use provost_control::{
    Connection, ControlError, Environment, GithubIssues, IssueTracker, NotifyOutcome,
    NotifyRequest, NotifySecrets, Runner, notify_failure, notify_recovery,
};

pub(crate) fn run(args: &NotifyArgs, output: &Output) -> Shown {
    let secrets = NotifySecrets::from_environment(variable);
    mask(secrets.to_mask().into_iter());
    match args.recovered {
        true => recovered(args, secrets, output),
        false => failed(args, secrets, output),
    }
}

fn failed(args: &NotifyArgs, secrets: NotifySecrets, output: &Output) -> Shown {
    let request = match request(args, secrets) {
        Ok(request) => request,
        Err(error) => return not_done("nobody was told", &error, output),
    };
    warn_if_ephemeral(request.uses_default_store(), output);
    let tracker = issue_tracker(&request);
    let told = notify_failure(&request, tracker.as_deref().ok(), Timestamp::now());
    let outcome = match told {
        Ok(outcome) => outcome,
        Err(error) => return not_done("nobody was told", &error, output),
    };
    let json = screen::notified::json(&outcome, &request);
    output.document(&json, &screen::notified::render(&outcome, &request))?;
    if output.format() == Format::Github && !outcome.is_superseded {
        let line = format!("run {}, tag {}: {}", request.run, request.tag, request.reason);
        output.print(&annotation(Level::Error, "release provenance failed", &line))?;
    }
    warn(&outcome, output);
    if !outcome.is_delivered() {
        if let (Err(why), true) = (&tracker, request.section().issues) {
            output.warn(why);
        }
        output.tell_error(
            "nobody was told of the failure; the manifest remembers that, and a repeat of this \
             call tells it",
        );
    }
    Ok(if outcome.is_complete() { Exit::Fine } else { Exit::CouldNot })
}

fn recovered(args: &NotifyArgs, secrets: NotifySecrets, output: &Output) -> Shown {
    let closed = request(args, secrets).and_then(|request| {
        let tracker = issue_tracker(&request);
        if let (Err(why), true) = (&tracker, request.section().issues) {
            output.warn(why);
        }
        notify_recovery(&request, tracker.as_deref().ok())
    });
    match closed {
        Ok(closed) => {
            let json = serde_json::json!({"outcome": "recovered", "closed": closed});
            let numbers: Vec<String> = closed.iter().map(|number| format!("#{number}")).collect();
            let text = match numbers.as_slice() {
                [] => "no open issue\n".to_owned(),
                numbers => format!("closed {}\n", numbers.join(", ")),
            };
            output.document(&format!("{json}\n"), &text)?;
            Ok(Exit::Fine)
        }
        Err(error) => not_done("no issue was closed", &error, output),
    }
}

fn not_done(what: &str, error: &ControlError, output: &Output) -> Shown {
    output.error(what, error.code(), error)?;
    Ok(Exit::from(error))
}

fn request(args: &NotifyArgs, secrets: NotifySecrets) -> Result<NotifyRequest, ControlError> {
    let config = config_in_force(args.config.as_deref())?;
    let reason = args.reason.as_deref().unwrap_or_default();
    let release_url = args.release_url.as_deref().unwrap_or_default();
    let mut request = NotifyRequest::new(config, &args.tag, args.run, reason, release_url)?;
    request.root = args.root.clone();
    request.store = named(args.store.as_deref())?;
    request.runner = Runner::from_environment(variable);
    request.secrets = secrets;
    request.retry = retry();
    Ok(request)
}

/// The issues of the repository that is meant, or why they cannot be reached.
fn issue_tracker(request: &NotifyRequest) -> Result<Box<dyn IssueTracker>, String> {
    let environment = environment().map_err(|error| unreachable(&error))?;
    issues_with(request, &environment)
}

/// The same with the token of an environment that was read before.
pub(super) fn issues_with(
    request: &NotifyRequest,
    environment: &Environment,
) -> Result<Box<dyn IssueTracker>, String> {
    let Some(token) = environment.token.clone() else {
        return Err(unreachable(&"GITHUB_TOKEN is not set; the job needs `issues: write`"));
    };
    let Some(config) = &request.config else {
        return Err(unreachable(&"no provost.toml names the repository; give --config"));
    };
    let connection = Connection::new(&config.config, environment, Some(token), &retry())
        .map_err(|error| unreachable(&chain(&error)))?;
    Ok(Box::new(GithubIssues::new(connection, request.section().login)))
}

fn unreachable(why: &dyn std::fmt::Display) -> String {
    format!("GitHub issues are not reachable: {why}")
}

/// What did not go as it should, and does not change the exit code by itself.
fn warn(outcome: &NotifyOutcome, output: &Output) {
    for tried in &outcome.announcement.tries {
        if let Some(why) = &tried.failure {
            output.warn(&format!("{}: {why}", tried.way.as_str()));
        }
    }
    for problem in &outcome.problems {
        output.tell_error(&format!("not recorded: {}", chain(problem)));
    }
    if let Some(error) = &outcome.event {
        output.warn(&format!(
            "the manifest holds the failure, the event log does not: {}; repeat this call or run \
             `provost ingest` to complete it",
            chain(error)
        ));
    }
}
