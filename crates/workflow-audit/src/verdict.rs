//! The whole pipeline in one sentence: will a release get provenance, and of which level?
//!
//! Levels are those of SLSA v1.2, Build track: 1 provenance exists, 2 a hosted platform signs it,
//! 3 what is built cannot reach what signs.

use crate::effect::{Act, At};
use crate::finding::{Finding, Severity, Spot};
use crate::graph::{Start, StartHow, starts, workflow_runs};

use crate::permission::Balance;
use crate::role;
use crate::rule::spot;
use crate::scope::{Access, Scope};
use crate::world::{JobView, World, file_name};

/// What comes of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// One line.
    pub headline: String,
    /// Whether a release gets signed provenance without anybody's help.
    pub is_proven: bool,
    /// The best SLSA Build level that a release reaches.
    pub level: u8,
    /// Why not, or not further, in the order in which a release would meet it.
    pub reasons: Vec<Reason>,
    /// One paragraph in plain words.
    pub paragraph: String,
    /// Every way from a trigger to a signature.
    pub paths: Vec<ReleasePath>,
}

/// Something that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In a few words.
    pub message: String,
    /// Where.
    pub spot: Spot,
}

/// One workflow that ends in a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePath {
    /// The workflow's path.
    pub file: String,
    /// The jobs that sign, as `job in file`.
    pub signers: Vec<String>,
    /// The SLSA Build level that it can reach.
    pub level: u8,
    /// Whether something starts it.
    pub is_started: bool,
    /// What keeps it from the next level.
    pub obstacles: Vec<Reason>,
}

/// The rules whose findings break the chain, in the order in which a release meets them.
const CHAIN: [&str; 7] = [
    "missing-permission",
    "silent-trigger",
    "unparseable-workflow",
    "dangling-reference",
    "unsigned-provenance",
    "swallowed-failure",
    "unreported-outcome",
];

/// Reasons that are listed; the rest is among the findings.
const MAX_REASONS: usize = 8;

/// Judges the whole.
pub(crate) fn verdict(world: &World, findings: &[Finding]) -> Verdict {
    let starts = starts(world);
    let mut paths = Vec::new();
    for (file, _, workflow) in world.workflows() {
        let is_root = workflow.triggers.iter().any(|trigger| trigger.event != "workflow_call");
        if is_root && world.workflow_does(file, &role::signs) {
            paths.push(path(world, file, &starts));
        }
    }
    let is_proven = paths.iter().any(|path| path.is_started);
    let signed = paths.iter().filter(|path| path.is_started).map(|path| path.level).max();
    let writes = world.workflows().any(|(file, ..)| {
        world.workflow_does(file, &|act| matches!(act, Act::WriteProvenance { .. }))
    });
    let broken =
        findings.iter().any(|f| CHAIN[..4].contains(&f.rule) && f.severity == Severity::Error);
    // Unsigned provenance is level 1, as long as it is made at all.
    let level = signed.unwrap_or(u8::from(writes && !broken));
    let reasons = if is_proven { obstacles(&paths) } else { reasons(findings) };
    let headline = headline(world, &paths, is_proven, level);
    let paragraph = paragraph(&headline, findings, &reasons, &paths, is_proven);
    Verdict { headline, is_proven, level, reasons, paragraph, paths }
}

fn headline(world: &World, paths: &[ReleasePath], is_proven: bool, level: u8) -> String {
    if world.files.all().iter().all(|file| file.is_foreign) {
        return "there is no workflow here, so nothing makes provenance".to_owned();
    }
    if is_proven {
        return format!("releases get signed provenance; reachable is SLSA Build L{level}");
    }
    if paths.is_empty() {
        return "as committed, no release of this repository gets provenance".to_owned();
    }
    "as committed, no release of this repository gets provenance unless somebody starts it by hand"
        .to_owned()
}

fn reasons(findings: &[Finding]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for rule in CHAIN {
        let of_rule = findings.iter().filter(|finding| finding.rule == rule);
        for finding in of_rule.filter(|f| {
            f.severity == Severity::Error
                || f.rule.starts_with("swallowed")
                || f.rule.starts_with("unreported")
        }) {
            // What stands on the line of another reason says the same thing again.
            let is_new = !reasons.iter().any(|reason| {
                reason.spot.file == finding.spot.file
                    && reason.spot.place.line == finding.spot.place.line
            });
            if is_new && reasons.len() < MAX_REASONS {
                let swallowed = finding.notes.iter().any(|note| note.contains("swallowed-failure"));
                let and = if swallowed { ", and the error is swallowed" } else { "" };
                let cause = finding
                    .hint
                    .strip_prefix("likely cause: ")
                    .map(|cause| format!(" ({})", cause.split(':').next().unwrap_or(cause)));
                let message = format!("{}{and}{}", finding.message, cause.unwrap_or_default());
                reasons.push(Reason { message, spot: finding.spot.clone() });
            }
        }
    }
    reasons
}

fn obstacles(paths: &[ReleasePath]) -> Vec<Reason> {
    let best = paths.iter().filter(|path| path.is_started).max_by_key(|path| path.level);
    best.map(|path| path.obstacles.clone()).unwrap_or_default()
}

fn paragraph(
    headline: &str,
    findings: &[Finding],
    reasons: &[Reason],
    paths: &[ReleasePath],
    is_proven: bool,
) -> String {
    let capital = |text: &str| {
        let mut chars = text.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    };
    let mut text = format!("{}.", capital(headline));
    if is_proven {
        for path in paths.iter().filter(|path| path.is_started) {
            let name = file_name(&path.file);
            text.push_str(&format!(" `{name}` signs in {}.", path.signers.join(" and ")));
        }
        for reason in reasons {
            let (file, line) = (file_name(&reason.spot.file), reason.spot.place.line);
            text.push_str(&format!(
                " What keeps it from the next level: {} (`{file}`, line {line}).",
                reason.message
            ));
        }
        return text;
    }
    let words = ["First", "Then", "Then", "Besides", "Besides", "Also", "Also", "Also"];
    for (reason, word) in reasons.iter().zip(words) {
        let (file, line) = (file_name(&reason.spot.file), reason.spot.place.line);
        text.push_str(&format!(" {word}, in `{file}` line {line}, {}.", reason.message));
    }
    if reasons.is_empty() {
        text.push_str(" No job signs any, and none tries to.");
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > reasons.len() && !reasons.is_empty() {
        text.push_str(&format!(" The findings name {} more.", errors - reasons.len()));
    }
    text
}

fn path(world: &World, file: usize, starts: &[Start]) -> ReleasePath {
    let mut obstacles = Vec::new();
    let mut signers = Vec::new();
    let mut level = 3;
    for called in world.called_by(file) {
        for job in world.jobs_of(called) {
            let foreign = crate::world::is_foreign_signer(job);
            if !(job.does(role::signs) || foreign) {
                continue;
            }
            signers.push(job.title());
            if !foreign {
                level = level.min(signer(world, job, &mut obstacles));
            }
        }
    }
    let mut at_risk = |job: JobView<'_>, message: &str, at: At, to: u8| {
        level = level.min(to);
        let message = format!("`{}` {message}", job.id());
        obstacles.push(Reason { message, spot: spot(world, at, "") });
    };
    for called in world.called_by(file) {
        for job in world.jobs_of(called) {
            let own = job.job.runs_on.iter().find(|label| label.value.contains("self-hosted"));
            if let Some(label) =
                own.filter(|_| job.does(role::signs) || job.does(|a| *a == Act::Build))
            {
                at_risk(
                    job,
                    "runs on a machine of your own",
                    At { file: called, span: label.span },
                    1,
                );
            }
            let cache = job.effects().find(|effect| effect.act == Act::Cache);
            if let Some(effect) =
                cache.filter(|_| job.does(|a| *a == Act::Build) || job.does(role::signs))
            {
                at_risk(job, "restores a cache that other runs fill", effect.at, 2);
            }
        }
    }
    ReleasePath {
        file: world.file(file).path.clone(),
        signers,
        level,
        is_started: is_started(world, file, starts),
        obstacles,
    }
}

/// The level that a signing job allows, and what stands in the way of the next.
fn signer(world: &World, job: JobView<'_>, obstacles: &mut Vec<Reason>) -> u8 {
    let mut level = 3;
    let signing = job.effects().find(|effect| effect.act == Act::Sign).map(|effect| effect.at);
    let build = job.effects().find(|effect| effect.act == Act::Build);
    if let Some(build) = build {
        level = 2;
        let message = format!("`{}` builds and signs in one job", job.id());
        obstacles.push(Reason { message, spot: spot(world, build.at, "") });
    }
    if job.workflow.trigger("workflow_call").is_none()
        && let Some(at) = signing
    {
        level = 2;
        let message = format!("`{}` signs in a workflow that is not reusable", job.id());
        obstacles.push(Reason { message, spot: spot(world, at, "") });
    }
    let balance = Balance::of(world, job);
    let unsigned = balance.missing().into_iter().find(|(scope, needed, granted)| {
        *scope == Scope::ID_TOKEN && needed.access == Access::Write && granted.is_some()
    });
    if let Some((_, needed, _)) = unsigned {
        level = 0;
        let message = format!("`{}` lacks `id-token: write`, so it cannot sign", job.id());
        obstacles.push(Reason { message, spot: spot(world, needed.at, "") });
    }
    level
}

/// Whether anything but a person's hand starts a workflow.
fn is_started(world: &World, file: usize, starts: &[Start]) -> bool {
    let Some(workflow) = world.file(file).workflow() else { return false };
    let dispatched =
        starts.iter().any(|start| start.to == file && start.is_working_dispatch(world));
    let events = workflow.triggers.iter().any(|trigger| match trigger.event.as_str() {
        "workflow_dispatch" | "workflow_call" => false,
        "workflow_run" => !workflow_runs(world, file).0.is_empty(),
        // A person may publish a release, unless the pipeline does it, and silently.
        "release" => !is_only_silent(starts, file, StartHow::Release),
        _ => true,
    });
    dispatched || events
}

fn is_only_silent(starts: &[Start], file: usize, how: StartHow) -> bool {
    let mut of_kind = starts.iter().filter(|start| start.to == file && start.how == how).peekable();
    of_kind.peek().is_some() && of_kind.all(|start| start.is_silent)
}
