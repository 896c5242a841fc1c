//! The trusted root: embedded, or from a file.
