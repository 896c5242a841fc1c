//! What GitHub Actions is told besides the log: step summary and step outputs.

use crate::args::Format;
use crate::output::{Output, WriteFailure};
use crate::screen;
use crate::sink::output_file::OutputFile;
use crate::sink::random;
use provost_control::Judgement;
use std::io::Write;

/// Appends the summary to `GITHUB_STEP_SUMMARY` and sets the outputs `decision` (`accepted`,
/// `refused` or `error`) and `slsa_build_level` (of the least artifact). Does nothing outside the
/// format `github`, and nothing where GitHub named no file.
pub(super) fn tell(judgements: &[Judgement], output: &Output) -> Result<(), WriteFailure> {
    summary(&screen::summary::render(judgements), output)?;
    let level = levels(judgements).min().unwrap_or(0).to_string();
    outputs(&[("decision", word(judgements)), ("slsa_build_level", &level)], output)
}

/// Sets step outputs, in the format `github` and where GitHub named a file for them.
pub(super) fn outputs(pairs: &[(&'static str, &str)], output: &Output) -> Result<(), WriteFailure> {
    if output.format() != Format::Github {
        return Ok(());
    }
    let failure = |error| WriteFailure::new("GITHUB_OUTPUT", error);
    let file = OutputFile::from_environment(|name| std::env::var_os(name)).map_err(failure)?;
    let Some(file) = file else { return Ok(()) };
    pairs
        .iter()
        .try_for_each(|(name, value)| file.append(name, value, &mut random::system))
        .map_err(failure)
}

/// Sets the outputs `queued` (`true` when the queue must be kept for later) and `commit` (what the
/// remote took; empty when it took nothing). Does nothing outside the format `github`.
pub(super) fn tell_pushed(
    queued: bool,
    commit: Option<&str>,
    output: &Output,
) -> Result<(), WriteFailure> {
    let queued = if queued { "true" } else { "false" };
    outputs(&[("queued", queued), ("commit", commit.unwrap_or_default())], output)
}

/// Appends to the step summary, in the format `github` and where GitHub named a file for it.
pub(super) fn summary(text: &str, output: &Output) -> Result<(), WriteFailure> {
    if output.format() != Format::Github {
        return Ok(());
    }
    append_summary(text).map_err(|error| WriteFailure::new("GITHUB_STEP_SUMMARY", error))
}

fn append_summary(text: &str) -> std::io::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn levels(judgements: &[Judgement]) -> impl Iterator<Item = u8> {
    judgements.iter().map(|judgement| match &judgement.result {
        Ok(judged) if judged.decision.is_accepted() => judged.decision.level(),
        _ => 0,
    })
}

fn word(judgements: &[Judgement]) -> &'static str {
    let refused = |judgement: &Judgement| {
        judgement
            .result
            .as_ref()
            .is_ok_and(|judged| !judged.decision.is_accepted() && !judged.decision.is_deferred())
    };
    let deferred = |judgement: &Judgement| {
        judgement.result.as_ref().is_ok_and(|judged| judged.decision.is_deferred())
    };
    match () {
        () if judgements.iter().any(refused) => "refused",
        () if judgements.iter().any(deferred) => "deferred",
        () if judgements.iter().any(|judgement| judgement.result.is_err()) => "error",
        () => "accepted",
    }
}
