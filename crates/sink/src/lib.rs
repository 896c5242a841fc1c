//! Untrusted text on its way out: what every output shares.
//!
//! Tags, reasons, names and error bodies are written by whoever wrote the release. [`visible`] is
//! the one form in which they may be seen; [`markdown`] makes of it text that GitHub renders and
//! does not obey. The program's own outputs (terminal, log commands, step outputs) and the
//! announcements are built on these two.

mod escape;
pub mod markdown;
mod shell;

pub use escape::visible;
pub use shell::shell_word;
