//! Patterns for builder refs: the one glob of this program.

use provost_attestation::git_ref::is_commit;
use std::fmt;
use std::str::FromStr;

/// Which refs of a builder are accepted: a full ref, a commit, or a full ref with `*`.
///
/// `*` stands for any run of characters except `/`, also an empty one; everything else stands for
/// itself, and the whole ref must match. There is no other wildcard. A tag's short name (`v1.2.3`)
/// means `refs/tags/v1.2.3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefPattern(String);

/// Why a text is no ref pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a ref pattern: write refs/tags/v1.2.3, refs/tags/v*, a tag name without `/` and \
     `*`, or a 40-digit commit"
)]
pub struct InvalidRefPattern(pub String);

impl FromStr for RefPattern {
    type Err = InvalidRefPattern;

    fn from_str(text: &str) -> Result<Self, InvalidRefPattern> {
        let odd = |char: char| char.is_control() || char.is_whitespace();
        if text.is_empty() || text.contains(odd) {
            return Err(InvalidRefPattern(text.to_owned()));
        }
        let full = ["refs/tags/", "refs/heads/"]
            .iter()
            .any(|prefix| text.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        if full || is_commit(text) {
            return Ok(Self(text.to_owned()));
        }
        if text.contains(['/', '*']) {
            return Err(InvalidRefPattern(text.to_owned()));
        }
        Ok(Self(format!("refs/tags/{text}")))
    }
}

impl RefPattern {
    /// Whether the whole ref matches.
    pub fn matches(&self, git_ref: &str) -> bool {
        glob(self.0.as_bytes(), git_ref.as_bytes())
    }

    /// Whether it can match a branch. Such a pattern pins nothing: a branch moves.
    pub fn allows_branches(&self) -> bool {
        self.0.starts_with("refs/heads/")
    }
}

impl fmt::Display for RefPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Linear-time matching with one point of return: the last `*` seen.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) if text[from] != b'/' => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                _ => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_whole_refs() {
        let table = [
            ("refs/tags/v*", "refs/tags/v1.2.3", true),
            ("refs/tags/v*", "refs/tags/v", true),
            ("refs/tags/v*", "refs/tags/v1/evil", false),
            ("refs/tags/v*", "refs/heads/v1", false),
            ("refs/tags/v*", "xrefs/tags/v1", false),
            ("refs/tags/v1.*.0", "refs/tags/v1.22.0", true),
            ("refs/tags/v1.*.0", "refs/tags/v1x22.0", false),
            ("refs/tags/*-*", "refs/tags/a-b-c", true),
            ("v1.2.3", "refs/tags/v1.2.3", true),
            ("v1.2.3", "refs/heads/v1.2.3", false),
            ("v1.2.3", "refs/tags/v1.2.30", false),
            ("refs/tags/v1.2.3", "refs/tags/v1x2x3", false),
        ];
        for (pattern, git_ref, expected) in table {
            let parsed: RefPattern = pattern.parse().expect(pattern);
            assert_eq!(parsed.matches(git_ref), expected, "{pattern} {git_ref}");
        }
    }

    #[test]
    fn refuses_patterns_that_would_match_too_much() {
        for wrong in ["", "*", "refs/*", "refs/tags/", "v*", "a/b", "refs/tags/v 1", "refs/pull/1"]
        {
            assert!(wrong.parse::<RefPattern>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn many_stars_cost_little() {
        let pattern: RefPattern = format!("refs/tags/{}b", "*a".repeat(40)).parse().expect("glob");
        assert!(!pattern.matches(&format!("refs/tags/{}", "a".repeat(20_000))));
    }
}
