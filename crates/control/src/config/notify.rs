//! `[notify]`: whom a failure is told.

use provost_outbound::Origin;
use schemars::JsonSchema;
use serde::Deserialize;

/// GitHub's limit on the name of a label, in characters.
const MAX_LABEL: usize = 50;

/// Whom `provost notify` tells. Tokens do not belong here: the function's is read from
/// `OPS_NOTIFY_TOKEN`, a webhook's whole address from `SLACK_WEBHOOK_URL`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotifySection {
    /// A function that posts to Slack, such as
    /// `https://HOST/functions/v1/ops-slack-notify`. It wins over a webhook.
    pub slack_function_url: Option<String>,
    /// Hosts beside Slack's own that a webhook may have.
    #[serde(default)]
    pub slack_hosts: Vec<String>,
    /// Open a GitHub issue where Slack did not take the message.
    #[serde(default = "yes")]
    pub issues: bool,
    /// The label of these issues.
    #[serde(default = "default_label")]
    pub label: String,
    /// Login under which the issues are opened, such as `release-app[bot]`. An app's installation
    /// token does not tell its own; default: the token's owner, else `github-actions[bot]`.
    pub login: Option<String>,
    /// What the message says is to be done.
    pub next_step: Option<String>,
    /// Where that is written at length; `https://`.
    pub runbook_url: Option<String>,
}

fn yes() -> bool {
    true
}

fn default_label() -> String {
    "ops-alert".to_owned()
}

impl Default for NotifySection {
    fn default() -> Self {
        Self {
            slack_function_url: None,
            slack_hosts: Vec::new(),
            issues: true,
            label: default_label(),
            login: None,
            next_step: None,
            runbook_url: None,
        }
    }
}

impl NotifySection {
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.slack_function_url {
            let base = url.split_once('?').map_or(url.as_str(), |(base, _)| base);
            Origin::parse(base, "[notify].slack_function_url")
                .map_err(|error| error.to_string())?;
        }
        if let Some(url) = &self.runbook_url
            && !url.starts_with("https://")
        {
            return Err("[notify].runbook_url must start with https://".to_owned());
        }
        let is_host = |host: &String| {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-*".contains(&byte))
        };
        if let Some(host) = self.slack_hosts.iter().find(|host| !is_host(host)) {
            return Err(format!(
                "[notify].slack_hosts: {host:?} is no host name; write it without scheme, port \
                 and path"
            ));
        }
        let label = self.label.trim();
        // A comma divides labels where issues are listed.
        if label.is_empty() || label.chars().count() > MAX_LABEL || label.contains(',') {
            return Err(format!(
                "[notify].label must be one label of at most {MAX_LABEL} characters, without comma"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        toml::from_str::<NotifySection>(text).expect(text).check()
    }

    #[test]
    fn refuses_what_could_tell_nobody() {
        for good in [
            "",
            r#"slack_function_url = "https://h/functions/v1/ops-slack-notify""#,
            r#"slack_function_url = "http://127.0.0.1:1/f""#,
            r#"slack_hosts = ["chat.acme.example", "*.acme.example"]"#,
            r#"runbook_url = "https://wiki.acme.example/x""#,
            r#"label = "release alert""#,
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, key) in [
            (r#"slack_function_url = "http://h/f""#, "slack_function_url"),
            (r#"slack_function_url = "https://u:p@h/f""#, "slack_function_url"),
            (r#"slack_hosts = ["https://h/"]"#, "slack_hosts"),
            (r#"slack_hosts = [""]"#, "slack_hosts"),
            (r#"runbook_url = "javascript:x""#, "runbook_url"),
            (r#"label = " ""#, "label"),
            (r#"label = "a,b""#, "label"),
        ] {
            let error = check(bad).expect_err(bad);
            assert!(
                error.starts_with(&format!("[notify].{key}")) || error.contains(key),
                "{error}"
            );
        }
        assert!(check(&format!("label = \"{}\"", "x".repeat(51))).is_err());
    }
}
