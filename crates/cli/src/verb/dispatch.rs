//! `provost dispatch`

use super::actions;
use super::environment::{environment, retry};
use super::event_log::{config_and_store, is_default, warn_if_ephemeral};
use crate::args::DispatchArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown, chain};
use crate::screen;
use crate::sink::terminal;
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_control::{
    Connection, ControlError, DispatchOutcome, DispatchRequest, DispatchToken, Environment,
    Patience, dispatch, wait,
};
use provost_github::Run;
use std::time::Duration;

const NOT_DONE: &str = "nothing was dispatched";

pub(crate) fn run(args: &DispatchArgs, output: &Output) -> Shown {
    let started = environment().and_then(|environment| {
        let (request, outcome) = start(args, &environment)?;
        Ok((environment, request, outcome))
    });
    let (environment, request, outcome) = match started {
        Ok(started) => started,
        Err(error) => {
            output.error(NOT_DONE, error.code(), &error)?;
            return Ok(Exit::from(&error));
        }
    };
    let chose_none = is_default(args.policy.store.as_deref(), Some(&request.config));
    warn_if_ephemeral(chose_none, output);
    if let Err(error) = &outcome.event {
        output.warn(&format!(
            "run {} was started, and the event log does not know it: {}",
            outcome.run.id,
            chain(error)
        ));
    }
    let told = tell(&request, &outcome.run, output);
    let ended = match args.wait {
        true => Some(follow(args, &environment, &request, &outcome.run, output)),
        false => None,
    };
    let json = screen::dispatch::json(&request, &outcome, ended.as_ref());
    let text = screen::dispatch::render(&request, &outcome, ended.as_ref());
    output.document(&json, &text)?;
    told?;
    Ok(exit_of(ended.as_ref(), output))
}

fn start(
    args: &DispatchArgs,
    environment: &Environment,
) -> Result<(DispatchRequest, DispatchOutcome), ControlError> {
    let (config, store) = config_and_store(&args.policy)?;
    let token = DispatchToken::choose(&config.config, environment)?;
    let tag: Tag =
        args.tag.parse().map_err(|error| ControlError::Configuration(format!("--tag: {error}")))?;
    let request = DispatchRequest {
        config,
        tag,
        release_url: args.release_url.clone(),
        git_ref: args.git_ref.clone(),
        inputs: args.input.iter().cloned().collect(),
        store,
    };
    let outcome = dispatch(&request, &token, environment, &retry(), Timestamp::now())?;
    Ok((request, outcome))
}

/// The outputs that later jobs read, also when the run then fails.
fn tell(
    request: &DispatchRequest,
    run: &Run,
    output: &Output,
) -> Result<(), crate::output::WriteFailure> {
    let id = run.id.to_string();
    actions::outputs(
        &[
            ("dispatch_tag", request.tag.as_str()),
            ("run_id", &id),
            ("run_url", &run.html_url),
            ("release_url", &request.release_url),
        ],
        output,
    )?;
    actions::summary(&screen::dispatch::summary(request, run), output)
}

fn follow(
    args: &DispatchArgs,
    environment: &Environment,
    request: &DispatchRequest,
    run: &Run,
    output: &Output,
) -> Result<Run, ControlError> {
    let retry = retry();
    let token = match &environment.token {
        Some(token) => token.clone(),
        None => DispatchToken::choose(&request.config.config, environment)?.secret().clone(),
    };
    let connection = Connection::new(&request.config.config, environment, Some(token), &retry)?;
    let total = Duration::from_secs(args.timeout.saturating_mul(60));
    let patience = Patience { total, ..Patience::default() };
    let mut last = String::new();
    wait(&connection.repository(), run.id, patience, &retry, |now| {
        let state = now.state().to_owned();
        if state != last {
            output.tell(&format!("run {} {}\n", now.id, terminal(&state)));
            last = state;
        }
    })
}

/// The exit code of a run that was followed: its conclusion.
fn exit_of(ended: Option<&Result<Run, ControlError>>, output: &Output) -> Exit {
    match ended {
        None => Exit::Fine,
        Some(Ok(run)) if run.conclusion.as_deref() == Some("success") => Exit::Fine,
        Some(Ok(run)) => {
            output.tell_error(&format!(
                "run {} ended with {}: {}",
                run.id,
                run.state(),
                run.html_url
            ));
            Exit::CouldNot
        }
        Some(Err(error)) => {
            output.tell_error(&format!("the run could not be followed: {}", chain(error)));
            Exit::from(error)
        }
    }
}
