//! What is not GitHub's REST API: Slack's incoming webhook, the function that a deployment may
//! have in front of it, identity tokens and their keys.

use serde_json::json;

use super::call::{Answer, Call};
use super::identity_key::{self, KeySetAnswer};
use super::oidc::KEY_SET_PATH;
use super::state::State;

pub(crate) const WEBHOOK_PATH: &str = "/services/T0FAKE/B0FAKE/webhook";
pub(crate) const FUNCTION_PATH: &str = "/functions/v1/ops-slack-notify";

/// What the webhook or the function answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum ServiceAnswer {
    /// It takes the message.
    #[default]
    Delivered,
    /// The function took the request but could not deliver; the webhook says 500.
    NotDelivered,
    /// 429 with this `Retry-After`, in seconds.
    Limited(u64),
    /// This status and text, such as 404 `no_service` or 429 `ratelimited`.
    Refused(u16, String),
}

impl State {
    /// Everything that is not GitHub's REST API.
    pub(crate) fn serve_services(&mut self, call: &Call) -> Answer {
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", WEBHOOK_PATH) => webhook(&self.webhook, call),
            ("POST", FUNCTION_PATH) => function(&self.function, call),
            ("GET", KEY_SET_PATH) => key_set(&self.key_set),
            ("GET", path) if path.starts_with("/oidc/") => self.serve_identity_token(call),
            _ => Answer::text(404, "no such service"),
        }
    }
}

/// `ok` as bare text; a body without `text`, `blocks` or `attachments` is `no_text`
/// (Slack, "Sending messages using incoming webhooks").
fn webhook(configured: &ServiceAnswer, call: &Call) -> Answer {
    let message = call.json();
    if !message.is_object() {
        return Answer::text(400, "invalid_payload");
    }
    let parts = ["text", "blocks", "attachments"];
    if !parts.iter().any(|part| message.get(part).is_some()) {
        return Answer::text(400, "no_text");
    }
    match configured {
        ServiceAnswer::Delivered => Answer::text(200, "ok"),
        ServiceAnswer::NotDelivered => Answer::text(500, "rollup_error"),
        ServiceAnswer::Limited(seconds) => {
            Answer::text(429, "ratelimited").header("retry-after", &seconds.to_string())
        }
        ServiceAnswer::Refused(status, text) => Answer::text(*status, text),
    }
}

fn key_set(configured: &KeySetAnswer) -> Answer {
    match configured {
        KeySetAnswer::Keys(keys) => Answer::json(200, &identity_key::key_set(keys)),
        KeySetAnswer::Says(text) => Answer::text(200, text),
        KeySetAnswer::Redirects(to) => Answer::text(302, "").header("location", to),
        KeySetAnswer::Unavailable => Answer::text(503, "no keys"),
    }
}

fn function(configured: &ServiceAnswer, call: &Call) -> Answer {
    if !call.json().is_object() {
        return Answer::json(400, &json!({ "error": "the body is no JSON object" }));
    }
    match configured {
        ServiceAnswer::Delivered => Answer::json(200, &json!({ "delivered": true })),
        ServiceAnswer::NotDelivered => Answer::json(200, &json!({ "delivered": false })),
        ServiceAnswer::Limited(seconds) => {
            let answer = Answer::json(429, &json!({ "error": "ratelimited" }));
            answer.header("retry-after", &seconds.to_string())
        }
        ServiceAnswer::Refused(status, text) => Answer::json(*status, &json!({ "error": text })),
    }
}
