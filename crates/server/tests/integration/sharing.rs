//! Several servers on one event log share the work and double none.

use crate::world::{REPOSITORY, Scene, World, validation};
use jiff::SignedDuration;
use provost_store::{Access, Database, StoreUrl};
use serde_json::json;

/// A server on the log of another, which tells the other's Slack.
fn second(first: &World) -> World {
    let mut scene = Scene::new()
        .server("deadline_minutes = 10")
        .more("[notify]\nslack_hosts = [\"127.0.0.1\"]\n")
        .variable("SLACK_WEBHOOK_URL", &first.github.webhook_url())
        .edit(|settings| settings.limits.seal = std::time::Duration::from_millis(50));
    scene.store = Some(first.store.clone());
    scene.start()
}

fn first(store: Option<String>) -> World {
    let mut scene = Scene::new()
        .server("deadline_minutes = 10")
        .more("[notify]\nslack_hosts = [\"127.0.0.1\"]\n")
        .edit(|settings| settings.limits.seal = std::time::Duration::from_millis(50));
    scene.store = store;
    let address = scene.github.webhook_url();
    scene.variable("SLACK_WEBHOOK_URL", &address).start()
}

fn share(first: World) {
    let second = second(&first);
    let servers = [&first, &second];
    // Each failure is sent to both servers at the same time.
    std::thread::scope(|scope| {
        for number in 0..10 {
            for server in servers {
                let mut body = validation("failure", &first.ago(100));
                body["run_id"] = json!(number + 1);
                scope.spawn(move || {
                    let place = "/functions/v1/provenance-validate";
                    assert_eq!(server.post(place, "all-scopes", &body).status(), 200);
                });
            }
        }
    });
    let key = provost_record::EventKey::of_dispatch(REPOSITORY, 77, "v77");
    let body = json!({"events": [{
        "run_id": "77", "tag": "v77", "status": "pending", "repository": REPOSITORY,
        "event": "dispatched", "occurred_at": first.ago(60), "event_key": key.as_str(),
    }]});
    assert_eq!(first.post("/functions/v1/telemetry", "all-scopes", &body).status(), 200);
    let delivered = |count: u64| {
        let health = first.get("/api/v1/health");
        health["outbox_delivered"] == count && health["outbox_waiting"] == 0
    };
    first.until("eleven messages", || delivered(11));
    for server in servers {
        server.pass(SignedDuration::from_mins(10));
    }
    first.until("the incident and its message", || delivered(12));
    let told = first.github.requests_to("POST", "/services/T0FAKE/B0FAKE/webhook").len();
    assert_eq!(told, 11, "ten failures and one deadline");
    let events = first.items("/api/v1/events?limit=500");
    let count = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((count("validated"), count("provenance"), count("notified")), (10, 1, 11));
    let raised: u64 = servers.iter().map(|it| it.metric("provost_deadlines_passed_total")).sum();
    assert!(raised <= 1, "{raised} servers settled one deadline");
    // Both seal all the while, and the chain stands.
    first.until("seals of both", || {
        servers.iter().all(|it| it.metric("provost_seals_total{outcome=\"done\"}") > 2)
    });
    let store = first.store.clone();
    drop((second, first));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = StoreUrl::parse(&store, std::path::Path::new(".")).expect("a store");
        let database = Database::open(&url, &Access::default()).await.expect("the log");
        let verification = database.verify(&[]).await.expect("it can be read");
        assert!(verification.fault.is_none(), "{verification:?}");
        assert!(database.newest_seal().await.expect("it can be read").is_some());
    });
}

#[test]
fn two_servers_on_one_sqlite_file_double_nothing() {
    // The file must outlive both servers.
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("events.db").display());
    share(first(Some(store)));
}
