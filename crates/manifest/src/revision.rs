//! The manifests as they were at a revision of the repository around them.

use crate::entry::Entry;
use crate::error::ManifestError;
use crate::git::{PushError, Repository, Unreadable};
use crate::manifests::Manifests;
use crate::push::PushTarget;
use std::time::Duration;
use thiserror::Error;

/// How long one call of git may take; nothing of it goes over a network.
const GIT_TIME: Duration = Duration::from_secs(60);

/// Why a revision cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RevisionError {
    /// There is no such commit here, as in a clone that was made too shallow.
    #[error(
        "there is no commit {revision:?} here; name one, and check out the whole history \
         (`fetch-depth: 0`)"
    )]
    Unknown {
        /// As it was named.
        revision: String,
    },
    /// Git cannot be asked.
    #[error(transparent)]
    Git(#[from] PushError),
    /// The manifests there do not parse.
    #[error("the manifests at {revision} cannot be read")]
    Manifest {
        /// As it was named.
        revision: String,
        /// What is wrong.
        source: ManifestError,
    },
}

impl Manifests {
    /// Every entry of the commit that a revision names, oldest day first.
    ///
    /// # Errors
    /// [`RevisionError`].
    pub fn entries_at(&self, revision: &str) -> Result<Vec<Entry>, RevisionError> {
        let repository = Repository::open(self.root(), GIT_TIME)?;
        let unknown = || RevisionError::Unknown { revision: revision.to_owned() };
        let commit = repository.commit_of(revision)?.ok_or_else(unknown)?;
        let state = repository.state_of(&commit).map_err(|error| match error {
            Unreadable::Git(error) => RevisionError::Git(error),
            Unreadable::Manifest(source) => {
                RevisionError::Manifest { revision: revision.to_owned(), source }
            }
        })?;
        Ok(state.days.values().flat_map(|file| file.entries().cloned()).collect())
    }

    /// Whether a commit is in the history of the one that is checked out.
    ///
    /// # Errors
    /// [`RevisionError::Unknown`] when the commit is not here.
    pub fn has_in_history(&self, commit: &str) -> Result<bool, RevisionError> {
        let repository = Repository::open(self.root(), GIT_TIME)?;
        let unknown = || RevisionError::Unknown { revision: commit.to_owned() };
        let commit = repository.commit_of(commit)?.ok_or_else(unknown)?;
        Ok(repository.is_ancestor_of_head(&commit)?)
    }
    /// The values of a trailer that commits have: in the history of the commit that is checked out,
    /// and of the branch that the manifest is pushed to, as it was last seen here. Newest commit
    /// first, each value once; anybody who may commit there can have written them.
    ///
    /// # Errors
    /// [`RevisionError::Git`].
    pub fn trailers(
        &self,
        token: &'static str,
        target: &PushTarget,
    ) -> Result<Vec<String>, RevisionError> {
        let repository = Repository::open(self.root(), GIT_TIME)?;
        let branch = target.branch.as_ref().map(|branch| (&target.remote, branch));
        let mut values: Vec<String> = Vec::new();
        for value in repository.trailers(token, branch)? {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(values)
    }
}
