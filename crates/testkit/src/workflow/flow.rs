//! The jobs of one workflow file, in the order that `needs:` gives, each under its condition.

use super::document::{Job, Permissions, Workflow, settled};
use super::expression::{Scope, Standing, evaluate, filled, holds, text};
use super::job::JobRun;
use super::report::JobReport;
use super::run::{RunContext, read};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a job ended.
#[derive(Clone, Debug)]
pub(super) struct JobResult {
    pub(super) result: String,
    pub(super) outputs: BTreeMap<String, String>,
}

pub(super) type Results = BTreeMap<String, JobResult>;

/// A workflow file that is run: the triggered one, or one that a job of it calls.
pub(super) struct Flow<'a> {
    pub(super) context: &'a RunContext<'a>,
    pub(super) workflow: &'a Workflow,
    pub(super) inputs: Map<String, Value>,
    /// What stands before ids and names of its jobs; empty for the triggered one.
    pub(super) caller: Option<Caller>,
}

/// The job that calls a workflow.
pub(super) struct Caller {
    id: String,
    name: String,
    /// No job of the called workflow may do more.
    permissions: Permissions,
    /// Path of the called file, which is who signs.
    pub(super) path: String,
}

impl<'a> Flow<'a> {
    pub(super) fn triggered(
        context: &'a RunContext<'a>,
        workflow: &'a Workflow,
        inputs: Map<String, Value>,
    ) -> Self {
        Self { context, workflow, inputs, caller: None }
    }

    /// Runs every job.
    pub(super) fn run(&self) -> Result<Results, String> {
        let mut results = Results::new();
        while results.len() < self.workflow.jobs.len() {
            let mut next = None;
            for (id, job) in &self.workflow.jobs {
                let needs = job.needs()?;
                let is_ready = needs.iter().all(|need| results.contains_key(need));
                if next.is_none() && is_ready && !results.contains_key(id) {
                    next = Some((id, job, needs));
                }
            }
            let Some((id, job, needs)) = next else {
                return Err("jobs wait for each other, or for one that is not there".into());
            };
            let result = self.settle(id, job, &needs, &results);
            let result = result.map_err(|problem| format!("job {id}: {problem}"))?;
            results.insert(id.clone(), result);
        }
        Ok(results)
    }

    /// Runs the job if it is to be run.
    fn settle(
        &self,
        id: &str,
        job: &Job,
        needs: &[String],
        results: &Results,
    ) -> Result<JobResult, String> {
        let mut scope = self.context.scope(&self.inputs);
        let needed: Map<String, Value> =
            needs.iter().map(|need| (need.clone(), self.needed(need, results))).collect();
        scope.contexts["needs"] = Value::Object(needed);
        scope.standing = self.standing(needs, results)?;
        if !holds(job.condition.as_deref(), &scope)? {
            self.ended(id, job.name.as_deref().unwrap_or(id), "skipped");
            return Ok(JobResult { result: "skipped".into(), outputs: BTreeMap::new() });
        }
        match (&job.uses, &job.strategy) {
            (Some(path), None) => self.call(id, job, path, &scope),
            (None, Some(strategy)) => {
                let [(variable, values)]: [_; 1] = strategy
                    .matrix
                    .iter()
                    .collect::<Vec<_>>()
                    .try_into()
                    .map_err(|_| "a matrix of other than one variable is not known")?;
                let mut all: Option<JobResult> = None;
                for value in values {
                    scope.contexts["matrix"] = json!({ variable.as_str(): value });
                    let one = JobRun::new(self, id, job, scope.clone())?.run()?;
                    let is_worse = all.as_ref().is_none_or(|all| all.result == "success");
                    all = if is_worse { Some(one) } else { all };
                }
                all.ok_or_else(|| "the matrix is empty".into())
            }
            (None, None) => JobRun::new(self, id, job, scope)?.run(),
            (Some(_), Some(_)) => Err("a matrix of calls is not known".into()),
        }
    }

    /// `needs.ID`: every output that the job declares is there.
    fn needed(&self, need: &str, results: &Results) -> Value {
        let Some(result) = results.get(need) else { return Value::Null };
        let mut outputs: Map<String, Value> = Map::new();
        if let Some(job) = self.workflow.jobs.get(need) {
            outputs.extend(job.outputs.keys().map(|name| (name.clone(), json!(""))));
            let called = job
                .uses
                .as_deref()
                .and_then(local)
                .and_then(|path| read(self.context.stage, &self.context.commit, path).ok());
            let called = called.map(|called| called.call_outputs()).unwrap_or_default();
            outputs.extend(called.into_keys().map(|name| (name, json!(""))));
        }
        outputs.extend(result.outputs.iter().map(|(name, value)| (name.clone(), json!(value))));
        json!({ "result": result.result, "outputs": outputs })
    }

    /// What `success()` and its like are for a job: they look at everything that it waits for,
    /// directly or not.
    fn standing(&self, needs: &[String], results: &Results) -> Result<Standing, String> {
        let mut ancestors = BTreeSet::new();
        let mut open = needs.to_vec();
        while let Some(id) = open.pop() {
            if let Some(job) = self.workflow.jobs.get(&id) {
                open.extend(job.needs()?);
            }
            ancestors.insert(id);
        }
        let ended = || ancestors.iter().filter_map(|id| results.get(id));
        let cancelled = self.context.is_cancelled.get();
        Ok(Standing {
            success: !cancelled && ended().all(|job| job.result == "success"),
            failure: !cancelled && ended().any(|job| job.result == "failure"),
            cancelled,
        })
    }

    /// Runs the workflow that a job calls.
    fn call(&self, id: &str, job: &Job, path: &str, scope: &Scope) -> Result<JobResult, String> {
        let path = local(path).ok_or_else(|| format!("the workflow {path} is not known"))?;
        let called = read(self.context.stage, &self.context.commit, path)?;
        let mut given = Map::new();
        for (name, value) in &job.with {
            given.insert(name.clone(), with_value(value, scope)?);
        }
        let name = job.name.clone().unwrap_or_else(|| id.to_owned());
        let flow = Flow {
            context: self.context,
            workflow: &called,
            inputs: settled(&called.inputs("workflow_call")?, &given)?,
            caller: Some(Caller {
                id: id.to_owned(),
                name: name.clone(),
                permissions: self.permissions(job)?,
                path: path.to_owned(),
            }),
        };
        let results = flow.run()?;
        let has = |wanted: &str| results.values().any(|job| job.result == wanted);
        let worst = ["failure", "cancelled", "success"].into_iter().find(|result| has(result));
        let mut scope = self.context.scope(&flow.inputs);
        let jobs = results.keys().map(|id| (id.clone(), flow.needed(id, &results)));
        scope.contexts["jobs"] = Value::Object(jobs.collect());
        let mut outputs = BTreeMap::new();
        for (name, value) in called.call_outputs() {
            outputs.insert(name, filled(&value, &scope)?);
        }
        let result = worst.unwrap_or("skipped").to_owned();
        // GitHub lists the called jobs and not the caller; the report has both.
        self.context.ended.borrow_mut().push(JobReport {
            id: id.to_owned(),
            name,
            result: result.clone(),
            outputs: outputs.clone(),
            steps: Vec::new(),
        });
        Ok(JobResult { result, outputs })
    }

    /// What the job's token may do. A called job that wants more than its caller has does not
    /// start.
    pub(super) fn permissions(&self, job: &Job) -> Result<Permissions, String> {
        let own = job.permissions.clone().unwrap_or_else(|| self.workflow.permissions.clone());
        let Some(caller) = &self.caller else { return Ok(own) };
        let is_within = |(name, level): (&String, &String)| {
            let limit = caller.permissions.get(name).map_or("none", String::as_str);
            limit == "write" || level == limit || level == "none"
        };
        match own.iter().find(|permission| !is_within(*permission)) {
            Some((name, level)) => Err(format!("{name}: {level} is more than its caller gives")),
            None => Ok(own),
        }
    }

    /// Id and display name of a job, behind those of the caller.
    pub(super) fn called(&self, id: &str, name: &str) -> (String, String) {
        match &self.caller {
            Some(caller) => (format!("{}/{id}", caller.id), format!("{} / {name}", caller.name)),
            None => (id.to_owned(), name.to_owned()),
        }
    }

    /// Tells GitHub and the report of a job that was not run.
    fn ended(&self, id: &str, name: &str, result: &str) {
        let (id, name) = self.called(id, name);
        self.context.handle.job(crate::github::Job::new(&name).conclusion(result));
        let (outputs, steps) = (BTreeMap::new(), Vec::new());
        let report = JobReport { id, name, result: result.to_owned(), outputs, steps };
        self.context.ended.borrow_mut().push(report);
    }
}

/// Path of a workflow of the same commit.
fn local(uses: &str) -> Option<&str> {
    uses.strip_prefix("./").filter(|path| path.starts_with(".github/workflows/"))
}

/// A value under `with:`; one that is an expression alone keeps its type.
fn with_value(value: &Value, scope: &Scope) -> Result<Value, String> {
    let Some(template) = value.as_str() else { return Ok(value.clone()) };
    let whole = template.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    match whole.filter(|inner| !inner.contains("${{")) {
        Some(inner) => {
            let value = evaluate(inner, scope)?;
            Ok(if value.is_null() { json!(text(&value)?) } else { value })
        }
        None => Ok(json!(filled(template, scope)?)),
    }
}
