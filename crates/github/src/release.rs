//! Releases and their assets.

use crate::error::GithubError;
use crate::repository::Repository;
use crate::web_address::web_address;
use jiff::Timestamp;
use provost_outbound::{Method, Stream};
use serde::Deserialize;
use serde_json::json;

/// The most releases that are looked through.
const MAX_RELEASES: usize = 5_000;
/// The most assets of one release; GitHub allows 1,000.
const MAX_ASSETS: usize = 1_000;

/// A release, published or draft.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Release {
    /// Its id.
    pub id: u64,
    /// Its tag; of a draft the tag that it will have.
    pub tag_name: String,
    /// Its page.
    #[serde(deserialize_with = "web_address")]
    pub html_url: String,
    /// Whether only those with write access see it.
    pub draft: bool,
    /// Whether it is a pre-release.
    #[serde(default)]
    pub prerelease: bool,
    /// Whether tag and assets can no longer be changed.
    #[serde(default)]
    pub immutable: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Branch or commit that a draft's tag will be made from.
    #[serde(default)]
    pub target_commitish: String,
    url: String,
}

/// A file of a release.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Asset {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// `uploaded`, or `open` while the upload is not complete.
    pub state: String,
    /// `sha256:…` as GitHub computed it when it was uploaded; `None` for old assets.
    pub digest: Option<String>,
    url: String,
}

impl Repository<'_> {
    /// The release of a tag, drafts included: those are found by listing alone. With several of
    /// one tag the published one counts, else the newest.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn release_of(&self, tag: &str) -> Result<Option<Release>, GithubError> {
        let what = self.of(format!("the release of tag {tag}"));
        let published: Option<Release> =
            self.github.find_json(self.url(&["releases", "tags", tag]), &what)?;
        if let Some(release) = published {
            self.check_own([release.url.as_str()], &what)?;
            return match release.tag_name == tag {
                true => Ok(Some(release)),
                false => {
                    let why = format!("it is about tag {}", release.tag_name);
                    Err(GithubError::InvalidAnswer { what, why })
                }
            };
        }
        let drafts = self.releases()?.into_iter().filter(|release| release.tag_name == tag);
        Ok(drafts.max_by_key(|release| (!release.draft, release.created_at, release.id)))
    }

    /// Every release that the token sees, in GitHub's order: newest first.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn releases(&self) -> Result<Vec<Release>, GithubError> {
        let what = self.of("the releases");
        let url = self.url(&["releases"]);
        let releases =
            self.github.pages(url, &what).all(MAX_RELEASES, |page: Vec<Release>| page)?;
        self.check_own(releases.iter().map(|release| release.url.as_str()), &what)?;
        Ok(releases)
    }

    /// Every asset of a release.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn assets(&self, release: &Release) -> Result<Vec<Asset>, GithubError> {
        let url = self.url(&["releases", &release.id.to_string(), "assets"]);
        let what = self.of(format!("the assets of release {}", release.tag_name));
        let assets = self.github.pages(url, &what).all(MAX_ASSETS, |page: Vec<Asset>| page)?;
        self.check_own(assets.iter().map(|asset| asset.url.as_str()), &what)?;
        Ok(assets)
    }

    /// Opens the bytes of an asset.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn download_asset(&self, asset: &Asset) -> Result<Stream, GithubError> {
        let url = self.url(&["releases", "assets", &asset.id.to_string()]);
        let what = self.of(format!("asset {}", asset.name));
        self.github.download(url, "application/octet-stream", &what)
    }

    /// Publishes a draft.
    ///
    /// # Errors
    /// [`GithubError`]; [`GithubError::InvalidAnswer`] when it is still a draft afterwards.
    pub fn publish(&self, release: &Release) -> Result<Release, GithubError> {
        let url = self.url(&["releases", &release.id.to_string()]);
        let what = self.of(format!("the publication of release {}", release.tag_name));
        let answer = self.github.order(Method::Patch, url, &json!({ "draft": false }), &what)?;
        let published: Release = crate::github::parse(&answer, &what)?;
        self.check_own([published.url.as_str()], &what)?;
        let is_same = published.id == release.id && published.tag_name == release.tag_name;
        if published.draft || !is_same {
            let why = "it is still a draft, or another release".to_owned();
            return Err(GithubError::InvalidAnswer { what, why });
        }
        Ok(published)
    }
}
