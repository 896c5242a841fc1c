//! `unreported-outcome`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At};
use crate::finding::{Confidence, Severity};
use crate::graph::workflow_runs;
use crate::role;
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "unreported-outcome",
    summary: "Nobody is told when the provenance job fails, is cancelled, runs out of time or never starts.",
    severity: Severity::Warning,
    explanation: include_str!("unreported_outcome.md"),
};

/// What a job that tells people hears of.
#[derive(Debug, Clone, Copy, Default)]
struct Hears {
    failure: bool,
    cancellation: bool,
}

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for (file, _, workflow) in world.workflows() {
        if workflow.triggers.iter().all(|trigger| trigger.event == "workflow_call") {
            continue;
        }
        for job in world.jobs_of(file).filter(|job| role::makes_provenance(world, *job)) {
            let mut hears = Hears::default();
            for other in world.jobs_of(file) {
                let heard = hears_of(world, other, job);
                hears.failure |= heard.failure;
                hears.cancellation |= heard.cancellation;
            }
            let watched = watched_from_outside(world, file);
            hears.failure |= watched.failure;
            hears.cancellation |= watched.cancellation;
            tell(findings, job, hears);
        }
    }
}

fn tell(findings: &mut Findings<'_>, job: JobView<'_>, hears: Hears) {
    let missing = match (hears.failure, hears.cancellation) {
        (true, true) => return,
        (true, false) => "is cancelled or runs out of time",
        (false, true) => "fails",
        (false, false) => "fails, is cancelled or runs out of time",
    };
    let at = At { file: job.at.file, span: job.job.id.span };
    let message = format!("nobody is told when `{}` {missing}", job.id());
    let finding = findings.add(Severity::Warning, Confidence::High, at, message);
    finding.label("makes the provenance").in_job(job);
    finding.hint(
        "a job that needs it, with\nif: always() && (contains(needs.*.result, 'failure') || \
         contains(needs.*.result, 'cancelled'))\nand a step that tells: provost notify",
    );
}

/// Whether a job comes after another, tells people, and for which ends of it.
fn hears_of(world: &World, teller: JobView<'_>, job: JobView<'_>) -> Hears {
    let is_same = teller.at == job.at;
    if !is_same && !comes_after(teller, job, 0) {
        return Hears::default();
    }
    let mut hears = Hears::default();
    for (_, step, facts) in teller.steps() {
        if !facts.acts().any(|act| matches!(act, Act::Notify)) {
            continue;
        }
        let own = step.condition.as_ref().map(|condition| condition.value.as_str());
        let of_job = teller.job.condition.as_ref().map(|condition| condition.value.as_str());
        let by_step = own.map_or(Hears::default(), of_condition);
        let by_job =
            if is_same { Hears::default() } else { of_job.map_or(Hears::default(), of_condition) };
        // In a job that runs for these ends, a step needs no condition of its own.
        hears.failure |=
            by_step.failure || (by_job.failure && own.is_none_or(|own| !own.contains("success()")));
        hears.cancellation |= by_step.cancellation || by_job.cancellation;
    }
    if teller.job.uses.is_some() && world.does(teller, &|act| matches!(act, Act::Notify)) {
        let by_job =
            teller.job.condition.as_ref().map(|c| of_condition(&c.value)).unwrap_or_default();
        hears.failure |= by_job.failure;
        hears.cancellation |= by_job.cancellation;
    }
    hears
}

fn comes_after(later: JobView<'_>, earlier: JobView<'_>, depth: usize) -> bool {
    if depth > 50 {
        return false;
    }
    later.job.needs.iter().any(|need| need.value.eq_ignore_ascii_case(earlier.id()))
}

fn of_condition(condition: &str) -> Hears {
    let plain = condition.to_ascii_lowercase().replace([' ', '\n'], "");
    let asks = plain.contains(".result") || plain.contains("job.status");
    let always = plain.contains("always()");
    let not_success = plain.contains("!='success'") || plain.contains("!success()");
    if plain.contains("always()") && !asks {
        return Hears { failure: true, cancellation: true };
    }
    if not_success && always {
        return Hears { failure: true, cancellation: true };
    }
    // Without `always()` a condition with none of these functions means `success()` and more.
    let failure = plain.contains("failure()") || (always && plain.contains("'failure'"));
    let cancellation = plain.contains("cancelled()") && !plain.contains("!cancelled()")
        || (always && plain.contains("'cancelled'"));
    Hears { failure, cancellation }
}

/// A workflow that runs at the end of this one and tells people, or one that compares the records
/// on a schedule.
fn watched_from_outside(world: &World, file: usize) -> Hears {
    let mut hears = Hears::default();
    for (other, ..) in world.workflows() {
        let tells = world.workflow_does(other, &|act| matches!(act, Act::Notify));
        if tells && workflow_runs(world, other).0.contains(&file) {
            hears = Hears { failure: true, cancellation: true };
        }
    }
    hears
}
