//! Rulesets: what a repository demands of its branches and tags.

use serde_json::{Value, json};

/// A ruleset to be added with [`RepositoryHandle::ruleset`](super::RepositoryHandle::ruleset).
#[derive(Clone, Debug)]
pub struct Ruleset {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// `branch`, `tag` or `push`.
    pub(crate) target: String,
    /// `active`, `evaluate` or `disabled`.
    pub(crate) enforcement: String,
    /// Patterns of refs, such as `refs/heads/main`, `~DEFAULT_BRANCH` or `~ALL`.
    pub(crate) include: Vec<String>,
    /// Rules in GitHub's form, each with a `type`.
    pub(crate) rules: Vec<Value>,
    /// Who may bypass it, in GitHub's form.
    pub(crate) bypass_actors: Vec<Value>,
}

impl Ruleset {
    /// An active ruleset for the default branch, without rules.
    pub fn for_branches(name: &str) -> Self {
        Self::new(name, "branch", "~DEFAULT_BRANCH")
    }

    /// An active ruleset for all tags, without rules.
    pub fn for_tags(name: &str) -> Self {
        Self::new(name, "tag", "~ALL")
    }

    fn new(name: &str, target: &str, include: &str) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            target: target.to_owned(),
            enforcement: "active".into(),
            include: vec![include.to_owned()],
            rules: Vec::new(),
            bypass_actors: Vec::new(),
        }
    }

    /// With a rule that needs no parameters, such as `deletion` or `non_fast_forward`.
    #[must_use]
    pub fn rule(self, kind: &str) -> Self {
        self.rule_json(json!({ "type": kind }))
    }

    /// With a rule in GitHub's form.
    #[must_use]
    pub fn rule_json(mut self, rule: Value) -> Self {
        self.rules.push(rule);
        self
    }

    /// For these refs instead: full names, `*` for any run of characters, `~ALL`,
    /// `~DEFAULT_BRANCH`.
    #[must_use]
    pub fn include(mut self, patterns: &[&str]) -> Self {
        self.include = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        self
    }

    /// Written, and without effect.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enforcement = "disabled".into();
        self
    }

    /// Teams of that number may bypass it.
    #[must_use]
    pub fn bypassed_by_team(mut self, id: u64) -> Self {
        let actor = json!({ "actor_id": id, "actor_type": "Team", "bypass_mode": "always" });
        self.bypass_actors.push(actor);
        self
    }

    pub(crate) fn numbered(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Does it bind this branch?
    pub(crate) fn binds(&self, branch: &str, default_branch: &str) -> bool {
        let full = format!("refs/heads/{branch}");
        let named = self.include.iter().any(|pattern| match pattern.as_str() {
            "~ALL" => true,
            "~DEFAULT_BRANCH" => branch == default_branch,
            pattern => pattern_fits(pattern, &full),
        });
        self.target == "branch" && self.enforcement == "active" && named
    }
}

fn pattern_fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            let Some(rest) = name.strip_prefix(before) else { return false };
            let mut ends = (0..=rest.len()).filter(|end| rest.is_char_boundary(*end));
            ends.any(|end| pattern_fits(after, &rest[end..]))
        }
    }
}
