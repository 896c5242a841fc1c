//! A workflow file, read strictly: a key that nobody here knows is refused.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names of permissions and how far each goes.
pub(super) type Permissions = BTreeMap<String, String>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Workflow {
    pub(super) name: String,
    pub(super) run_name: Option<String>,
    pub(super) on: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) permissions: Permissions,
    pub(super) concurrency: Option<Concurrency>,
    pub(super) defaults: Option<Defaults>,
    pub(super) jobs: BTreeMap<String, Job>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Concurrency {
    pub(super) group: String,
    /// None of the templates lets a run be cancelled by another.
    pub(super) cancel_in_progress: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    pub(super) run: RunDefaults,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunDefaults {
    pub(super) shell: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Job {
    pub(super) name: Option<String>,
    #[serde(default)]
    needs: Value,
    #[serde(rename = "if")]
    pub(super) condition: Option<String>,
    pub(super) runs_on: Option<String>,
    #[serde(rename = "timeout-minutes")]
    _timeout_minutes: Option<u64>,
    /// Its reviewers have approved, as far as a runner is concerned.
    #[serde(rename = "environment")]
    _environment: Option<String>,
    pub(super) permissions: Option<Permissions>,
    #[serde(default)]
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) strategy: Option<Strategy>,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    pub(super) uses: Option<String>,
    #[serde(default)]
    pub(super) with: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strategy {
    pub(super) matrix: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Step {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "if")]
    pub(super) condition: Option<String>,
    pub(super) uses: Option<String>,
    pub(super) run: Option<String>,
    pub(super) shell: Option<String>,
    #[serde(default)]
    pub(super) with: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) continue_on_error: bool,
}

/// An input of `workflow_dispatch` or `workflow_call`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) default: Value,
}

impl Workflow {
    /// Reads the text; the problem names line and column.
    pub(super) fn read(path: &str, text: &str) -> Result<Self, String> {
        let workflow: Self =
            serde_saphyr::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        let steps = workflow.jobs.values().flat_map(|job| &job.steps);
        let own = steps.filter_map(|step| step.shell.as_ref());
        let mut shells = own.chain(workflow.defaults.iter().map(|defaults| &defaults.run.shell));
        if let Some(shell) = shells.find(|shell| *shell != "bash") {
            return Err(format!("{path}: the shell {shell:?} is not known"));
        }
        if workflow.concurrency.as_ref().is_some_and(|own| own.cancel_in_progress) {
            return Err(format!("{path}: cancel-in-progress is not known"));
        }
        Ok(workflow)
    }

    /// The inputs that a trigger declares; none where there is no such trigger.
    pub(super) fn inputs(&self, trigger: &str) -> Result<BTreeMap<String, Input>, String> {
        let declared = self.on.get(trigger).and_then(|trigger| trigger.get("inputs"));
        match declared {
            None => Ok(BTreeMap::new()),
            Some(inputs) => {
                serde_json::from_value(inputs.clone()).map_err(|error| format!("inputs: {error}"))
            }
        }
    }

    /// The expressions of the outputs that a caller gets, by name.
    pub(super) fn call_outputs(&self) -> BTreeMap<String, String> {
        let outputs = self.on.get("workflow_call").and_then(|trigger| trigger.get("outputs"));
        let outputs = outputs.and_then(Value::as_object).into_iter().flatten();
        let value = |output: &Value| output.get("value").and_then(Value::as_str).map(str::to_owned);
        outputs.filter_map(|(name, output)| Some((name.clone(), value(output)?))).collect()
    }
}

impl Job {
    /// The ids of the jobs that it waits for.
    pub(super) fn needs(&self) -> Result<Vec<String>, String> {
        match &self.needs {
            Value::Null => Ok(Vec::new()),
            Value::String(one) => Ok(vec![one.clone()]),
            many => serde_json::from_value(many.clone()).map_err(|error| format!("needs: {error}")),
        }
    }
}

/// What is given for declared inputs, typed, with defaults; every declared input is there.
pub(super) fn settled(
    declared: &BTreeMap<String, Input>,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(format!("the input {unknown} is not declared"));
    }
    let mut settled = Map::new();
    for (name, input) in declared {
        let value = match given.get(name) {
            Some(value) => typed(name, &input.kind, value)?,
            None if input.required => return Err(format!("the input {name} is required")),
            None => input.default.clone(),
        };
        settled.insert(name.clone(), value);
    }
    Ok(settled)
}

fn typed(name: &str, kind: &str, value: &Value) -> Result<Value, String> {
    match (kind, value) {
        ("boolean", Value::Bool(_)) | ("string", Value::String(_)) => Ok(value.clone()),
        ("boolean", Value::String(text)) if text == "true" => Ok(Value::Bool(true)),
        ("boolean", Value::String(text)) if text == "false" => Ok(Value::Bool(false)),
        _ => Err(format!("the input {name} is {value}, and should be a {kind}")),
    }
}
