//! One run from its start to its end.

use super::document::{Workflow, settled};
use super::event::Event;
use super::expression::{Scope, Standing, filled};
use super::flow::Flow;
use super::git;
use super::report::{JobReport, RunReport};
use super::stage::{Stage, locked};
use crate::github::{Run, RunHandle};
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};

/// What the jobs of a run share.
pub(super) struct RunContext<'a> {
    pub(super) stage: &'a Stage,
    pub(super) handle: RunHandle,
    pub(super) event: Event,
    pub(super) commit: String,
    /// `name:` of the workflow that was triggered.
    pub(super) workflow_name: String,
    pub(super) workflow_path: String,
    pub(super) is_cancelled: Cell<bool>,
    pub(super) ended: RefCell<Vec<JobReport>>,
}

/// Starts the workflow of that file name and runs it to its end.
pub(super) fn start(stage: &Stage, file: &str, event: Event) -> Result<RunReport, String> {
    let path = format!(".github/workflows/{file}");
    let commit = stage.repository.peel(&event.git_ref);
    let commit = commit.ok_or_else(|| format!("there is no {}", event.git_ref))?;
    let run = Run::new(&path, &event.git_ref, &commit).event(&event.name).in_progress();
    let handle = stage.repository.run(run);
    conclude(stage, &handle, event)
}

/// Runs what the API has dispatched.
pub(super) fn continue_dispatched(stage: &Stage, handle: &RunHandle) -> Result<RunReport, String> {
    let run = handle.get();
    let mut event = Event::new("workflow_dispatch", &run.git_ref, json!({}));
    event.inputs = run.inputs;
    conclude(stage, handle, event)
}

/// Runs it; the run is over for GitHub too, also when it was refused.
fn conclude(stage: &Stage, handle: &RunHandle, event: Event) -> Result<RunReport, String> {
    let report = execute(stage, handle, event);
    let conclusion = report.as_ref().map_or("failure", |report| report.conclusion.as_str());
    handle.complete(conclusion);
    report
}

fn execute(stage: &Stage, handle: &RunHandle, event: Event) -> Result<RunReport, String> {
    let run = handle.get();
    let path = run.workflow_path.clone();
    let workflow = read(stage, &run.commit, &path)?;
    let trigger = match event.name.as_str() {
        name if workflow.on.contains_key(name) => name.to_owned(),
        name => return Err(format!("{path} is not started by {name}")),
    };
    // Without the trigger's own inputs every declared one is there and empty.
    let inputs = match trigger.as_str() {
        "workflow_dispatch" => settled(&workflow.inputs(&trigger)?, &event.inputs)?,
        _ => all_empty(&workflow)?,
    };
    let context = RunContext {
        stage,
        handle: handle.clone(),
        commit: run.commit,
        workflow_name: workflow.name.clone(),
        workflow_path: path.clone(),
        is_cancelled: Cell::new(false),
        ended: RefCell::default(),
        event,
    };
    let scope = context.scope(&inputs);
    let title = match &workflow.run_name {
        Some(template) => filled(template, &scope)?,
        None => workflow.name.clone(),
    };
    handle.change(|run| {
        run.title = title;
        run.workflow_name.clone_from(&workflow.name);
        run.status = "in_progress".into();
    });
    let group = match &workflow.concurrency {
        Some(concurrency) => filled(&concurrency.group, &scope)?,
        None => format!("run {}", handle.id()),
    };
    if !locked(&stage.groups).insert(group.clone()) {
        return Err(format!("two runs of the group {group:?} would wait for each other"));
    }
    let flow = Flow::triggered(&context, &workflow, inputs);
    let results = flow.run();
    locked(&stage.groups).remove(&group);
    let results = results?;
    let conclusion = match () {
        () if context.is_cancelled.get() => "cancelled",
        () if results.values().any(|job| job.result == "failure") => "failure",
        () => "success",
    };
    Ok(RunReport {
        id: handle.id(),
        workflow: path,
        event: context.event.name.clone(),
        conclusion: conclusion.into(),
        jobs: context.ended.into_inner(),
    })
}

/// The workflow as it stands in a commit.
pub(super) fn read(stage: &Stage, commit: &str, path: &str) -> Result<Workflow, String> {
    let text = git::said(&stage.remote(), &["show", &format!("{commit}:{path}")]);
    Workflow::read(path, &text.ok_or_else(|| format!("{path} is not in {commit}"))?)
}

fn all_empty(workflow: &Workflow) -> Result<Map<String, Value>, String> {
    let mut inputs = Map::new();
    for trigger in ["workflow_dispatch", "workflow_call"] {
        let names = workflow.inputs(trigger)?.into_keys();
        inputs.extend(names.map(|name| (name, Value::Null)));
    }
    Ok(inputs)
}

impl RunContext<'_> {
    /// What every expression of the run can see.
    pub(super) fn scope(&self, inputs: &Map<String, Value>) -> Scope {
        let (event, repository) = (&self.event, &self.stage.repository);
        let full_name = repository.full_name();
        let github = json!({
            "event_name": event.name, "event": self.payload(), "ref": event.git_ref,
            "ref_name": event.ref_name(), "ref_type": event.ref_type(), "sha": self.commit,
            "repository": full_name, "run_id": self.handle.id().to_string(),
            "run_attempt": "1", "workflow": self.workflow_name,
        });
        let standing = Standing { success: true, failure: false, cancelled: false };
        Scope { contexts: json!({ "github": github, "inputs": inputs }), standing }
    }
    /// `github.event`, which scripts find in a file.
    pub(super) fn payload(&self) -> Value {
        let repository = &self.stage.repository;
        let mut payload = self.event.payload.clone();
        payload["repository"] = json!({
            "default_branch": repository.default_branch(), "full_name": repository.full_name(),
        });
        if self.event.name == "workflow_dispatch" {
            payload["inputs"] = json!(self.event.inputs);
        }
        payload
    }
}
