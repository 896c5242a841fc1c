//! Names in archives: plain relative paths, and no two that some file system takes for one.

use std::collections::BTreeMap;

/// The longest name in bytes.
const MAX_NAME: usize = 1_024;

/// A relative path of ordinary segments, harmless on every file system.
pub(super) fn is_plain(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && !segment.ends_with(['.', ' '])
            && !segment.chars().any(|char| char.is_control() || matches!(char, '\\' | ':'))
    };
    path.len() <= MAX_NAME && path.split('/').all(is_segment)
}

/// The names of an archive, as a file system that ignores letter case would hold them.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, bool>);

impl Names {
    /// Takes a name in. False when it, or a file in the place of one of its folders, or something
    /// below it while it is a file, is there already.
    #[must_use]
    pub(super) fn insert(&mut self, name: &str) -> bool {
        let is_folder = name.ends_with('/');
        let name = folded(name.trim_end_matches('/'));
        let parents = name.match_indices('/').map(|(at, _)| &name[..at]);
        let is_below_file = parents.into_iter().any(|parent| self.0.get(parent) == Some(&false));
        let below = format!("{name}/");
        let mut after = self.0.range(below.clone()..);
        let is_parent = after.next().is_some_and(|(other, _)| other.starts_with(&below));
        if is_below_file || (is_parent && !is_folder) {
            return false;
        }
        self.0.insert(name, is_folder).is_none()
    }
}

/// Through every case, as some letters share only one with each other (`ſ`, `ς`, `ẞ`).
fn folded(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_file_system_takes_for_one_are_twins() {
        for (one, other) in [
            ("a", "a"),
            ("a", "A"),
            ("a", "a/"),
            ("stra\u{df}e", "STRA\u{1e9e}E"),
            ("stra\u{df}e", "STRASSE"),
            ("\u{3b1}\u{3c2}", "\u{3b1}\u{3c3}"),
            ("\u{17f}", "s"),
            ("\u{212a}", "k"),
            ("a", "A/b"),
            ("a/b/c", "a/B"),
        ] {
            for (first, second) in [(one, other), (other, one)] {
                let mut names = Names::default();
                assert!(names.insert(first), "{first}");
                assert!(!names.insert(second), "{first} and {second}");
            }
        }
        let mut names = Names::default();
        for distinct in ["a/b", "a/", "a/c", "ab", "b", "a-b", "a/b-c/d"] {
            assert!(names.insert(distinct), "{distinct}");
        }
    }
}
