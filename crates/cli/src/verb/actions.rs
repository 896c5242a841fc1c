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
    if output.format() != Format::Github {
        return Ok(());
    }
    append_summary(&screen::summary::render(judgements))
        .map_err(|error| WriteFailure::new("GITHUB_STEP_SUMMARY", error))?;
    let level = levels(judgements).min().unwrap_or(0).to_string();
    set_outputs(&[("decision", word(judgements)), ("slsa_build_level", &level)])
}

/// Sets the outputs `queued` (`true` when the queue must be kept for later) and `commit` (what the
/// remote took; empty when it took nothing). Does nothing outside the format `github`.
pub(super) fn tell_pushed(
    queued: bool,
    commit: Option<&str>,
    output: &Output,
) -> Result<(), WriteFailure> {
    if output.format() != Format::Github {
        return Ok(());
    }
    let queued = if queued { "true" } else { "false" };
    set_outputs(&[("queued", queued), ("commit", commit.unwrap_or_default())])
}

fn set_outputs(outputs: &[(&'static str, &str)]) -> Result<(), WriteFailure> {
    let failed = |error| WriteFailure::new("GITHUB_OUTPUT", error);
    let file = OutputFile::from_environment(|name| std::env::var_os(name)).map_err(failed)?;
    let Some(file) = file else { return Ok(()) };
    for (name, value) in outputs {
        file.append(name, value, &mut random::system).map_err(failed)?;
    }
    Ok(())
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
        judgement.result.as_ref().is_ok_and(|judged| !judged.decision.is_accepted())
    };
    match () {
        () if judgements.iter().any(refused) => "refused",
        () if judgements.iter().any(|judgement| judgement.result.is_err()) => "error",
        () => "accepted",
    }
}
