//! When GitHub is asked, and what is done there once a release is accepted.

use crate::args::GateArgs;
use crate::exit::Exit;
use crate::output::{Output, chain};
use crate::sink::terminal;
use crate::verb::environment::{is_runner, retry};
use provost_control::config::LoadedConfig;
use provost_control::{
    Connection, ControlError, Environment, GateOutcome, Online, Publication, REQUIRED_CHECK,
};

/// GitHub, when it is to be asked: always with `--online` and inside GitHub Actions with a token,
/// never with `--offline`, else when something is missing.
pub(super) fn online(
    args: &GateArgs,
    config: &LoadedConfig,
    is_complete: bool,
    environment: &Environment,
) -> Result<Option<Online>, ControlError> {
    let in_job = is_runner() && environment.token.is_some();
    let wanted = args.online || args.publish || in_job || !is_complete;
    if args.offline || !wanted {
        return Ok(None);
    }
    let token = environment.token.clone();
    let connection = Connection::new(&config.config, environment, token, &retry())?;
    Ok(Some(Online { connection, own_run: environment.run_id }))
}

/// What publishing came to; `None` when it was not asked for or nothing was accepted.
pub(super) type Published = Option<Result<Publication, ControlError>>;

/// Publishes what was accepted and recorded, and nothing else.
pub(super) fn publish(
    args: &GateArgs,
    outcome: GateOutcome,
    online: Option<&Online>,
) -> Result<(GateOutcome, Published), ControlError> {
    let publication = match (online, &outcome.found) {
        (Some(online), Some(found)) if args.publish && outcome.is_accepted() => {
            Some(online.publish(found))
        }
        _ => None,
    };
    Ok((outcome, publication))
}

pub(super) fn published(publication: &Result<Publication, ControlError>) -> (Exit, String) {
    match publication {
        Ok(Publication::Published(release)) => {
            (Exit::Fine, format!("published  {}", release.html_url))
        }
        Ok(Publication::AlreadyPublic(release)) => {
            (Exit::Fine, format!("public already  {}", release.html_url))
        }
        Err(error) => (Exit::CouldNot, format!("accepted, but not published: {}", chain(error))),
    }
}

pub(super) fn tell_publication(exit: Exit, line: &str, output: &Output) {
    match exit {
        Exit::Fine => output.tell(&format!("{}\n", terminal(line))),
        _ => output.tell_error(line),
    }
}

/// Says when nothing keeps a change from being merged past this check.
pub(super) fn warn_of_missing_rule(args: &GateArgs, environment: &Environment, output: &Output) {
    if args.manifest.is_none() {
        return;
    }
    let Ok(config) = LoadedConfig::from_file(&args.config) else { return };
    let Ok(Some(online)) = online(args, &config, true, environment) else { return };
    match online.is_required() {
        Ok(true) => {}
        Ok(false) => output.warn(&format!(
            "{REQUIRED_CHECK} is no required check of the default branch: a change can be merged \
             past it; `provost init --ruleset` prints the rule"
        )),
        Err(error) => output.warn(&format!(
            "whether {REQUIRED_CHECK} is a required check could not be asked: {}",
            chain(&error)
        )),
    }
}
