//! Needed against granted, per job (the token that a job gets: GitHub documentation, "Automatic
//! token authentication", "Permissions for the GITHUB_TOKEN").

use crate::effect::{At, Lost};
use crate::model::Permissions;
use crate::scope::{Access, Scope};
use crate::world::{JobView, World};
use std::collections::{BTreeMap, HashSet};

/// How deep reusable workflows may call each other; GitHub's own limit is below.
const MAX_DEPTH: usize = 10;

/// Where a job's permissions are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Granted<'a> {
    /// In the job.
    Job(&'a Permissions),
    /// In the workflow, for all of its jobs.
    Workflow(&'a Permissions),
    /// In the job that calls the workflow.
    Caller(&'a Permissions),
    /// Nowhere: a setting of the repository decides, and `id-token` is never in it.
    Default,
    /// The workflow is called from nowhere here.
    Unknown,
}

impl<'a> Granted<'a> {
    pub(crate) fn of(world: &'a World, job: JobView<'a>) -> Self {
        Self::follow(world, job, 0)
    }

    fn follow(world: &'a World, job: JobView<'a>, depth: usize) -> Self {
        if let Some(permissions) = &job.job.permissions {
            return Self::Job(permissions);
        }
        if let Some(permissions) = &job.workflow.permissions {
            return Self::Workflow(permissions);
        }
        let only_called = job.workflow.triggers.iter().all(|t| t.event == "workflow_call");
        if !only_called {
            return Self::Default;
        }
        let caller = world.callers(job.at.file).next();
        match caller {
            Some(caller) if depth < MAX_DEPTH => match Self::follow(world, caller, depth + 1) {
                Self::Job(p) | Self::Workflow(p) | Self::Caller(p) => Self::Caller(p),
                other => other,
            },
            _ => Self::Unknown,
        }
    }

    pub(crate) fn permissions(self) -> Option<&'a Permissions> {
        match self {
            Self::Job(p) | Self::Workflow(p) | Self::Caller(p) => Some(p),
            Self::Default | Self::Unknown => None,
        }
    }

    /// The access, `None` where a setting outside of the files decides.
    pub(crate) fn access(self, scope: Scope) -> Option<Access> {
        match self {
            Self::Default if scope == Scope::ID_TOKEN || !scope.is_grantable() => {
                Some(Access::None)
            }
            Self::Default | Self::Unknown => None,
            _ => self.permissions().map(|permissions| permissions.access(scope)),
        }
    }
}

/// One scope that a job draws on, and what first asked for that much of it.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    pub(crate) access: Access,
    pub(crate) is_required: bool,
    pub(crate) at: At,
    pub(crate) by: String,
    pub(crate) lost: Option<Lost>,
}

/// The permissions of a job, from both sides.
#[derive(Debug)]
pub(crate) struct Balance<'a> {
    pub(crate) granted: Granted<'a>,
    pub(crate) needed: BTreeMap<Scope, Needed>,
    /// Scopes that are used where they are granted.
    pub(crate) allowed: BTreeMap<Scope, Access>,
    pub(crate) undetermined: Vec<String>,
}

impl<'a> Balance<'a> {
    pub(crate) fn of(world: &'a World, job: JobView<'a>) -> Self {
        let mut balance = Self {
            granted: Granted::of(world, job),
            needed: BTreeMap::new(),
            allowed: BTreeMap::new(),
            undetermined: job.unknowns().map(|unknown| unknown.what.clone()).collect(),
        };
        balance.undetermined.sort();
        balance.undetermined.dedup();
        for need in job.needs() {
            let chosen = balance.chosen(&need.any_of);
            let Some((scope, access)) = chosen else { continue };
            balance.add(
                scope,
                Needed {
                    access,
                    is_required: need.is_required,
                    at: need.at,
                    by: need.by.clone(),
                    lost: need.lost.clone(),
                },
            );
        }
        balance.called(world, job);
        balance
    }

    /// Of several scopes that would do, one that is granted, else the first.
    fn chosen(&self, any_of: &[(Scope, Access)]) -> Option<(Scope, Access)> {
        let granted = any_of.iter().find(|(scope, access)| {
            self.granted.access(*scope).is_some_and(|granted| granted >= *access)
        });
        granted.or(any_of.first()).copied()
    }

    fn add(&mut self, scope: Scope, needed: Needed) {
        if !needed.is_required {
            let allowed = self.allowed.entry(scope).or_insert(Access::None);
            *allowed = (*allowed).max(needed.access);
            return;
        }
        match self.needed.get(&scope) {
            Some(known) if known.access >= needed.access => {}
            _ => {
                self.needed.insert(scope, needed);
            }
        }
    }

    /// What a reusable workflow asks of its caller: GitHub refuses to start it with less than its
    /// jobs declare.
    fn called(&mut self, world: &World, job: JobView<'_>) {
        let Some(uses) = &job.job.uses else { return };
        let at = At { file: job.at.file, span: uses.span };
        let Some(file) = job.facts.calls else {
            self.called_elsewhere(uses.value.remote_name().unwrap_or_default(), at);
            return;
        };
        for (scope, access, who) in asked(world, file) {
            let by = format!("the job {who}");
            self.add(scope, Needed { access, is_required: true, at, by, lost: None });
        }
        for file in world.called_by(file) {
            for job in world.jobs_of(file) {
                self.undetermined.extend(job.unknowns().map(|unknown| unknown.what.clone()));
            }
        }
        self.undetermined.sort();
        self.undetermined.dedup();
    }

    fn called_elsewhere(&mut self, name: String, at: At) {
        if !name.starts_with("slsa-framework/slsa-github-generator/") {
            self.undetermined.push(format!("`{name}`"));
            return;
        }
        let by = format!("`{}`", crate::world::file_name(&name));
        for (scope, access) in [
            (Scope::ACTIONS, Access::Read),
            (Scope::ID_TOKEN, Access::Write),
            (Scope::CONTENTS, Access::Write),
        ] {
            let is_required = scope != Scope::CONTENTS;
            self.add(scope, Needed { access, is_required, at, by: by.clone(), lost: None });
        }
        if let Some(packages) = Scope::named("packages") {
            self.allowed.insert(packages, Access::Write);
        }
    }

    /// Scopes whose access is not granted for sure, with what is granted (`None`: a setting
    /// outside of the files decides).
    pub(crate) fn missing(&self) -> Vec<(Scope, &Needed, Option<Access>)> {
        let missing = self.needed.iter().filter_map(|(scope, needed)| {
            let granted = self.granted.access(*scope);
            (granted.is_none_or(|granted| granted < needed.access))
                .then_some((*scope, needed, granted))
        });
        missing.collect()
    }

    /// Scopes that are granted further than anything uses them: granted, used.
    pub(crate) fn excess(&self) -> Vec<(Scope, Access, Access)> {
        let Some(permissions) = self.granted.permissions() else { return Vec::new() };
        let mut excess = Vec::new();
        for scope in Scope::grantable() {
            let granted = permissions.access(scope);
            let used = self.used(scope);
            if granted > used && granted > Access::None {
                excess.push((scope, granted, used));
            }
        }
        excess
    }

    fn used(&self, scope: Scope) -> Access {
        let needed = self.needed.get(&scope).map_or(Access::None, |needed| needed.access);
        needed.max(self.allowed.get(&scope).copied().unwrap_or(Access::None))
    }

    /// What to write below `permissions:`: needed scopes, and used ones as far as they are granted.
    pub(crate) fn minimal(&self) -> Vec<(Scope, Access)> {
        let mut minimal = Vec::new();
        for scope in Scope::grantable() {
            let needed = self.needed.get(&scope).map_or(Access::None, |needed| needed.access);
            let allowed = self.allowed.get(&scope).copied().unwrap_or(Access::None);
            let granted = self.granted.access(scope).unwrap_or(Access::None);
            let access = needed.max(allowed.min(granted));
            if access > Access::None {
                minimal.push((scope, access));
            }
        }
        minimal
    }

    /// The block to paste.
    pub(crate) fn block(&self) -> String {
        block(&self.minimal())
    }
}

/// `permissions:` with its scopes, as it stands in a workflow.
pub(crate) fn block(scopes: &[(Scope, Access)]) -> String {
    if scopes.is_empty() {
        return "permissions: {}".to_owned();
    }
    let lines = scopes.iter().map(|(scope, access)| format!("\n  {scope}: {access}"));
    format!("permissions:{}", lines.collect::<String>())
}

/// What the jobs of a called workflow declare or, without a declaration, need; and the same of the
/// workflows that those call.
fn asked(world: &World, file: usize) -> Vec<(Scope, Access, String)> {
    let mut asked = Vec::new();
    let mut waiting = vec![file];
    let mut seen = HashSet::from([file]);
    while let Some(file) = waiting.pop() {
        for job in world.jobs_of(file) {
            let declared = job.job.permissions.as_ref().or(job.workflow.permissions.as_ref());
            let scopes: Vec<(Scope, Access)> = match declared {
                Some(permissions) => Scope::grantable()
                    .map(|scope| (scope, permissions.access(scope)))
                    .filter(|(_, access)| *access > Access::None)
                    .collect(),
                None => {
                    waiting.extend(job.facts.calls.filter(|called| seen.insert(*called)));
                    let needs = job.needs().filter(|need| need.is_required);
                    needs.filter_map(|need| need.any_of.first().copied()).collect()
                }
            };
            asked.extend(scopes.into_iter().map(|(scope, access)| (scope, access, job.title())));
        }
    }
    asked
}
