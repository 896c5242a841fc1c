//! The log: what happened, by name, and no secret.

use crate::world::{Scene, WEBHOOK_SECRET, validation};
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn the_log_names_who_was_refused_and_shows_no_secret() {
    let captured = Captured::default();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(captured.clone())
        .init();
    let scene = Scene::new().more("[notify]\nslack_hosts = [\"127.0.0.1\"]\n");
    let slack = scene.github.webhook_url();
    let world = scene
        .variable("SLACK_WEBHOOK_URL", &slack)
        .variable("PROVOST_DOCS_KEY", "docs-key-canary")
        .start();
    let place = "/functions/v1/provenance-validate";
    let good = world.token(|_| ());
    assert_eq!(world.post(place, &good, &validation("failure", &world.ago(5))).status(), 200);
    let foreign = world.token(|claims| claims["repository_id"] = json!("1"));
    assert_eq!(world.post(place, &foreign, &json!({})).status(), 401);
    let hostile = world.token(|c| c["event_name"] = json!("x\u{1b}[31m\n\"},{\u{202e}"));
    assert_eq!(world.post(place, &hostile, &json!({})).status(), 401);
    assert_eq!(world.post(place, "read-only", &json!({})).status(), 403);
    assert_eq!(world.post(place, "wrong-token-canary", &json!({})).status(), 401);
    assert_eq!(world.post("/webhooks/github", "x", &json!({})).status(), 401);
    world.until("the message", || world.get("/api/v1/health")["outbox_delivered"] == 1);
    drop(world);
    let bytes = captured.0.lock().expect("the log").clone();
    let log = String::from_utf8(bytes).expect("UTF-8");
    for line in log.lines() {
        let parsed: serde_json::Value = serde_json::from_str(line).expect(line);
        assert!(parsed["fields"]["message"].is_string(), "{line}");
        assert!(!line.contains('\u{202e}') && !line.contains('\u{1b}'), "{line}");
    }
    assert!(log.contains("check 8 (repository): repository_id 1 is not registered"), "{log}");
    assert!(log.contains("sender reader lacks the scope of provenance-validate"));
    let signature = good.rsplit('.').next().expect("a signature");
    for secret in [
        "all-scopes",
        "read-only",
        "wrong-token-canary",
        "docs-key-canary",
        WEBHOOK_SECRET,
        "B0FAKE",
        signature,
        &good,
        &foreign,
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
