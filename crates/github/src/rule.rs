//! Rules of branches: is the gate a required check?

use crate::error::GithubError;
use crate::github::parse;
use crate::repository::Repository;
use provost_outbound::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// The most rules that are looked through.
const MAX_RULES: usize = 1_000;

/// A check that must pass before a branch takes a change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RequiredCheck {
    /// Its name: the job's.
    pub context: String,
}

/// A ruleset, by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Ruleset {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// `active`, `evaluate` or `disabled`.
    pub enforcement: String,
    /// `branch`, `tag` or `push`.
    #[serde(default)]
    pub target: String,
    /// Which refs it binds, in GitHub's form; `Null` in a listing.
    #[serde(default)]
    pub conditions: Value,
    /// What it demands, in GitHub's form; empty in a listing.
    #[serde(default)]
    pub rules: Vec<Value>,
    /// Who may bypass it, in GitHub's form; `None` in a listing, and for a token that may not
    /// change it.
    #[serde(default)]
    pub bypass_actors: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Value,
}

/// Parameters of a rule `required_status_checks`.
#[derive(Deserialize)]
struct Parameters {
    required_status_checks: Vec<RequiredCheck>,
}

impl Ruleset {
    /// The body that creates a ruleset which makes a job a required check of branches, given as
    /// `refs/heads/…` patterns or `~DEFAULT_BRANCH`.
    pub fn requiring(name: &str, check: &str, branches: &[String]) -> Value {
        json!({
            "name": name,
            "target": "branch",
            "enforcement": "active",
            "conditions": { "ref_name": { "include": branches, "exclude": [] } },
            "rules": [{
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": false,
                    "required_status_checks": [{ "context": check }],
                },
            }],
        })
    }
}

impl Repository<'_> {
    /// The checks that the rules in force require of a branch.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn required_checks(&self, branch: &str) -> Result<Vec<RequiredCheck>, GithubError> {
        let url = self.url(&["rules", "branches", branch]);
        let what = self.of(format!("the rules of branch {branch}"));
        let rules = self.github.pages(url, &what).all(MAX_RULES, |page: Vec<Rule>| page)?;
        let mut checks = Vec::new();
        for rule in rules.into_iter().filter(|rule| rule.kind == "required_status_checks") {
            let Parameters { required_status_checks } =
                serde_json::from_value(rule.parameters).map_err(|error| {
                    GithubError::InvalidAnswer { what: what.clone(), why: error.to_string() }
                })?;
            checks.extend(required_status_checks);
        }
        Ok(checks)
    }

    /// The repository's own rulesets, without those of its owner.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn rulesets(&self) -> Result<Vec<Ruleset>, GithubError> {
        let what = self.of("the rulesets");
        let mut url = self.url(&["rulesets"]);
        url.query_pairs_mut().append_pair("includes_parents", "false");
        self.github.pages(url, &what).all(MAX_RULES, |page: Vec<Ruleset>| page)
    }

    /// A ruleset with all that it says.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn ruleset(&self, id: u64) -> Result<Ruleset, GithubError> {
        let what = self.of(format!("ruleset {id}"));
        self.github.get_json(self.url(&["rulesets", &id.to_string()]), &what)
    }

    /// Creates a ruleset.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn create_ruleset(&self, body: &Value) -> Result<Ruleset, GithubError> {
        let what = self.of("a new ruleset");
        let answer = self.github.order(Method::Post, self.url(&["rulesets"]), body, &what)?;
        parse(&answer, &what)
    }
}
