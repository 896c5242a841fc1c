//! The checks that only GitHub can answer.

use super::attempt::is_current;
use super::{Found, Online};
use crate::config::Config;
use crate::error::ControlError;
use crate::verify::{ArtifactInput, Judgement};
use provost_attestation::digest::ArtifactDigests;
use provost_attestation::git_ref::Tag;
use provost_github::{GithubError, Repository, Run};
use provost_policy::check::elsewhere::{
    HEAD_REPOSITORY, RUN_ATTEMPT, RUN_CONCLUSION, TAG_COMMIT, UNATTESTED_ASSET,
};
use provost_policy::check::subject_digest;
use provost_policy::{Decision, ProvenFacts, RunId};
use provost_verify::check::Check;
use provost_verify::fault;
use std::collections::BTreeMap;

/// Conclusions of a job that do not stand in the way of what needs it.
const GOOD: [&str; 3] = ["success", "skipped", "neutral"];

/// Adds the online checks to every decision about a verified statement. What cannot be asked is an
/// error in the place of the decision.
pub(in super::super) fn complete(
    judgements: Vec<Judgement>,
    config: &Config,
    tag: &Tag,
    online: &Online,
    found: &Found,
) -> Result<Vec<Judgement>, ControlError> {
    let artifacts: Vec<ArtifactDigests> = judgements
        .iter()
        .filter_map(|judgement| judgement.result.as_ref().ok())
        .filter(|judged| is_attested(&judged.decision))
        .map(|judged| judged.decision.artifact().digests.clone())
        .collect();
    let unattested = unattested(found, &artifacts);
    let repository = online.connection.repository();
    let mut runs = BTreeMap::new();
    let mut complete = Vec::new();
    for mut judgement in judgements {
        judgement.result = match judgement.result {
            Err(error) => Err(error),
            Ok(mut judged) => {
                let checks = match judged.decision.facts() {
                    Some(facts) => {
                        let asked = Asked { repository: &repository, online, config };
                        let mut checks = asked.run_checks(facts, &mut runs)?;
                        checks.push(tag_commit(tag, found, facts));
                        checks.push(unattested.clone());
                        checks
                    }
                    // Without a verified statement there is no run and no commit to ask about.
                    None => {
                        let ids = [
                            RUN_CONCLUSION,
                            RUN_ATTEMPT,
                            HEAD_REPOSITORY,
                            TAG_COMMIT,
                            UNATTESTED_ASSET,
                        ];
                        ids.map(Check::not_run).to_vec()
                    }
                };
                for check in checks {
                    fault::point(check.id());
                    judged.decision = judged.decision.with_check(check);
                }
                Ok(judged)
            }
        };
        complete.push(judgement);
    }
    Ok(complete)
}

/// Whether a verified statement has the artifact among its subjects.
fn is_attested(decision: &Decision) -> bool {
    let is_subject = |check: &Check| check.id() == subject_digest::ID && check.has_passed();
    decision.facts().is_some() && decision.checks().iter().any(is_subject)
}

/// What the checks about a run need.
struct Asked<'a> {
    repository: &'a Repository<'a>,
    online: &'a Online,
    config: &'a Config,
}

impl Asked<'_> {
    /// `run-conclusion`, `run-attempt` and `head-repository`; a run is asked about once.
    fn run_checks(
        &self,
        facts: &ProvenFacts,
        runs: &mut BTreeMap<RunId, (Run, bool)>,
    ) -> Result<Vec<Check>, ControlError> {
        let Some(attested) = facts.run else {
            let reason = "the provenance names no run, as it was signed with a key";
            let ids = [RUN_CONCLUSION, RUN_ATTEMPT, HEAD_REPOSITORY];
            return Ok(ids
                .map(|id| Check::failed(id, "a run of this repository", reason))
                .to_vec());
        };
        if let std::collections::btree_map::Entry::Vacant(entry) = runs.entry(attested) {
            let run = self.repository.run(attested.id)?;
            let is_current = is_current(self.repository, &run, attested)?;
            entry.insert((run, is_current));
        }
        let (run, is_current) = &runs[&attested];
        Ok(vec![
            self.run_conclusion(run, attested, *is_current)?,
            run_attempt(run, attested, *is_current),
            self.head_repository(run),
        ])
    }

    /// The run ended with success. Inside the attesting run itself every job that completed must
    /// have: what the attesting job waited for is among those, as it was able to start.
    fn run_conclusion(
        &self,
        run: &Run,
        attested: RunId,
        is_current: bool,
    ) -> Result<Check, GithubError> {
        const WANTED: &str = "success";
        let failed = |found: &str| {
            Check::failed(RUN_CONCLUSION, WANTED, found).with_hint(
                "valid provenance of a run that failed may come from a poisoned pipeline; look at \
                 the run, and release from a new one",
            )
        };
        if run.is_completed() && is_current {
            return Ok(match run.state() {
                WANTED => Check::passed(RUN_CONCLUSION, WANTED, WANTED),
                other => failed(other),
            });
        }
        let mut jobs = self.repository.jobs(attested.id, attested.attempt)?;
        if is_current && run.run_attempt != attested.attempt {
            // What failed then is being repeated; what succeeded stands.
            jobs.retain(|job| job.conclusion.as_deref() == Some(WANTED));
            jobs.extend(self.repository.jobs(attested.id, run.run_attempt)?);
        }
        let ended: Vec<_> = jobs.iter().filter(|job| job.status == "completed").collect();
        let is_good = |conclusion: Option<&str>| GOOD.contains(&conclusion.unwrap_or_default());
        if let Some(bad) = ended.iter().find(|job| !is_good(job.conclusion.as_deref())) {
            let conclusion = bad.conclusion.as_deref().unwrap_or("no conclusion");
            return Ok(failed(&format!("job {:?}: {conclusion}", bad.name)));
        }
        if !is_current && ended.len() == jobs.len() && !jobs.is_empty() {
            // An earlier attempt all of whose jobs ended well.
            return Ok(Check::passed(RUN_CONCLUSION, WANTED, WANTED));
        }
        let is_inside = self.online.own_run == Some(attested.id);
        if is_inside && ended.iter().any(|job| job.conclusion.as_deref() == Some(WANTED)) {
            let found = format!("success of {} jobs so far, inside the run", ended.len());
            return Ok(Check::passed(RUN_CONCLUSION, WANTED, found));
        }
        Ok(Check::deferred(
            RUN_CONCLUSION,
            format!("run {} is {}; `provost reconcile` asks again", attested.id, run.state()),
        ))
    }

    /// The head that was run is this repository's and not a fork's.
    fn head_repository(&self, run: &Run) -> Check {
        let expected = self.repository.name().to_string();
        let wanted_id = self.config.source.repository_id;
        let Some((id, name)) = run.head_repository() else {
            return Check::failed(HEAD_REPOSITORY, expected, "a repository that was deleted");
        };
        let is_same = id == run.repository_id()
            && self.repository.name().is(name)
            && wanted_id.is_none_or(|wanted| wanted == id);
        match is_same {
            true => Check::passed(HEAD_REPOSITORY, expected, name),
            false => {
                let wanted = wanted_id.unwrap_or(run.repository_id());
                let expected = format!("{expected} (id {wanted})");
                Check::failed(HEAD_REPOSITORY, expected, format!("{name} (id {id})"))
            }
        }
    }
}

fn run_attempt(run: &Run, attested: RunId, is_current: bool) -> Check {
    let expected = format!("attempt {} of run {}", run.run_attempt, run.id);
    let found = format!("attempt {}", attested.attempt);
    match is_current {
        true if run.run_attempt == attested.attempt => Check::passed(RUN_ATTEMPT, expected, found),
        true => {
            let found = format!("{found}, of which only failed jobs were repeated");
            Check::passed(RUN_ATTEMPT, expected, found)
        }
        false => Check::failed(RUN_ATTEMPT, expected, found)
            .with_hint("the run was repeated; take the provenance of its latest attempt"),
    }
}

/// The tag, peeled, still leads to the commit that was attested.
fn tag_commit(tag: &Tag, found: &Found, facts: &ProvenFacts) -> Check {
    let attested = facts.source_commit.as_deref().unwrap_or("no commit");
    match &found.tag {
        None => Check::failed(TAG_COMMIT, format!("tag {tag} at {attested}"), "no such tag")
            .with_hint("the tag was deleted or never pushed; find out by whom"),
        Some(now) if now.commit == attested => {
            Check::passed(TAG_COMMIT, now.commit.as_str(), attested)
        }
        Some(now) => Check::failed(TAG_COMMIT, now.commit.as_str(), attested).with_hint(format!(
            "the first is where {tag} leads today, the second what was built: the tag was moved, \
             or the workflow ran on another ref"
        )),
    }
}

/// Every asset that must be is one of the attested artifacts.
fn unattested(found: &Found, attested: &[ArtifactDigests]) -> Check {
    const WANTED: &str = "every asset of the release attested";
    if found.release.is_none() {
        return Check::skipped(UNATTESTED_ASSET, "there is no release yet");
    }
    let is_attested = |asset: &&ArtifactInput| match asset {
        ArtifactInput::Digests { digests, .. } => digests
            .iter()
            .any(|one| attested.iter().any(|all| all.of(one.algorithm()) == Some(one))),
        ArtifactInput::File(_) => false,
    };
    match found.artifacts.iter().find(|asset| !is_attested(asset)) {
        None => {
            let all = found.artifacts.len();
            Check::passed(UNATTESTED_ASSET, WANTED, format!("{all} of {all}"))
        }
        Some(asset) => {
            let found = format!("{} is attested by none of the bundles", asset.name());
            Check::failed(UNATTESTED_ASSET, WANTED, found).with_hint(
                "attest it in the build, remove it from the release, or except it by name in \
                 [policy].unattested_assets",
            )
        }
    }
}
