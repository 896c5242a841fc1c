//! `provost reconcile`

use super::environment::{environment, mask, retry, variable};
use super::event_log::{config_and_store, is_default, warn_if_ephemeral};
use super::notify::issues_with;
use crate::args::{Format, ReconcileArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen;
use jiff::{SignedDuration, Timestamp};
use provost_control::{
    Connection, ControlError, NotifyRequest, NotifySecrets, Online, ReconcileRequest,
    Reconciliation, Runner, Telling, reconcile,
};

pub(crate) fn run(args: &ReconcileArgs, output: &Output) -> Shown {
    let now = Timestamp::now();
    let result = match compare(args, output, now) {
        Ok(result) => result,
        Err(error) => {
            output.error("nothing was compared", error.code(), &error)?;
            return Ok(Exit::from(&error));
        }
    };
    let text = match output.format() {
        Format::Github => screen::reconcile::annotations(&result),
        _ => screen::reconcile::render(&result),
    };
    super::actions::summary(&screen::reconcile::summary(&result), output)?;
    output.document(&screen::reconcile::json(&result), &text)?;
    for side in &result.unchecked {
        output.warn(&format!("not compared: {side}"));
    }
    Ok(if result.open().next().is_some() { Exit::Findings } else { Exit::Fine })
}

fn compare(
    args: &ReconcileArgs,
    output: &Output,
    now: Timestamp,
) -> Result<Reconciliation, ControlError> {
    let environment = environment()?;
    let (config, store) = config_and_store(&args.policy)?;
    let connection =
        Connection::new(&config.config, &environment, environment.token.clone(), &retry())?;
    let online = Online { connection, own_run: environment.run_id };
    let hours = i64::from(args.since) * 24;
    let since = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
    warn_if_ephemeral(is_default(args.policy.store.as_deref(), Some(&config)), output);
    let request = ReconcileRequest { config: config.clone(), store, since, fix: args.fix };
    if args.silent {
        return reconcile(&request, &online, None, now);
    }
    let secrets = NotifySecrets::from_environment(variable);
    mask(secrets.to_mask().into_iter());
    // Tag, run and reason are each gap's own; these stand for none.
    let mut notify = NotifyRequest::new(Some(config), "none", 0, "", "")?;
    notify.store = Some(request.store.clone());
    notify.runner = Runner::from_environment(variable);
    notify.secrets = secrets;
    notify.retry = retry();
    let tracker = issues_with(&notify, &environment);
    if let (Err(why), true) = (&tracker, notify.section().issues) {
        output.warn(why);
    }
    let telling = Telling { request: &notify, tracker: tracker.as_deref().ok() };
    reconcile(&request, &online, Some(&telling), now)
}
