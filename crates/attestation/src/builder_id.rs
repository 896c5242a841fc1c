//! Builder ids: who ran the build. A URI, often with `@` and a git ref behind it.

use crate::version::ReleaseTag;
use std::fmt;

/// A builder id split into name and ref: `https://…/builder.yml` `@` `refs/tags/v1.2.3`.
///
/// Source: SLSA provenance v1, `runDetails.builder.id`; slsa-github-generator puts the ref of its
/// reusable workflow behind `@`. The cut is at the *first* `@`, so that a tag may contain one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BuilderId {
    name: String,
    git_ref: Option<String>,
}

/// Why a text is no builder id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a builder id: write URI or URI@REF, neither part empty")]
pub struct InvalidBuilderId(pub String);

impl BuilderId {
    /// Splits the text at its first `@`.
    ///
    /// # Errors
    /// [`InvalidBuilderId`] when the name is empty, or when there is an `@` with nothing after it.
    pub fn parse(text: &str) -> Result<Self, InvalidBuilderId> {
        let (name, git_ref) = match text.split_once('@') {
            None => (text, None),
            Some((name, git_ref)) => (name, Some(git_ref)),
        };
        if name.is_empty() || git_ref == Some("") {
            return Err(InvalidBuilderId(text.to_owned()));
        }
        Ok(Self { name: name.to_owned(), git_ref: git_ref.map(str::to_owned) })
    }

    /// The part before the first `@`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part after the first `@`, if there is one.
    pub fn git_ref(&self) -> Option<&str> {
        self.git_ref.as_deref()
    }

    /// Whether `self`, as found, is what `expected` asks for: the same name, and when `expected`
    /// names a ref, that ref or the tag of that short name (`v1.2.3` for `refs/tags/v1.2.3`).
    pub fn satisfies(&self, expected: &Self) -> bool {
        self.name == expected.name
            && match (&expected.git_ref, &self.git_ref) {
                (None, _) => true,
                (Some(expected), Some(found)) => ref_satisfies(found, expected),
                (Some(_), None) => false,
            }
    }
}

/// Whether a found ref is the expected one, which may be a tag's short name.
pub fn ref_satisfies(found: &str, expected: &str) -> bool {
    found == expected || found.strip_prefix("refs/tags/") == Some(expected)
}

impl fmt::Display for BuilderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.git_ref {
            Some(git_ref) => write!(f, "@{git_ref}"),
            None => Ok(()),
        }
    }
}

/// Whether a builder's ref has the shape of a release: `refs/tags/vX.Y.Z` exactly.
pub fn is_release_ref(git_ref: &str) -> bool {
    git_ref.strip_prefix("refs/tags/").is_some_and(|tag| {
        ReleaseTag::parse(tag).is_some_and(|tag| tag.is_full() && tag.prerelease().is_empty())
    })
}

/// Whether a ref is `refs/tags/vX.Y.Z-java`, the only prerelease shape that JReleaser's builder
/// releases under.
pub fn is_jreleaser_ref(git_ref: &str) -> bool {
    git_ref.strip_prefix("refs/tags/").is_some_and(|tag| {
        ReleaseTag::parse(tag).is_some_and(|tag| tag.is_full() && tag.prerelease() == "java")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> BuilderId {
        BuilderId::parse(text).expect(text)
    }

    #[test]
    fn splits_at_the_first_at_sign() {
        assert_eq!(id("some/name@v1.2.3").git_ref(), Some("v1.2.3"));
        assert_eq!(id("some/name").git_ref(), None);
        assert_eq!(id("some/name@refs/tags/pkg@1").git_ref(), Some("refs/tags/pkg@1"));
        for wrong in ["", "name@", "@v1"] {
            assert!(BuilderId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn matches_names_whole_and_refs_whole_or_by_short_tag() {
        let found = id("https://h/b.yml@refs/tags/v1.2.3");
        for good in
            ["https://h/b.yml", "https://h/b.yml@v1.2.3", "https://h/b.yml@refs/tags/v1.2.3"]
        {
            assert!(found.satisfies(&id(good)), "{good}");
        }
        for wrong in [
            "https://h/b.yml-evil",
            "https://h/b.ym",
            "https://h/b.yml@v1.2",
            "https://h/b.yml@refs/heads/v1.2.3",
            "https://h/B.yml",
        ] {
            assert!(!found.satisfies(&id(wrong)), "{wrong}");
        }
        assert!(!id("https://h/b.yml").satisfies(&id("https://h/b.yml@v1")));
    }

    #[test]
    fn release_refs_are_whole_versions() {
        assert!(is_release_ref("refs/tags/v1.2.3"));
        for wrong in [
            "refs/heads/main",
            "refs/heads/v1.2.3",
            "refs/tags/v1.2",
            "refs/tags/1.2.3",
            "refs/tags/v1.2.3-rc.1",
            "refs/tags/v1.2.3+build",
            "refs/tags/v01.2.3",
            "v1.2.3",
            "8f70009fde0c94ade6ce2a054b94718c819126ec",
        ] {
            assert!(!is_release_ref(wrong), "{wrong}");
        }
        assert!(is_jreleaser_ref("refs/tags/v1.0.0-java"));
        assert!(!is_jreleaser_ref("refs/tags/v1.0.0-python"));
    }
}
