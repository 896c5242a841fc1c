//! The rules, one file each, with the explanation beside it.
//!
//! A rule looks at the [`World`] and adds findings; it never prints and never reads a file.

mod artifact_poisoning;
mod build_not_isolated;
mod dangling_reference;
mod excess_permission;
mod findings;
mod missing_permission;
mod poisonable_release;
mod silent_trigger;
mod stale_docs;
mod swallowed_failure;
mod token_blast_radius;
mod undetermined_permission;
mod unparseable_workflow;
mod unpinned_action;
mod unprotected_concurrency;
mod unreported_outcome;
mod unsigned_provenance;
mod untrusted_expression;
mod unused_suppression;

pub(crate) use findings::{Findings, spot};
pub(crate) use unused_suppression::INFO as UNUSED_SUPPRESSION;

use crate::finding::Severity;
use crate::world::World;

/// What a rule looks for.
#[derive(Debug, Clone, Copy)]
pub struct RuleInfo {
    /// The id: file name, code in every output, heading of the page.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// The worst that its findings are.
    pub severity: Severity,
    /// What it means and how to mend it, in Markdown.
    pub explanation: &'static str,
}

impl RuleInfo {
    /// Why it matters: the explanation without its last part.
    pub fn meaning(&self) -> &'static str {
        self.explanation.split_once(MEND).map_or(self.explanation, |(meaning, _)| meaning)
    }

    /// What to do, beginning in the middle of the sentence "To mend it, …".
    pub fn mend(&self) -> &'static str {
        self.explanation.split_once(MEND).map_or("", |(_, mend)| mend).trim_end()
    }
}

/// Where every explanation turns to what is to be done.
const MEND: &str = "\n\nTo mend it, ";

struct Rule {
    info: &'static RuleInfo,
    run: fn(&World, &mut Findings<'_>),
}

const RULES: [Rule; 18] = [
    Rule { info: &unparseable_workflow::INFO, run: unparseable_workflow::run },
    Rule { info: &missing_permission::INFO, run: missing_permission::run },
    Rule { info: &excess_permission::INFO, run: excess_permission::run },
    Rule { info: &undetermined_permission::INFO, run: undetermined_permission::run },
    Rule { info: &token_blast_radius::INFO, run: token_blast_radius::run },
    Rule { info: &silent_trigger::INFO, run: silent_trigger::run },
    Rule { info: &dangling_reference::INFO, run: dangling_reference::run },
    Rule { info: &swallowed_failure::INFO, run: swallowed_failure::run },
    Rule { info: &unreported_outcome::INFO, run: unreported_outcome::run },
    Rule { info: &build_not_isolated::INFO, run: build_not_isolated::run },
    Rule { info: &unsigned_provenance::INFO, run: unsigned_provenance::run },
    Rule { info: &poisonable_release::INFO, run: poisonable_release::run },
    Rule { info: &unpinned_action::INFO, run: unpinned_action::run },
    Rule { info: &untrusted_expression::INFO, run: untrusted_expression::run },
    Rule { info: &artifact_poisoning::INFO, run: artifact_poisoning::run },
    Rule { info: &unprotected_concurrency::INFO, run: unprotected_concurrency::run },
    Rule { info: &stale_docs::INFO, run: stale_docs::run },
    Rule { info: &unused_suppression::INFO, run: unused_suppression::run },
];

/// Every rule, in the order of the page.
pub fn rules() -> impl Iterator<Item = &'static RuleInfo> {
    RULES.iter().map(|rule| rule.info)
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static RuleInfo> {
    rules().find(|info| info.id == id)
}

/// Runs every rule.
pub(crate) fn run_all(world: &World, findings: &mut Findings<'_>) {
    for rule in &RULES {
        findings.begin(rule.info.id);
        (rule.run)(world, findings);
    }
}
