//! Stopping: what is under way ends well, and nobody is told what was not kept.

use crate::world::{Scene, validation};
use provost_testkit::postgres::{Cluster, Contents, Database, Settings};
use sqlx::{ConnectOptions, Executor};
use std::sync::Arc;
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

#[test]
fn without_its_database_a_server_is_not_ready_and_acknowledges_nothing() {
    let cluster = match Cluster::start(&Settings::default()) {
        Ok(cluster) => Arc::new(cluster),
        Err(reason) => {
            println!("not checked here: a server without its database ({reason})");
            return;
        }
    };
    let database = Database::of(&cluster, Contents::Migrated).expect("a database");
    let mut scene = Scene::new();
    scene.store = Some(database.url(false));
    let world = scene.start();
    let ready = || {
        let response = world.client.get(world.url("/readyz")).send().expect("an answer");
        response.status().as_u16()
    };
    let send = |seconds: i64| {
        let body = validation("success", &world.ago(seconds));
        world.post("/functions/v1/provenance-validate", "all-scopes", &body).status().as_u16()
    };
    assert_eq!((ready(), send(1)), (200, 200));
    cluster.crash();
    world.until("the word at /readyz", || ready() == 503);
    assert_eq!(send(2), 503);
    assert_eq!(world.get("/healthz")["status"], "ok");
    cluster.start_again();
    world.until("the database", || ready() == 200);
    world.until("a write", || send(3) == 200);
    // What was acknowledged is there, and what was not may be.
    let events = world.items("/api/v1/events");
    assert!((2..=3).contains(&events.len()), "{events:#?}");
}
