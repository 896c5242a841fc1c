//! A run in the hands of a test: it goes on, ends, gets jobs and artifacts, signs.

use super::artifact::Artifact;
use super::job::Job;
use super::oidc::{TokenEndpoint, TokenRequest};
use super::repository::RepositoryHandle;
use super::run::Run;
use crate::identity::WorkflowIdentity;

/// A run of the fake. Clones are the same run.
#[derive(Clone)]
pub struct RunHandle {
    pub(crate) repository: RepositoryHandle,
    pub(crate) id: u64,
}

impl RunHandle {
    /// GitHub's number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The repository it belongs to.
    pub fn repository(&self) -> &RepositoryHandle {
        &self.repository
    }

    /// The run as it is now. Panics once it is deleted.
    pub fn get(&self) -> Run {
        self.change(|run| run.clone())
    }

    /// Changes the run, whatever it is.
    pub fn change<T>(&self, change: impl FnOnce(&mut Run) -> T) -> T {
        self.repository.with(|repository, _| {
            let run = repository.runs.iter_mut().find(|run| run.id == self.id);
            change(run.expect("the run of this handle was not deleted"))
        })
    }

    /// It is going on.
    pub fn start(&self) {
        self.change(|run| {
            run.status = "in_progress".into();
            run.conclusion = None;
        });
    }

    /// It ended with this conclusion.
    pub fn complete(&self, conclusion: &str) {
        self.change(|run| {
            run.status = "completed".into();
            run.conclusion = Some(conclusion.to_owned());
            run.completes = None;
        });
    }

    /// It ends with this conclusion after a client has looked at it so many times.
    pub fn complete_after(&self, looks: usize, conclusion: &str) {
        self.change(|run| run.completes = Some((looks, conclusion.to_owned())));
    }

    /// Adds a job.
    pub fn job(&self, mut job: Job) {
        self.repository.with(|repository, number| {
            job.id = number;
            let run = repository.runs.iter_mut().find(|run| run.id == self.id);
            run.expect("the run of this handle was not deleted").jobs.push(job);
        });
    }

    /// Adds an artifact; its number.
    pub fn artifact(&self, mut artifact: Artifact) -> u64 {
        self.repository.with(|repository, number| {
            (artifact.id, artifact.run) = (number, self.id);
            repository.artifacts.push(artifact);
            number
        })
    }

    /// Its artifacts of that name.
    pub(crate) fn artifacts_named(&self, name: &str) -> Vec<Artifact> {
        self.artifacts_where(|artifact| artifact.name == name)
    }

    /// Its artifacts whose names start so.
    pub(crate) fn artifacts_starting(&self, start: &str) -> Vec<Artifact> {
        self.artifacts_where(|artifact| artifact.name.starts_with(start))
    }

    fn artifacts_where(&self, fits: impl Fn(&Artifact) -> bool) -> Vec<Artifact> {
        self.repository.with(|repository, _| {
            let own = repository.artifacts.iter().filter(|artifact| artifact.run == self.id);
            own.filter(|artifact| fits(artifact)).cloned().collect()
        })
    }

    /// Removes its artifacts of that name.
    pub fn remove_artifacts(&self, name: &str) {
        self.repository.with(|repository, _| {
            let is_one = |own: &Artifact| own.run == self.id && own.name == name;
            repository.artifacts.retain(|artifact| !is_one(artifact));
        });
    }

    /// The files of its artifact of that name, by path; none when there is no such artifact.
    pub fn artifact_files(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        self.artifacts_named(name).first().map(Artifact::files).unwrap_or_default()
    }

    /// What Fulcio certifies of a job of this run: the claims follow the ref it runs on.
    pub fn identity(&self) -> WorkflowIdentity {
        let run = self.get();
        self.repository.with(|repository, _| run.identity(&repository.settings))
    }

    /// The environment by which a job of this run asks for an identity token.
    pub fn token_request(&self) -> TokenRequest {
        let run = self.get();
        let claims = self.repository.with(|repository, _| run.claims(&repository.settings));
        let shared = &self.repository.shared;
        let mut state = shared.lock();
        let path = format!("/oidc/{}", state.next_id());
        let bearer = format!("job-{}", state.next_id());
        let url = format!("{}{path}?api-version=2.0", shared.addresses.services);
        state.token_endpoints.push(TokenEndpoint { path, bearer: bearer.clone(), claims });
        TokenRequest { url, bearer }
    }
}
