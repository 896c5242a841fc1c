use jiff::Timestamp;
use provost_notify::{FailureNotice, Incident, Slack, SlackFunction, SlackWebhook};
use provost_outbound::{Limits, Pause, Retry, Secret};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The tokens of these tests; they may be seen by the far side alone.
pub(crate) const TOKEN: &str = "canary-token";

/// Remembers how long it was asked to wait, and does not.
#[derive(Default)]
pub(crate) struct Waits(pub(crate) Mutex<Vec<Duration>>);

impl Pause for Waits {
    fn pause(&self, time: Duration) {
        self.0.lock().expect("lock").push(time);
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("time")
}

pub(crate) fn notice() -> FailureNotice {
    notice_of(77, "v1.2.3", "the build broke", 0)
}

pub(crate) fn notice_of(run: u64, tag: &str, reason: &str, second: i64) -> FailureNotice {
    let json = serde_json::json!({"tag": tag, "failure_reason": reason});
    FailureNotice {
        incident: Incident { repository: "acme/app".into(), tag: tag.into(), run },
        reason: reason.into(),
        checks_failed: vec!["source-ref".into()],
        workflow: Some("release".into()),
        repository_url: Some("https://github.com/acme/app".into()),
        linked_run: run,
        release_url: format!("https://github.com/acme/app/releases/tag/{tag}"),
        occurred_at: at(second),
        mark: String::new(),
        next_step: "open the run".into(),
        runbook_url: None,
        failure_json: format!("{json:#}\n"),
    }
}

fn limits() -> Limits {
    Limits { connect: Duration::from_secs(5), total: Duration::from_millis(300), ..Slack::limits() }
}

fn retry(waits: &Arc<Waits>) -> Retry {
    let pause: Arc<dyn Pause> = Arc::<Waits>::clone(waits);
    Retry { tries: 3, pause, ..Retry::default() }
}

pub(crate) fn function(url: &str, waits: &Arc<Waits>) -> Slack {
    let token = Secret::new(TOKEN.into(), "OPS_NOTIFY_TOKEN").expect("token");
    let what = "[notify].slack_function_url";
    let function = SlackFunction::new(url, what, Some(token), limits(), retry(waits));
    Slack::Function(function.expect("function"))
}

pub(crate) fn webhook(url: &str, waits: &Arc<Waits>) -> Slack {
    let address = Secret::new(url.into(), "SLACK_WEBHOOK_URL").expect("address");
    let webhook = SlackWebhook::new(address, &["127.0.0.1".into()], limits(), retry(waits));
    Slack::Webhook(webhook.expect("webhook"))
}
