//! `silent-trigger`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::finding::{Confidence, Severity};
use crate::graph::{Start, StartHow, starts};
use crate::role;
use crate::world::{World, file_name};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "silent-trigger",
    summary: "A workflow waits for an event that GITHUB_TOKEN makes, and such events start nothing.",
    severity: Severity::Error,
    explanation: include_str!("silent_trigger.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    let starts = starts(world);
    for start in starts.iter().filter(|start| start.is_silent) {
        if start.from.file == start.to || is_started_otherwise(world, start, &starts) {
            continue;
        }
        let Some(job) = world.job(start.from) else { continue };
        let target = world.file(start.to);
        let (event, thing) = match start.how {
            StartHow::Tag => ("push", "tag"),
            _ => ("release", "release"),
        };
        let message = format!(
            "the {thing} made here with GITHUB_TOKEN starts nothing, and `{}` waits for it",
            file_name(&target.path)
        );
        let matters = role::is_about_provenance(world, start.to);
        let severity = if matters { Severity::Error } else { Severity::Warning };
        let waiting = waits(world, start.to, event);
        let waiting = findings.spot(waiting, "waits for an event that never comes");
        let finding = findings.add(severity, Confidence::High, start.at, message);
        finding.label(format!("{} with the job's own token", start.by.trim_matches('`')));
        finding.in_job(job).with(waiting);
        finding.hint(
            "start the workflow by `workflow_dispatch` (`provost dispatch`), or make the event with a \
             token of a GitHub App",
        );
    }
}

/// A workflow that is dispatched by the same pipeline does not depend on the event.
fn is_started_otherwise(world: &World, start: &Start, starts: &[Start]) -> bool {
    let family = world.roots_of(start.from.file);
    starts.iter().any(|other| {
        other.to == start.to
            && other.is_working_dispatch(world)
            && world.roots_of(other.from.file).iter().any(|file| family.contains(file))
    })
}

fn waits(world: &World, file: usize, event: &str) -> At {
    let source = world.file(file);
    let trigger = source.workflow().and_then(|workflow| workflow.trigger(event));
    if let Some(trigger) = trigger {
        return At { file, span: trigger.span };
    }
    let key = format!("{event}:");
    let at = source.text.find(&key).unwrap_or_default();
    At { file, span: crate::place::Span::new(at, at + event.len()) }
}
