//! `cargo xtask simulate`: a release of a repository that `provost init` has just made, with its
//! workflows run job by job against the fake GitHub; and what is left of it, in a folder.

use crate::cargo;
use crate::program;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, anyhow, bail};
use provost_testkit::github::{Artifact, ServiceAnswer};
use provost_testkit::workflow::{Build, Event, Hosted, RunReport};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that only this program writes: a folder with it may be replaced.
const MARK: &str = "simulation.log";

/// What happens to the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// Nothing: it goes out.
    Release,
    /// Somebody puts other bytes into the artifact between attesting and gating, and Slack is down.
    Failure,
}

impl Story {
    /// The story of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "release" => Some(Self::Release),
            "failure" => Some(Self::Failure),
            _ => None,
        }
    }
}

/// Tells the story and keeps, in `folder`, the repository, its event log, the released files and
/// everything that the jobs said.
///
/// # Errors
/// A folder that holds anything else, or a workflow that nobody here understands.
pub(crate) fn run(workspace: &Workspace, story: Story, folder: &Path) -> Result<()> {
    make_way(folder)?;
    let hosted = Hosted::new(&cargo::provost(workspace)?, &Build::default());
    if story == Story::Failure {
        hosted.github().webhook(ServiceAnswer::Refused(503, "unavailable".into()));
        hosted.before("manifest-sync", |run| {
            run.remove_artifacts("release-files");
            run.artifact(Artifact::of("release-files", &[("app.txt", b"something else\n")]));
        });
    }
    let event = Event::dispatch("refs/heads/main", &[("dry_run", "false")]);
    let release = hosted.start("release.yml", event).map_err(|problem| anyhow!(problem))?;
    let dispatched = hosted.dispatched().map_err(|problem| anyhow!(problem))?;
    let [provenance] = dispatched.as_slice() else {
        bail!("release.yml dispatched no run:\n{}", release.transcript());
    };
    keep(&hosted, &[&release, provenance], folder)?;
    results("release.yml", &release);
    results("slsa-provenance.yml", provenance);
    outputs(provenance);
    archives(&hosted, provenance);
    issues(&hosted);
    releases(&hosted);
    Ok(())
}

/// Makes the folder anew; what somebody else has put there stays.
fn make_way(folder: &Path) -> Result<()> {
    let is_ours = folder.join(MARK).is_file();
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    match (is_ours, is_empty) {
        (false, false) => bail!("{} holds other files; name a new folder", folder.display()),
        (true, _) => std::fs::remove_dir_all(folder)?,
        (false, true) => {}
    }
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    std::fs::write(folder.join(MARK), "")?;
    Ok(())
}

fn keep(hosted: &Hosted, runs: &[&RunReport], folder: &Path) -> Result<()> {
    let said: String = runs.iter().map(|run| run.transcript()).collect();
    std::fs::write(folder.join(MARK), said)?;
    std::fs::copy(hosted.event_log(), folder.join("events.db"))?;
    let repository: PathBuf = folder.join("repository");
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--no-local"]).arg(hosted.remote()).arg(repository);
    program::run(&mut clone)?;
    let files = folder.join("files");
    std::fs::create_dir(&files)?;
    for asset in hosted.repository().releases().iter().flat_map(|release| &release.assets) {
        let name = Path::new(&asset.name).file_name().context("an asset has a name")?;
        std::fs::write(files.join(name), &asset.bytes)?;
    }
    Ok(())
}

fn results(file: &str, run: &RunReport) {
    say!("{file}: {}", run.conclusion);
    for job in &run.jobs {
        say!("  {:<25} {}", job.id, job.result);
    }
}

/// What the last job with outputs of its own came to.
fn outputs(run: &RunReport) {
    let job = run.job("context");
    for name in ["event_name", "tag", "run_id", "release_url"] {
        say!("{name}={}", job.output(name));
    }
    say!("status={}", run.job("manifest-sync").output("status"));
}

fn archives(hosted: &Hosted, run: &RunReport) {
    let name = format!("provenance-{}", run.job("context").output("tag"));
    for handle in hosted.repository().runs().iter().filter(|handle| handle.id() == run.id) {
        for (path, _) in handle.artifact_files(&name) {
            say!("artifact {name}: {path}");
        }
    }
}

fn issues(hosted: &Hosted) {
    for issue in hosted.repository().issues() {
        say!("issue #{} [{}]: {}", issue.number, issue.labels.join(", "), issue.title);
        let body = issue.body.unwrap_or_default();
        for line in body.lines().filter(|line| line.contains("/actions/runs/")) {
            say!("  {}", line.trim());
        }
    }
}

fn releases(hosted: &Hosted) {
    for release in hosted.repository().releases() {
        let state = if release.draft { "draft" } else { "published" };
        let names: Vec<&str> = release.assets.iter().map(|asset| asset.name.as_str()).collect();
        say!("release {}: {state}, {} files {}", release.tag, names.len(), names.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("new/place");
        make_way(&place).expect("a new folder");
        std::fs::write(place.join("events.db"), "x").expect("a file");
        make_way(&place).expect("its own folder");
        assert!(!place.join("events.db").exists());
        std::fs::remove_file(place.join(MARK)).expect("a file");
        std::fs::write(place.join("precious"), "x").expect("a file");
        assert!(make_way(&place).is_err());
        assert!(place.join("precious").exists());
    }
}
