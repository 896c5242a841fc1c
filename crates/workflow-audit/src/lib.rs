//! GitHub workflow text in; model, graph, findings, diagram and table out.
//!
//! Reading order: [`Input`], [`audit()`], then [`Audit`] with its [`Finding`]s and its [`Verdict`].
//! Inside: `yaml` (strict, with places), `model` (workflows as GitHub understands them), `shell`
//! and `expression` (what scripts and `${{ }}` say), `effect` (what a step needs and does),
//! `world` (all of it together), `permission`, `graph` and `blast` (what follows from it), `rule`
//! (one file a rule), `verdict`, `render` and `docs`.
//!
//! No I/O, no printing, no clock: the same files give the same answer.

mod audit;
mod blast;
mod docs;
mod effect;
mod expression;
mod finding;
mod graph;
mod input;
mod model;
mod origin;
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

pub use audit::{Audit, FileReport, FileVerdict, GrantSource, JobReport, SecretReader, audit};
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
