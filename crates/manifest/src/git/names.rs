//! Names of remotes and branches: never an option, never a URL, never a pattern.

use provost_attestation::git_ref::Tag;
use std::fmt;
use std::str::FromStr;

/// The name of a remote that the repository has, such as `origin`. A URL is no name: credentials
/// belong to the remote that was configured together with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteName(String);

/// The name of a branch without `refs/heads/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchName(String);

/// Why a text names no remote or branch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no name of a {what}: {reason}")]
pub struct InvalidGitName {
    what: &'static str,
    text: String,
    reason: &'static str,
}

impl RemoteName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BranchName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole ref.
    pub(crate) fn full(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

impl Default for RemoteName {
    /// `origin`.
    fn default() -> Self {
        Self("origin".to_owned())
    }
}

impl FromStr for RemoteName {
    type Err = InvalidGitName;

    fn from_str(text: &str) -> Result<Self, InvalidGitName> {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let starts_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if starts_well && text.len() <= 128 && text.bytes().all(is_plain) && !text.contains("..") {
            return Ok(Self(text.to_owned()));
        }
        let reason =
            "write a remote's name as `git remote` lists it, such as origin; a URL is none";
        Err(InvalidGitName { what: "remote", text: text.to_owned(), reason })
    }
}

impl FromStr for BranchName {
    type Err = InvalidGitName;

    /// A branch follows the rules of a tag; a full ref is refused, as it would be taken for a name.
    fn from_str(text: &str) -> Result<Self, InvalidGitName> {
        let invalid = |reason| InvalidGitName { what: "branch", text: text.to_owned(), reason };
        if text.starts_with("refs/") {
            return Err(invalid("write it without refs/heads/"));
        }
        if text == "HEAD" {
            return Err(invalid("HEAD is no branch"));
        }
        match text.parse::<Tag>() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(invalid(error.reason)),
        }
    }
}

impl fmt::Display for RemoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_an_option_nor_a_url_nor_a_pattern() {
        for good in ["origin", "up-stream", "a.b_c", "1"] {
            assert!(good.parse::<RemoteName>().is_ok(), "{good}");
        }
        for bad in
            ["", "-c", "--upload-pack=x", "https://h/x", "git@h:x", "../x", "a b", "a\n", "./x"]
        {
            assert!(bad.parse::<RemoteName>().is_err(), "{bad}");
        }
        for good in ["main", "release/1.x", "v1;id", "ü"] {
            assert!(good.parse::<BranchName>().is_ok(), "{good}");
        }
        for bad in ["", "-f", "+main", "refs/heads/main", "HEAD", "a:b", "a*", "a..b", "a b", "x^"]
        {
            let parsed = bad.parse::<BranchName>();
            // A plus is a branch's letter like any other: it is never first in a refspec of ours.
            assert_eq!(parsed.is_err(), bad != "+main", "{bad}");
        }
    }
}
