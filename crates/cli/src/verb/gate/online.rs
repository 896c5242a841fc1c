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

/// Publishes what was accepted and recorded, and nothing else; says what that came to. The exit code
/// is fine when nothing was to be published.
pub(super) fn publish(
    args: &GateArgs,
    outcome: &GateOutcome,
    online: Option<&Online>,
    output: &Output,
) -> Exit {
    let (Some(online), Some(found)) = (online, &outcome.found) else { return Exit::Fine };
    if !args.publish || !outcome.is_accepted() {
        return Exit::Fine;
    }
    let told = match online.publish(found) {
        Ok(Publication::Published(release)) => format!("published  {}", release.html_url),
        Ok(Publication::AlreadyPublic(release)) => format!("public already  {}", release.html_url),
        Err(error) => {
            output.tell_error(&format!("accepted, but not published: {}", chain(&error)));
            return Exit::CouldNot;
        }
    };
    output.tell(&format!("{}\n", terminal(&told)));
    Exit::Fine
}

/// Says when nothing keeps a change from being merged past this check.
pub(super) fn warn_of_missing_rule(
    args: &GateArgs,
    config: &LoadedConfig,
    environment: &Environment,
    output: &Output,
) {
    if args.manifest.is_none() {
        return;
    }
    let Ok(Some(online)) = online(args, config, true, environment) else { return };
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
