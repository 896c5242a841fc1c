//! Whether anything asks whose the run was whose files a step takes: a condition, or a script that
//! comes first and ends with a failure.

use crate::effect::Act;
use crate::expression::equal_where_true;
use crate::model::Step;
use crate::world::{JobRef, JobView, World};
use std::collections::HashSet;

/// Whether a step runs only for a run of this repository's own.
pub(crate) fn is_asked(world: &World, job: JobView<'_>, step: usize) -> bool {
    let own = job.job.steps.get(step).is_some_and(in_condition);
    own || in_steps(job, step) || before(world, job, &mut HashSet::new())
}

/// Whether the job as a whole does. A job that was looked at already counts for nothing more.
fn before(world: &World, job: JobView<'_>, seen: &mut HashSet<JobRef>) -> bool {
    let condition = job.job.condition.as_ref().map_or("", |condition| condition.value.as_str());
    if equal_where_true(condition).iter().any(is_own) {
        return true;
    }
    if !seen.insert(job.at) {
        return false;
    }
    // Without these a job is skipped when one that it needs is skipped or fails.
    let runs_anyway = ["always()", "failure()", "cancelled()"];
    let mut needed = job.job.needs.iter().filter_map(|need| {
        world.jobs_of(job.at.file).find(|other| other.id().eq_ignore_ascii_case(&need.value))
    });
    if !runs_anyway.iter().any(|word| condition.contains(word))
        && needed.any(|other| in_steps(other, other.job.steps.len()) || before(world, other, seen))
    {
        return true;
    }
    let only_called = job.workflow.triggers.iter().all(|t| t.event == "workflow_call");
    let mut callers = world.callers(job.at.file).peekable();
    only_called && callers.peek().is_some() && callers.all(|caller| before(world, caller, seen))
}

fn in_condition(step: &Step) -> bool {
    step.condition
        .as_ref()
        .is_some_and(|condition| equal_where_true(&condition.value).iter().any(is_own))
}

/// Whether one of the first steps of a job fails for a run of others.
fn in_steps(job: JobView<'_>, count: usize) -> bool {
    job.steps().take(count).any(|(_, step, facts)| {
        let always_counts = step.condition.is_none() && step.continue_on_error.is_none();
        always_counts && facts.equal.iter().any(is_own)
    })
}

/// Whether the files are compared with something that is not in them: a signature, or a digest.
pub(crate) fn is_verified(job: JobView<'_>, step: usize) -> bool {
    job.steps().skip(step).any(|(_, step, facts)| {
        let verifies =
            facts.effects.iter().any(|effect| effect.act == Act::Verify && effect.lost.is_none());
        let compares = facts.equal.iter().any(|(one, other)| {
            [one, other].iter().any(|text| {
                let text = text.to_ascii_lowercase();
                text.contains("digest") || text.contains("sha256") || text.contains("sha512")
            })
        });
        (verifies || compares) && step.continue_on_error.is_none()
    })
}

/// Events that no stranger causes.
const OWN_EVENTS: [&str; 6] =
    ["push", "schedule", "workflow_dispatch", "repository_dispatch", "release", "merge_group"];

/// Whether two texts are equal only for a run of this repository's own.
fn is_own((one, other): &(String, String)) -> bool {
    let (one, other) = (plain(one), plain(other));
    says_so(&one, &other) || says_so(&other, &one)
}

/// Without what spellings differ in: `head_repository.full_name`, `headRepository.fullName`.
fn plain(text: &str) -> String {
    text.to_ascii_lowercase().replace(['_', '.', ' '], "")
}

fn says_so(of_run: &str, known: &str) -> bool {
    let is_ours = known.contains("githubrepository")
        || known.contains("githubeventrepository")
        || known.contains("{owner}/{repo}");
    if of_run.contains("headrepo") {
        // A name that is written out has an owner before its slash.
        let is_written = known.contains('/') && !known.contains(['$', '{']);
        return match of_run.ends_with("fork") {
            true => known == "false",
            false => (is_ours || is_written) && !known.contains("headrepo"),
        };
    }
    if of_run.contains("headsha") {
        return known.contains("githubsha");
    }
    let is_event = of_run.ends_with("workflowrunevent");
    is_event && OWN_EVENTS.iter().any(|event| known == plain(event))
}
