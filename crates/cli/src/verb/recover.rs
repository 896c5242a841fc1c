//! `provost recover`

use super::actions;
use super::environment::{environment, retry};
use super::event_log::config_and_store;
use crate::args::RecoverArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown, chain};
use crate::sink::terminal;
use jiff::Timestamp;
use provost_control::{ControlError, DispatchToken, RecoverRequest, Recovered, recover};
use provost_github::Run;

pub(crate) fn run(args: &RecoverArgs, output: &Output) -> Shown {
    let recovered = match start(args) {
        Ok(recovered) => recovered,
        Err(error) => {
            output.error("nothing was started", error.code(), &error)?;
            return Ok(Exit::from(&error));
        }
    };
    let (run, how, instead_of) = match &recovered {
        Recovered::Rerun(run) => (&**run, "rerun", run.id),
        Recovered::Dispatched { instead_of, outcome, .. } => {
            (&outcome.run, "dispatched", *instead_of)
        }
    };
    warn(&recovered, output);
    actions::outputs(
        &[("dispatch_tag", &args.tag), ("run_id", &run.id.to_string()), ("run_url", &run.html_url)],
        output,
    )?;
    let json = serde_json::json!({
        "schema": "https://provost.dev/recover/v1",
        "how": how,
        "tag": args.tag,
        "run_id": run.id.to_string(),
        "attempt": run.run_attempt,
        "run_url": run.html_url,
        "instead_of": instead_of.to_string(),
        "error": null,
    });
    output.document(&format!("{json}\n"), &text(&args.tag, &recovered, run))?;
    Ok(Exit::Fine)
}

fn start(args: &RecoverArgs) -> Result<Recovered, ControlError> {
    let environment = environment()?;
    let (config, store) = config_and_store(&args.policy)?;
    let token = DispatchToken::choose(&config.config, &environment)?;
    let tag =
        args.tag.parse().map_err(|error| ControlError::Configuration(format!("--tag: {error}")))?;
    let request = RecoverRequest { config, tag, store };
    recover(&request, &token, &environment, &retry(), Timestamp::now())
}

fn text(tag: &str, recovered: &Recovered, run: &Run) -> String {
    let (tag, url) = (terminal(tag), terminal(&run.html_url));
    match recovered {
        Recovered::Rerun(_) => {
            format!("rerun  {tag}  run {}, attempt {}\n  {url}\n", run.id, run.run_attempt)
        }
        Recovered::Dispatched { instead_of, .. } => {
            format!("dispatched  {tag}  run {} instead of run {instead_of}\n  {url}\n", run.id)
        }
    }
}

fn warn(recovered: &Recovered, output: &Output) {
    let Recovered::Dispatched { outcome, remembered, .. } = recovered else { return };
    if let Err(error) = &outcome.event {
        output.warn(&format!("the event log does not know the run: {}", chain(error)));
    }
    if let Err(error) = remembered {
        output.warn(&format!("the manifest does not know the run: {}", chain(error)));
    }
}
