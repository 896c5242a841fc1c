//! Releases and their assets.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use super::repository::RepositoryHandle;

/// A release.
#[derive(Clone, Debug)]
pub struct Release {
    /// GitHub's number; given when it is added.
    pub id: u64,
    /// Name of the tag.
    pub tag: String,
    /// Branch or commit from which a draft's tag is made.
    pub target: String,
    /// Title.
    pub name: Option<String>,
    /// Notes.
    pub body: Option<String>,
    /// Not published: seen in the listing by those who may write, and never by tag.
    pub draft: bool,
    /// A release for the brave.
    pub prerelease: bool,
    /// Published under "immutable releases": assets and tag cannot change any more.
    pub immutable: bool,
    /// The login that made it.
    pub author: String,
    /// The files.
    pub assets: Vec<Asset>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) published: Option<Timestamp>,
    /// Will be immutable when it is published.
    pub(crate) immutable_when_published: bool,
}

/// A file of a release.
#[derive(Clone, Debug)]
pub struct Asset {
    /// GitHub's number; given when it is added.
    pub id: u64,
    /// File name.
    pub name: String,
    /// Label, if any.
    pub label: Option<String>,
    /// Media type as uploaded.
    pub content_type: String,
    /// `sha256:…`; assets from before June 2025 have none.
    pub digest: Option<String>,
    /// `open` while an upload is not finished.
    pub uploaded: bool,
    /// The login that uploaded it.
    pub uploader: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Release {
    /// A published release of `tag`, without assets.
    pub fn new(tag: &str) -> Self {
        Self {
            id: 0,
            tag: tag.to_owned(),
            target: "main".into(),
            name: Some(tag.to_owned()),
            body: None,
            draft: false,
            prerelease: false,
            immutable: false,
            author: "release-engineer".into(),
            assets: Vec::new(),
            created: None,
            published: None,
            immutable_when_published: false,
        }
    }

    /// Not yet published.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// Immutable from the moment it is published.
    #[must_use]
    pub fn immutable(mut self) -> Self {
        self.immutable_when_published = true;
        self
    }

    /// With a file, whose digest GitHub knows.
    #[must_use]
    pub fn asset(self, name: &str, bytes: &[u8]) -> Self {
        self.with_asset(Asset::new(name, bytes))
    }

    /// With a file as described.
    #[must_use]
    pub fn with_asset(mut self, asset: Asset) -> Self {
        self.assets.push(asset);
        self
    }

    pub(crate) fn numbered(mut self, id: u64, now: Timestamp) -> Self {
        self.id = id;
        self.created.get_or_insert(now);
        if !self.draft {
            self.publish(now);
        }
        let count = (1..).zip(&mut self.assets);
        count.for_each(|(number, asset)| asset.id = id * 1_000 + number);
        self
    }

    pub(crate) fn publish(&mut self, now: Timestamp) {
        self.draft = false;
        self.published.get_or_insert(now);
        self.immutable |= self.immutable_when_published;
    }
}

impl Asset {
    /// A finished upload.
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            label: None,
            content_type: "application/octet-stream".into(),
            digest: Some(sha256(bytes)),
            uploaded: true,
            uploader: "release-engineer".into(),
            bytes: bytes.to_vec(),
        }
    }

    /// As uploaded before GitHub kept digests.
    #[must_use]
    pub fn without_digest(mut self) -> Self {
        self.digest = None;
        self
    }

    /// An upload that never finished.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.uploaded = false;
        self
    }
}

/// `sha256:` and hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(digest(&SHA256, bytes)))
}

/// A release of the fake.
#[derive(Clone)]
pub struct ReleaseHandle {
    pub(crate) repository: RepositoryHandle,
    pub(crate) id: u64,
}

impl ReleaseHandle {
    /// GitHub's number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The release as it is now; `None` once it is deleted.
    pub fn get(&self) -> Option<Release> {
        self.repository.with(|repository, _| {
            repository.releases.iter().find(|release| release.id == self.id).cloned()
        })
    }
}
