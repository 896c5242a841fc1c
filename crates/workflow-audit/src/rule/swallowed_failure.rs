//! `swallowed-failure`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At, Effect, How};
use crate::finding::{Confidence, Severity};
use crate::model::Step;
use crate::role;
use crate::world::{JobView, World};
use std::collections::HashSet;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "swallowed-failure",
    summary: "A failure of a provenance, verification or notification step that looks like success.",
    severity: Severity::Error,
    explanation: include_str!("swallowed_failure.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        let mut told = HashSet::new();
        for (_, step, facts) in job.steps() {
            for effect in facts.effects.iter().filter(|effect| role::is_critical(&effect.act)) {
                lost(findings, job, effect, &mut told);
            }
            if let Some(span) = step.continue_on_error
                && let Some(effect) = worst(&facts.effects)
            {
                let at = At { file: job.at.file, span };
                let act = &effect.act;
                let message =
                    format!("a failure of the step that {} counts as success", role::purpose(act));
                let command = findings.spot(effect.at, "its failure is lost");
                let finding = findings.add(severity(act), Confidence::High, at, message);
                finding.label("goes on whatever happens").in_job(job).with(command);
                finding
                    .hint("take `continue-on-error` away, or look at `steps.ID.outcome` and fail");
            }
        }
        whole_job(world, findings, job);
        always(world, findings, job);
    }
}

fn worst(effects: &[Effect]) -> Option<&Effect> {
    let critical = effects.iter().filter(|effect| role::is_critical(&effect.act));
    critical.max_by_key(|effect| severity(&effect.act))
}

fn severity(act: &Act) -> Severity {
    match act {
        Act::Dispatch { .. } | Act::RepositoryDispatch { .. } | Act::Sign | Act::Verify => {
            Severity::Error
        }
        _ => Severity::Warning,
    }
}

fn lost(findings: &mut Findings<'_>, job: JobView<'_>, effect: &Effect, told: &mut HashSet<At>) {
    let Some(lost) = &effect.lost else { return };
    // `gh api … | jq`: what only looks is judged by another rule.
    let looks = matches!(effect.act, Act::LookInto { .. });
    if (looks && lost.how == How::Pipe) || !told.insert(lost.at) {
        return;
    }
    let (how, confidence) = match lost.how {
        How::Or => ("what follows `||` succeeds", Confidence::High),
        How::Condition => ("no branch of the `if` fails", Confidence::Medium),
        How::Pipe => ("the pipe has the status of its last command", Confidence::Medium),
        How::Background => ("nobody waits for its status", Confidence::Medium),
        How::NoErrexit => ("the script goes on after `set +e`", Confidence::Medium),
        How::Negated => ("`!` turns failure into success", Confidence::Medium),
    };
    let message = format!("{} may fail unseen: {how}", effect.by);
    let command = (effect.at != lost.at).then(|| findings.spot(effect.at, "its failure is lost"));
    let finding = findings.add(severity(&effect.act), confidence, lost.at, message);
    finding.label(how).in_job(job);
    finding.note(format!("it {}", role::purpose(&effect.act)));
    finding.hint(match lost.how {
        How::Pipe => "set -o pipefail, or `shell: bash`",
        How::Or => "let it fail, or end the branch with `exit 1`",
        _ => "let its failure fail the step",
    });
    finding.related.extend(command);
}

fn whole_job(world: &World, findings: &mut Findings<'_>, job: JobView<'_>) {
    let Some(span) = job.job.continue_on_error else { return };
    let steps = job.facts.steps.iter();
    let worst = steps.filter_map(|facts| worst(&facts.effects)).max_by_key(|e| severity(&e.act));
    let calls = world.does(job, &role::signs);
    let (severity, what) = match worst {
        Some(effect) => (severity(&effect.act), role::purpose(&effect.act)),
        None if calls => (Severity::Error, role::purpose(&Act::Sign)),
        None => return,
    };
    let at = At { file: job.at.file, span };
    let message = format!("a failure of the job that {what} counts as success");
    let finding = findings.add(severity, Confidence::High, at, message);
    finding.label("goes on whatever happens").in_job(job);
    finding.hint("take `continue-on-error` away");
}

/// `if: always()` on what must only happen after success, with nothing that asks.
fn always(world: &World, findings: &mut Findings<'_>, job: JobView<'_>) {
    let ships = |act: &Act| {
        matches!(act, Act::Release { is_draft: false } | Act::Publish | Act::Sign | Act::PushTag)
    };
    if let Some(condition) = &job.job.condition
        && runs_always(&condition.value)
        && !job.job.needs.is_empty()
        && world.does(job, &ships)
        && !asks(&condition.value)
        && !job.job.steps.iter().any(step_asks)
    {
        let at = At { file: job.at.file, span: condition.span };
        let message =
            format!("`{}` runs after failed jobs too, and asks nothing about them", job.id());
        let finding = findings.add(Severity::Error, Confidence::High, at, message);
        finding.label("runs whatever happened before").in_job(job);
        finding.hint("ask `needs.JOB.result == 'success'`, or take `always()` away");
    }
    for (_, step, facts) in job.steps() {
        let Some(condition) = &step.condition else { continue };
        let shipping = facts.effects.iter().find(|effect| ships(&effect.act));
        if let Some(effect) = shipping
            && runs_always(&condition.value)
            && !asks(&condition.value)
        {
            let at = At { file: job.at.file, span: condition.span };
            let what = role::purpose(&effect.act);
            let message = format!("the step that {what} runs after failed steps too");
            let command = findings.spot(effect.at, "runs whatever happened before");
            let finding = findings.add(Severity::Error, Confidence::High, at, message);
            finding.label("asks nothing about the steps before").in_job(job).with(command);
            finding.hint("take `always()` away, or ask `steps.ID.outcome == 'success'`");
        }
    }
}

fn runs_always(condition: &str) -> bool {
    let plain = condition.to_ascii_lowercase().replace(' ', "");
    plain.contains("always()") || plain.contains("!cancelled()")
}

fn asks(condition: &str) -> bool {
    let plain = condition.to_ascii_lowercase();
    [".result", ".outcome", ".conclusion", "success()", "job.status", ".outputs."]
        .iter()
        .any(|word| plain.contains(word))
}

fn step_asks(step: &Step) -> bool {
    let texts = step.condition.iter().map(|condition| condition.value.as_str());
    let env = step.env.iter().chain(&step.with).map(|pair| pair.value.as_str());
    let run = step.run.iter().map(|run| run.text.as_str());
    texts.chain(env).chain(run).any(|text| text.contains("needs.") && text.contains(".result"))
}
