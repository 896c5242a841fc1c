//! `provost gate`

use super::actions;
use super::decisions::{self, Call};
use super::environment::{environment, is_runner, retry};
use super::verify::warn_of_stale_roots;
use crate::args::{Format, GateArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown, WriteFailure, chain, write_file};
use crate::screen;
use crate::sink::terminal;
use jiff::Timestamp;
use provost_control::config::{LoadedConfig, StoreSection};
use provost_control::{
    Connection, ControlError, EntrySelection, Environment, Expectations, GateOutcome, GateRequest,
    Online, Publication, REQUIRED_CHECK, gate, gate_again, gate_entries,
};
use provost_wire::v1::{Report, ReportError};
use std::path::Path;

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
    warn_of_missing_rule(args, &environment, output);
    if requests.iter().any(GateRequest::uses_embedded_roots) {
        warn_of_stale_roots(output, now);
    }
    if output.format() == Format::Github && requests.iter().any(GateRequest::uses_default_store) {
        output.warn(&format!(
            "the event log {} is ephemeral: it vanishes with this runner; name one under [store] \
             in provost.toml, or rebuild it with `provost ingest`",
            StoreSection::DEFAULT_URL
        ));
    }
    let mut worst = Exit::Fine;
    let mut reports = Vec::new();
    // What cannot be shown keeps no release from being judged, and no report from being written.
    let mut shown = Ok(());
    for request in &requests {
        let judged = online(args, &request.config, request.is_complete(), &environment)
            .and_then(|online| Ok((gate(request, online.as_ref(), now)?, online)))
            .and_then(|(outcome, online)| publish(args, outcome, online.as_ref()));
        match judged {
            Err(error) if requests.len() == 1 => return failed(&error, output),
            Err(error) => {
                let line = format!("{NOT_DONE}: {}: {}", request.tag, chain(&error));
                output.tell_error(&line);
                worst = worst.worst(Exit::from(&error));
                reports.push(error_report(&line, &error));
            }
            Ok((outcome, publication)) => {
                let (exit, report) = conclude(&outcome, args, output, now);
                worst = worst.worst(exit);
                reports.push(report);
                shown = shown.and(show(&outcome, args, output, now));
                if let Some(publication) = publication {
                    let (exit, line) = published(&publication);
                    worst = worst.worst(exit);
                    tell_publication(exit, &line, output);
                }
            }
        }
    }
    output.report(&merged(reports))?;
    shown?;
    Ok(worst)
}

/// GitHub, when it is to be asked: always with `--online` and inside GitHub Actions with a token,
/// never with `--offline`, else when something is missing.
fn online(
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
type Published = Option<Result<Publication, ControlError>>;

/// Publishes what was accepted and recorded, and nothing else.
fn publish(
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

fn published(publication: &Result<Publication, ControlError>) -> (Exit, String) {
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

fn tell_publication(exit: Exit, line: &str, output: &Output) {
    match exit {
        Exit::Fine => output.tell(&format!("{}\n", terminal(line))),
        _ => output.tell_error(line),
    }
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

/// One release, or every entry of the manifests that is meant; `None` for a repository without any
/// release, where that is allowed.
fn requests(
    args: &GateArgs,
    environment: &Environment,
) -> Result<Option<Vec<GateRequest>>, ControlError> {
    let config = LoadedConfig::from_file(&args.config)?;
    let requests = match &args.manifest {
        Some(path) => {
            let selection = EntrySelection {
                path,
                run: args.run,
                changed_since: args.changed_since.as_deref(),
                artifacts: args.artifacts.as_deref(),
            };
            let online = online(args, &config, true, environment)?;
            let selected = gate_entries(&config, &selection, online.as_ref())?;
            if selected.requests.is_empty() {
                if selected.has_no_release && args.allow_no_release {
                    return Ok(None);
                }
                return Err(nothing_to_gate(args, path, selected.has_no_release));
            }
            selected.requests
        }
        None => {
            let bundles = args.bundle.clone();
            let mut request =
                GateRequest::new(config, args.tag.clone(), bundles, args.artifacts.clone())?;
            request.run = args.run.or(request.run);
            request.release_url = args.release_url.clone().or(request.release_url);
            vec![request]
        }
    };
    Ok(Some(requests.into_iter().map(|request| with_flags(request, args)).collect()))
}

fn nothing_to_gate(args: &GateArgs, path: &Path, has_no_release: bool) -> ControlError {
    let of_run = args.run.map_or(String::new(), |run| format!(" of run {run}"));
    let remedy = match has_no_release {
        true => "; the repository has no release yet, which --allow-no-release permits",
        false => "",
    };
    let text = format!("no manifest entry{of_run} in {}{remedy}", path.display());
    ControlError::NothingToCheck(text)
}

/// A repository without any release: nothing was judged, and that was allowed.
fn not_applicable(output: &Output) -> Shown {
    let json = serde_json::json!({
        "schema": provost_wire::v1::REPORT_SCHEMA,
        "decisions": [],
        "error": null,
        "outcome": "not-applicable",
    });
    let text = "not applicable: the repository has no release, and nothing was judged\n";
    actions::outputs(&[("decision", "not-applicable")], output)?;
    output.document(&format!("{json}\n"), text)?;
    Ok(Exit::Fine)
}

/// Every past release under today's policy.
fn again(args: &GateArgs, output: &Output, now: Timestamp) -> Shown {
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

/// Says when nothing keeps a change from being merged past this check.
fn warn_of_missing_rule(args: &GateArgs, environment: &Environment, output: &Output) {
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

fn with_flags(mut request: GateRequest, args: &GateArgs) -> GateRequest {
    request.expectations = Expectations {
        source_uri: args.source_uri.clone(),
        source_digest: args.source_digest.clone(),
        builder_id: args.builder_id.clone(),
        min_level: args.min_level,
        ..Expectations::default()
    };
    request.trusted_root = args.trusted_root.clone();
    request.store_url = args.store.clone();
    request
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
