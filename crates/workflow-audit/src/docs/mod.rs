//! The documents that are written from the workflows: diagram, table, index, runbook.
//!
//! They name what the files say and invent nothing; the same files give the same bytes.

mod diagram;
mod index;
mod mermaid;
mod names;
mod runbook;
mod table;

pub(crate) use diagram::diagrams;
pub use index::{INDEX, LINKS_BEGIN, LINKS_END, index, links, with_links};
pub use names::{Names, names_in_diagram, names_in_table};
pub use runbook::{RUNBOOK, runbook};
pub(crate) use table::table;

/// A document and where it is kept, from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The path.
    pub path: String,
    /// The text, with one final line feed.
    pub text: String,
}

/// Stands in every generated Markdown document.
pub(super) const RENDER: &str =
    "npx @mermaid-js/mermaid-cli -i docs/ops/workflows.mmd -o docs/ops/workflows.png";

/// One sentence on what is checked, for the head of a document.
pub(super) const CHECK: &str = "It is complete when `provost workflows check` finds no difference between it and the workflows.";
