//! x
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "wip")]
mod audit;
mod blast;
mod docs;
mod effect;
mod expression;
mod finding;
mod graph;
mod input;
mod model;
mod pattern;
mod permission;
mod place;
mod render;
mod role;
mod rule;
mod scope;
mod script;
mod shell;
mod suppression;
mod verdict;
mod world;
mod yaml;

pub use audit::{Audit, FileReport, GrantSource, JobReport, SecretReader, audit};
pub use blast::Way;
pub use docs::{
    Document, INDEX, LINKS_BEGIN, LINKS_END, Names, RUNBOOK, index, links, names_in_diagram,
    names_in_table, runbook, with_links,
};
pub use finding::{Confidence, Finding, Severity, Spot};
pub use input::{DIAGRAM, Input, SourceFile, TABLE, mentioned_folders};
pub use place::{Place, Span};
pub use render::{Paint, markdown, text};
pub use rule::{RuleInfo, rule, rules};
pub use scope::{Access, Scope};
pub use suppression::Suppressed;
pub use verdict::{Reason, ReleasePath, Verdict};
