//! `provost init`

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::sink::terminal;
use jiff::Timestamp;
use provost_control::init::{FileReport, FileState, InitReport, InitRequest, init};

pub(crate) fn run(args: &InitArgs, output: &Output) -> Shown {
    match init(&request(args), Timestamp::now()) {
        Ok(report) => {
            output.document(&json(&report, args.dry_run), &text(&report, args, output))?;
            for note in &report.notes {
                output.warn(note);
            }
            Ok(if report.has_findings() { Exit::Findings } else { Exit::Fine })
        }
        Err(error) => {
            output.error("the repository was not set up", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn request(args: &InitArgs) -> InitRequest {
    let some = |given: bool| given.then_some(());
    InitRequest {
        folder: args.root.clone(),
        build: args.build.clone(),
        artifacts: some(!args.artifacts.is_empty()).map(|()| args.artifacts.clone()),
        runners: some(!args.runner.is_empty()).map(|()| args.runner.clone()),
        action: args.action.clone(),
        from_bundle: args.from_bundle.clone(),
        trusted_root: args.trusted_root.clone(),
        force: args.force,
        patch: args.patch,
        supabase: args.supabase,
        dry_run: args.dry_run,
    }
}

fn json(report: &InitReport, dry_run: bool) -> String {
    let files: Vec<serde_json::Value> = report
        .files
        .iter()
        .map(|file| {
            serde_json::json!({
                "path": file.path,
                "state": file.state.as_str(),
                "diff": file.diff,
                "reason": file.reason,
            })
        })
        .collect();
    let document = serde_json::json!({
        "schema": "https://provost.dev/init/v1",
        "repository": report.origin.to_string(),
        "dry_run": dry_run,
        "files": files,
        "notes": report.notes,
    });
    format!("{document}\n")
}

/// A line a file; the diff of whatever stood there, and with `-v` also of new files.
fn text(report: &InitReport, args: &InitArgs, output: &Output) -> String {
    let mut text = String::new();
    for file in &report.files {
        text.push_str(&format!("{:<12} {}\n", word(file, args.dry_run), terminal(&file.path)));
        if let Some(reason) = &file.reason {
            text.push_str(&format!("{:<12} {}\n", "", terminal(reason)));
        }
        if file.state != FileState::New || output.is_verbose() {
            for line in file.diff.lines() {
                text.push_str(&format!("{}\n", terminal(line)));
            }
        }
    }
    text.push('\n');
    text.push_str(&outcome(report, args));
    text
}

fn word(file: &FileReport, dry_run: bool) -> &'static str {
    match file.state {
        FileState::New if dry_run => "would add",
        FileState::New => "added",
        FileState::Overwritten if dry_run => "would change",
        FileState::Overwritten => "changed",
        FileState::Patched if dry_run => "would patch",
        FileState::Patched => "patched",
        FileState::Refused => "left alone",
        FileState::Differs => "differs",
        FileState::Unchanged => "up to date",
    }
}

fn outcome(report: &InitReport, args: &InitArgs) -> String {
    let repository = report.origin.to_string();
    let repository = terminal(&repository);
    if report.has_findings() {
        return format!(
            "{repository}: some files were left alone; merge what the diffs show, or overwrite those \
             that differ with --force\n"
        );
    }
    if report.files.iter().all(|file| file.state == FileState::Unchanged) {
        return format!("{repository}: up to date\n");
    }
    if args.dry_run {
        return format!("{repository}: nothing was written\n");
    }
    format!("{repository}: set up; docs/ops/README.md says what else to do once\n")
}
