//! Workflows and their dispatch.

use serde_json::{Map, Value, json};

use super::super::call::Answer;
use super::super::contract::Edition;
use super::super::run::Run;
use super::super::run_handle::RunHandle;
use super::super::workflow::{DispatchReply, Workflow};
use super::{Names, Route, Routed, node};

impl Route<'_> {
    pub(super) fn get_workflow(&mut self) -> Routed {
        let names = self.names();
        let workflow = self.workflow()?;
        Ok(Answer::json(200, &names.workflow(&workflow)))
    }

    pub(super) fn workflow(&mut self) -> Result<Workflow, Answer> {
        let name = self.matched.parameter("workflow_id").to_owned();
        let mut workflows = self.repository().workflows.iter();
        let found = workflows.find(|workflow| workflow.is(&name)).cloned();
        found.ok_or_else(Answer::not_found)
    }

    /// "Create a workflow dispatch event", in the form of the API version and of the server.
    pub(super) fn dispatch(&mut self) -> Routed {
        let wish = self.call.json();
        let asks = wish.get("return_run_details");
        if self.edition == Edition::V20260310 && asks.is_some() {
            let refusal = "Invalid request.\n\n\"return_run_details\" is not a permitted key.";
            return Err(Answer::error(422, refusal));
        }
        let workflow = self.workflow()?;
        let inputs = wish["inputs"].as_object().cloned().unwrap_or_default();
        let run = self.dispatched(&workflow, wish["ref"].as_str().unwrap_or_default(), inputs)?;
        let handle = self.handle();
        let id = self.state.add_run(handle.id, run);
        if let Some(then) = workflow.on_run {
            let run = RunHandle { repository: handle, id };
            self.afterwards.push(Box::new(move || then(&run)));
        }
        let details = self.edition == Edition::V20260310 || asks == Some(&Value::Bool(true));
        let silent = workflow.reply == DispatchReply::Never || self.state.older_server;
        if !details || silent && self.edition == Edition::V20221128 {
            return Ok(Answer::empty(204));
        }
        let names = self.names();
        let body = json!({
            "workflow_run_id": id,
            "run_url": names.url(&format!("/actions/runs/{id}")),
            "html_url": names.page(&format!("/actions/runs/{id}")),
        });
        Ok(Answer::json(200, &body))
    }

    /// The run that a dispatch starts, or GitHub's refusal.
    fn dispatched(
        &mut self,
        workflow: &Workflow,
        git_ref: &str,
        inputs: Map<String, Value>,
    ) -> Result<Run, Answer> {
        let actor = self.caller.login();
        let objects = &self.repository().objects;
        let no_ref = || Answer::error(422, &format!("No ref found for: {git_ref}"));
        // A commit is no ref.
        let full_ref = objects.full_ref(git_ref).ok_or_else(no_ref)?.name;
        let commit = objects.peel(&full_ref).ok_or_else(no_ref)?;
        let in_git = !objects.is_git() || objects.content(&commit, &workflow.path).is_some();
        if !workflow.exists_at(&full_ref) || !in_git {
            return Err(Answer::not_found());
        }
        if !workflow.enabled {
            let refusal = "Cannot trigger a 'workflow_dispatch' on a disabled workflow";
            return Err(Answer::error(422, refusal));
        }
        if !workflow.dispatchable {
            let refusal = "Workflow does not have 'workflow_dispatch' trigger";
            return Err(Answer::error(422, refusal));
        }
        check_inputs(workflow, &inputs)?;
        let mut run = Run::new(&workflow.path, &full_ref, &commit).event("workflow_dispatch");
        run.status = "queued".into();
        run.conclusion = None;
        run.actor = actor;
        run.workflow_name = workflow.name.clone();
        run.title = title(workflow, &inputs);
        run.inputs = inputs;
        run.hidden_listings = workflow.hidden_listings;
        Ok(run)
    }
}

fn check_inputs(workflow: &Workflow, given: &Map<String, Value>) -> Result<(), Answer> {
    let Some(declared) = &workflow.inputs else { return Ok(()) };
    let unexpected: Vec<_> = given
        .keys()
        .filter(|name| !declared.iter().any(|input| &&input.name == name))
        .map(|name| format!("{name:?}"))
        .collect();
    if !unexpected.is_empty() {
        let names = unexpected.join(", ");
        return Err(Answer::error(422, &format!("Unexpected inputs provided: [{names}]")));
    }
    let empty = |value: Option<&Value>| value.is_none_or(|value| value.as_str() == Some(""));
    for input in declared.iter().filter(|input| input.required) {
        if empty(given.get(&input.name)) {
            let refusal = format!("Required input '{}' not provided", input.name);
            return Err(Answer::error(422, &refusal));
        }
    }
    Ok(())
}

/// `run-name` with the inputs filled in, else the workflow's name.
fn title(workflow: &Workflow, inputs: &Map<String, Value>) -> String {
    let Some(template) = &workflow.run_name else { return workflow.name.clone() };
    let mut title = template.clone();
    for (name, value) in inputs {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        title = title.replace(&format!("${{{{ inputs.{name} }}}}"), &text);
    }
    title
}

impl Names {
    fn workflow(&self, workflow: &Workflow) -> Value {
        let id = workflow.id;
        let branch = &self.settings.default_branch;
        json!({
            "id": id, "node_id": node("W", id), "name": workflow.name, "path": workflow.path,
            "state": if workflow.enabled { "active" } else { "disabled_manually" },
            "created_at": "2025-01-02T03:04:05Z", "updated_at": "2025-01-02T03:04:05Z",
            "url": self.url(&format!("/actions/workflows/{id}")),
            "html_url": self.page(&format!("/blob/{branch}/{}", workflow.path)),
            "badge_url": self.page(&format!("/workflows/{id}/badge.svg")),
        })
    }
}
