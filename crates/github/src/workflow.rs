//! Workflow files.

use crate::error::GithubError;
use crate::repository::Repository;
use serde::Deserialize;

/// A file as the contents API describes it.
#[derive(Deserialize)]
struct Content {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}

impl Repository<'_> {
    /// Whether `.github/workflows/<workflow>` exists as a file at a full ref or commit.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn has_workflow_at(&self, workflow: &str, git_ref: &str) -> Result<bool, GithubError> {
        let mut url = self.url(&["contents", ".github", "workflows", workflow]);
        url.query_pairs_mut().append_pair("ref", git_ref);
        let what = self.of(format!(".github/workflows/{workflow} at {git_ref}"));
        let content: Option<Content> = self.github.find_json(url, &what)?;
        let Some(content) = content else { return Ok(false) };
        self.check_own([content.url.as_str()], &what)?;
        Ok(content.kind == "file")
    }

    /// The default branch's name.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn default_branch(&self) -> Result<String, GithubError> {
        #[derive(Deserialize)]
        struct Answer {
            default_branch: String,
            url: String,
        }
        let what = format!("repository {}", self.name());
        let answer: Answer = self.github.get_json(self.url(&[]), &what)?;
        self.check_own([answer.url.as_str()], &what)?;
        Ok(answer.default_branch)
    }
}
