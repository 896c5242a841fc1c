//! One decision in a terminal.

use super::style::{ACCEPTED, LABEL, REFUSED, SIDE, WIDTH};
use super::wrap;
use crate::sink::terminal;
use provost_policy::{Decision, ProvenFacts};
use provost_verify::check::{Check, Outcome};
use std::fmt::Write;

/// A decision as text. `verbose` lists every check and shortens nothing.
pub(crate) fn render(decision: &Decision, verbose: bool) -> String {
    let mut text = String::new();
    match () {
        () if decision.is_accepted() => accepted(&mut text, decision, verbose),
        () if decision.is_deferred() => deferred(&mut text, decision, verbose),
        () => refused(&mut text, decision, verbose),
    }
    text
}

fn accepted(text: &mut String, decision: &Decision, verbose: bool) {
    let level = format!("SLSA Build L{}", decision.level());
    let name = terminal(&decision.artifact().name).to_string();
    let _ = writeln!(text, "{ACCEPTED}accepted{ACCEPTED:#}  {}\n", spread(&name, &level, 10));
    if let Some(facts) = decision.facts() {
        fact_rows(text, facts, verbose);
    }
    digest_rows(text, decision, verbose);
    checks_row(text, decision, verbose);
    if verbose {
        list_checks(text, decision);
    }
}

/// Nothing speaks against it, and an answer is missing.
fn deferred(text: &mut String, decision: &Decision, verbose: bool) {
    let name = terminal(&decision.artifact().name).to_string();
    let line = spread(&name, "not decided yet", 10);
    let _ = writeln!(text, "{REFUSED}deferred{REFUSED:#}  {line}\n");
    for check in decision.checks() {
        let Outcome::Deferred { reason } = check.outcome() else { continue };
        let _ = writeln!(text, "  {}  {}", check.id(), terminal(reason));
    }
    if verbose {
        text.push('\n');
        list_checks(text, decision);
    }
}

fn refused(text: &mut String, decision: &Decision, verbose: bool) {
    let name = terminal(&decision.artifact().name).to_string();
    let line = spread(&name, "the release is not admitted", 10);
    let _ = writeln!(text, "{REFUSED}refused{REFUSED:#}   {line}\n");
    let failed: Vec<&Check> = decision.failed_checks().collect();
    let width = failed.iter().map(|check| check.id().as_str().len()).max().unwrap_or(0).max(12);
    for check in &failed {
        let Outcome::Failed { expected, found, .. } = check.outcome() else { continue };
        let id = check.id();
        let (expected, found) = match verbose {
            true => (expected.clone(), found.clone()),
            false => (without_long_hex(expected), without_long_hex(found)),
        };
        let (expected, found) = (side(&expected, width), side(&found, width));
        let _ = writeln!(text, "  {id:width$}  {SIDE}expected{SIDE:#}  {expected}");
        let _ = writeln!(text, "  {:width$}  {SIDE}found{SIDE:#}     {found}", "");
    }
    let (passed, ..) = decision.tally();
    let asked = passed + failed.len();
    let standing = match (decision.facts(), decision.rejection()) {
        (Some(_), _) => "; the signature is valid, so the facts above are the signer's own",
        (None, Some(_)) => "; no signature stands, so nothing of the statement is shown",
        (None, None) => "",
    };
    let _ = writeln!(text, "  {} of {asked} checks failed{standing}", failed.len());
    if verbose {
        text.push('\n');
        if let Some(facts) = decision.facts() {
            fact_rows(text, facts, verbose);
        }
        digest_rows(text, decision, verbose);
        list_checks(text, decision);
    }
    help(text, &failed);
}

/// What was expected or found, in as many lines as it takes behind an id of `width` columns.
fn side(value: &str, width: usize) -> String {
    let shown = terminal(value).to_string();
    let indent = " ".repeat("  ".len() + width + "  expected  ".len());
    if indent.len() + shown.chars().count() <= WIDTH {
        return shown;
    }
    wrap(&shown, WIDTH, &indent).trim_start().to_owned()
}

fn fact_rows(text: &mut String, facts: &ProvenFacts, verbose: bool) {
    let short = |text: &str| if verbose { text.to_owned() } else { shortened(text, 12) };
    let source = facts.source_uri.as_deref().map(|uri| {
        let mut line = uri.trim_start_matches("git+https://").to_owned();
        if let Some(commit) = &facts.source_commit {
            let _ = write!(line, "  {}", short(commit));
        }
        if let Some(git_ref) = &facts.source_ref {
            let _ = write!(line, "  {git_ref}");
        }
        if let Some(trigger) = &facts.trigger {
            let _ = write!(line, "  ({trigger})");
        }
        line
    });
    row(text, "source", source.as_deref());
    row(text, "signer", facts.san.as_deref().map(|san| signer(san, facts)).as_deref());
    row(text, "builder", facts.builder_id.as_deref());
    let signed = facts.signed_at.map(|time| format!("signed {}", clock(time)));
    match (facts.run, signed) {
        (Some(run), Some(signed)) => {
            row(text, "run", Some(&spread(&run.to_string(), &signed, 12)));
        }
        (Some(run), None) => row(text, "run", Some(&run.to_string())),
        (None, signed) => row(text, "signed", signed.as_deref().map(|s| &s["signed ".len()..])),
    }
}

/// The signing workflow, without repeating the source repository.
fn signer(san: &str, facts: &ProvenFacts) -> String {
    let repository = facts.source_uri.as_deref().and_then(|uri| uri.strip_prefix("git+"));
    match repository.and_then(|repository| san.strip_prefix(repository)?.strip_prefix('/')) {
        Some(path) => format!("{path} of the same repository"),
        None => san.trim_start_matches("https://").to_owned(),
    }
}

fn digest_rows(text: &mut String, decision: &Decision, verbose: bool) {
    for digest in decision.artifact().digests.iter() {
        let hex = digest.to_hex();
        let shown = if verbose { hex } else { without_long_hex(&hex) };
        row(text, "digest", Some(&format!("{}:{shown}", digest.algorithm())));
    }
}

fn checks_row(text: &mut String, decision: &Decision, verbose: bool) {
    let (passed, failed, skipped) = decision.tally();
    let mut line = format!("{passed} passed");
    if failed > 0 {
        let _ = write!(line, ", {failed} failed");
    }
    if skipped > 0 {
        let _ = write!(line, ", {skipped} skipped");
    }
    let hint = if verbose { "" } else { "(-v lists them)" };
    row(text, "checks", Some(&spread(&line, hint, 12)));
}

fn list_checks(text: &mut String, decision: &Decision) {
    text.push('\n');
    for check in decision.checks() {
        let id = check.id();
        let (word, detail) = match check.outcome() {
            Outcome::Passed { expected, found } if expected == found => ("passed", found.clone()),
            Outcome::Passed { expected, found } => {
                ("passed", format!("{found}  (expected {expected})"))
            }
            Outcome::Failed { expected, found, .. } => {
                ("FAILED", format!("{found}  (expected {expected})"))
            }
            Outcome::Skipped { reason } => ("skipped", reason.clone()),
            Outcome::NotRun => ("not run", String::new()),
            Outcome::Deferred { reason } => ("deferred", reason.clone()),
        };
        let line = format!("  {word:8} {id:24} {}", terminal(&detail));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// The first hint, and where to read on.
fn help(text: &mut String, failed: &[&Check]) {
    let hinted = failed.iter().find_map(|check| match check.outcome() {
        Outcome::Failed { hint: Some(hint), .. } => Some((check.id(), hint.as_str())),
        _ => None,
    });
    let Some(first) = failed.first() else { return };
    text.push('\n');
    match hinted {
        Some((id, hint)) => {
            let hint = wrap(&terminal(hint).to_string(), WIDTH, "      ");
            let _ = writeln!(text, "help: {}", hint.trim_start());
            let _ = writeln!(text, "      `provost explain {id}` says more");
        }
        None => {
            let _ = writeln!(text, "help: `provost explain {}` says what it means", first.id());
        }
    }
}

fn row(text: &mut String, label: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = writeln!(text, "  {LABEL}{label:8}{LABEL:#}  {}", terminal(value));
    }
}

/// Two texts at both ends of a line that already holds `used` columns.
fn spread(left: &str, right: &str, used: usize) -> String {
    let free = WIDTH.saturating_sub(used + left.chars().count() + right.chars().count());
    if right.is_empty() {
        return left.to_owned();
    }
    format!("{left}{}{right}", " ".repeat(free.max(2)))
}

/// The text with every digest in it shortened in the middle; `-v` and the JSON have it whole.
fn without_long_hex(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|char: char| char.is_ascii_hexdigit()) {
        short.push_str(&rest[..start]);
        let run = &rest[start..];
        let length = run.find(|char: char| !char.is_ascii_hexdigit()).unwrap_or(run.len());
        let (run, after) = run.split_at(length);
        match length > LONGEST {
            true => short.push_str(&format!("{}…{}", &run[..12], &run[length - 12..])),
            false => short.push_str(run),
        }
        rest = after;
    }
    short.push_str(rest);
    short
}

fn shortened(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// A time to the second, UTC.
fn clock(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
