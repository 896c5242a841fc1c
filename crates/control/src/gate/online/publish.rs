//! Publishing a draft once it was accepted: verified before it counts.

use super::{Found, Online};
use crate::error::ControlError;
use provost_github::{Asset, Release};

/// What publishing came to.
#[derive(Debug, Clone)]
pub enum Publication {
    /// The draft is public now.
    Published(Release),
    /// It was public before.
    AlreadyPublic(Release),
}

impl Online {
    /// Publishes the release that was accepted, when nothing of it changed since it was looked at.
    ///
    /// # Errors
    /// [`ControlError::NothingToCheck`] without a release; [`ControlError::Undecidable`] when tag or
    /// assets changed meanwhile; [`ControlError::Github`].
    pub fn publish(&self, found: &Found) -> Result<Publication, ControlError> {
        let repository = self.connection.repository();
        let Some(release) = &found.release else {
            return Err(ControlError::NothingToCheck("there is no release to publish".into()));
        };
        if !release.draft {
            return Ok(Publication::AlreadyPublic(release.clone()));
        }
        let changed = |what: &str| {
            ControlError::Undecidable(format!(
                "{what} of release {} changed while it was being decided: nothing was published; \
                 run the gate again",
                release.tag_name
            ))
        };
        let assets = repository.assets(release)?;
        if !same(&assets, &found.assets) {
            return Err(changed("an asset"));
        }
        if repository.peeled_tag(&release.tag_name)? != found.tag {
            return Err(changed("the tag"));
        }
        let published = repository.publish(release)?;
        if !same(&repository.assets(&published)?, &found.assets) {
            return Err(ControlError::Undecidable(format!(
                "release {} was published, and an asset changed at that very moment: withdraw it",
                release.tag_name
            )));
        }
        Ok(Publication::Published(published))
    }
}

/// Whether two listings are of the same files.
fn same(one: &[Asset], other: &[Asset]) -> bool {
    let facts = |assets: &[Asset]| {
        let mut facts: Vec<_> = assets
            .iter()
            .map(|asset| (asset.id, asset.name.clone(), asset.size, asset.digest.clone()))
            .collect();
        facts.sort();
        facts
    };
    facts(one) == facts(other)
}
