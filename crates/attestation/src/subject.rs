//! Subjects: the artifacts that a statement speaks about.

use crate::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use std::collections::BTreeMap;

/// One subject of a statement (in-toto ResourceDescriptor): a name that decides nothing, and a
/// digest set that decides everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    name: Option<String>,
    digests: BTreeMap<String, String>,
}

impl Subject {
    /// Puts a subject together from its name and its DigestSet (algorithm name to hex).
    pub fn new(name: Option<String>, digests: BTreeMap<String, String>) -> Self {
        Self { name, digests }
    }

    /// The name, when it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The digest set as signed, weak algorithms included.
    pub fn digest_set(&self) -> &BTreeMap<String, String> {
        &self.digests
    }

    /// The strong digests, in the order of [`DigestAlgorithm::ALL`]. A digest that is not
    /// lower-case hex of the exact length is left out: it can match nothing.
    pub fn strong_digests(&self) -> impl Iterator<Item = ArtifactDigest> {
        DigestAlgorithm::ALL.into_iter().filter_map(|algorithm| {
            ArtifactDigest::from_hex(algorithm, self.digests.get(algorithm.name())?)
        })
    }

    /// Whether this subject is the artifact: at least one strong digest is equal, and none that
    /// both sides know differs. A malformed strong digest counts as a difference.
    pub fn is(&self, artifact: &ArtifactDigests) -> bool {
        let mut equal = 0;
        for algorithm in DigestAlgorithm::ALL {
            let Some(listed) = self.digests.get(algorithm.name()) else {
                continue;
            };
            let Some(known) = artifact.of(algorithm) else {
                continue;
            };
            if !known.is_hex(listed) {
                return false;
            }
            equal += 1;
        }
        equal > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(digests: &[(&str, &str)]) -> Subject {
        let digests = digests.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Subject::new(Some("app".into()), digests)
    }

    #[test]
    fn matches_by_strong_digests_only_and_by_all_that_both_know() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let long = "c".repeat(128);
        let artifact = ArtifactDigests::from_list(vec![
            format!("sha256:{a}").parse().expect("digest"),
            format!("sha512:{long}").parse().expect("digest"),
        ])
        .expect("digests");
        assert!(subject(&[("sha256", &a)]).is(&artifact));
        assert!(subject(&[("sha512", &long)]).is(&artifact));
        assert!(subject(&[("sha256", &a), ("sha512", &long), ("sha1", "x")]).is(&artifact));
        assert!(!subject(&[("sha256", &b)]).is(&artifact));
        assert!(!subject(&[("sha256", &a), ("sha512", &a)]).is(&artifact));
        assert!(!subject(&[("sha256", &a.to_uppercase())]).is(&artifact));
        assert!(!subject(&[("sha256", &format!("sha256:{a}"))]).is(&artifact));
        assert!(!subject(&[("sha256", "")]).is(&artifact));
        assert!(!subject(&[("sha1", &a[..40])]).is(&artifact));
        assert!(!subject(&[]).is(&artifact));
    }
}
