//! What starts what: the edges between workflows.

use crate::effect::{Act, At, Effect};
use crate::permission::Balance;
use crate::world::{JobRef, World};

/// Something that is to start a workflow.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) from: JobRef,
    pub(crate) to: usize,
    pub(crate) how: StartHow,
    pub(crate) at: At,
    /// Whether GitHub starts nothing for it, because `GITHUB_TOKEN` did it.
    pub(crate) is_silent: bool,
    pub(crate) by: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StartHow {
    Dispatch,
    RepositoryDispatch,
    Release,
    Tag,
}

impl StartHow {
    /// The word on an arrow.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::RepositoryDispatch => "repository_dispatch",
            Self::Release => "release",
            Self::Tag => "tag",
        }
    }
}

impl Start {
    /// Whether it is a dispatch that GitHub does not answer with 403.
    pub(crate) fn is_working_dispatch(&self, world: &World) -> bool {
        if !matches!(self.how, StartHow::Dispatch | StartHow::RepositoryDispatch) {
            return false;
        }
        let Some(job) = world.job(self.from) else { return false };
        let balance = Balance::of(world, job);
        let refused = balance
            .missing()
            .into_iter()
            .any(|(_, needed, granted)| needed.at == self.at && granted.is_some());
        !refused
    }
}

/// Every start, in the order of the files.
pub(crate) fn starts(world: &World) -> Vec<Start> {
    let mut starts = Vec::new();
    for job in world.jobs() {
        for effect in job.effects() {
            for (to, how) in targets(world, effect) {
                let is_event = matches!(how, StartHow::Release | StartHow::Tag);
                starts.push(Start {
                    from: job.at,
                    to,
                    how,
                    at: effect.at,
                    is_silent: is_event && effect.token.is_silent(),
                    by: effect.by.clone(),
                });
            }
        }
    }
    starts
}

fn targets(world: &World, effect: &Effect) -> Vec<(usize, StartHow)> {
    let listeners = |event: &str, how: StartHow, fits: &dyn Fn(&crate::model::Trigger) -> bool| {
        let workflows =
            world.workflows().filter(|(_, _, workflow)| workflow.trigger(event).is_some_and(fits));
        let mut found: Vec<(usize, StartHow)> =
            workflows.map(|(index, _, _)| (index, how)).collect();
        found.extend(broken_listeners(world, event).map(|index| (index, how)));
        found
    };
    match &effect.act {
        Act::Dispatch { targets, elsewhere: false, .. } => targets
            .iter()
            .filter_map(|target| target_file(world, target))
            .map(|file| (file, StartHow::Dispatch))
            .collect(),
        Act::RepositoryDispatch { event, elsewhere: false } => {
            listeners("repository_dispatch", StartHow::RepositoryDispatch, &|trigger| {
                let event = event.as_deref();
                trigger.types.is_empty()
                    || event.is_none_or(|event| trigger.types.iter().any(|t| t == event))
            })
        }
        Act::Release { is_draft: false } => listeners("release", StartHow::Release, &|_| true),
        Act::PushTag => listeners("push", StartHow::Tag, &|trigger| !trigger.only_branches),
        _ => Vec::new(),
    }
}

/// Workflows that cannot be read and say all the same, in a line of its own, what they wait for.
fn broken_listeners<'a>(world: &'a World, event: &'a str) -> impl Iterator<Item = usize> + 'a {
    let files = world.files.all().iter().enumerate();
    let broken =
        files.filter(|(_, file)| file.is_unknown() && file.path.contains(".github/workflows/"));
    let waits = move |text: &str| {
        text.lines().any(|line| {
            let line = line.trim();
            line.strip_suffix(':') == Some(event) || line == format!("on: {event}")
        })
    };
    broken.filter(move |(_, file)| waits(&file.text)).map(|(index, _)| index)
}

/// The file that a dispatch names: by file name, path, or the workflow's name.
pub(crate) fn target_file(world: &World, target: &str) -> Option<usize> {
    world.named(target)
}

/// The workflows whose end starts a file, by name; the names that nothing has.
pub(crate) fn workflow_runs(
    world: &World,
    file: usize,
) -> (Vec<usize>, Vec<&crate::place::Spanned<String>>) {
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    let trigger = world.file(file).workflow().and_then(|workflow| workflow.trigger("workflow_run"));
    for name in trigger.map(|trigger| trigger.workflows.as_slice()).unwrap_or_default() {
        match world.by_name(&name.value) {
            Some(index) => known.push(index),
            None => unknown.push(name),
        }
    }
    (known, unknown)
}
