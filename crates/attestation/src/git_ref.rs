//! Git refs as certificates and statements carry them: `refs/tags/v1.2.3`, `refs/heads/main`.

use std::fmt;
use std::str::FromStr;

/// A full git ref, or a 40-digit commit where GitHub puts one in a ref's place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitRef(String);

/// What a [`GitRef`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind<'a> {
    /// `refs/tags/NAME`.
    Tag(&'a str),
    /// `refs/heads/NAME`.
    Branch(&'a str),
    /// 40 lower-case hex digits: a workflow pinned by commit.
    Commit(&'a str),
    /// Anything else, such as `refs/pull/1/merge`.
    Other,
}

impl GitRef {
    /// Keeps the text as it stands; what it names is asked with [`GitRef::kind`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The ref of a tag.
    pub fn tag(tag: &Tag) -> Self {
        Self(format!("refs/tags/{}", tag.as_str()))
    }

    /// The text of the ref.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it names, by the prefix alone: `refs/heads/refs/tags/x` is a branch.
    pub fn kind(&self) -> RefKind<'_> {
        if let Some(name) = self.0.strip_prefix("refs/tags/").filter(|name| !name.is_empty()) {
            return RefKind::Tag(name);
        }
        if let Some(name) = self.0.strip_prefix("refs/heads/").filter(|name| !name.is_empty()) {
            return RefKind::Branch(name);
        }
        if is_commit(&self.0) { RefKind::Commit(&self.0) } else { RefKind::Other }
    }
}

impl fmt::Display for GitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text is a full SHA-1 commit id: 40 lower-case hex digits.
pub fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A tag name that git itself would accept (`git check-ref-format`).
///
/// It is untrusted text all the same: it is never a path component and never an argument of a
/// program without `--` before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

/// Why a text cannot be a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tag:?} is not a valid git tag name: {reason}")]
pub struct InvalidTag {
    /// The text, as given.
    pub tag: String,
    /// The rule of `git check-ref-format` that it breaks.
    pub reason: &'static str,
}

impl Tag {
    /// The name without `refs/tags/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without one leading `v`, as packages spell their version.
    pub fn version(&self) -> &str {
        self.0.strip_prefix('v').unwrap_or(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tag {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Self, InvalidTag> {
        match broken_rule(text) {
            None => Ok(Self(text.to_owned())),
            Some(reason) => Err(InvalidTag { tag: text.to_owned(), reason }),
        }
    }
}

/// The rules of git-check-ref-format(1) for `refs/tags/<text>`, and a bound on the length.
fn broken_rule(text: &str) -> Option<&'static str> {
    const FORBIDDEN: &[char] = &[' ', '~', '^', ':', '?', '*', '[', '\\'];
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > 1024 {
        return Some("it is longer than 1024 bytes");
    }
    if text.starts_with('-') {
        return Some("it starts with `-`");
    }
    if text.contains("..") || text.contains("@{") || text == "@" {
        return Some("it contains `..` or `@{`, or is `@`");
    }
    if text.contains(FORBIDDEN) || text.chars().any(|char| char.is_ascii_control()) {
        return Some("it contains a space, a control character or one of ~^:?*[\\");
    }
    if text.ends_with('.') {
        return Some("it ends with `.`");
    }
    let bad_component = |part: &str| part.is_empty() || part.starts_with('.');
    if text.split('/').any(bad_component) {
        return Some("one of its components is empty or starts with `.`");
    }
    if text.split('/').any(|part| part.ends_with(".lock")) {
        return Some("one of its components ends with `.lock`");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_is_what_its_prefix_says() {
        assert_eq!(GitRef::new("refs/tags/v1").kind(), RefKind::Tag("v1"));
        assert_eq!(GitRef::new("refs/tags/pkg@1.2.3").kind(), RefKind::Tag("pkg@1.2.3"));
        assert_eq!(GitRef::new("refs/heads/v1").kind(), RefKind::Branch("v1"));
        assert_eq!(GitRef::new("refs/heads/refs/tags/v1").kind(), RefKind::Branch("refs/tags/v1"));
        for other in ["", "v1", "refs/tags/", "refs/heads/", "refs/pull/1/merge", "REFS/tags/v1"] {
            assert_eq!(GitRef::new(other).kind(), RefKind::Other, "{other}");
        }
        let commit = "8f70009fde0c94ade6ce2a054b94718c819126ec";
        assert_eq!(GitRef::new(commit).kind(), RefKind::Commit(commit));
        assert_eq!(GitRef::new(commit.to_uppercase()).kind(), RefKind::Other);
    }

    #[test]
    fn tags_follow_git() {
        for good in ["v1.2.3", "pkg@1.2.3", "a/b", "v1+x", "v1;id", "$(id)", "ü", "main"] {
            assert!(good.parse::<Tag>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-rf",
            "--upload-pack=x",
            "v1/../../x",
            "../x",
            "a..b",
            "a.lock",
            "a.lock/b",
            "/a",
            "a/",
            "a//b",
            ".git",
            "a/.b",
            "a b",
            "a\nb",
            "a~1",
            "a:b",
            "a\\b",
            "v1.",
            "@",
            "a@{b",
            "\u{7f}",
        ] {
            assert!(bad.parse::<Tag>().is_err(), "{bad}");
        }
        assert_eq!("v2.0.0".parse::<Tag>().expect("tag").version(), "2.0.0");
        assert_eq!("vv2".parse::<Tag>().expect("tag").version(), "v2");
    }
}
