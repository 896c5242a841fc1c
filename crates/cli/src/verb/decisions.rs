//! Decisions in the format in force; shared by the verbs that decide.

use crate::args::Format;
use crate::exit::Exit;
use crate::output::{Output, WriteFailure, annotation, chain};
use crate::screen;
use crate::sink::command::Level;
use jiff::Timestamp;
use provost_control::{ControlError, Judged, Judgement};
use provost_verify::check::Outcome;
use provost_wire::v1;

/// How a call is described in its report.
pub(super) struct Call<'a> {
    /// Said of an artifact about which nothing was decided.
    pub(super) not_done: &'a str,
    /// SHA-256 of the policy, hex.
    pub(super) policy_sha256: String,
    /// The clock.
    pub(super) now: Timestamp,
    /// Whether the decisions were recorded.
    pub(super) recorded: Option<bool>,
}

/// The exit code of a list of results: the worst wins.
pub(super) fn exit_of(judgements: &[Judgement]) -> Exit {
    judgements.iter().fold(Exit::Fine, |worst, judgement| {
        worst.worst(match &judgement.result {
            Ok(judged) if judged.decision.is_accepted() => Exit::Fine,
            // Nothing speaks against it, and an answer is missing: not decided.
            Ok(judged) if judged.decision.is_deferred() => Exit::CouldNot,
            Ok(_) => Exit::Refused,
            Err(error) => Exit::from(error),
        })
    })
}

/// The report of a list of results.
pub(super) fn report(judgements: &[Judgement], call: &Call<'_>) -> v1::Report {
    let context = v1::Context {
        policy_sha256: call.policy_sha256.clone(),
        verified_at: call.now,
        recorded: call.recorded,
    };
    let decisions = judged(judgements)
        .map(|judged| {
            let others = judged
                .others
                .iter()
                .map(|(source, decision)| v1::OtherBundle::new(source.to_string(), decision))
                .collect();
            v1::Decision::new(&judged.decision, &context).with_others(others)
        })
        .collect();
    let error = errors(judgements).next().map(|(name, error)| v1::ReportError {
        code: error.code().to_owned(),
        detail: format!("{name}: {}", chain(error)),
    });
    v1::Report::new(decisions, error)
}

/// Says that something asked for beside the decision could not be written, in the report too.
pub(super) fn unwritten(failure: &WriteFailure, report: &mut v1::Report, output: &Output) -> Exit {
    let detail = failure.to_string();
    output.tell_error(&detail);
    let code = "not-written".to_owned();
    report.error.get_or_insert(v1::ReportError { code, detail });
    Exit::CouldNot
}

/// Every decision that was made, with its bundle.
pub(super) fn judged(judgements: &[Judgement]) -> impl Iterator<Item = &Judged> {
    judgements.iter().filter_map(|judgement| judgement.result.as_ref().ok())
}

fn errors(judgements: &[Judgement]) -> impl Iterator<Item = (&str, &ControlError)> {
    judgements
        .iter()
        .filter_map(|judgement| Some((judgement.name.as_str(), judgement.result.as_ref().err()?)))
}

/// Shows the results for people.
pub(super) fn show(
    judgements: &[Judgement],
    call: &Call<'_>,
    output: &Output,
) -> Result<(), WriteFailure> {
    if output.format() == Format::Json {
        return Ok(());
    }
    let mut text = String::new();
    for judgement in judgements {
        if !text.is_empty() {
            text.push('\n');
        }
        match &judgement.result {
            Ok(judged) => {
                if output.format() == Format::Github {
                    text.push_str(&annotations(judged));
                }
                text.push_str(&screen::decision::render(&judged.decision, output.is_verbose()));
                text.push_str(&others(judged));
            }
            Err(error) => {
                let line = format!("{}: {}: {}", call.not_done, judgement.name, chain(error));
                match output.format() {
                    Format::Github => text.push_str(&annotation(Level::Error, "provost", &line)),
                    _ => output.tell_error(&line),
                }
            }
        }
    }
    output.print(&text)
}

/// What the other bundles that name the artifact came to; only of interest for a refusal.
fn others(judged: &Judged) -> String {
    if judged.decision.is_accepted() || judged.others.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n  other bundles, refused as well:\n");
    for (source, decision) in &judged.others {
        let failed: Vec<String> =
            decision.failed_checks().map(|check| check.id().to_string()).collect();
        let source = source.to_string();
        let line = format!("    {}  {}\n", crate::sink::terminal(&source), failed.join(", "));
        text.push_str(&line);
    }
    text
}

/// One annotation for each failed check, or one for an acceptance.
fn annotations(judged: &Judged) -> String {
    let name = &judged.decision.artifact().name;
    let mut text = String::new();
    if judged.decision.is_accepted() {
        let title = format!("{name} accepted");
        let line = format!("SLSA Build level {}", judged.decision.level());
        return annotation(Level::Notice, &title, &line);
    }
    for check in judged.decision.failed_checks() {
        let Outcome::Failed { expected, found, .. } = check.outcome() else { continue };
        let title = format!("{name} refused: {}", check.id());
        let line = format!("expected {expected}, found {found}");
        text.push_str(&annotation(Level::Error, &title, &line));
    }
    text
}

/// The signed payloads of accepted artifacts, each once, one a line.
pub(super) fn provenance(judgements: &[Judgement]) -> Vec<u8> {
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut bytes = Vec::new();
    for judged in judged(judgements).filter(|judged| judged.decision.is_accepted()) {
        let Some(facts) = judged.decision.facts() else { continue };
        if !seen.contains(&facts.payload.as_slice()) {
            seen.push(&facts.payload);
            bytes.extend_from_slice(&facts.payload);
            bytes.push(b'\n');
        }
    }
    bytes
}
