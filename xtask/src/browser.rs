//! The step `browser`: the dashboard in a real Chromium, by Playwright, with axe looking on.
//!
//! Three servers are started: one with made events, one whose log is full of hostile values, and
//! one that asks for a token. `xtask/browser/check.mjs` does what a person would.

use crate::served::{self, Served, TOKEN};
use crate::services;
use crate::step::Report;
use crate::workspace::Workspace;
use crate::{cargo, program};
use anyhow::{Context, Result, bail};
use provost_testkit::hostile;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];

/// Values are cut to what every column takes.
const LONGEST: usize = 3000;
/// What a tag or a repository may be at most, in bytes.
const LONGEST_NAME: usize = 500;

pub(crate) fn check(workspace: &Workspace) -> Result<Report> {
    let tools = match Tools::find(workspace) {
        Ok(tools) => tools,
        Err(error) => {
            let text = format!("{error:#}");
            let why = text.lines().last().unwrap_or_default();
            return Ok(Report::not_checked(format!("no browser is to be had here ({why})")));
        }
    };
    let provost = cargo::provost(workspace)?;
    let config = served::config("");
    let mut demo = Served::demo(&provost)?;
    let mut hostile = Served::start(&provost, &config, |folder| fill(&provost, folder))?;
    let guarded = served::config("protect_reads = true\n");
    let mut guarded = Served::start(&provost, &guarded, |_| Ok(()))?;
    let mut empty = Served::start(&provost, &config, |_| Ok(()))?;
    let plan = json!({
        "demo": demo.url,
        "hostile": hostile.url,
        "guarded": guarded.url,
        "empty": empty.url,
        "token": TOKEN,
        "markers": MARKERS,
    });
    let output = tools.run(workspace, "check.mjs", &plan)?;
    for served in [&mut demo, &mut hostile, &mut guarded, &mut empty] {
        served.confirm_running()?;
    }
    let last = output.lines().last().unwrap_or_default();
    match last.strip_prefix("done: ") {
        Some(tally) => Ok(Report::checked(tally.to_owned())),
        None => bail!("{output}\nthe browser's script did not come to its end"),
    }
}

/// Takes the pictures of the documents.
///
/// # Errors
/// When there is no browser, or a page cannot be loaded.
pub(crate) fn screens(workspace: &Workspace) -> Result<()> {
    let tools = Tools::find(workspace)?;
    let demo = Served::demo(&cargo::provost(workspace)?)?;
    let folder = workspace.path("docs/images");
    std::fs::create_dir_all(&folder)?;
    let plan = json!({"demo": demo.url, "folder": folder});
    let output = tools.run(workspace, "screens.mjs", &plan)?;
    crate::screen::say!("{}", output.trim_end());
    Ok(())
}

/// A browser and what drives it.
struct Tools {
    chromium: PathBuf,
    folder: PathBuf,
}

impl Tools {
    fn find(workspace: &Workspace) -> Result<Self> {
        let chromium = match std::env::var_os("PROVOST_CHROMIUM") {
            Some(named) => PathBuf::from(named),
            None => services::program("chromium", "chromium")?,
        };
        let folder = workspace.path("target/browser");
        if !PACKAGES.iter().all(|package| is_installed(&folder, package)) {
            program::npm_install(&folder, &PACKAGES)?;
        }
        Ok(Self { chromium, folder })
    }

    /// Runs a script beside the packages that it needs.
    fn run(&self, workspace: &Workspace, script: &str, plan: &Value) -> Result<String> {
        for name in [script, "common.mjs"] {
            let from = workspace.path("xtask/browser").join(name);
            let to = self.folder.join(name);
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
        let mut plan = plan.clone();
        plan["chromium"] = json!(self.chromium);
        let mut node = Command::new("node");
        program::run(node.current_dir(&self.folder).arg(script).arg(plan.to_string()))
    }
}

fn is_installed(folder: &Path, package: &str) -> bool {
    let Some((name, version)) = package.split_once('@') else {
        return false;
    };
    let file = folder.join("node_modules").join(name).join("package.json");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let found: Option<Value> = serde_json::from_str(&text).ok();
    found.is_some_and(|found| found["version"] == version)
}

/// What the script looks for, to know that the values arrived: they must be seen as text.
const MARKERS: [&str; 3] = [
    "<img src=x onerror=provostHurt()>",
    "\"><script>provostHurt()</script>",
    "'onmouseover='provostHurt()",
];

/// Fills the log of a folder with an event for each hostile value in every field.
fn fill(provost: &Path, folder: &Path) -> Result<()> {
    let mut lines = vec![json!({"schema": "https://provost.dev/events/v1"}).to_string()];
    let values: Vec<String> = MARKERS
        .iter()
        .map(|marker| (*marker).to_owned())
        .chain(hostile::values().map(|(_, value)| value))
        .collect();
    for (place, value) in values.iter().enumerate() {
        lines.extend(events(place, value).map(|event| event.to_string()));
    }
    let count = lines.len() - 1;
    lines.push(json!({"events": count}).to_string());
    let file = folder.join("hostile.ndjson");
    std::fs::write(&file, lines.join("\n") + "\n")?;
    let mut import = Command::new(provost);
    import.current_dir(folder).env_remove("PROVOST_STORE_URL").args(["store", "import"]).arg(&file);
    let (is_done, said) = program::outcome(&mut import)?;
    // Some values are no event anywhere, such as an empty tag beside an empty repository.
    let taken = said.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap_or(0);
    if taken * 10 < count * 8 {
        bail!("only {taken} of {count} hostile events were taken (done: {is_done}):\n{said}");
    }
    Ok(())
}

/// A refusal, its announcement and an acceptance, made of a value.
fn events(place: usize, value: &str) -> impl Iterator<Item = Value> {
    let text: String = value.chars().filter(|it| *it != '\0').take(LONGEST).collect();
    let mut name = text.clone();
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    // Times tell the rows apart, whatever their names are.
    let at = move |minute: usize| {
        format!("2026-11-{:02}T{:02}:{minute:02}:00Z", 1 + place / 20, place % 20)
    };
    let event = move |minute: usize, kind: &str, status: &str, decision: Value| {
        json!({
            "id": format!("01a20e71-928e-72d6-a98e-{:012x}", place * 60 + minute),
            "run_id": (1000 + place).to_string(),
            "tag": if name.trim().is_empty() { "v1" } else { &name },
            "release_url": text, "artifact_path": text,
            "status": status,
            "failure_reason": if status == "failure" { Some(&text) } else { None },
            "created_at": at(minute),
            "repository": if name.is_empty() { None } else { Some(&name) },
            "event": kind,
            "event_key": format!("{kind}:{place}:{minute}"),
            "occurred_at": at(minute),
            "attempt": 1 + minute / 10,
            "validated_at": at(minute),
            "commit_sha": text, "builder_id": text, "slsa_build_level": 3,
            "decision": decision,
            "manifest_sha256": text, "actor": text,
        })
    };
    let judged = json!([{
        "outcome": value, "subject": {"name": value, "sha256": value, "x\"><b>": value},
        "identity": {"issuer": value, "san": value}, "builder_id": value,
        "source": {"uri": value, "ref": value, "commit": value}, "run": {"id": value},
        "signed_at": value, "bundle_sha256": value, "policy_sha256": value,
        "checks": [{"id": value, "outcome": value, "expected": value, "found": value, "hint": value}],
        "rejection": {"code": value, "detail": value},
    }]);
    let judged = if value.len() > LONGEST { Value::Null } else { judged };
    [
        event(1, "validated", "failure", judged.clone()),
        event(
            2,
            "notified",
            "success",
            json!({"notified": {"slack": value.len().is_multiple_of(2), "issue": 7}}),
        ),
        event(11, "validated", if place.is_multiple_of(2) { "success" } else { "failure" }, judged),
    ]
    .into_iter()
}
