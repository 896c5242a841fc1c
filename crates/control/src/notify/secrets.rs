//! The secrets of the ways to Slack.

use provost_outbound::Secret;

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

    /// What must not be seen in a log, for the one who asks the log to hide it.
    pub fn to_mask(&self) -> Vec<&str> {
        let all = [&self.function_token, &self.webhook];
        all.into_iter()
            .filter_map(|secret| Some(secret.as_ref().ok()?.as_ref()?.expose()))
            .collect()
    }
}
