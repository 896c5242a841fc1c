//! What a run came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A run that ended.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// GitHub's number.
    pub id: u64,
    /// Path of the workflow file.
    pub workflow: String,
    /// Name of the event.
    pub event: String,
    /// `success`, `failure` or `cancelled`.
    pub conclusion: String,
    /// Its jobs in the order in which they ended, those that were skipped included.
    pub jobs: Vec<JobReport>,
}

/// A job that ended.
#[derive(Clone, Debug)]
pub struct JobReport {
    /// Its id, `CALLER/JOB` in a reusable workflow.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// `success`, `failure`, `cancelled` or `skipped`.
    pub result: String,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its steps in order.
    pub steps: Vec<StepReport>,
}

/// A step that ended.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its name.
    pub name: String,
    /// The action that it uses.
    pub uses: Option<String>,
    /// `success`, `failure`, `cancelled` or `skipped`.
    pub outcome: String,
    /// The whole environment that a script had.
    pub env: BTreeMap<String, String>,
    /// What it said.
    pub log: String,
}

impl RunReport {
    /// The job of that id. Panics if there is none.
    pub fn job(&self, id: &str) -> &JobReport {
        let found = self.jobs.iter().find(|job| job.id == id);
        found.unwrap_or_else(|| panic!("no job {id} in\n{}", self.transcript()))
    }

    /// Id and result of every job.
    pub fn results(&self) -> BTreeMap<&str, &str> {
        self.jobs.iter().map(|job| (job.id.as_str(), job.result.as_str())).collect()
    }

    /// Everything that was said, to be shown when an assertion fails.
    pub fn transcript(&self) -> String {
        let mut text = format!("{} ({}): {}\n", self.workflow, self.event, self.conclusion);
        for job in &self.jobs {
            let _ = writeln!(text, "job {}: {} {:?}", job.id, job.result, job.outputs);
            for step in &job.steps {
                let _ = writeln!(text, "  step {}: {}", step.name, step.outcome);
                for line in step.log.lines() {
                    let _ = writeln!(text, "    | {line}");
                }
            }
        }
        text
    }
}

impl JobReport {
    /// An output; empty when it was not set.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// The step of that name. Panics if there is none.
    pub fn step(&self, name: &str) -> &StepReport {
        let found = self.steps.iter().find(|step| step.name == name);
        found.unwrap_or_else(|| panic!("job {} has no step {name:?}", self.id))
    }
}
