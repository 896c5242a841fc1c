//! `token-blast-radius`

use super::{Findings, RuleInfo};
use crate::blast::{Reader, Way};
use crate::effect::{Act, At, Token};
use crate::finding::{Confidence, Severity};
use crate::permission::Granted;
use crate::scope::{Access, Scope};
use crate::world::World;
use std::collections::BTreeMap;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "token-blast-radius",
    summary: "A secret that more steps can read than use it.",
    severity: Severity::Error,
    explanation: include_str!("token_blast_radius.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    let readers = world.readers();
    shared_env(world, findings, readers);
    for reader in readers {
        match reader.way {
            Way::Inherit => inherited(findings, world, reader),
            Way::StepEnv | Way::With | Way::Script if reader.secret == "*" => {
                all_of_them(findings, reader)
            }
            Way::StepEnv | Way::With => dispatch_token(findings, world, reader),
            _ => {}
        }
    }
    git_credentials(world, findings, readers);
    own_token(world, findings);
}

/// `env` of a workflow or a job: every step below reads it.
fn shared_env(world: &World, findings: &mut Findings<'_>, readers: &[Reader]) {
    let mut by_place: BTreeMap<(At, &str), Vec<&Reader>> = BTreeMap::new();
    for reader in readers.iter().filter(|r| matches!(r.way, Way::JobEnv | Way::WorkflowEnv)) {
        by_place.entry((reader.at, reader.secret.as_str())).or_default().push(reader);
    }
    for ((at, secret), readers) in by_place {
        let text = &world.file(at.file).text;
        let variable = text.get(at.span.range()).and_then(|pair| pair.split(':').next());
        let variable = variable.unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
        let idle = readers.iter().filter(|reader| !uses(world, reader, &variable)).count();
        if idle == 0 {
            continue;
        }
        let message = format!(
            "{} steps can read `{secret}`, and {idle} of them do not use it",
            readers.len()
        );
        let way = readers.first().map_or(Way::JobEnv, |reader| reader.way);
        let finding = findings.add(severity(secret), Confidence::High, at, message);
        finding.label(format!("{}: every step below reads it", way.as_str()));
        finding.hint(format!(
            "set `{variable}` in the `env` of the step that uses it, and nowhere else"
        ));
    }
}

fn severity(secret: &str) -> Severity {
    let is_key = ["DISPATCH", "SERVICE", "SIGNING", "PRIVATE", "DEPLOY"];
    if is_key.iter().any(|word| secret.contains(word)) {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Whether a step names the variable, or runs something that reads it by itself.
fn uses(world: &World, reader: &Reader, variable: &str) -> bool {
    let Some((job, index)) = world.job(reader.job).zip(reader.step) else { return true };
    let Some(step) = job.job.steps.get(index) else { return true };
    let named = step.run.as_ref().is_some_and(|run| run.text.contains(variable))
        || step.script.as_ref().is_some_and(|script| script.text.contains(variable))
        || step.env.iter().chain(&step.with).any(|pair| pair.value.contains(variable));
    let facts = &job.facts.steps[index];
    let own = match variable {
        "PROVENANCE_DISPATCH_TOKEN" => facts.acts().any(|act| matches!(act, Act::Dispatch { .. })),
        "GH_TOKEN" | "GITHUB_TOKEN" => !facts.effects.is_empty() || !facts.needs.is_empty(),
        "SLACK_WEBHOOK_URL" | "OPS_NOTIFY_TOKEN" => {
            facts.acts().any(|act| matches!(act, Act::Notify))
        }
        "NODE_AUTH_TOKEN" | "NPM_TOKEN" | "TWINE_PASSWORD" | "CARGO_REGISTRY_TOKEN" => {
            facts.acts().any(|act| matches!(act, Act::Publish))
        }
        _ => false,
    };
    named || own
}

fn inherited(findings: &mut Findings<'_>, world: &World, reader: &Reader) {
    let Some(job) = world.job(reader.job) else { return };
    let called = job.job.uses.as_ref().map_or("a workflow", |uses| uses.value.raw.as_str());
    let message = format!("`{called}` is handed every secret of this repository");
    let finding = findings.add(Severity::Warning, Confidence::High, reader.at, message);
    finding.label("all of them").in_job(job);
    finding.hint("name the secrets that it needs, one a line");
}

fn all_of_them(findings: &mut Findings<'_>, reader: &Reader) {
    let message = "this step is handed every secret at once";
    let finding = findings.add(Severity::Error, Confidence::High, reader.at, message);
    finding.label("`secrets` without a name").hint("name the one secret that the step needs");
}

/// The dispatch token belongs to the step that dispatches.
fn dispatch_token(findings: &mut Findings<'_>, world: &World, reader: &Reader) {
    if !reader.secret.contains("DISPATCH_TOKEN") {
        return;
    }
    let Some((job, index)) = world.job(reader.job).zip(reader.step) else { return };
    let starts = |act: &Act| matches!(act, Act::Dispatch { .. } | Act::RepositoryDispatch { .. });
    let facts = &job.facts.steps[index];
    let checks =
        job.job.steps[index].run.as_ref().is_some_and(|run| run.text.contains("provost token"));
    if facts.acts().any(starts) || checks {
        return;
    }
    let message = format!("`{}` reaches a step that starts no workflow", reader.secret);
    let finding = findings.add(Severity::Error, Confidence::High, reader.at, message);
    finding.label("only the dispatching step needs it").in_job(job);
    finding.hint("hand it to the step that dispatches, and to no other");
}

fn git_credentials(world: &World, findings: &mut Findings<'_>, readers: &[Reader]) {
    let mut by_place: BTreeMap<(At, &str), Vec<&Reader>> = BTreeMap::new();
    for reader in readers.iter().filter(|reader| reader.way == Way::GitCredentials) {
        by_place.entry((reader.at, reader.secret.as_str())).or_default().push(reader);
    }
    for ((at, secret), readers) in by_place {
        let pushes = |reader: &&&Reader| {
            let job = world.job(reader.job);
            let facts = job.zip(reader.step).and_then(|(job, index)| job.facts.steps.get(index));
            facts.is_some_and(|facts| facts.acts().any(is_push))
        };
        let idle = readers.iter().filter(|reader| !pushes(reader)).count();
        if idle == 0 {
            continue;
        }
        let message =
            format!("the checkout leaves `{secret}` on disk, where {idle} later steps can read it");
        let finding = findings.add(severity(secret), Confidence::High, at, message);
        finding.label("persists its token");
        finding.hint("persist-credentials: false, and the token in the step that pushes");
    }
}

fn is_push(act: &Act) -> bool {
    matches!(act, Act::Push | Act::PushTag | Act::Record)
}

/// The job's own token, written to disk although nothing pushes with it.
fn own_token(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        let granted = Granted::of(world, job);
        let may_write =
            granted.access(Scope::CONTENTS).is_some_and(|access| access == Access::Write);
        if !may_write || job.does(is_push) {
            continue;
        }
        for effect in job.effects() {
            let Act::Checkout { persists: true, .. } = &effect.act else { continue };
            if effect.token != Token::Job || !effect.by.contains("checkout") {
                continue;
            }
            let message =
                "the checkout leaves a token with `contents: write` on disk, and no step pushes";
            let finding = findings.add(Severity::Note, Confidence::Medium, effect.at, message);
            finding.label("persists its token").in_job(job).hint("persist-credentials: false");
        }
    }
}
