//! Rulesets, and the rules that bind one branch.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::ruleset::Ruleset;
use super::{Names, Route, Routed, node};

impl Route<'_> {
    /// Without rules and conditions, as GitHub lists them.
    pub(super) fn list_rulesets(&mut self) -> Routed {
        let names = self.names();
        let targets = self.call.query("targets").map(str::to_owned);
        let mut rulesets = self.repository().rulesets.clone();
        rulesets.retain(|ruleset| {
            let wanted = targets.as_ref().map(|targets| targets.split(','));
            wanted.is_none_or(|mut wanted| wanted.any(|target| target == ruleset.target))
        });
        let page = self.page_of(rulesets);
        let body: Vec<_> = page.items.iter().map(|ruleset| names.ruleset(ruleset)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn create_ruleset(&mut self) -> Routed {
        let wish = self.call.json();
        let text = |key: &str| wish[key].as_str().map(str::to_owned);
        let include = wish["conditions"]["ref_name"]["include"].as_array();
        let include = include.into_iter().flatten().filter_map(Value::as_str);
        let mut ruleset = Ruleset::for_branches(&text("name").unwrap_or_default());
        ruleset = ruleset.include(&include.collect::<Vec<_>>());
        ruleset.target = text("target").unwrap_or_else(|| "branch".into());
        ruleset.enforcement = text("enforcement").unwrap_or_default();
        ruleset.rules = wish["rules"].as_array().cloned().unwrap_or_default();
        let names = self.names();
        let taken = |own: &Ruleset| own.name == ruleset.name;
        if self.repository().rulesets.iter().any(taken) {
            return Err(Answer::error(422, "Validation Failed: Name must be unique"));
        }
        let ruleset = ruleset.numbered(self.state.next_id());
        let body = names.whole_ruleset(&ruleset, true);
        self.repository().rulesets.push(ruleset);
        Ok(Answer::json(201, &body))
    }

    /// With rules and conditions. Who may bypass it is told to those who may change it.
    pub(super) fn get_ruleset(&mut self) -> Routed {
        let id = self.number("ruleset_id");
        let (names, may_change) = (self.names(), self.caller_writes("administration"));
        let found = self.repository().rulesets.iter().find(|own| own.id == id);
        let found = found.ok_or_else(Answer::not_found)?;
        Ok(Answer::json(200, &names.whole_ruleset(found, may_change)))
    }

    /// The rules of every active ruleset that binds the branch, which need not exist.
    pub(super) fn list_branch_rules(&mut self) -> Routed {
        let branch = self.matched.parameter("branch").to_owned();
        let names = self.names();
        let rulesets = self.repository().rulesets.iter();
        let binding = rulesets.filter(|own| own.binds(&branch, &names.settings.default_branch));
        let rules = binding.flat_map(|ruleset| {
            ruleset.rules.iter().map(|rule| names.detailed_rule(ruleset, rule)).collect::<Vec<_>>()
        });
        let rules = rules.collect();
        let page = self.page_of(rules);
        Ok(page.answer(&json!(page.items)))
    }
}

impl Names {
    fn ruleset(&self, ruleset: &Ruleset) -> Value {
        let id = ruleset.id;
        json!({
            "id": id, "node_id": node("RRS", id), "name": ruleset.name, "target": ruleset.target,
            "source_type": "Repository", "source": self.settings.full_name(),
            "enforcement": ruleset.enforcement,
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
            "_links": {
                "self": { "href": self.url(&format!("/rulesets/{id}")) },
                "html": { "href": self.page(&format!("/rules/{id}")) },
            },
        })
    }

    fn whole_ruleset(&self, ruleset: &Ruleset, may_change: bool) -> Value {
        let mut body = self.ruleset(ruleset);
        body["rules"] = json!(ruleset.rules);
        body["conditions"] = json!({ "ref_name": { "include": ruleset.include, "exclude": [] } });
        if may_change {
            body["bypass_actors"] = json!(ruleset.bypass_actors);
        }
        body
    }

    fn detailed_rule(&self, ruleset: &Ruleset, rule: &Value) -> Value {
        let mut rule = rule.clone();
        rule["ruleset_id"] = json!(ruleset.id);
        rule["ruleset_source_type"] = json!("Repository");
        rule["ruleset_source"] = json!(self.settings.full_name());
        rule
    }
}
