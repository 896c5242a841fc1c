//! An event log that goes away under a running server, and comes back.

use crate::world::{Scene, World, validation};
use provost_testkit::postgres::{Cluster, Contents, Database, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PLACE: &str = "/functions/v1/provenance-validate";

/// Status and word of `/readyz`.
fn ready(world: &World) -> (u16, String) {
    let response = world.client.get(world.url("/readyz")).send().expect("an answer");
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&response.text().expect("text")).expect("JSON");
    (status, body["status"].as_str().expect("a word").to_owned())
}

/// The status, and whether it says when to come again.
fn send(world: &World, second: u8) -> (u16, bool) {
    let body = validation("success", &format!("2026-03-01T12:00:{second:02}Z"));
    let response = world.post(PLACE, "all-scopes", &body);
    (response.status().as_u16(), response.headers().contains_key("retry-after"))
}

#[test]
fn a_deleted_file_is_told_and_takes_nothing_until_it_is_back() {
    let world = Scene::new().start();
    let file = world.folder.path().join("events.db");
    let away = world.folder.path().join("away.db");
    assert_eq!(ready(&world), (200, "ok".to_owned()));
    assert_eq!(send(&world, 1), (200, false));
    std::fs::rename(&file, &away).unwrap();
    assert_eq!(ready(&world), (503, "event-log-gone".to_owned()));
    for seconds in 2..5 {
        assert_eq!(send(&world, seconds), (503, true));
    }
    assert_eq!(world.client.get(world.url("/api/v1/kpi")).send().unwrap().status(), 503);
    assert!(!file.exists(), "an empty log is not put in its place");
    std::fs::rename(&away, &file).unwrap();
    // Each connection tells once that its file was gone, and is then made anew.
    world.until("the file", || ready(&world).0 == 200);
    for seconds in 1..5 {
        assert_eq!(send(&world, seconds).0, 200);
    }
    world.until("all events", || {
        let events = world.client.get(world.url("/api/v1/events")).send().unwrap();
        let events: Value = serde_json::from_str(&events.text().unwrap()).unwrap();
        events["items"].as_array().is_some_and(|items| items.len() == 4)
    });
}

#[test]
fn what_is_acknowledged_after_a_file_was_replaced_is_in_the_new_one() {
    let world = Scene::new().start();
    assert_eq!(send(&world, 1), (200, false));
    let mut other = Scene::new().start();
    other.running().stop();
    let file = world.folder.path().join("events.db");
    let new = file.with_extension("new");
    std::fs::copy(other.folder.path().join("events.db"), &new).unwrap();
    std::fs::rename(&new, &file).unwrap();
    for suffix in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(suffix));
    }
    // Whichever of the server's connections is used first tells that its file is gone.
    world.until("the new file", || send(&world, 2).0 == 200);
    world.until("the connections to it", || ready(&world).0 == 200);
    assert!(world.metric("provost_store_failures_total") > 0);
    let seconds: Vec<Value> =
        world.items("/api/v1/events").iter().map(|event| event["occurred_at"].clone()).collect();
    assert_eq!(seconds, [json!("2026-03-01T12:00:02Z")]);
}

#[test]
fn without_its_postgresql_a_server_says_soon_that_it_must_be_asked_again() {
    let cluster = match Cluster::start(&Settings::default()) {
        Ok(cluster) => Arc::new(cluster),
        Err(reason) => {
            println!("not checked here: a server without its PostgreSQL ({reason})");
            return;
        }
    };
    let database = Database::of(&cluster, Contents::Migrated).expect("a database");
    let mut scene = Scene::new();
    scene.store = Some(database.url(false));
    let world = scene.start();
    assert_eq!(send(&world, 1), (200, false));
    cluster.crash();
    for seconds in 2..4 {
        let asked = Instant::now();
        assert_eq!(send(&world, seconds), (503, true));
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    assert_eq!(ready(&world), (503, "no-event-log".to_owned()));
    cluster.start_again();
    world.until("PostgreSQL", || ready(&world).0 == 200);
    for seconds in 1..4 {
        assert_eq!(send(&world, seconds), (200, false));
    }
    assert_eq!(world.items("/api/v1/events").len(), 3);
}
