//! Runs, jobs and artifacts.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::artifact::Artifact;
use super::super::call::Answer;
use super::super::job::Job;
use super::super::run::Run;
use super::super::state::written;
use super::{Names, Route, Routed, node, number_of};

impl Route<'_> {
    /// Newest first, filtered as the query says; of one workflow if the path names it.
    pub(super) fn list_runs(&mut self) -> Routed {
        let path = match self.matched.parameter("workflow_id") {
            "" => None,
            _ => Some(self.workflow()?.path),
        };
        let names = self.names();
        let mut shown = Vec::new();
        let query = self.call.query.clone();
        for run in self.repository().runs.iter_mut().rev() {
            run.looked_at();
            if run.hidden_listings > 0 {
                run.hidden_listings -= 1;
                continue;
            }
            let of_workflow = path.as_ref().is_none_or(|path| path == &run.workflow_path);
            if of_workflow && query.iter().all(|(name, value)| fits(run, name, value)) {
                shown.push(run.clone());
            }
        }
        let ids = self.workflow_ids(&shown);
        let page = self.page_of(shown.into_iter().zip(ids).collect());
        let runs: Vec<_> = page.items.iter().map(|(run, id)| names.run(run, *id)).collect();
        Ok(page.answer(&json!({ "total_count": page.total, "workflow_runs": runs })))
    }

    pub(super) fn get_run(&mut self) -> Routed {
        let run = self.run()?;
        run.looked_at();
        let run = run.clone();
        self.run_answer(&run)
    }

    pub(super) fn get_run_attempt(&mut self) -> Routed {
        let attempt = self.number("attempt_number");
        let mut run = self.run()?.clone();
        if attempt == 0 || attempt > run.attempt {
            return Err(Answer::not_found());
        }
        if attempt < run.attempt {
            // An earlier attempt is over; how it ended is told by its jobs.
            let mut jobs = run.jobs.iter().filter(|job| job.attempt == attempt);
            let ended = jobs.find_map(|job| job.conclusion.clone().filter(|end| end != "success"));
            run.status = "completed".into();
            run.conclusion = Some(ended.unwrap_or_else(|| "success".into()));
            run.attempt = attempt;
        }
        self.run_answer(&run)
    }

    fn run_answer(&mut self, run: &Run) -> Routed {
        let names = self.names();
        let ids = self.workflow_ids(std::slice::from_ref(run));
        Ok(Answer::json(200, &names.run(run, ids[0])))
    }

    /// Number of the workflow of each run; made up where the test added no workflow.
    fn workflow_ids(&mut self, runs: &[Run]) -> Vec<u64> {
        let workflows = self.repository().workflows.clone();
        let id_of = |path: &String| {
            let found = workflows.iter().find(|workflow| &workflow.path == path);
            found.map_or_else(|| number_of(path), |workflow| workflow.id)
        };
        runs.iter().map(|run| id_of(&run.workflow_path)).collect()
    }

    pub(super) fn delete_run(&mut self) -> Routed {
        let id = self.run()?.id;
        self.repository().runs.retain(|run| run.id != id);
        Ok(Answer::empty(204))
    }

    pub(super) fn rerun(&mut self) -> Routed {
        let run = self.run()?;
        if run.status != "completed" {
            return Err(Answer::error(403, "This workflow is already running"));
        }
        run.attempt += 1;
        run.status = "queued".into();
        run.conclusion = None;
        Ok(Answer::json(201, &json!({})))
    }

    /// Of the newest attempt, or of all with `filter=all`.
    pub(super) fn list_jobs(&mut self) -> Routed {
        let all = self.call.query("filter") == Some("all");
        let attempt = self.run()?.attempt;
        self.jobs_answer(|job| all || job.attempt == attempt)
    }

    pub(super) fn list_jobs_of_attempt(&mut self) -> Routed {
        let attempt = self.number("attempt_number");
        if attempt == 0 || attempt > self.run()?.attempt {
            return Err(Answer::not_found());
        }
        self.jobs_answer(|job| job.attempt == attempt)
    }

    fn jobs_answer(&mut self, shown: impl Fn(&Job) -> bool) -> Routed {
        let names = self.names();
        let run = self.run()?.clone();
        let page = self.page_of(run.jobs.iter().filter(|job| shown(job)).cloned().collect());
        let jobs: Vec<_> = page.items.iter().map(|job| names.job(&run, job)).collect();
        Ok(page.answer(&json!({ "total_count": page.total, "jobs": jobs })))
    }

    /// Newest first; by name if the query says so.
    pub(super) fn list_artifacts(&mut self) -> Routed {
        let names = self.names();
        let run = self.run()?.clone();
        let name = self.call.query("name").map(str::to_owned);
        let oldest_first = self.call.query("direction") == Some("asc");
        let artifacts = self.repository().artifacts.iter().filter(|artifact| {
            artifact.run == run.id && name.as_ref().is_none_or(|name| name == &artifact.name)
        });
        let mut artifacts: Vec<_> = artifacts.cloned().collect();
        if !oldest_first {
            artifacts.reverse();
        }
        let page = self.page_of(artifacts);
        let items: Vec<_> = page.items.iter().map(|own| names.artifact(&run, own)).collect();
        Ok(page.answer(&json!({ "total_count": page.total, "artifacts": items })))
    }

    /// Of all runs, newest first; by name if the query says so.
    pub(super) fn list_artifacts_of_repository(&mut self) -> Routed {
        let names = self.names();
        let name = self.call.query("name").map(str::to_owned);
        let repository = self.repository();
        let fits = |artifact: &&Artifact| name.as_ref().is_none_or(|name| name == &artifact.name);
        let of_run = |artifact: &Artifact| {
            let run = repository.runs.iter().find(|run| run.id == artifact.run)?;
            Some((run.clone(), artifact.clone()))
        };
        let shown = repository.artifacts.iter().rev().filter(fits).filter_map(of_run).collect();
        let page = self.page_of(shown);
        let items: Vec<_> = page.items.iter().map(|(run, own)| names.artifact(run, own)).collect();
        Ok(page.answer(&json!({ "total_count": page.total, "artifacts": items })))
    }

    /// A redirect to the archive on the second host, or 410 once it has expired.
    pub(super) fn download_artifact(&mut self) -> Routed {
        let id = self.number("artifact_id");
        let mut artifacts = self.repository().artifacts.iter();
        let artifact = artifacts.find(|artifact| artifact.id == id).cloned();
        let artifact = artifact.ok_or_else(Answer::not_found)?;
        if self.matched.parameter("archive_format") != "zip" {
            return Err(Answer::not_found());
        }
        if artifact.expired {
            return Err(Answer::error(410, "Artifact has expired"));
        }
        let path = format!("/artifacts/{id}.zip");
        let address = self.state.publish(&path, "application/zip", artifact.archive);
        let address = format!("{}{address}", self.shared.addresses.blob);
        Ok(Answer::empty(302).header("location", &address))
    }

    fn run(&mut self) -> Result<&mut Run, Answer> {
        let id = self.number("run_id");
        let mut runs = self.repository().runs.iter_mut();
        runs.find(|run| run.id == id).ok_or_else(Answer::not_found)
    }
}

/// Does the run fit one filter of the listing?
fn fits(run: &Run, name: &str, value: &str) -> bool {
    match name {
        "actor" => run.actor.eq_ignore_ascii_case(value),
        "branch" => run.short_ref() == value,
        "event" => run.event == value,
        "head_sha" => run.commit == value,
        "status" => run.status == value || run.conclusion.as_deref() == Some(value),
        "created" => created_fits(run, value),
        _ => true,
    }
}

/// GitHub's search syntax: `DATE`, `>=DATE`, `<DATE`, `DATE..DATE`; a day alone is all of it.
fn created_fits(run: &Run, expression: &str) -> bool {
    let Some(created) = run.created else { return false };
    // Seconds are the finest that GitHub shows.
    let created = Timestamp::from_second(created.as_second()).unwrap_or(created);
    let (start, end) = (|text| moment(text, false), |text| moment(text, true));
    if let Some((from, to)) = expression.split_once("..") {
        let after = from == "*" || start(from).is_some_and(|from| created >= from);
        return after && (to == "*" || end(to).is_some_and(|to| created <= to));
    }
    for (sign, holds) in [
        (
            ">=",
            (|created, start, _| created >= start) as fn(Timestamp, Timestamp, Timestamp) -> bool,
        ),
        ("<=", |created, _, end| created <= end),
        (">", |created, _, end| created > end),
        ("<", |created, start, _| created < start),
        ("", |created, start, end| start <= created && created <= end),
    ] {
        if let Some(date) = expression.strip_prefix(sign) {
            let window = start(date).zip(end(date));
            return window.is_some_and(|(start, end)| holds(created, start, end));
        }
    }
    false
}

/// First or last second of what the text names.
fn moment(text: &str, last: bool) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let day: Timestamp = format!("{text}T00:00:00Z").parse().ok()?;
    if last { day.checked_add(86_399.seconds()).ok() } else { Some(day) }
}

impl Names {
    fn run(&self, run: &Run, workflow: u64) -> Value {
        let id = run.id;
        let url = self.url(&format!("/actions/runs/{id}"));
        let head = match &run.head_repository {
            Some(fork) => self.repository_named(fork),
            None => self.repository(),
        };
        let created = run.created.map(written);
        let person = json!({ "name": "Release Engineer", "email": "release@example.org" });
        let earlier = run.attempt - 1;
        json!({
            "id": id, "node_id": node("WFR", id), "name": run.workflow_name,
            "display_title": run.title, "path": run.workflow_path, "workflow_id": workflow,
            "workflow_url": self.url(&format!("/actions/workflows/{workflow}")),
            "check_suite_id": id + 1, "check_suite_node_id": node("CS", id + 1),
            "check_suite_url": self.url(&format!("/check-suites/{}", id + 1)),
            "head_branch": run.short_ref(), "head_sha": run.commit, "event": run.event,
            "status": run.status, "conclusion": run.conclusion, "run_number": 1,
            "run_attempt": run.attempt, "url": url,
            "html_url": self.page(&format!("/actions/runs/{id}")),
            "jobs_url": format!("{url}/jobs"), "logs_url": format!("{url}/logs"),
            "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
            "rerun_url": format!("{url}/rerun"),
            "previous_attempt_url":
                (earlier > 0).then(|| format!("{url}/attempts/{earlier}")),
            "created_at": created, "updated_at": created, "run_started_at": created,
            "actor": self.user(&run.actor), "triggering_actor": self.user(&run.actor),
            "pull_requests": [], "referenced_workflows": [],
            "head_commit": {
                "id": run.commit, "tree_id": run.commit, "message": "A commit",
                "timestamp": created, "author": person, "committer": person,
            },
            "repository": self.repository(), "head_repository": head,
        })
    }

    fn job(&self, run: &Run, job: &Job) -> Value {
        let (id, run_id) = (job.id, run.id);
        let time = run.created.map(written);
        let page = format!("/actions/runs/{run_id}/job/{id}");
        json!({
            "id": id, "node_id": node("CR", id), "run_id": run_id, "name": job.name,
            "run_attempt": job.attempt, "workflow_name": run.workflow_name,
            "run_url": self.url(&format!("/actions/runs/{run_id}")),
            "head_sha": run.commit, "head_branch": run.short_ref(),
            "url": self.url(&format!("/actions/jobs/{id}")), "html_url": self.page(&page),
            "check_run_url": self.url(&format!("/check-runs/{id}")),
            "status": job.status, "conclusion": job.conclusion, "created_at": time,
            "started_at": time, "completed_at": job.conclusion.as_ref().and(time.clone()),
            "steps": [], "labels": job.labels, "runner_id": 1, "runner_name": "GitHub Actions 1",
            "runner_group_id": 0, "runner_group_name": "GitHub Actions",
        })
    }

    fn artifact(&self, run: &Run, artifact: &Artifact) -> Value {
        let id = artifact.id;
        let url = self.url(&format!("/actions/artifacts/{id}"));
        let created = run.created.map(written);
        let head = match &run.head_repository {
            Some(fork) => number_of(fork),
            None => self.settings.id,
        };
        json!({
            "id": id, "node_id": node("A", id), "name": artifact.name,
            "size_in_bytes": artifact.archive.len(), "digest": artifact.digest, "url": url,
            "archive_download_url": format!("{url}/zip"), "expired": artifact.expired,
            "created_at": created, "updated_at": created,
            "expires_at": run.created
                .and_then(|time| time.checked_add((90 * 24).hours()).ok()).map(written),
            "workflow_run": {
                "id": run.id, "repository_id": self.settings.id, "head_repository_id": head,
                "head_branch": run.short_ref(), "head_sha": run.commit,
            },
        })
    }
}
