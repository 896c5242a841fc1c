//! The use case *recover*: make the provenance of a tag whose run failed.

use crate::config::LoadedConfig;
use crate::connection::Connection;
use crate::dispatch::{DispatchOutcome, DispatchRequest, DispatchToken, dispatch};
use crate::environment::Environment;
use crate::error::ControlError;
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_github::{GithubError, Inputs, Run};
use provost_manifest::{Entry, Manifests};
use provost_outbound::Retry;
use provost_record::Status;
use provost_store::StoreUrl;

/// What is to be made anew.
#[derive(Debug, Clone)]
pub struct RecoverRequest {
    /// The configuration.
    pub config: LoadedConfig,
    /// The tag.
    pub tag: Tag,
    /// The event log.
    pub store: StoreUrl,
}

/// How it is made anew.
#[derive(Debug)]
pub enum Recovered {
    /// The failed run runs again, as another attempt.
    Rerun(Box<Run>),
    /// Another run was started.
    Dispatched {
        /// The run that failed; 0 when none ever started.
        instead_of: u64,
        /// The new one.
        outcome: Box<DispatchOutcome>,
        /// Whether the failed run's entry remembers the new one; an error is no loss of the run.
        remembered: Result<(), ControlError>,
    },
}

/// Runs the failed run of a tag again, or, when that can no longer be, starts another, and notes the
/// new run in the entry of the old one.
///
/// # Errors
/// [`ControlError::Configuration`] when the tag has a success, or no failure, in the manifest;
/// [`ControlError::Undecidable`] while the run is still going on; otherwise as [`dispatch`].
pub fn recover(
    request: &RecoverRequest,
    token: &DispatchToken,
    environment: &Environment,
    retry: &Retry,
    now: Timestamp,
) -> Result<Recovered, ControlError> {
    let config = &request.config;
    let manifests = Manifests::at(&config.resolve(&config.config.manifest.root));
    let failed = failure_of(&manifests, &request.tag)?;
    if failed.run != 0 {
        let own = environment.token.clone().unwrap_or_else(|| token.secret().clone());
        let reader = Connection::new(&config.config, environment, Some(own), retry)?;
        let starter =
            Connection::new(&config.config, environment, Some(token.secret().clone()), retry)?;
        if let Some(run) = rerun(&reader, &starter, failed.run)? {
            return Ok(Recovered::Rerun(Box::new(run)));
        }
    }
    let outcome = dispatch(
        &DispatchRequest {
            config: config.clone(),
            tag: request.tag.clone(),
            release_url: failed.release_url.clone(),
            git_ref: None,
            inputs: Inputs::new(),
            store: request.store.clone(),
        },
        token,
        environment,
        retry,
        now,
    )?;
    let remembered = manifests.record_recovery(&failed.key(), outcome.run.id);
    Ok(Recovered::Dispatched {
        instead_of: failed.run,
        outcome: Box::new(outcome),
        remembered: remembered.map(|_| ()).map_err(ControlError::from),
    })
}

/// The last failure of the tag.
fn failure_of(manifests: &Manifests, tag: &Tag) -> Result<Entry, ControlError> {
    let entries = manifests.entries()?.into_iter().map(|standing| standing.entry);
    let of_tag: Vec<Entry> = entries.filter(|entry| entry.tag == *tag).collect();
    if let Some(success) = of_tag.iter().find(|entry| entry.status == Status::Success) {
        return Err(ControlError::Configuration(format!(
            "tag {tag} has a success, run {}: there is nothing to recover",
            success.run
        )));
    }
    of_tag.into_iter().max_by_key(|entry| entry.validated_at).ok_or_else(|| {
        ControlError::Configuration(format!(
            "the manifest has no failure of tag {tag}; start its provenance with `provost dispatch`"
        ))
    })
}

/// Runs a completed run again; `None` when it is gone or can no longer be repeated.
fn rerun(reader: &Connection, starter: &Connection, id: u64) -> Result<Option<Run>, ControlError> {
    let run = match reader.repository().run(id) {
        Ok(run) => run,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !run.is_completed() {
        return Err(ControlError::Undecidable(format!(
            "run {id} is still {}: wait for its end, or cancel it first; {}",
            run.state(),
            run.html_url
        )));
    }
    match starter.repository().rerun(id) {
        Ok(()) => Ok(Some(reader.repository().run(id)?)),
        // A run can be repeated for 30 days only, and not every run can.
        Err(
            GithubError::Forbidden { needed: None, .. }
            | GithubError::Refused { .. }
            | GithubError::NotFound { .. }
            | GithubError::Expired { .. },
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
