//! The online gate: what is not given is found on GitHub, and what only GitHub knows is asked.

mod attempt;
mod bundles;
mod checks;
mod publish;
mod release;

pub use publish::Publication;

pub(super) use checks::complete;
pub(crate) use release::{is_attestation_name, matches};

use super::request::{ArtifactSet, GateRequest};
use crate::connection::Connection;
use crate::error::ControlError;
use crate::verify::ArtifactInput;
use provost_github::{Asset, PeeledTag, Release};
use std::path::Path;

/// The name of the job that must be a required check.
pub const REQUIRED_CHECK: &str = "provenance-validate";

/// Whether a required check is the gate's job. The job of a called workflow is named after its
/// caller too: `CALLER / provenance-validate`.
pub(crate) fn is_required_check(context: &str) -> bool {
    let own = context.rsplit_once(" / ").map_or(context, |(_, own)| own);
    own == REQUIRED_CHECK
}

/// GitHub, as the gate asks it.
#[derive(Debug, Clone)]
pub struct Online {
    /// The repository, with a token that may read it.
    pub connection: Connection,
    /// The run that this program is part of, when it is part of one.
    pub own_run: Option<u64>,
}

/// What GitHub has for one tag.
#[derive(Debug)]
pub struct Found {
    /// The release, published or draft; `None` when there is none yet.
    pub release: Option<Release>,
    /// Its assets.
    pub assets: Vec<Asset>,
    /// The assets that are attestations and nothing else, by name.
    pub attestations: Vec<String>,
    /// Every other asset that must be attested, with its digests.
    pub artifacts: Vec<ArtifactInput>,
    /// The tag; `None` when it is not there.
    pub tag: Option<PeeledTag>,
}

impl Online {
    /// Whether the gate's job is a required check of the default branch.
    ///
    /// # Errors
    /// [`ControlError::Github`].
    pub fn is_required(&self) -> Result<bool, ControlError> {
        let repository = self.connection.repository();
        let branch = repository.default_branch()?;
        let checks = repository.required_checks(&branch)?;
        Ok(checks.iter().any(|check| is_required_check(&check.context)))
    }

    /// The address that the release has once it is public. A draft's own ends with its publication.
    fn lasting_url(
        &self,
        release: &Release,
        request: &GateRequest,
    ) -> Result<String, ControlError> {
        if !release.draft {
            return Ok(release.html_url.clone());
        }
        let repository =
            request.config.config.repository().map_err(ControlError::Configuration)?.url();
        let encoded: String = request.tag.as_str().bytes().map(encoded_byte).collect();
        Ok(format!("{repository}/releases/tag/{encoded}"))
    }

    /// Finds what the request leaves open: artifacts, bundles, URL of the release and the commit of
    /// the tag. Downloads go to files below `folder`, under names made here.
    pub(super) fn find(
        &self,
        request: &mut GateRequest,
        folder: &Path,
    ) -> Result<Found, ControlError> {
        let repository = self.connection.repository();
        let mut found = release::find(&repository, &request.tag)?;
        if let Some(release) = &found.release
            && request.release_url.is_none()
        {
            request.release_url = Some(self.lasting_url(release, request)?);
        }
        if request.expectations.source_digest.is_none()
            && let Some(tag) = &found.tag
            && request.binds_by_commit()
        {
            request.expectations.source_digest = Some(tag.commit.clone());
        }
        let kept = release::attestations(&repository, &found.assets, folder)?;
        found.attestations = kept.iter().map(|asset| asset.name.clone()).collect();
        let excepted = &request.config.config.policy.unattested_assets;
        found.artifacts = release::artifacts(&repository, &found, excepted, folder)?;
        if matches!(request.artifacts, ArtifactSet::Unknown) {
            release::not_empty(&repository, &found, &request.tag)?;
            request.artifacts = ArtifactSet::Released(found.artifacts.clone());
        }
        if request.bundles.is_empty() {
            request.bundles = bundles::find(&repository, request, &kept, folder)?;
        }
        Ok(found)
    }
}

/// A byte of a name in the path of a URL (RFC 3986, section 3.3).
fn encoded_byte(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'_' | b'~' | b'+' | b'-' => {
            char::from(byte).into()
        }
        other => format!("%{other:02X}"),
    }
}
