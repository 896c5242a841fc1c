//! Paths below the root, as the manifest spells them.

use std::fmt;
use std::path::{Path, PathBuf};

/// A path below the root, with `/` on every system. Made only here, from safe components.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(String);

impl RelativePath {
    pub(crate) fn of(components: &[&str]) -> Self {
        Self(components.join("/"))
    }

    /// The path as text, such as `docs/reports/2026-11-23/manifest.json`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path on this system, below `root`.
    pub fn under(&self, root: &Path) -> PathBuf {
        self.0.split('/').fold(root.to_owned(), |path, part| path.join(part))
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
