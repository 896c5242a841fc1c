//! The repository as the rules see it: files, and the facts of every job and step.

use crate::blast::{Reader, readers};
use crate::effect::{self, Act, Budget, Effect, Need, Setting, StepFacts, Unknown};
use crate::input::Files;
use crate::model::{File, Job, Step, UsesKind, Workflow};
use std::collections::{HashMap, HashSet};

/// Everything known.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) files: Files,
    jobs: Vec<JobFacts>,
    /// By file: the jobs that call it.
    callers: Vec<Vec<JobRef>>,
    /// By file: one act of every kind that its own jobs do.
    acts: Vec<Vec<Act>>,
    readers: Vec<Reader>,
    /// Workflows by the name of their file, and by their own name.
    by_file_name: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

/// A job by its file and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct JobRef {
    pub(crate) file: usize,
    pub(crate) job: usize,
}

/// What is known of a job.
#[derive(Debug)]
pub(crate) struct JobFacts {
    pub(crate) at: JobRef,
    pub(crate) steps: Vec<StepFacts>,
    /// The file of the reusable workflow that the job is.
    pub(crate) calls: Option<usize>,
}

/// A job with everything around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobView<'a> {
    pub(crate) at: JobRef,
    pub(crate) file: &'a File,
    pub(crate) workflow: &'a Workflow,
    pub(crate) job: &'a Job,
    pub(crate) facts: &'a JobFacts,
}

impl<'a> JobView<'a> {
    pub(crate) fn effects(self) -> impl Iterator<Item = &'a Effect> {
        self.facts.steps.iter().flat_map(|step| &step.effects)
    }

    pub(crate) fn needs(self) -> impl Iterator<Item = &'a Need> {
        self.facts.steps.iter().flat_map(|step| &step.needs)
    }

    pub(crate) fn unknowns(self) -> impl Iterator<Item = &'a Unknown> {
        self.facts.steps.iter().flat_map(|step| &step.unknowns)
    }

    pub(crate) fn does(self, is: impl Fn(&Act) -> bool) -> bool {
        self.effects().any(|effect| is(&effect.act))
    }

    pub(crate) fn steps(self) -> impl Iterator<Item = (usize, &'a Step, &'a StepFacts)> {
        let pairs = self.job.steps.iter().zip(&self.facts.steps).enumerate();
        pairs.map(|(index, (step, facts))| (index, step, facts))
    }

    pub(crate) fn id(self) -> &'a str {
        &self.job.id.value
    }

    /// `` `job` in `file` ``
    pub(crate) fn title(self) -> String {
        format!("`{}` in `{}`", self.id(), file_name(&self.file.path))
    }
}

impl World {
    pub(crate) fn of(files: Files) -> Self {
        let mut jobs = Vec::new();
        for (index, file) in files.all().iter().enumerate() {
            let Some(workflow) = file.workflow() else { continue };
            let mut budget = Budget::of_a_file();
            for (number, job) in workflow.jobs.iter().enumerate() {
                jobs.push(job_facts(&files, index, workflow, number, job, &mut budget));
            }
        }
        let count = files.all().len();
        let (by_file_name, by_name) = names(&files);
        let mut callers = vec![Vec::new(); count];
        let mut acts: Vec<Vec<Act>> = vec![Vec::new(); count];
        for facts in &jobs {
            if let Some(called) = facts.calls {
                callers[called].push(facts.at);
            }
            let acts = &mut acts[facts.at.file];
            for act in facts.steps.iter().flat_map(StepFacts::acts) {
                if !acts.iter().any(|known| is_alike(known, act)) {
                    acts.push(act.clone());
                }
            }
        }
        let mut world =
            Self { files, jobs, callers, acts, readers: Vec::new(), by_file_name, by_name };
        let signers: Vec<usize> =
            world.jobs().filter(|job| is_foreign_signer(*job)).map(|job| job.at.file).collect();
        for file in signers {
            world.acts[file].push(Act::Sign);
        }
        world.readers = readers(&world);
        world
    }

    /// The workflow of a file name, whether or not it can be read, else of a workflow's own name.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.by_file_name.get(file_name(name)).or_else(|| self.by_name.get(name)).copied()
    }

    /// The workflow of a name; one without a name is known by its path.
    pub(crate) fn by_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Everybody who can read a secret.
    pub(crate) fn readers(&self) -> &[Reader] {
        &self.readers
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = JobView<'_>> {
        self.jobs.iter().filter_map(|facts| self.view(facts))
    }

    fn view<'a>(&'a self, facts: &'a JobFacts) -> Option<JobView<'a>> {
        let file = self.file(facts.at.file);
        let workflow = file.workflow()?;
        let job = workflow.jobs.get(facts.at.job)?;
        Some(JobView { at: facts.at, file, workflow, job, facts })
    }

    pub(crate) fn job(&self, at: JobRef) -> Option<JobView<'_>> {
        let index = self.jobs.binary_search_by_key(&at, |facts| facts.at).ok()?;
        self.view(&self.jobs[index])
    }

    /// The jobs of one file.
    pub(crate) fn jobs_of(&self, file: usize) -> impl Iterator<Item = JobView<'_>> {
        let start = self.jobs.partition_point(|facts| facts.at.file < file);
        let end = self.jobs.partition_point(|facts| facts.at.file <= file);
        self.jobs[start..end].iter().filter_map(|facts| self.view(facts))
    }

    pub(crate) fn workflows(&self) -> impl Iterator<Item = (usize, &File, &Workflow)> {
        let files = self.files.all().iter().enumerate();
        files.filter_map(|(index, file)| Some((index, file, file.workflow()?)))
    }

    pub(crate) fn file(&self, index: usize) -> &File {
        &self.files.all()[index]
    }

    /// Jobs that are a reusable workflow of this repository.
    pub(crate) fn callers(&self, file: usize) -> impl Iterator<Item = JobView<'_>> {
        self.callers[file].iter().filter_map(|&at| self.job(at))
    }

    /// The file and every reusable workflow that it runs, itself first.
    pub(crate) fn called_by(&self, file: usize) -> Vec<usize> {
        let mut reached = vec![file];
        let mut seen = HashSet::from([file]);
        let mut next = 0;
        while let Some(&file) = reached.get(next) {
            next += 1;
            for job in self.jobs_of(file) {
                if let Some(called) = job.facts.calls
                    && seen.insert(called)
                {
                    reached.push(called);
                }
            }
        }
        reached
    }

    /// The workflows that run a file: itself, unless it is only called, and its callers'.
    pub(crate) fn roots_of(&self, file: usize) -> Vec<usize> {
        let mut roots = Vec::new();
        let mut waiting = vec![file];
        let mut seen = HashSet::new();
        while let Some(file) = waiting.pop() {
            if !seen.insert(file) {
                continue;
            }
            let triggers = self.file(file).workflow().map(|workflow| workflow.triggers.as_slice());
            if triggers.unwrap_or_default().iter().any(|trigger| trigger.event != "workflow_call") {
                roots.push(file);
            }
            waiting.extend(self.callers(file).map(|job| job.at.file));
        }
        roots.sort_unstable();
        roots
    }

    /// Whether a job, or a reusable workflow that it is, does something.
    pub(crate) fn does(&self, job: JobView<'_>, is: &dyn Fn(&Act) -> bool) -> bool {
        if job.does(is) {
            return true;
        }
        let called = job.facts.calls.map(|file| self.called_by(file)).unwrap_or_default();
        called.iter().any(|&file| self.acts[file].iter().any(is))
            || (is(&Act::Sign) && is_foreign_signer(job))
    }

    /// Whether a workflow, with all that it calls, does something.
    pub(crate) fn workflow_does(&self, file: usize, is: &dyn Fn(&Act) -> bool) -> bool {
        self.called_by(file).iter().any(|&file| self.acts[file].iter().any(is))
    }
}

type Index = HashMap<String, usize>;

fn names(files: &Files) -> (Index, Index) {
    let (mut by_file_name, mut by_name) = (Index::new(), Index::new());
    for (index, file) in files.all().iter().enumerate() {
        if file.is_foreign || !file.path.contains(".github/workflows/") {
            continue;
        }
        by_file_name.entry(file_name(&file.path).to_owned()).or_insert(index);
        if let Some(workflow) = file.workflow() {
            let name = workflow.name.as_ref().map_or(&file.path, |name| &name.value);
            by_name.entry(name.clone()).or_insert(index);
        }
    }
    (by_file_name, by_name)
}

/// Whether two acts are the same as far as a question about a whole file goes.
fn is_alike(one: &Act, other: &Act) -> bool {
    match (one, other) {
        (Act::Release { is_draft: one }, Act::Release { is_draft: other }) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// A reusable workflow of others that is known to sign provenance.
pub(crate) fn is_foreign_signer(job: JobView<'_>) -> bool {
    let Some(uses) = &job.job.uses else { return false };
    let name = uses.value.remote_name().unwrap_or_default();
    ["slsa-framework/slsa-github-generator/", "actions/attest", "sigstore/"]
        .iter()
        .any(|start| name.starts_with(start))
        || (name.contains("/.github/workflows/")
            && ["slsa", "provenance", "attest"].iter().any(|word| name.contains(word)))
}

fn job_facts(
    files: &Files,
    file: usize,
    workflow: &Workflow,
    number: usize,
    job: &Job,
    budget: &mut Budget,
) -> JobFacts {
    let mut setting = Setting::new(file, &job.matrix);
    setting.env(&workflow.env);
    setting.env(&job.env);
    let step = |step| effect::facts(files, step, &mut setting, budget, 0);
    let steps = job.steps.iter().map(step).collect();
    let calls = job.uses.as_ref().and_then(|uses| match &uses.value.kind {
        UsesKind::Local(path) => files.by_path(path),
        _ => None,
    });
    JobFacts { at: JobRef { file, job: number }, steps, calls }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
