//! `provost gate`

mod again;
mod online;
mod requests;

use super::actions;
use super::decisions::{self, Call};
use super::environment::environment;
use super::event_log::warn_if_ephemeral;
use super::verify::warn_of_stale_roots;
use crate::args::{Format, GateArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown, WriteFailure, chain, write_file};
use crate::screen;
use again::again;
use jiff::Timestamp;
use online::{online, publish, warn_of_missing_rule};
use provost_control::{ControlError, GateOutcome, GateRequest, gate};
use provost_wire::v1::{Report, ReportError};
use requests::{not_applicable, requests};

const NOT_DONE: &str = "no release was judged";

pub(crate) fn run(args: &GateArgs, output: &Output) -> Shown {
    let now = Timestamp::now();
    let environment = match environment() {
        Ok(environment) => environment,
        Err(error) => return failed(&error, output),
    };
    if args.all {
        return again(args, output, now);
    }
    let requests = match requests(args, &environment) {
        Ok(Some(requests)) => requests,
        Ok(None) => return not_applicable(output),
        Err(error) => return failed(&error, output),
    };
    if let Some(request) = requests.first() {
        warn_of_missing_rule(args, &request.config, &environment, output);
    }
    if requests.iter().any(GateRequest::uses_embedded_roots) {
        warn_of_stale_roots(output, now);
    }
    warn_if_ephemeral(requests.iter().any(GateRequest::uses_default_store), output);
    let mut worst = Exit::Fine;
    let mut reports = Vec::new();
    // What cannot be shown keeps no release from being judged, and no report from being written.
    let mut shown = Ok(());
    for request in &requests {
        let judged = online(args, &request.config, request.is_complete(), &environment)
            .and_then(|online| Ok((gate(request, online.as_ref(), now)?, online)));
        match judged {
            Err(error) if requests.len() == 1 => return failed(&error, output),
            Err(error) => {
                let line = format!("{NOT_DONE}: {}: {}", request.tag, chain(&error));
                output.tell_error(&line);
                worst = worst.worst(Exit::from(&error));
                reports.push(error_report(&line, &error));
            }
            Ok((outcome, online)) => {
                let (exit, report) = conclude(&outcome, args, output, now);
                worst = worst.worst(exit);
                reports.push(report);
                shown = shown.and(show(&outcome, args, output, now));
                worst = worst.worst(publish(args, &outcome, online.as_ref(), output));
            }
        }
    }
    output.report(&merged(reports))?;
    shown?;
    Ok(worst)
}

fn failed(error: &ControlError, output: &Output) -> Shown {
    output.error(NOT_DONE, error.code(), error)?;
    Ok(Exit::from(error))
}

fn error_report(line: &str, error: &ControlError) -> Report {
    Report::of_error(error.code(), line)
}

/// One report for the whole call.
fn merged(reports: Vec<Report>) -> Report {
    let mut merged = Report::new(Vec::new(), None);
    for report in reports {
        merged.decisions.extend(report.decisions);
        merged.error = merged.error.or(report.error);
    }
    merged
}

fn call_of(outcome: &GateOutcome, now: Timestamp) -> Call<'static> {
    let recorded = outcome.recording.as_ref().map(|recording| recording.manifest.is_ok());
    Call {
        not_done: NOT_DONE,
        policy_sha256: outcome.policy_sha256.clone(),
        now,
        recorded: Some(recorded.unwrap_or(false)),
    }
}

/// Exit code and report of one release; what was not recorded is in both.
fn conclude(
    outcome: &GateOutcome,
    args: &GateArgs,
    output: &Output,
    now: Timestamp,
) -> (Exit, Report) {
    let judgements = &outcome.judgements;
    let mut exit = decisions::exit_of(judgements);
    let mut report = decisions::report(judgements, &call_of(outcome, now));
    let Some(recording) = &outcome.recording else { return (exit, report) };
    if let Err(error) = &recording.manifest {
        let code = error.code().to_owned();
        report.error.get_or_insert(ReportError { code, detail: not_recorded(error) });
        exit = exit.worst(Exit::CouldNot);
    }
    if let Some(path) = &args.vsa_out
        && let Err(failure) = write_file(path, recording.summary.as_bytes())
    {
        exit = exit.worst(decisions::unwritten(&failure, &mut report, output));
    }
    (exit, report)
}

fn show(
    outcome: &GateOutcome,
    args: &GateArgs,
    output: &Output,
    now: Timestamp,
) -> Result<(), WriteFailure> {
    let judgements = &outcome.judgements;
    if args.print_provenance {
        output.print_raw(&decisions::provenance(judgements))?;
    }
    decisions::show(judgements, &call_of(outcome, now), output)?;
    if let Some(recording) = &outcome.recording {
        if output.format() != Format::Json {
            output.print(&screen::recording::render(recording))?;
        }
        if let Err(error) = &recording.manifest {
            output.tell_error(&not_recorded(error));
        }
        if let Some(Err(error)) = &recording.event {
            output.warn(&format!(
                "the manifest holds the decision, the event log does not: {}; repeat the gate or \
                 run `provost ingest` to complete it",
                chain(error)
            ));
        }
    }
    actions::tell(judgements, output)
}

fn not_recorded(error: &ControlError) -> String {
    format!("decided, but not recorded: {}", chain(error))
}
