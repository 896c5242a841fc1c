//! The git-kept manifest: format, merge, lint, atomic write.
