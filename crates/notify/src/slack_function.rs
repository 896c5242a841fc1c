//! A function that posts to Slack: `ops-slack-notify`.

use crate::notice::FailureNotice;
use crate::slack::NotDelivered;
use crate::slack_text;
use provost_outbound::{
    Client, Limits, Method, Origin, OutboundError, Request, Retry, Secret, Url, shown,
};
use serde_json::Value;

/// What the function is asked with.
const QUERY: &str = "range=latest&source=slsa-provenance";

/// A function of that shape, which may be somebody's own: it takes
/// `{run_id, tag, release_url, failure_reason}` and answers `{"delivered": bool, ...}`.
#[derive(Debug)]
pub struct SlackFunction {
    url: Url,
    token: Option<Secret>,
    client: Client,
    retry: Retry,
}

impl SlackFunction {
    /// The function at `url`, such as `https://HOST/functions/v1/ops-slack-notify`, called with
    /// `Authorization: Bearer …` when there is a token. `what` names the setting in errors.
    ///
    /// # Errors
    /// [`OutboundError`] when the URL cannot be used.
    pub fn new(
        url: &str,
        what: &str,
        token: Option<Secret>,
        limits: Limits,
        retry: Retry,
    ) -> Result<Self, OutboundError> {
        // The address is often copied with the query that is added here.
        let base = url.strip_suffix(QUERY).and_then(|rest| rest.strip_suffix('?')).unwrap_or(url);
        let origin = Origin::parse(base, what)?;
        let client = Client::new(vec![origin.host().to_owned()], limits)?;
        let mut url = origin.url().clone();
        url.set_query(Some(QUERY));
        Ok(Self { url, token, client, retry })
    }

    pub(crate) fn post(&self, notice: &FailureNotice) -> Result<(), NotDelivered> {
        let body = slack_text::function_body(notice);
        let request =
            Request::json(Method::Post, self.url.clone(), &body).bearer(self.token.as_ref());
        let place = shown(&self.url);
        let answer = self
            .retry
            .send(&self.client, &request)
            .map_err(|error| NotDelivered::of_call(&error, &place))?;
        if answer.is_success() && says_delivered(&answer.body) {
            return Ok(());
        }
        let instead = r#"without {"delivered": true}"#;
        Err(NotDelivered::of_answer(&answer, &place, instead))
    }
}

fn says_delivered(body: &[u8]) -> bool {
    let answer = serde_json::from_slice::<Value>(body);
    answer.is_ok_and(|answer| answer.get("delivered") == Some(&Value::Bool(true)))
}
