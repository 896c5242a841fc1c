//! This project's own workflows, policy and documents index, from the templates that `provost init` writes for others: written
//! by `cargo xtask workflows`, compared and linted by the step `workflows`.

mod diagrams;
mod linter;

use crate::program;
use crate::screen::say;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use linter::{ACTIONLINT, Linter, ZIZMOR};
use provost_control::init::{
    FileState, InitRequest, Install, Origin, Rendered, RunnerLabel, WorkflowSettings, init,
    render_repository,
};
use provost_control::{AuditRequest, audit_workflows, check_workflow_documents};
use provost_workflow_audit::Paint;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

/// Where GitHub looks for workflows.
const FOLDER: &str = ".github/workflows";

/// Where this project lies.
const ORIGIN: &str = "https://github.com/provost-dev/provost";

/// The action at the root.
const ACTION: &str = "action.yml";

/// Templates of workflows that no other repository would want.
const OWN: [(&str, &str); 1] =
    [(".github/workflows/ci.yml", include_str!("../../templates/own/ci.yml"))];

/// A release of provost: one static binary for the machine that builds it.
const BUILD: &str = "\
sudo apt-get update
sudo apt-get install --yes musl-tools
target=$(uname -m)-unknown-linux-musl
rustup toolchain install 1.95.0 --profile minimal --target \"$target\"
export CC_x86_64_unknown_linux_musl=musl-gcc CC_aarch64_unknown_linux_musl=musl-gcc
cargo +1.95.0 build --locked --release --package provost-cli --target \"$target\"
mkdir dist
cp \"target/$target/release/provost\" \"dist/provost-$target\"";

/// There is no release to pin yet: every job builds provost from what it has checked out.
const INSTALL: &str = "\
- name: Build provost
  run: |
    rustup toolchain install 1.95.0 --profile minimal
    cargo +1.95.0 build --locked --package provost-cli
- name: Install provost
  uses: ./ # zizmor: ignore[self-repository] actionlint knows this form alone
  with:
    path: target/debug/provost";

/// `cargo xtask workflows`: writes the files that differ from what the templates give.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for Rendered { path, text } in own_files()? {
        if read(workspace, &path)?.as_deref() == Some(text.as_str()) {
            say!("up to date  {path}");
            continue;
        }
        put(&workspace.path(&path), &text)?;
        say!("written     {path}");
    }
    Ok(())
}

/// The step: no drift, and nothing that a linter reports, neither in the project's own workflows
/// and action nor in those that others get.
pub(crate) fn check(workspace: &Workspace) -> Result<Report> {
    let own = own_files()?;
    no_drift(workspace, &own)?;
    let folder = tempfile::tempdir().context("no room for the workflows of others")?;
    let others = folder.path().join("others");
    for Rendered { path, text } in files_of_others()? {
        put(&others.join(path), &text)?;
    }
    // The linters look for the project around a file; these copies are one of their own.
    let ours = folder.path().join("own");
    for Rendered { path, text } in &own {
        put(&ours.join(path), text)?;
    }
    let patched = folder.path().join("patched");
    patch_in(&patched)?;
    let action = read(workspace, ACTION)?.context("action.yml is missing")?;
    put(&ours.join(ACTION), &action)?;

    for project in [&others, &patched, &ours] {
        no_findings(project)?;
    }
    documents(workspace)?;
    let mut checked = vec!["no drift", "audit", "documents"];
    let mut unchecked = Vec::new();
    match diagrams::get(workspace) {
        Err(error) => unchecked.push(format!("mermaid ({error:#})")),
        Ok(()) => {
            diagrams::check(workspace)?;
            checked.push("mermaid");
        }
    }
    for linter in [ZIZMOR, ACTIONLINT] {
        match linter.get(workspace) {
            Err(error) => unchecked.push(format!("{} ({error:#})", linter.name)),
            Ok(()) => {
                lint(&linter, workspace, &[&others, &patched, &ours])?;
                checked.push(linter.name);
            }
        }
    }
    let report = Report::checked(checked.join(", "));
    Ok(unchecked.into_iter().fold(report, Report::without))
}

/// The audit finds nothing at all in a project.
fn no_findings(project: &Path) -> Result<()> {
    let request = AuditRequest { root: project.to_owned(), actions: None };
    let audit = audit_workflows(&request)?.audit;
    if !audit.findings.is_empty() {
        bail!("{}", provost_workflow_audit::text(&audit, Paint::Plain));
    }
    Ok(())
}

/// Diagram, table, index and runbook say what the workflows do.
fn documents(workspace: &Workspace) -> Result<()> {
    let request = AuditRequest { root: workspace.path("."), actions: None };
    let check = check_workflow_documents(&request)?;
    if check.has_findings() {
        bail!("docs/ops differs from the workflows\nto mend it: provost workflows docs");
    }
    Ok(())
}

/// The linter finds nothing in the projects, and finds the fault in one that has a fault: so its
/// silence means something.
fn lint(linter: &Linter, workspace: &Workspace, projects: &[&Path]) -> Result<()> {
    let faulty = tempfile::tempdir()?;
    put(&faulty.path().join(FOLDER).join("faulty.yml"), linter.faulty)?;
    if linter.run(workspace, faulty.path()).is_ok() {
        bail!("{} sees no fault where there is one, so its silence means nothing", linter.name);
    }
    for project in projects {
        linter.run(workspace, project)?;
    }
    Ok(())
}

fn own_files() -> Result<Vec<Rendered>> {
    let settings = WorkflowSettings {
        build: BUILD.parse()?,
        artifacts: vec!["dist/*".parse()?],
        runners: vec![RunnerLabel::default_label(), "ubuntu-24.04-arm".parse()?],
        install: Install::Steps(INSTALL.to_owned()),
    };
    let mut own = render_repository(&Origin::parse(ORIGIN)?, &settings)?;
    own.extend(
        OWN.map(|(path, template)| Rendered {
            path: path.to_owned(),
            text: settings.fill(template),
        }),
    );
    Ok(own)
}

/// What another repository gets.
fn files_of_others() -> Result<Vec<Rendered>> {
    let settings = WorkflowSettings {
        build: "make dist".parse()?,
        artifacts: vec!["dist/*".parse()?],
        runners: vec![RunnerLabel::default_label()],
        install: Install::Open,
    };
    Ok(render_repository(&Origin::parse("https://github.com/acme/app")?, &settings)?)
}

/// A workflow without fault, before `provost init --patch` puts a job into it.
const BEFORE_PATCH: &str = "\
name: workflow
on: workflow_dispatch
permissions: {}
concurrency:
  group: workflow
  cancel-in-progress: false
jobs:
  first:
    name: First
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Nothing
        run: 'true'
";

/// Makes a repository with workflows of its own, and patches them.
fn patch_in(folder: &Path) -> Result<()> {
    for path in ["release.yml", "security-audit.yml", "ci-weekly-report.yml"] {
        put(&folder.join(FOLDER).join(path), BEFORE_PATCH)?;
    }
    let git = |words: &[&str]| program::run(Command::new("git").arg("-C").arg(folder).args(words));
    git(&["init", "--quiet"])?;
    git(&["remote", "add", "origin", "https://github.com/acme/app"])?;
    let report = init(
        &InitRequest {
            folder: folder.to_owned(),
            build: None,
            artifacts: None,
            runners: None,
            action: None,
            from_bundle: None,
            trusted_root: None,
            force: false,
            patch: true,
            supabase: false,
            dry_run: false,
        },
        jiff::Timestamp::now(),
    )?;
    let patched = report.files.iter().filter(|file| file.state == FileState::Patched).count();
    if patched != 3 {
        bail!("{patched} of 3 workflows were patched: {:?}", report.files);
    }
    Ok(())
}

fn no_drift(workspace: &Workspace, own: &[Rendered]) -> Result<()> {
    let mut problems = Vec::new();
    for Rendered { path, text } in own {
        match read(workspace, path)? {
            None => problems.push(format!("{path} is missing")),
            Some(kept) if kept != *text => {
                problems.push(format!("{path} differs from what the templates give"));
            }
            Some(_) => {}
        }
    }
    let known: BTreeSet<&str> = own.iter().map(|rendered| rendered.path.as_str()).collect();
    if let Ok(entries) = std::fs::read_dir(workspace.path(FOLDER)) {
        for entry in entries {
            let path = format!("{FOLDER}/{}", entry?.file_name().to_string_lossy());
            if !known.contains(path.as_str()) {
                problems.push(format!("{path} comes from no template; remove it"));
            }
        }
    }
    if !problems.is_empty() {
        bail!("{}\nto mend it: cargo xtask workflows", problems.join("\n"));
    }
    Ok(())
}

/// What stands at the path now; `None` when there is no such file.
fn read(workspace: &Workspace, path: &str) -> Result<Option<String>> {
    match std::fs::read_to_string(workspace.path(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {path}")),
    }
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_project_lives_on_the_workflows_that_it_gives_to_others() {
        let own = own_files().expect("workflows");
        for Rendered { path, .. } in files_of_others().expect("workflows") {
            assert!(own.iter().any(|rendered| rendered.path == path), "{path}");
        }
    }

    #[test]
    fn every_action_that_is_used_is_used_at_one_commit() {
        let mut commits = std::collections::BTreeMap::new();
        for Rendered { path, text } in own_files().expect("workflows") {
            for line in text.lines() {
                let Some((action, commit)) =
                    line.split_once("uses: ").and_then(|(_, used)| used.split_once('@'))
                else {
                    continue;
                };
                let commit: String = commit.split(" # zizmor").take(1).collect();
                let known = commits.entry(action.to_owned()).or_insert(commit.clone());
                assert_eq!(*known, commit, "{path}: {action}");
            }
        }
        assert!(commits.len() >= 5, "{commits:?}");
    }
}
