//! An incoming webhook of Slack.

use crate::notice::FailureNotice;
use crate::slack::NotDelivered;
use crate::slack_text;
use provost_outbound::{
    Client, Hosts, Limits, Method, Origin, OutboundError, Request, Retry, Secret, Url,
};

/// The hosts that incoming webhooks have (Slack, "Sending messages using incoming webhooks").
pub const SLACK_HOSTS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// What errors call it: its whole address is a secret.
const WHAT: &str = "the Slack webhook";

/// The answers by which Slack refuses a message; anything else is not repeated.
const REFUSALS: [&str; 15] = [
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_blocks",
    "invalid_payload",
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_service_id",
    "no_team",
    "no_text",
    "posting_to_general_channel_denied",
    "team_disabled",
    "too_many_attachments",
    "user_not_found",
];

/// A webhook. Whoever knows its address can post, so the address never shows itself.
#[derive(Debug)]
pub struct SlackWebhook {
    address: Secret,
    client: Client,
    retry: Retry,
}

impl SlackWebhook {
    /// The webhook at `address`, over `https` (`http` on loopback alone), on one of Slack's hosts
    /// or of `more_hosts`.
    ///
    /// # Errors
    /// [`OutboundError::InvalidUrl`], without a word of the address; [`OutboundError::Client`].
    pub fn new(
        address: Secret,
        more_hosts: &[String],
        limits: Limits,
        retry: Retry,
    ) -> Result<Self, OutboundError> {
        let origin = Origin::parse(address.expose(), "SLACK_WEBHOOK_URL")?;
        let slack = SLACK_HOSTS.iter().map(|host| (*host).to_owned());
        let hosts = Hosts::new(slack.chain(more_hosts.iter().cloned()));
        if !hosts.contain(origin.url()) {
            return Err(OutboundError::InvalidUrl {
                what: "SLACK_WEBHOOK_URL".into(),
                why: "its host is none of Slack's; if it is yours, name it in [notify].slack_hosts"
                    .into(),
            });
        }
        // A host that the configuration names may be a private one, Slack's may not.
        let client = Client::new(more_hosts.to_vec(), limits)?;
        Ok(Self { address, client, retry })
    }

    pub(crate) fn post(&self, notice: &FailureNotice) -> Result<(), NotDelivered> {
        let url = Url::parse(self.address.expose())
            .map_err(|_| NotDelivered::surely(format!("{WHAT} has no usable address")))?;
        let body = slack_text::webhook_body(notice);
        let answer = self
            .retry
            .send(&self.client, &Request::json(Method::Post, url, &body))
            .map_err(|error| NotDelivered::of_call(&error, WHAT))?;
        let said = answer.body.trim_ascii();
        if answer.status == 200 && said == b"ok" {
            return Ok(());
        }
        let refusal = REFUSALS.iter().find(|word| word.as_bytes() == said);
        Err(match refusal {
            Some(word) => {
                NotDelivered::surely(format!("{WHAT} answered {}: {word}", answer.status))
            }
            None => NotDelivered::of_answer(&answer, WHAT, "and not `ok`"),
        })
    }
}
