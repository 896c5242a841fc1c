//! `cargo xtask campaign faults`: harm under load, and nothing acknowledged is lost or doubled.

use super::program::Choice;
use crate::benchmarks::Section;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use provost_testkit::load::fault::{self, SlowPart};
use provost_testkit::load::{Broken, SmallDisk, Stage};
use provost_testkit::postgres::Settings;
use std::path::Path;
use std::time::Instant;

/// How large the campaign is.
#[derive(Debug, Clone, Copy)]
struct Plan {
    kills: u64,
    crashes: u64,
    sockets: usize,
    tags: u64,
    is_short: bool,
}

const FULL: Plan = Plan { kills: 200, crashes: 50, sockets: 2_000, tags: 100_000, is_short: false };

const SHORT: Plan = Plan { kills: 10, crashes: 3, sockets: 200, tags: 2_000, is_short: true };

/// Bytes of a body or a token that is far too large.
const EXCESS: usize = 100 << 20;

/// What one fault came to.
type Finding = std::result::Result<String, Broken>;

/// Does the harm; whatever is lost or doubled is an error, after all of it was tried.
pub(crate) fn run(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let plan = if choice.is_short { &SHORT } else { &FULL };
    let program = choice.program(workspace)?;
    let mut findings = Vec::new();
    let mut not_checked =
        vec!["loss of power".to_owned(), "a network between the parts".to_owned()];
    let mut note = |name: &str, find: &dyn Fn() -> Finding| {
        let start = Instant::now();
        let finding = find();
        let seconds = start.elapsed().as_secs_f64();
        match &finding {
            Ok(text) => say!("{name}: {text} ({seconds:.0} s)"),
            Err(broken) => say!("{name}: BROKEN: {broken} ({seconds:.0} s)"),
        }
        findings.push((name.to_owned(), finding));
    };
    let postgres = || Stage::postgres(&program, &Settings::default());
    postgres().context("no PostgreSQL here")?;
    let on_postgres = |harm: &dyn Fn(&Stage) -> Finding| {
        harm(&postgres().map_err(|error| Broken(error.to_string()))?)
    };
    note("`kill -9` of the server, PostgreSQL", &|| {
        on_postgres(&|stage| fault::kill_server(stage, plan.kills))
    });
    note("`kill -9` of the server, SQLite", &|| {
        fault::kill_server(&Stage::sqlite(&program, None)?, plan.kills)
    });
    note("crash of PostgreSQL (`pg_ctl stop -m immediate`)", &|| {
        on_postgres(&|stage| fault::crash_postgres(stage, plan.crashes))
    });
    match SmallDisk::mount(8) {
        Err(broken) => not_checked.push(format!("a full disk: {broken}")),
        Ok(disk) => {
            note("full disk, SQLite", &|| {
                fault::fill_disk(&Stage::sqlite(&program, Some(disk.folder()))?, &disk)
            });
            note("full disk, PostgreSQL", &|| full_disk_of_postgres(&program));
        }
    }
    if fault::FakeClock::library().is_err() {
        not_checked.push("jumps of the clock: libfaketime is not installed".to_owned());
    } else {
        note("jumps of the server's clock, SQLite", &|| {
            fault::clock_jumps(&Stage::sqlite(&program, None)?)
        });
    }
    note("slow clients and excess, PostgreSQL", &|| on_postgres(&|stage| excess(stage, plan)));
    report(workspace, plan, &findings, &not_checked)
}

fn full_disk_of_postgres(program: &Path) -> Finding {
    let disk = SmallDisk::mount(224)?;
    let settings = Settings {
        folder: Some(disk.folder().to_owned()),
        lines: ["max_wal_size = 48MB", "min_wal_size = 32MB"].map(str::to_owned).to_vec(),
        ..Settings::default()
    };
    let stage = Stage::postgres(program, &settings).map_err(|it| Broken(it.to_string()))?;
    fault::fill_disk(&stage, &disk)
}

/// One server through all of it, so that what one leaves behind would show in the next.
fn excess(stage: &Stage, plan: &Plan) -> Finding {
    let service = stage.serve()?;
    let mut findings = vec![
        fault::large_bodies(&service, EXCESS)?,
        fault::dots(&service, EXCESS)?,
        fault::slow_clients(&service, plan.sockets, SlowPart::Head)?,
    ];
    if !plan.is_short {
        findings.push(fault::slow_clients(&service, plan.sockets, SlowPart::Body)?);
    }
    findings.push(fault::many_tags(&service, plan.tags)?);
    Ok(findings.join("; "))
}

fn report(
    workspace: &Workspace,
    plan: &Plan,
    findings: &[(String, Finding)],
    not_checked: &[String],
) -> Result<()> {
    let not_checked = format!("Not checked here: {}.", not_checked.join(", "));
    say!("{not_checked}");
    let broken: Vec<String> = findings
        .iter()
        .filter_map(|(name, finding)| Some(format!("{name}: {}", finding.as_ref().err()?)))
        .collect();
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    if plan.is_short {
        return Ok(());
    }
    let mut body = "Nothing acknowledged was lost and nothing doubled; a failure of that would \
                    have ended the command.\n\n| fault | what came of it |\n| --- | --- |\n"
        .to_owned();
    for (name, finding) in findings {
        if let Ok(text) = finding {
            body.push_str(&format!("| {name} | {text} |\n"));
        }
    }
    body.push_str(&format!("\n{not_checked}\n"));
    let path = Section::Faults.write(workspace.root(), &body)?;
    say!("wrote {}", path.display());
    Ok(())
}
