//! The use case *dispatch*: start the provenance workflow, and find the run that it became.

mod found;
mod token;
mod wait;

pub use token::{DispatchToken, TokenProblem};
pub use wait::{Patience, wait};

use crate::config::{LoadedConfig, TagBinding};
use crate::connection::Connection;
use crate::environment::Environment;
use crate::error::ControlError;
use found::Search;
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_github::{Dispatched, Inputs, Repository, Run};
use provost_outbound::Retry;
use provost_record::Event;
use provost_store::{Appended, EventLog, StoreUrl};

/// Inputs that the dispatch sets itself.
const OWN_INPUTS: [&str; 3] = ["tag", "release_url", "dispatched_by_run"];
/// The most inputs that GitHub takes.
const MAX_INPUTS: usize = 25;

/// What is to be started.
#[derive(Debug, Clone)]
pub struct DispatchRequest {
    /// The configuration.
    pub config: LoadedConfig,
    /// The release's tag.
    pub tag: Tag,
    /// URL of the release; may be empty.
    pub release_url: String,
    /// The full ref to run on; default: the tag.
    pub git_ref: Option<String>,
    /// More inputs than the configuration's.
    pub inputs: Inputs,
    /// Another event log than the file's.
    pub store: StoreUrl,
}

/// A run that was started.
#[derive(Debug)]
pub struct DispatchOutcome {
    /// The run.
    pub run: Run,
    /// What the log says of it; an error is no loss of the run.
    pub event: Result<Appended, ControlError>,
}

/// Starts the workflow of `[dispatch]` on the tag and finds the run that this became.
///
/// The tag is the ref by default, so that the certificate names what is released: a run on `main`
/// would attest `main`'s commit, and every release would be refused by `source-ref` and
/// `tag-commit`. What cannot work is refused before anything is started: another ref under
/// `tag_binding = "ref"`, a tag or workflow that is not there.
///
/// The workflow is started with the dispatch token alone; everything is looked up with the job's
/// own token when there is one.
///
/// # Errors
/// [`ControlError::Configuration`] for what can never work, [`ControlError::Github`]; and
/// [`ControlError::Undecidable`] when a run may have been started that could not be told apart.
pub fn dispatch(
    request: &DispatchRequest,
    token: &DispatchToken,
    environment: &Environment,
    retry: &Retry,
    now: Timestamp,
) -> Result<DispatchOutcome, ControlError> {
    let config = &request.config.config;
    let git_ref = request.git_ref()?;
    let inputs = request.all_inputs(environment)?;
    let starter = Connection::new(config, environment, Some(token.secret().clone()), retry)?;
    let facts = starter.github().token_facts()?;
    if let Some(problem) = TokenProblem::too_powerful(&facts, &config.dispatch) {
        return Err(ControlError::Configuration(problem.to_string()));
    }
    let own = environment.token.clone().unwrap_or_else(|| token.secret().clone());
    let reader = Connection::new(config, environment, Some(own), retry)?;
    let repository = reader.repository();
    let workflow = config.dispatch.workflow.as_str();
    let commit = can_start(&repository, request, workflow, &git_ref)?;

    let search = Search {
        repository: &repository,
        workflow,
        git_ref: &git_ref,
        commit,
        mark: environment.run_id.map(|id| id.to_string()),
        since: now,
        retry,
    };
    let before = search.known()?;
    let run = match starter.repository().dispatch(workflow, &git_ref, &inputs) {
        Ok(Dispatched::Run { id, .. }) => search.named(id)?,
        Ok(Dispatched::Unnamed) => search.unnamed(&before)?,
        // No answer: the run may have been started all the same, and must not be started twice.
        Err(error) if error.is_ambiguous() => search.after(&before, error)?,
        Err(error) => return Err(error.into()),
    };
    let event = append(request, &reader.slug(), &run, environment);
    Ok(DispatchOutcome { run, event })
}

impl DispatchRequest {
    /// The ref to run on.
    fn git_ref(&self) -> Result<String, ControlError> {
        let of_tag = format!("refs/tags/{}", self.tag);
        let Some(git_ref) = &self.git_ref else { return Ok(of_tag) };
        let full = match git_ref.starts_with("refs/heads/") || git_ref.starts_with("refs/tags/") {
            true => git_ref.clone(),
            false => {
                return Err(ControlError::Configuration(format!(
                    "--ref: {git_ref:?} is no full ref; write refs/tags/… or refs/heads/…"
                )));
            }
        };
        if full != of_tag && self.config.config.source.tag_binding == TagBinding::Ref {
            return Err(ControlError::Configuration(format!(
                "--ref {full}: with tag_binding = \"ref\" the run must be on {of_tag}, or its \
                 provenance names another ref and is refused; leave --ref out, or bind by \
                 \"commit\" or \"package-version\""
            )));
        }
        Ok(full)
    }

    /// The configuration's inputs, those of the call, and our own three.
    fn all_inputs(&self, environment: &Environment) -> Result<Inputs, ControlError> {
        let mut inputs = self.config.config.dispatch.inputs.clone();
        inputs.extend(self.inputs.clone());
        if let Some(own) = OWN_INPUTS.iter().find(|own| inputs.contains_key(**own)) {
            return Err(ControlError::Configuration(format!(
                "the input {own:?} is set by the dispatch itself; leave it out"
            )));
        }
        inputs.insert("tag".into(), self.tag.to_string());
        inputs.insert("release_url".into(), self.release_url.clone());
        let by = environment.run_id.map_or_else(String::new, |id| id.to_string());
        inputs.insert("dispatched_by_run".into(), by);
        if inputs.len() > MAX_INPUTS {
            return Err(ControlError::Configuration(format!(
                "{} inputs, of which three are the dispatch's own, are more than the {MAX_INPUTS} \
                 that GitHub takes",
                inputs.len()
            )));
        }
        Ok(inputs)
    }
}

/// The commit of the ref when it is the tag, after looking that tag and workflow are there.
fn can_start(
    repository: &Repository<'_>,
    request: &DispatchRequest,
    workflow: &str,
    git_ref: &str,
) -> Result<Option<String>, ControlError> {
    let tag = &request.tag;
    let Some(peeled) = repository.peeled_tag(tag.as_str())? else {
        return Err(ControlError::Configuration(format!(
            "{} has no tag {tag}: push the tag before its provenance is made",
            repository.name()
        )));
    };
    if !repository.has_workflow_at(workflow, git_ref)? {
        return Err(ControlError::Configuration(format!(
            ".github/workflows/{workflow} is not there at {git_ref}: a tag made before the \
             workflow was added cannot be attested; tag a commit that has it, or name another \
             workflow in [dispatch]"
        )));
    }
    let is_tag = git_ref == format!("refs/tags/{tag}");
    Ok(is_tag.then_some(peeled.commit))
}

fn append(
    request: &DispatchRequest,
    repository: &str,
    run: &Run,
    environment: &Environment,
) -> Result<Appended, ControlError> {
    let event = Event::of_dispatch(
        repository,
        run.id,
        request.tag.as_str(),
        &request.release_url,
        environment.actor.clone(),
        run.created_at,
    );
    let appended = EventLog::open(&request.store)?.append(&[event])?;
    appended
        .first()
        .copied()
        .ok_or_else(|| ControlError::Internal("the event log gave no answer".into()))
}
