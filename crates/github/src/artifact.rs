//! Artifacts of workflow runs.

use crate::archive::{self, ArchivedFile};
use crate::error::GithubError;
use crate::repository::Repository;
use jiff::Timestamp;
use provost_outbound::OutboundError;
use serde::Deserialize;

/// The most artifacts of a run that are looked through.
const MAX_ARTIFACTS: usize = 1_000;

/// A zip that a run uploaded.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Artifact {
    /// Its id.
    pub id: u64,
    /// Its name; untrusted, and no path.
    pub name: String,
    /// Whether its bytes are gone.
    pub expired: bool,
    /// When they go, or went.
    pub expires_at: Option<Timestamp>,
    /// Size of the zip in bytes.
    pub size_in_bytes: u64,
    /// `sha256:…` of the zip; `None` before version 4 of the upload action.
    pub digest: Option<String>,
    url: String,
    workflow_run: Option<Origin>,
}

/// Which run uploaded it.
#[derive(Debug, Clone, Deserialize)]
struct Origin {
    id: Option<u64>,
    repository_id: Option<u64>,
    head_repository_id: Option<u64>,
}

impl Artifact {
    /// Ids of the run and of the repository whose head it ran, as far as GitHub tells.
    pub fn origin(&self) -> (Option<u64>, Option<u64>) {
        let origin = self.workflow_run.as_ref();
        (origin.and_then(|run| run.id), origin.and_then(|run| run.head_repository_id))
    }

    /// Whether the run ran another repository's head, a fork's, or GitHub does not tell.
    pub fn is_of_fork(&self) -> bool {
        let origin = self.workflow_run.as_ref();
        let ids = origin.and_then(|run| run.repository_id.zip(run.head_repository_id));
        ids.is_none_or(|(own, head)| own != head)
    }
}

#[derive(Deserialize)]
struct Artifacts {
    artifacts: Vec<Artifact>,
}

impl Repository<'_> {
    /// The artifacts of a run, expired ones included. One that says it is another run's is an
    /// error: an artifact is chosen by its run, never by its name alone.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn artifacts(&self, run: u64) -> Result<Vec<Artifact>, GithubError> {
        let url = self.url(&["actions", "runs", &run.to_string(), "artifacts"]);
        let what = self.of(format!("the artifacts of run {run}"));
        let artifacts =
            self.github.pages(url, &what).all(MAX_ARTIFACTS, |page: Artifacts| page.artifacts)?;
        self.check_own(artifacts.iter().map(|one| one.url.as_str()), &what)?;
        match artifacts.iter().find(|one| one.origin().0.is_some_and(|id| id != run)) {
            None => Ok(artifacts),
            Some(stranger) => {
                let why = format!("artifact {:?} is of another run", stranger.name);
                Err(GithubError::InvalidAnswer { what, why })
            }
        }
    }

    /// Downloads an artifact and reads every file in it; whole, or not at all.
    ///
    /// # Errors
    /// [`GithubError::Expired`], [`GithubError::Archive`], [`GithubError::InvalidAnswer`] when the
    /// zip does not have the digest that GitHub names.
    pub fn artifact_files(&self, artifact: &Artifact) -> Result<Vec<ArchivedFile>, GithubError> {
        let what = self.of(format!("artifact {}", artifact.name));
        if artifact.expired {
            return Err(GithubError::Expired { what });
        }
        if artifact.size_in_bytes > archive::MAX_ARCHIVE_BYTES {
            let error = archive::ArchiveError::TooLarge { limit: archive::MAX_ARCHIVE_BYTES };
            return Err(GithubError::Archive { name: artifact.name.clone(), source: error });
        }
        let url = self.url(&["actions", "artifacts", &artifact.id.to_string(), "zip"]);
        let stream = self.github.download(url, "application/vnd.github+json", &what)?;
        let mut zip = tempfile::tempfile().map_err(OutboundError::Sink)?;
        let sha256 = archive::receive(stream, &mut zip)?;
        let promised = artifact.digest.as_deref();
        if promised.is_some_and(|digest| digest != format!("sha256:{sha256}")) {
            let why =
                format!("its bytes have sha256:{sha256}, and not the digest it is said to have");
            return Err(GithubError::InvalidAnswer { what, why });
        }
        archive::read(zip)
            .map_err(|source| GithubError::Archive { name: artifact.name.clone(), source })
    }
}
