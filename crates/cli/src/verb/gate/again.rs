//! `provost gate --all`: every past release under today's policy.

use super::{NOT_DONE, error_report, failed, merged};
use crate::args::GateArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown, chain};
use crate::screen;
use crate::verb::decisions::{self, Call};
use jiff::Timestamp;
use provost_control::config::LoadedConfig;
use provost_control::{ControlError, gate_again};

/// Every past release under today's policy.
pub(super) fn again(args: &GateArgs, output: &Output, now: Timestamp) -> Shown {
    let all = match LoadedConfig::from_file(&args.config)
        .map_err(ControlError::from)
        .and_then(|config| Ok((gate_again(&config, now)?, config)))
    {
        Ok(all) => all,
        Err(error) => return failed(&error, output),
    };
    let (all, config) = all;
    let mut worst = Exit::Fine;
    let mut reports = Vec::new();
    for again in &all {
        match &again.judgements {
            Ok(judgements) => {
                worst = worst.worst(decisions::exit_of(judgements));
                let policy_sha256 = config.sha256.clone();
                let call = Call { not_done: NOT_DONE, policy_sha256, now, recorded: None };
                reports.push(decisions::report(judgements, &call));
            }
            Err(error) => {
                worst = worst.worst(Exit::from(error));
                let line = format!("{}: {}", again.entry.tag, chain(error));
                reports.push(error_report(&line, error));
            }
        }
    }
    output.document(&merged(reports).to_json(), &screen::again::render(&all))?;
    Ok(worst)
}
