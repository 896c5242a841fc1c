//! `provost manifest add|show|lint`; `push`, `flush` and `publish` stand in files of their own.

mod publish;
mod push;

use super::actions;
use crate::args::{
    Format, ManifestAddArgs, ManifestLintArgs, ManifestShowArgs, ManifestVerb, StatusArg,
};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen::table::table;
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_control::ControlError;
use provost_manifest::{
    Entry, EntryKey, LintProblem, Manifests, SettleOutcome, Standing, lint_files, render,
};
use provost_record::Status;
use std::path::PathBuf;

pub(crate) fn run(verb: &ManifestVerb, output: &Output) -> Shown {
    let (not_done, result) = match verb {
        ManifestVerb::Push(args) => return push::push(args, output),
        ManifestVerb::Flush(args) => return push::flush(args, output),
        ManifestVerb::Publish(args) => return publish::publish(args, output),
        ManifestVerb::Add(args) => ("nothing was recorded", add(args)),
        ManifestVerb::Show(args) => ("nothing can be shown", show(args, output)),
        ManifestVerb::Lint(args) => ("the manifests were not checked", lint(args, output)),
    };
    match result {
        Ok((exit, shown)) => {
            output.document(&shown.json, &shown.text)?;
            Ok(exit)
        }
        Err(error) => {
            output.error(not_done, error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

/// One result, as JSON and for people.
struct Document {
    json: String,
    text: String,
}

fn tag(text: &str) -> Result<Tag, ControlError> {
    text.parse().map_err(|error| ControlError::Configuration(format!("--tag: {error}")))
}

fn add(args: &ManifestAddArgs) -> Result<(Exit, Document), ControlError> {
    let now = Timestamp::now();
    let key = EntryKey { run: args.run, tag: tag(&args.tag)? };
    let status = match args.status {
        StatusArg::Success => Status::Success,
        StatusArg::Failure => Status::Failure,
    };
    let mut entry = Entry::new(key, status, now);
    entry.failure_reason = args.failure_reason.clone();
    entry.artifact = args.artifact.clone();
    entry.release_url = args.release_url.clone();
    entry.attempt = args.attempt;
    entry.repository = args.repository.clone();
    let settled = Manifests::at(&args.root).record(entry, now)?;
    let (outcome, what) = match settled.outcome {
        SettleOutcome::Added => ("added", "added to"),
        SettleOutcome::Updated => ("updated", "updated in"),
        SettleOutcome::Unchanged => ("unchanged", "as before in"),
    };
    let json = serde_json::json!({
        "outcome": outcome,
        "path": settled.path.as_str(),
        "run": settled.entry.run.to_string(),
        "tag": settled.entry.tag.as_str(),
        "status": settled.entry.status.as_str(),
    });
    let text = format!(
        "run {}, tag {}: {} {what} {}\n",
        settled.entry.run,
        crate::sink::terminal(settled.entry.tag.as_str()),
        settled.entry.status.as_str(),
        settled.path.as_str()
    );
    Ok((Exit::Fine, Document { json: format!("{json}\n"), text }))
}

fn show(args: &ManifestShowArgs, output: &Output) -> Result<(Exit, Document), ControlError> {
    let wanted = args.tag.as_deref().map(tag).transpose()?;
    let mut standing = Manifests::at(&args.root).entries()?;
    standing.retain(|standing| {
        wanted.as_ref().is_none_or(|tag| standing.entry.tag == *tag)
            && args.run.is_none_or(|run| standing.entry.run == run)
    });
    let text = entries_text(&standing, args);
    tell(&standing, output)?;
    let entries: Vec<Entry> = standing.into_iter().map(|standing| standing.entry).collect();
    Ok((Exit::Fine, Document { json: render(&entries), text }))
}

/// Sets the step outputs `status` (`success` when an entry shown is one, else `failure`; `none`
/// without any) and `run_id` (of the newest entry of that status; empty without any).
fn tell(standing: &[Standing], output: &Output) -> Result<(), ControlError> {
    let rank = |standing: &&Standing| {
        (standing.entry.status == Status::Success, standing.entry.validated_at)
    };
    let newest = standing.iter().max_by_key(rank).map(|standing| &standing.entry);
    let status = newest.map_or("none", |entry| entry.status.as_str());
    let run = newest.map_or_else(String::new, |entry| entry.run.to_string());
    actions::outputs(&[("status", status), ("run_id", &run)], output).map_err(|failure| {
        // What a later step would read was not said.
        ControlError::Undecidable(failure.to_string())
    })
}

fn entries_text(standing: &[Standing], args: &ManifestShowArgs) -> String {
    if standing.is_empty() {
        let place = args.root.display().to_string();
        return format!("no entry under {}\n", crate::sink::terminal(&place));
    }
    let rows: Vec<Vec<String>> = standing
        .iter()
        .map(|standing| {
            let entry = &standing.entry;
            vec![
                entry.tag.to_string(),
                entry.run.to_string(),
                entry.status.as_str().to_owned(),
                entry.decision.map_or("-", |decision| decision.as_str()).to_owned(),
                entry.slsa_build_level.map_or("-".to_owned(), |level| level.to_string()),
                entry.validated_at.to_string(),
                entry.failure_reason.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let heading = ["TAG", "RUN", "STATUS", "DECISION", "LEVEL", "VALIDATED", "WHY"];
    table(&heading, &rows)
}

fn lint(args: &ManifestLintArgs, output: &Output) -> Result<(Exit, Document), ControlError> {
    let mut problems: Vec<LintProblem> = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &args.paths {
        match path.is_dir() {
            true => problems.extend(Manifests::at(path).lint()?),
            false => files.push(path.clone()),
        }
    }
    if !files.is_empty() {
        problems.extend(lint_files(&files)?);
    }
    let exit = if problems.is_empty() { Exit::Fine } else { Exit::Findings };
    let json = lint_json(&problems);
    Ok((exit, Document { json, text: lint_text(&problems, output.format()) }))
}

fn lint_json(problems: &[LintProblem]) -> String {
    let list: Vec<serde_json::Value> = problems.iter().map(problem_json).collect();
    let report = serde_json::json!({
        "schema": "https://provost.dev/manifest-lint/v1",
        "problems": list,
    });
    format!("{report}\n")
}

fn problem_json(problem: &LintProblem) -> serde_json::Value {
    serde_json::json!({
        "code": problem.code.as_str(),
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "help": problem.help,
    })
}

fn lint_text(problems: &[LintProblem], format: Format) -> String {
    use crate::sink::command::{Annotation, Level};
    use crate::sink::terminal;
    match format {
        Format::Github => problems
            .iter()
            .map(|problem| {
                let annotation = Annotation {
                    level: Level::Error,
                    title: problem.code.as_str(),
                    file: Some(&problem.file),
                    line: Some(problem.line),
                    message: &[&problem.message, &problem.help],
                };
                format!("{annotation}\n")
            })
            .collect(),
        _ if problems.is_empty() => "no problems\n".to_owned(),
        _ => problems
            .iter()
            .map(|problem| {
                format!(
                    "{}:{}:{}: {}: {}\n  help: {}\n",
                    terminal(&problem.file),
                    problem.line,
                    problem.column,
                    problem.code.as_str(),
                    terminal(&problem.message),
                    terminal(&problem.help)
                )
            })
            .collect(),
    }
}
