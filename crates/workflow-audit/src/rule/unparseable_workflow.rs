//! `unparseable-workflow`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::expression::{condition, expressions, problem};
use crate::finding::{Confidence, Severity};
use crate::model::{Pair, Step};
use crate::place::Span;
use crate::world::World;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "unparseable-workflow",
    summary: "A workflow or action that GitHub cannot load.",
    severity: Severity::Error,
    explanation: include_str!("unparseable_workflow.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for (file, source) in world.files.all().iter().enumerate() {
        if source.is_foreign {
            continue;
        }
        for problem in source.problems() {
            let at = At { file, span: problem.span };
            let message = format!("GitHub cannot load this file: {}", problem.what);
            let earlier =
                problem.earlier.map(|span| findings.spot(At { file, span }, "first here"));
            let finding = findings.add(Severity::Error, Confidence::High, at, message);
            finding.label("reading stops here");
            if let Some(cause) = &problem.cause {
                finding.hint(format!("likely cause: {cause}"));
            } else {
                finding.hint("mend the structure; until then nothing in this file ever runs");
            }
            finding.related.extend(earlier);
        }
    }
    expression_problems(world, findings);
}

/// Expressions are parsed when a run starts, and one that is wrong keeps the file from loading.
fn expression_problems(world: &World, findings: &mut Findings<'_>) {
    for (file, _, workflow) in world.workflows() {
        let mut texts: Vec<(&str, Span)> = pairs(&workflow.env);
        for job in &workflow.jobs {
            texts.extend(
                pairs(&job.env).into_iter().chain(pairs(&job.with)).chain(pairs(&job.outputs)),
            );
            for condition in
                job.condition.iter().chain(job.steps.iter().filter_map(|s| s.condition.as_ref()))
            {
                for inner in self::condition(&condition.value) {
                    tell(findings, file, inner, condition.span);
                }
            }
            for step in &job.steps {
                texts.extend(of_step(step));
            }
        }
        for (text, span) in texts {
            if !text.contains("${{") {
                continue;
            }
            for expression in expressions(text) {
                tell(findings, file, expression.inner, span);
            }
        }
    }
}

fn tell(findings: &mut Findings<'_>, file: usize, inner: &str, span: Span) {
    let Some(problem) = problem(inner) else { return };
    let first = problem.lines().next().unwrap_or_default();
    let message =
        format!("GitHub cannot load this file: the expression `{inner}` is none: {first}");
    let at = At { file, span };
    let finding = findings.add(Severity::Error, Confidence::Medium, at, message);
    finding.hint("mend the expression; until then nothing in this file ever runs");
}

fn pairs(pairs: &[Pair]) -> Vec<(&str, Span)> {
    pairs.iter().map(|pair| (pair.value.as_str(), pair.span)).collect()
}

fn of_step(step: &Step) -> Vec<(&str, Span)> {
    let mut texts = pairs(&step.env);
    texts.extend(pairs(&step.with));
    texts.extend(step.run.as_ref().map(|run| (run.text.as_str(), run.span)));
    texts
}
