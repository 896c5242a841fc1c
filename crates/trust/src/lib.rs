//! The trusted root: embedded, or from a file. (Refreshing it over TUF is not built yet.)

mod embedded;
mod file;

pub use embedded::{EMBEDDED_ON, STALE_AFTER_DAYS, embedded_roots, is_stale};
pub use file::{TrustError, roots_from_file};
