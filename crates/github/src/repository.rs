//! One repository of a server: what can be asked about it stands in a file a noun.

use crate::error::GithubError;
use crate::github::GitHub;
use provost_outbound::Url;
use std::fmt;

/// `OWNER/NAME`, each of the bytes that GitHub allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// Reads `OWNER/NAME`; `None` for anything else.
    pub fn parse(slug: &str) -> Option<Self> {
        let (owner, name) = slug.split_once('/')?;
        let is_word = |part: &str| {
            let is_allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            !part.is_empty() && part.len() <= 100 && part.bytes().all(is_allowed)
        };
        let is_name = is_word(owner) && is_word(name) && !matches!(name, "." | "..");
        is_name.then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Whether the other text names the same repository; GitHub ignores ASCII case.
    pub fn is(&self, slug: &str) -> bool {
        self.to_string().eq_ignore_ascii_case(slug)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// A repository on a server.
#[derive(Debug, Clone)]
pub struct Repository<'a> {
    pub(crate) github: &'a GitHub,
    pub(crate) name: RepositoryName,
}

impl<'a> Repository<'a> {
    pub(crate) fn new(github: &'a GitHub, name: RepositoryName) -> Self {
        Self { github, name }
    }

    /// Its name.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// The URL of a path below `/repos/OWNER/NAME`.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut all = vec!["repos", &self.name.owner, &self.name.name];
        all.extend_from_slice(segments);
        self.github.url(&all)
    }

    /// An error unless every one of these URLs, by which an answer calls itself, is of this
    /// repository. The host is not compared: behind another name a server uses its own.
    pub(crate) fn check_own<'u>(
        &self,
        urls: impl IntoIterator<Item = &'u str>,
        what: &str,
    ) -> Result<(), GithubError> {
        let own = format!("{}/", self.name).to_ascii_lowercase();
        let is_own = |url: &str| {
            let path = Url::parse(url).ok().map(|url| format!("{}/", url.path()));
            let path = path.unwrap_or_default().to_ascii_lowercase();
            path.split_once("/repos/").is_some_and(|(_, rest)| rest.starts_with(&own))
        };
        match urls.into_iter().find(|url| !is_own(url)) {
            None => Ok(()),
            Some(url) => Err(GithubError::InvalidAnswer {
                what: what.to_owned(),
                why: format!("it is about {url}, of another repository"),
            }),
        }
    }

    /// What an error calls a thing of this repository.
    pub(crate) fn of(&self, what: impl fmt::Display) -> String {
        format!("{what} of {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::RepositoryName;

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        let name = RepositoryName::parse("Acme/app.rs").expect("name");
        assert!(name.is("acme/App.rs") && !name.is("acme/app") && !name.is("acme/app.rs/x"));
        for wrong in ["", "a", "a/", "/a", "a/b/c", "a/..", "a b/c", "a/b?x", "\u{212a}/a", "a/b\n"]
        {
            assert_eq!(RepositoryName::parse(wrong), None, "{wrong:?}");
        }
    }
}
