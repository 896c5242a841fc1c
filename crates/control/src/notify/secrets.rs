//! The secrets of the ways to Slack.

use crate::config::NotifySection;
use provost_notify::{Slack, SlackFunction, SlackWebhook};
use provost_outbound::{Limits, Retry, Secret};

/// Token of the function and address of the webhook. A secret that is there and cannot be used is
/// no reason to stay silent: the issue remains.
#[derive(Debug, Clone)]
pub struct NotifySecrets {
    pub(super) function_token: Result<Option<Secret>, String>,
    pub(super) webhook: Result<Option<Secret>, String>,
}

impl NotifySecrets {
    /// Reads `OPS_NOTIFY_TOKEN` and `SLACK_WEBHOOK_URL`, or the files that `OPS_NOTIFY_TOKEN_FILE`
    /// and `SLACK_WEBHOOK_URL_FILE` name.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name| {
            Secret::from_environment(name, &variable).map_err(|error| match &error {
                provost_outbound::SecretError::Unreadable { source, .. } => {
                    format!("{error}: {source}")
                }
                _ => error.to_string(),
            })
        };
        Self { function_token: read("OPS_NOTIFY_TOKEN"), webhook: read("SLACK_WEBHOOK_URL") }
    }

    /// Slack as `[notify]` and these secrets make it; `None` when nothing is configured. The
    /// function wins over the webhook.
    pub fn slack(&self, section: &NotifySection, limits: Limits, retry: &Retry) -> Option<Slack> {
        let slack = match &section.slack_function_url {
            Some(url) => self.function_token.clone().and_then(|token| {
                let what = "[notify].slack_function_url";
                SlackFunction::new(url, what, token, limits, retry.clone())
                    .map(Slack::Function)
                    .map_err(|error| error.to_string())
            }),
            None => match self.webhook.clone() {
                Ok(None) => return None,
                Ok(Some(address)) => {
                    SlackWebhook::new(address, &section.slack_hosts, limits, retry.clone())
                        .map(Slack::Webhook)
                        .map_err(|error| error.to_string())
                }
                Err(why) => Err(why),
            },
        };
        Some(slack.unwrap_or_else(Slack::Unusable))
    }

    /// What must not be seen in a log, for the one who asks the log to hide it.
    pub fn to_mask(&self) -> Vec<&str> {
        let all = [&self.function_token, &self.webhook];
        all.into_iter()
            .filter_map(|secret| Some(secret.as_ref().ok()?.as_ref()?.expose()))
            .collect()
    }
}
