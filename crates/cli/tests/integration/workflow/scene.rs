//! What the scenarios begin with and look at.

use crate::event_rows::{EventRow, event_rows};
use crate::program::EXECUTABLE;
use provost_testkit::workflow::{Build, Event, Hosted, JobReport, RunReport};
use std::path::Path;

pub(crate) const MAIN: &str = "refs/heads/main";
pub(crate) const TAG: &str = "v0.1.0";
pub(crate) const RELEASE_URL: &str = "https://github.com/acme/app/releases/tag/v0.1.0";
pub(crate) const BUNDLE: &str = "artifacts/slsa/v0.1.0/provenance-v0.1.0.json";

/// What the scripts of the workflows call beside git and the program; a runner of GitHub has them.
const PROGRAMS: [&str; 4] = ["bash", "curl", "jq", "unzip"];

/// Whether this machine has what a runner has; says so when it has not.
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
pub(crate) fn can_run() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(&path).any(|at| at.join(name).is_file());
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !is_there(name)).collect();
    if !missing.is_empty() {
        println!(
            "not checked here: the jobs of the workflows ({} not installed)",
            missing.join(", ")
        );
    }
    missing.is_empty()
}

/// A repository fresh from `provost init`.
pub(crate) fn hosted() -> Hosted {
    Hosted::new(Path::new(EXECUTABLE), &Build::default())
}

/// A repository whose first release is out, and the runs that made it.
pub(crate) fn released() -> (Hosted, RunReport, RunReport) {
    let hosted = hosted();
    let (run, mut dispatched) = release(&hosted, &[]);
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    let provenance = dispatched.pop().unwrap();
    assert_eq!(provenance.conclusion, "success", "{}", provenance.transcript());
    (hosted, run, provenance)
}

/// `gh workflow run release.yml` with these fields, and the runs that it dispatched.
pub(crate) fn release(hosted: &Hosted, fields: &[(&str, &str)]) -> (RunReport, Vec<RunReport>) {
    let run = hosted.start("release.yml", Event::dispatch(MAIN, fields)).unwrap();
    (run, hosted.dispatched().unwrap())
}

/// Fails with everything that was said when the job did not end so.
#[track_caller]
pub(crate) fn ended<'a>(run: &'a RunReport, job: &str, result: &str) -> &'a JobReport {
    let job = run.job(job);
    assert_eq!(job.result, result, "{}\n{}", job.id, run.transcript());
    job
}

/// The only entry of the manifest on `main`.
#[track_caller]
pub(crate) fn only_entry(hosted: &Hosted) -> serde_json::Value {
    let entries = hosted.manifest();
    let [entry] = entries.as_slice() else { panic!("{entries:#?}") };
    entry.clone()
}

/// The rows of the event log about one kind of event.
pub(crate) fn rows(hosted: &Hosted, event: &str) -> Vec<EventRow> {
    let mut rows = event_rows(&hosted.event_log());
    rows.retain(|row| row.event == event);
    rows
}
