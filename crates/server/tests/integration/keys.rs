//! The issuer's keys: rotated, dropped, out of reach, poisoned, asked for by strangers.

use crate::world::{Scene, World, validation};
use jiff::SignedDuration;
use provost_testkit::github::{IdentityKey, KeySetAnswer};

fn status(world: &World, key: IdentityKey) -> u16 {
    let token = key.sign(&key.header(), &world.claims());
    let body = validation("success", "2026-03-01T12:04:00Z");
    world.post("/functions/v1/provenance-validate", &token, &body).status().as_u16()
}

fn fetches(world: &World) -> usize {
    world.github.requests_to("GET", "/.well-known/jwks").len()
}

#[test]
fn a_rotated_key_is_found_and_a_dropped_one_is_gone() {
    let world = Scene::new().start();
    assert_eq!(status(&world, IdentityKey::First), 200);
    assert_eq!(fetches(&world), 1);
    // Old and new: the unknown id makes one fetch, once a minute has passed.
    world.github.key_set(KeySetAnswer::Keys(vec![IdentityKey::First, IdentityKey::Second]));
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(status(&world, IdentityKey::Second), 200);
    assert_eq!(status(&world, IdentityKey::First), 200);
    assert_eq!(fetches(&world), 2);
    // New only: within the hour the set that is there goes on, after it the old key is gone.
    world.github.key_set(KeySetAnswer::Keys(vec![IdentityKey::Second]));
    world.pass(SignedDuration::from_mins(59));
    assert_eq!(status(&world, IdentityKey::First), 200);
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(status(&world, IdentityKey::First), 401);
    assert_eq!(status(&world, IdentityKey::Second), 200);
    assert_eq!(fetches(&world), 3);
}

#[test]
fn while_the_issuer_is_down_its_keys_go_on_for_a_day() {
    let world = Scene::new().start();
    assert_eq!(status(&world, IdentityKey::First), 200);
    world.github.key_set(KeySetAnswer::Unavailable);
    world.pass(SignedDuration::from_hours(23));
    assert_eq!(status(&world, IdentityKey::First), 200);
    // Whose key nobody can ask for is refused; whether it exists is not known, and no pass.
    assert_eq!(status(&world, IdentityKey::Second), 401);
    world.pass(SignedDuration::from_hours(1));
    assert_eq!(status(&world, IdentityKey::First), 503);
    // It comes back.
    world.github.key_set(KeySetAnswer::default());
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(status(&world, IdentityKey::First), 200);
}

#[test]
fn before_the_first_keys_nothing_can_be_checked() {
    let world = Scene::new().start();
    world.github.key_set(KeySetAnswer::Unavailable);
    assert_eq!(status(&world, IdentityKey::First), 503);
    assert_eq!(status(&world, IdentityKey::First), 503);
    assert_eq!(fetches(&world), 1, "one a minute");
    world.github.key_set(KeySetAnswer::default());
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(status(&world, IdentityKey::First), 200);
}

#[test]
fn a_poisoned_answer_changes_no_key() {
    let world = Scene::new().start();
    assert_eq!(status(&world, IdentityKey::First), 200);
    let elsewhere = world.github.blob_url().to_owned();
    let twice = {
        let key = IdentityKey::Second.public();
        serde_json::json!({"keys": [key, key]}).to_string()
    };
    let weak = {
        let mut key = IdentityKey::Second.public();
        key["n"] = serde_json::json!("AQAB");
        serde_json::json!({"keys": [key]}).to_string()
    };
    let large = format!(
        "{{\"keys\":[{}],\"x\":\"{}\"}}",
        IdentityKey::Second.public(),
        "x".repeat(64 * 1024)
    );
    for answer in [
        KeySetAnswer::Says("<html>login</html>".into()),
        KeySetAnswer::Says("{\"keys\":[]}".into()),
        KeySetAnswer::Says("{\"keys\":[],\"keys\":[]}".into()),
        KeySetAnswer::Says(twice),
        KeySetAnswer::Says(weak),
        KeySetAnswer::Says(large),
        KeySetAnswer::Redirects(format!("{elsewhere}/jwks")),
    ] {
        world.github.key_set(answer.clone());
        world.pass(SignedDuration::from_mins(61));
        assert_eq!(status(&world, IdentityKey::Second), 401, "{answer:?}");
        assert_eq!(status(&world, IdentityKey::First), 200, "{answer:?}");
    }
    assert!(world.github.requests_to("GET", "/jwks").is_empty(), "a redirect was followed");
}

#[test]
fn a_file_of_keys_needs_no_issuer() {
    let scene = Scene::new().server("jwks_file = \"jwks.json\"");
    let keys = serde_json::json!({"keys": [IdentityKey::Second.public()]}).to_string();
    std::fs::write(scene.folder.path().join("jwks.json"), keys).expect("keys");
    let world = scene.start();
    assert_eq!(status(&world, IdentityKey::Second), 200);
    assert_eq!(status(&world, IdentityKey::First), 401);
    world.pass(SignedDuration::from_hours(1000));
    assert_eq!(status(&world, IdentityKey::Second), 200);
    assert_eq!(fetches(&world), 0);
}
