//! A year of made events, for looking at the dashboard before there is a pipeline.
//!
//! Everything is invented from one seed, so that two people see the same, and ends at the present
//! moment. The repositories are under `example-org`, which GitHub keeps nobody's.

mod dice;
mod story;

use jiff::Timestamp;
use provost_store::{Database, OutboxMessage, StoreError, StoredEvent, Submission, SubmissionBody};
use serde_json::json;
use std::time::Duration;
use story::Story;

/// The configuration that the made rows belong to.
pub const CONFIG: &str = "\
[source]
repository = \"github.com/example-org/artifact\"

[notify]
issues = false

[server]
notify = false
";

/// Rows that go into the log at once.
const AT_ONCE: usize = 500;

/// Fills an empty event log with a year of releases up to `now`; how many events that are.
///
/// # Errors
/// [`StoreError`] when the log cannot be written.
pub async fn fill(database: &Database, now: Timestamp) -> Result<usize, StoreError> {
    let events: Vec<StoredEvent> = Story::told(now);
    for some in events.chunks(AT_ONCE) {
        database.import(some).await?;
    }
    give_up_one(database, now).await?;
    database.seal(now).await?;
    Ok(events.len())
}

/// One message that nobody could be told, so that there is a dead letter to see.
async fn give_up_one(database: &Database, now: Timestamp) -> Result<(), StoreError> {
    const KEY: &str = "failure:made";
    const WORKER: &str = "made";
    let message = OutboxMessage {
        key: KEY.to_owned(),
        kind: "failure".to_owned(),
        payload: json!({"kind": "failure", "tag": story::DEAD_LETTER_TAG}),
    };
    let submission = Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(Vec::new()),
        messages: vec![message],
    };
    database.submit(vec![submission]).await?;
    // It is due from the moment in which it was written.
    let due = now.checked_add(Duration::from_secs(60)).unwrap_or(now);
    database.lease(WORKER, 1, Duration::from_secs(60), due).await?;
    let why = "slack: 404 no_service: the webhook was removed";
    database.dead(WORKER, KEY, now, why).await?;
    Ok(())
}
