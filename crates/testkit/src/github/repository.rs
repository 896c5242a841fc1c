//! A repository: its settings, what stands in it, and the handle of the tests.

use std::path::Path;
use std::sync::Arc;

use super::artifact::Artifact;
use super::attestation::Attestation;
use super::git::GitRepository;
use super::issue::{Issue, Label};
use super::memory::{MemoryObjects, sha_of};
use super::objects::Objects;
use super::release::{Release, ReleaseHandle};
use super::ruleset::Ruleset;
use super::run::Run;
use super::run_handle::RunHandle;
use super::state::Shared;
use super::workflow::Workflow;

/// A repository to be added with [`FakeGithub::add`](super::FakeGithub::add).
pub struct Repository {
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) id: u64,
    pub(crate) owner_id: u64,
    pub(crate) default_branch: String,
    pub(crate) private: bool,
    objects: Objects,
}

/// A made-up number that is the same for the same text in every run.
pub(crate) fn number_of(text: &str) -> u64 {
    let digits = sha_of(text.to_ascii_lowercase().as_bytes());
    u64::from_str_radix(&digits[..7], 16).expect("a digest is hexadecimal") + 1_000
}

impl Repository {
    /// `OWNER/NAME`, public, default branch `main`, without any commit. Panics without a slash.
    pub fn new(full_name: &str) -> Self {
        let (owner, name) = full_name.split_once('/').expect("a repository is written OWNER/NAME");
        Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            id: number_of(full_name),
            owner_id: number_of(owner),
            default_branch: "main".into(),
            private: false,
            objects: Objects::Memory(MemoryObjects::default()),
        }
    }

    /// GitHub's numbers of the repository and of its owner.
    #[must_use]
    pub fn ids(mut self, repository: u64, owner: u64) -> Self {
        (self.id, self.owner_id) = (repository, owner);
        self
    }

    /// Another default branch than `main`.
    #[must_use]
    pub fn default_branch(mut self, branch: &str) -> Self {
        self.default_branch = branch.to_owned();
        self
    }

    /// Not readable without a token that covers it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Refs, tags, commits and files come from this repository on disk, bare or not, through the
    /// `git` program. Panics if there is none.
    #[must_use]
    pub fn git(mut self, directory: &Path) -> Self {
        self.objects = Objects::Git(GitRepository::new(directory));
        self
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// A repository and all that is in it.
pub(crate) struct RepositoryState {
    pub(crate) settings: Settings,
    pub(crate) objects: Objects,
    pub(crate) releases: Vec<Release>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) runs: Vec<Run>,
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) attestations: Vec<Attestation>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) labels: Vec<Label>,
    pub(crate) rulesets: Vec<Ruleset>,
}

/// What a repository is called.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) id: u64,
    pub(crate) owner_id: u64,
    pub(crate) default_branch: String,
    pub(crate) private: bool,
}

impl Settings {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

impl RepositoryState {
    pub(crate) fn new(new: Repository) -> Self {
        let settings = Settings {
            owner: new.owner,
            name: new.name,
            id: new.id,
            owner_id: new.owner_id,
            default_branch: new.default_branch,
            private: new.private,
        };
        Self {
            settings,
            objects: new.objects,
            releases: Vec::new(),
            workflows: Vec::new(),
            runs: Vec::new(),
            artifacts: Vec::new(),
            attestations: Vec::new(),
            issues: Vec::new(),
            labels: Vec::new(),
            rulesets: Vec::new(),
        }
    }
}

/// A repository of the fake. Clones are the same repository.
#[derive(Clone)]
pub struct RepositoryHandle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: u64,
}

impl RepositoryHandle {
    /// `OWNER/NAME`.
    pub fn full_name(&self) -> String {
        self.with(|repository, _| repository.settings.full_name())
    }

    /// GitHub's number of the repository.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// GitHub's number of the owner.
    pub fn owner_id(&self) -> u64 {
        self.with(|repository, _| repository.settings.owner_id)
    }

    /// Name of the default branch.
    pub fn default_branch(&self) -> String {
        self.with(|repository, _| repository.settings.default_branch.clone())
    }

    /// Points branch `name` at a commit, 40 hexadecimal digits, which comes to be if it is new.
    /// Panics if git backs the repository: push instead.
    pub fn branch(&self, name: &str, commit: &str) {
        self.memory(|memory| memory.point_at_commit(&format!("refs/heads/{name}"), commit));
    }

    /// Points the lightweight tag `name` at a commit; else as [`Self::branch`].
    pub fn tag(&self, name: &str, commit: &str) {
        self.memory(|memory| memory.point_at_commit(&format!("refs/tags/{name}"), commit));
    }

    /// Makes an annotated tag of a commit and gives the sha of the tag object; else as
    /// [`Self::branch`].
    pub fn annotated_tag(&self, name: &str, commit: &str, message: &str) -> String {
        self.memory(|memory| memory.annotate(name, commit, message))
    }

    /// Removes the ref of that full name; else as [`Self::branch`].
    pub fn remove_ref(&self, name: &str) {
        self.memory(|memory| memory.remove_ref(name));
    }

    /// Puts a file into the commit that `revision` means; else as [`Self::branch`].
    pub fn file(&self, revision: &str, path: &str, bytes: &[u8]) {
        let commit = self.peel(revision).expect("the revision of a file exists");
        self.memory(|memory| memory.put_file(&commit, path, bytes));
    }

    /// The commit that a branch, tag, full ref or sha means, tags peeled.
    pub fn peel(&self, revision: &str) -> Option<String> {
        self.with(|repository, _| repository.objects.peel(revision))
    }

    /// Adds a workflow, by its file.
    pub fn workflow(&self, workflow: Workflow) {
        self.with(|repository, id| repository.workflows.push(workflow.numbered(id)));
    }

    /// Adds a release.
    pub fn release(&self, release: Release) -> ReleaseHandle {
        let now = self.shared.lock().now();
        let id = self.with(|repository, id| {
            repository.releases.push(release.numbered(id, now));
            id
        });
        ReleaseHandle { repository: self.clone(), id }
    }

    /// Releases as they are now, drafts included.
    pub fn releases(&self) -> Vec<Release> {
        self.with(|repository, _| repository.releases.clone())
    }

    /// Adds a run.
    pub fn run(&self, run: Run) -> RunHandle {
        let mut state = self.shared.lock();
        let id = state.add_run(self.id, run);
        RunHandle { repository: self.clone(), id }
    }

    /// The runs, oldest first.
    pub fn runs(&self) -> Vec<RunHandle> {
        let ids =
            self.with(|repository, _| repository.runs.iter().map(|run| run.id).collect::<Vec<_>>());
        ids.into_iter().map(|id| RunHandle { repository: self.clone(), id }).collect()
    }

    /// Adds an attestation.
    pub fn attestation(&self, attestation: Attestation) {
        self.with(|repository, id| repository.attestations.push(attestation.numbered(id)));
    }

    /// Adds an issue and gives its number.
    pub fn issue(&self, issue: Issue) -> u64 {
        let now = self.shared.lock().now();
        self.with(|repository, id| repository.add_issue(issue, id, now))
    }

    /// Issues as they are now, oldest first.
    pub fn issues(&self) -> Vec<Issue> {
        self.with(|repository, _| repository.issues.clone())
    }

    /// Adds a ruleset.
    pub fn ruleset(&self, ruleset: Ruleset) {
        self.with(|repository, id| repository.rulesets.push(ruleset.numbered(id)));
    }

    /// The state of this repository, and a fresh number.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut RepositoryState, u64) -> T) -> T {
        let mut state = self.shared.lock();
        let number = state.next_id();
        change(state.repository_by_id(self.id), number)
    }

    fn memory<T>(&self, change: impl FnOnce(&mut MemoryObjects) -> T) -> T {
        self.with(|repository, _| match &mut repository.objects {
            Objects::Memory(memory) => change(memory),
            Objects::Git(_) => panic!("git backs this repository: push to it instead"),
        })
    }
}
