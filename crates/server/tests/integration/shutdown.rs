//! Stopping: what is under way ends well, and nobody is told what was not kept.

use crate::world::{Scene, validation};
use sqlx::{ConnectOptions, Executor};
use std::time::Duration;

#[test]
fn a_server_that_stops_says_so_and_finishes_what_it_began() {
    let mut world =
        Scene::new().edit(|settings| settings.limits.notice = Duration::from_secs(3)).start();
    let file = world.folder.path().join("events.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut other = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let mut connection = options.connect().await.expect("the database");
        connection.execute("BEGIN IMMEDIATE").await.expect("the lock");
        connection
    });
    let running = world.running();
    let ready = || world.client.get(world.url("/readyz")).send().map(|it| it.status().as_u16());
    assert_eq!(ready().unwrap(), 200);
    let status = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let body = validation("success", &world.ago(0));
            world.post("/functions/v1/provenance-validate", "all-scopes", &body).status().as_u16()
        });
        // The request is in the server's hands before it is told to stop.
        world.until("the request", || world.metric("provost_batch_submissions_count") == 1);
        let stopping = scope.spawn(move || running.stop());
        world.until("the word at /readyz", || ready().is_ok_and(|status| status == 503));
        runtime.block_on(async { other.execute("ROLLBACK").await.expect("the lock is free") });
        stopping.join().expect("it ends");
        asking.join().expect("an answer")
    });
    assert_eq!(status, 200);
    assert!(ready().is_err(), "somebody still listens");
    // Another server finds what the first one answered.
    let mut scene = Scene::new();
    scene.store = Some(world.store.clone());
    assert_eq!(scene.start().items("/api/v1/events").len(), 1);
}
