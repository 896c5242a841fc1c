//! One job: a fresh machine, a token with its permissions, its steps one after the other.

use super::action::{self, Action, Trouble};
use super::document::{Job, Permissions, Step};
use super::expression::{Scope, Standing, filled, holds};
use super::flow::{Flow, JobResult};
use super::git::HERMETIC;
use super::report::{JobReport, StepReport};
use super::run::RunContext;
use super::stage::locked;
use super::step;
use super::workspace::Workspace;
use crate::github::{Job as GithubJob, Token};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) struct JobRun<'a> {
    context: &'a RunContext<'a>,
    definition: &'a Job,
    id: String,
    name: String,
    pub(super) permissions: Permissions,
    pub(super) workspace: Workspace,
    /// Path of the workflow that is called, if one is.
    pub(super) called: Option<String>,
    scope: Scope,
    token: String,
    /// What GitHub and earlier steps put into the environment of every script.
    environment: BTreeMap<String, String>,
    path: Vec<PathBuf>,
    steps: Vec<StepReport>,
    has_failed: bool,
    /// Whether the run was cancelled in the middle of it. A job that starts afterwards, because its
    /// condition says so, runs as any other.
    is_cancelled: bool,
}

impl<'a> JobRun<'a> {
    pub(super) fn new(
        flow: &Flow<'a>,
        id: &str,
        definition: &'a Job,
        mut scope: Scope,
    ) -> Result<Self, String> {
        let context = flow.context;
        let stage = context.stage;
        let machine = definition.runs_on.as_deref().ok_or("it has no runner")?;
        if filled(machine, &scope)?.contains("self-hosted") {
            return Err("a runner of one's own is not known".into());
        }
        let name = filled(definition.name.as_deref().unwrap_or(id), &scope)?;
        let (full_id, full_name) = flow.called(id, &name);
        let permissions = flow.permissions(definition)?;
        let granted: Vec<String> = permissions
            .iter()
            .filter(|(name, level)| *name != "id-token" && *level != "none")
            .map(|(name, level)| format!("{name}:{level}"))
            .collect();
        let granted: Vec<&str> = granted.iter().map(String::as_str).collect();
        let repository = stage.repository.full_name();
        let token = stage.github.token(Token::of_job(&repository, &granted));
        let workspace = Workspace::new(stage.folder.path().join(format!("job-{}", stage.number())));
        scope.contexts["github"]["token"] = json!(token);
        scope.contexts["secrets"] = json!(*locked(&stage.secrets));
        scope.contexts["runner"] = json!({ "temp": workspace.temp().display().to_string() });
        scope.contexts["job"] = json!({ "status": "success" });
        scope.contexts["steps"] = json!({});
        // What the job waited for was asked when it started; its steps have a standing of their own.
        scope.standing = Standing { success: true, failure: false, cancelled: false };
        let called = flow.caller.as_ref().map(|caller| caller.path.clone());
        let mut job = Self {
            context,
            definition,
            id: full_id,
            name: full_name,
            permissions,
            workspace,
            called,
            scope,
            token,
            environment: BTreeMap::new(),
            path: vec![stage.programs()],
            steps: Vec::new(),
            has_failed: false,
            is_cancelled: false,
        };
        job.environment = job.machine();
        Ok(job)
    }

    /// Runs every step, and tells GitHub and the report.
    pub(super) fn run(mut self) -> Result<JobResult, String> {
        let (handle, name) = (&self.context.handle, self.name.clone());
        let mut job = GithubJob::new(&name);
        (job.status, job.conclusion) = ("in_progress".into(), None);
        handle.job(job);
        for (id, interference) in locked(&self.context.stage.before).iter_mut() {
            if *id == self.id {
                interference(handle);
            }
        }
        let mut result = self.execute();
        let conclusion = result.as_ref().map_or("failure", |()| self.status());
        handle.change(|run| {
            let own = run.jobs.iter_mut().rev().find(|job| job.name == name);
            let own = own.expect("the job was told when it started");
            (own.status, own.conclusion) = ("completed".into(), Some(conclusion.into()));
        });
        // The token of a job dies with it.
        self.context.stage.github.revoke(&self.token);
        let mut outputs = BTreeMap::new();
        for (name, template) in &self.definition.outputs {
            match filled(template, &self.scope) {
                Ok(value) => drop(outputs.insert(name.clone(), value)),
                Err(problem) => result = result.and(Err(problem)),
            }
        }
        result?;
        let result = conclusion.to_owned();
        self.context.ended.borrow_mut().push(JobReport {
            id: self.id,
            name: self.name,
            result: result.clone(),
            outputs: outputs.clone(),
            steps: self.steps,
        });
        Ok(JobResult { result, outputs })
    }

    fn execute(&mut self) -> Result<(), String> {
        let definition = self.definition;
        for (number, step) in definition.steps.iter().enumerate() {
            let problem = |problem| format!("step {:?}: {problem}", step.name);
            self.step(number, step).map_err(problem)?;
        }
        Ok(())
    }

    fn step(&mut self, number: usize, step: &Step) -> Result<(), String> {
        let name = step.name.clone().ok_or("it has no name")?;
        let mut report = StepReport {
            name: filled(&name, &self.scope)?,
            uses: step.uses.clone(),
            outcome: "skipped".into(),
            env: BTreeMap::new(),
            log: String::new(),
        };
        let mut outputs = BTreeMap::new();
        let cancel_here = *locked(&self.context.stage.cancel_at) == Some((self.id.clone(), name));
        self.settle_standing();
        if holds(step.condition.as_deref(), &self.scope)? {
            if cancel_here {
                self.context.is_cancelled.set(true);
                self.is_cancelled = true;
                report.outcome = "cancelled".into();
            } else {
                outputs = self.perform(number, step, &mut report)?;
            }
        }
        if report.outcome == "failure" && !step.continue_on_error {
            self.has_failed = true;
        }
        if let Some(id) = &step.id {
            let conclusion = match step.continue_on_error && report.outcome == "failure" {
                true => "success",
                false => &report.outcome,
            };
            self.scope.contexts["steps"][id] = json!({
                "outcome": report.outcome, "conclusion": conclusion, "outputs": outputs,
            });
        }
        self.settle_standing();
        self.steps.push(report);
        Ok(())
    }

    /// Runs the script or the action of a step; its outputs.
    fn perform(
        &mut self,
        number: usize,
        step: &Step,
        report: &mut StepReport,
    ) -> Result<BTreeMap<String, String>, String> {
        match (&step.run, &step.uses) {
            (Some(script), None) => {
                let script = filled(script, &self.scope)?;
                report.env = self.environment_of(&step.env)?;
                let done = step::run(&script, number, &self.workspace, &mut report.env)?;
                report.outcome = if done.is_success { "success" } else { "failure" }.into();
                report.log = done.log;
                self.environment.extend(done.environment);
                self.path.splice(0..0, done.path);
                Ok(done.outputs)
            }
            (None, Some(uses)) if step.env.is_empty() => {
                let inputs = inputs(&step.with, &self.scope)?;
                let action = Action { job: self, run: self.context, inputs };
                match action::perform(uses, &action) {
                    Ok(done) => {
                        report.outcome = "success".into();
                        report.log = done.log;
                        self.path.splice(0..0, done.path);
                        Ok(done.outputs)
                    }
                    Err(Trouble::Failed(log)) => {
                        report.outcome = "failure".into();
                        report.log = log;
                        Ok(BTreeMap::new())
                    }
                    Err(Trouble::Refused(problem)) => Err(problem),
                }
            }
            _ => Err("it must either run a script or use an action without environment".into()),
        }
    }

    /// What the steps so far make of the status functions and of `job.status`.
    fn settle_standing(&mut self) {
        let cancelled = self.is_cancelled;
        self.scope.standing = Standing {
            success: !cancelled && !self.has_failed,
            failure: !cancelled && self.has_failed,
            cancelled,
        };
        let status = self.status();
        self.scope.contexts["job"]["status"] = json!(status);
    }

    fn status(&self) -> &'static str {
        match (self.is_cancelled, self.has_failed) {
            (true, _) => "cancelled",
            (false, true) => "failure",
            (false, false) => "success",
        }
    }

    /// The environment of one script: the machine's, and what the step declares.
    fn environment_of(
        &self,
        declared: &BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut environment = self.environment.clone();
        let own: Vec<String> = self.path.iter().map(|path| path.display().to_string()).collect();
        let inherited = std::env::var("PATH").unwrap_or_default();
        environment.insert("PATH".into(), format!("{}:{inherited}", own.join(":")));
        environment.extend(inputs(declared, &self.scope)?);
        Ok(environment)
    }

    /// What every script finds in its environment before any step says more.
    fn machine(&self) -> BTreeMap<String, String> {
        let (context, stage) = (self.context, self.context.stage);
        let (event, repository) = (&context.event, stage.repository.full_name());
        let at = format!("{repository}/{}@{}", context.workflow_path, event.git_ref);
        let run = context.handle.id().to_string();
        let event_file = self.workspace.files().join("event.json");
        std::fs::write(&event_file, context.payload().to_string()).expect("a file is written");
        let variables = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "release-engineer"),
            ("GITHUB_API_URL", stage.github.api_url()),
            ("GITHUB_EVENT_NAME", &event.name),
            ("GITHUB_EVENT_PATH", &event_file.display().to_string()),
            ("GITHUB_JOB", &self.id),
            ("GITHUB_REF", &event.git_ref),
            ("GITHUB_REF_NAME", event.ref_name()),
            ("GITHUB_REF_TYPE", event.ref_type()),
            ("GITHUB_REPOSITORY", &repository),
            ("GITHUB_REPOSITORY_ID", &stage.repository.id().to_string()),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_RUN_ID", &run),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_SHA", &context.commit),
            ("GITHUB_WORKFLOW", &context.workflow_name),
            ("GITHUB_WORKFLOW_REF", &at),
            ("GITHUB_WORKSPACE", &self.workspace.work().display().to_string()),
            ("HOME", &self.workspace.home().display().to_string()),
            ("RUNNER_OS", "Linux"),
            ("RUNNER_TEMP", &self.workspace.temp().display().to_string()),
            // Not GitHub's: so a debug build of the program waits for nothing.
            ("PROVOST_TEST_NO_PAUSE", "1"),
        ];
        let mut machine: BTreeMap<String, String> =
            variables.iter().chain(&HERMETIC).map(|(a, b)| ((*a).into(), (*b).into())).collect();
        if self.permissions.get("id-token").is_some_and(|level| level == "write") {
            let request = context.handle.token_request();
            machine.insert("ACTIONS_ID_TOKEN_REQUEST_URL".into(), request.url);
            machine.insert("ACTIONS_ID_TOKEN_REQUEST_TOKEN".into(), request.bearer);
        }
        machine
    }

    /// Whether its permissions name this one, or more of it.
    pub(super) fn may(&self, name: &str, level: &str) -> bool {
        let own = self.permissions.get(name).map_or("none", String::as_str);
        own == level || own == "write"
    }
}

/// Texts of `with:` or `env:`, filled in.
fn inputs(
    given: &BTreeMap<String, Value>,
    scope: &Scope,
) -> Result<BTreeMap<String, String>, String> {
    let mut inputs = Map::new();
    for (name, value) in given {
        let value = match value {
            Value::String(template) => filled(template, scope)?,
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return Err(format!("{name} is no text")),
        };
        inputs.insert(name.clone(), json!(value));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(inputs.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}
