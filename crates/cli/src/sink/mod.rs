//! The one way by which an untrusted string reaches an output.
//!
//! Tags, repositories, subject names, certificate identities, actors and error bodies are written
//! by whoever wrote the release. Each output reads some of their bytes as orders: a terminal its
//! escape sequences, the log of GitHub Actions its commands, an output file its delimiters,
//! Markdown its mentions and links. One type an output takes those orders away when it is
//! displayed; the raw `str` is never formatted. Text of our own needs none of this.
//!
//! - [`mod@terminal`], text for people, and the log of a job.
//! - [`command`], annotations.
//! - [`output_file`], the outputs of a step, in the file that `GITHUB_OUTPUT` names.
//! - [`mod@json`], documents for programs, which pass a screen or a log on their way.
//! - [`provost_sink::markdown`], step summaries and issues.

pub(crate) mod command;
pub(crate) mod json;
pub(crate) mod output_file;
pub(crate) mod random;
pub(crate) mod terminal;

pub(crate) use json::json;
pub(crate) use terminal::terminal;
