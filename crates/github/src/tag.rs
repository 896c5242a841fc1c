//! Tags, peeled to their commits.

use crate::error::GithubError;
use crate::repository::Repository;
use provost_attestation::git_ref::is_commit;
use serde::Deserialize;

/// The longest chain of tags on tags that is followed.
const MAX_DEPTH: usize = 5;
/// The most tags that are looked through.
const MAX_TAGS: usize = 10_000;

/// A tag as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeeledTag {
    /// The commit it leads to.
    pub commit: String,
    /// Whether it is an annotated tag.
    pub is_annotated: bool,
}

#[derive(Deserialize)]
struct GitRef {
    #[serde(rename = "ref")]
    name: String,
    url: String,
    object: Object,
}

#[derive(Deserialize)]
struct TagObject {
    sha: String,
    url: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    commit: ListedCommit,
}

#[derive(Deserialize)]
struct ListedCommit {
    sha: String,
    url: String,
}

impl Repository<'_> {
    /// The commit that a tag leads to, through annotated tags; `None` when there is no such tag.
    ///
    /// # Errors
    /// [`GithubError::InvalidAnswer`] for a tag that leads to something else than a commit.
    pub fn peeled_tag(&self, tag: &str) -> Result<Option<PeeledTag>, GithubError> {
        let what = self.of(format!("tag {tag}"));
        let mut segments = vec!["git", "ref", "tags"];
        segments.extend(tag.split('/'));
        let Some(found) = self.github.find_json::<GitRef>(self.url(&segments), &what)? else {
            return Ok(None);
        };
        let invalid = |why: String| GithubError::InvalidAnswer { what: what.clone(), why };
        if found.name != format!("refs/tags/{tag}") {
            return Err(invalid(format!("it is about {}", found.name)));
        }
        self.check_own([found.url.as_str()], &what)?;
        let is_annotated = found.object.kind == "tag";
        let mut object = found.object;
        for _ in 0..MAX_DEPTH {
            if !is_commit(&object.sha) {
                return Err(invalid("an object id is no SHA-1 in hex".into()));
            }
            match object.kind.as_str() {
                "commit" => return Ok(Some(PeeledTag { commit: object.sha, is_annotated })),
                "tag" => {
                    let url = self.url(&["git", "tags", &object.sha]);
                    let tag: TagObject = self.github.get_json(url, &what)?;
                    self.check_own([tag.url.as_str()], &what)?;
                    if tag.sha != object.sha {
                        return Err(invalid(format!("it is about object {}", tag.sha)));
                    }
                    object = tag.object;
                }
                kind => return Err(invalid(format!("it leads to a {kind}"))),
            }
        }
        Err(invalid("tags point at tags without end".into()))
    }

    /// Every tag's name with the commit it leads to.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn tags(&self) -> Result<Vec<(String, String)>, GithubError> {
        let what = self.of("the tags");
        let tags = self
            .github
            .pages(self.url(&["tags"]), &what)
            .all(MAX_TAGS, |page: Vec<Listed>| page)?;
        self.check_own(tags.iter().map(|tag| tag.commit.url.as_str()), &what)?;
        Ok(tags.into_iter().map(|tag| (tag.name, tag.commit.sha)).collect())
    }
}
