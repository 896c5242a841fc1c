//! A job's token counts once.

use super::world::{entry_of, post, tag, world};
use serde_json::json;

#[test]
fn the_same_body_is_answered_again_and_another_one_is_refused() {
    let Some(world) = world() else { return };
    let tag = tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let body = json!([entry_of(&tag)]);
    let first = post(&world.telemetry, &token, &body);
    assert_eq!(first.body["inserted"], 1, "{first:?}");
    let again = post(&world.telemetry, &token, &body);
    assert_eq!((again.status, &again.body["duplicates"]), (200, &json!(1)), "{again:?}");
    assert_eq!(first.body["events"][0]["event_id"], again.body["events"][0]["event_id"]);
    let mut changed = body.clone();
    changed[0]["run"] = json!("14095611672");
    let reply = post(&world.telemetry, &token, &changed);
    assert_eq!((reply.status, reply.code()), (409, "token-reused"), "{reply:?}");
    let failure = json!({ "tag": tag, "run_id": 1, "status": "success",
        "verified_at": "2026-11-23T12:00:00Z", "repository": "acme/app" });
    assert_eq!(post(&world.validate, &token, &failure).status, 409, "in the other function too");
    assert_eq!(world.rows(&tag), 1);
    let fresh = world.issuer.token(&format!("refs/tags/{tag}"));
    assert_eq!(post(&world.telemetry, &fresh, &changed).status, 200);
}

#[test]
fn eight_at_the_same_time_write_one_row() {
    let Some(world) = world() else { return };
    let tag = tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let body = json!([entry_of(&tag)]);
    let replies: Vec<_> = std::thread::scope(|scope| {
        let send = || scope.spawn(|| post(&world.telemetry, &token, &body));
        let threads: Vec<_> = (0..8).map(|_| send()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let inserted = replies.iter().filter(|reply| reply.body["inserted"] == 1).count();
    assert_eq!(inserted, 1, "{replies:?}");
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    assert_eq!(world.rows(&tag), 1);
}

#[test]
fn a_token_whose_body_was_not_taken_may_be_sent_again() {
    let Some(world) = world() else { return };
    let tag = tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let reply = post(&world.telemetry, &token, &json!("x"));
    assert_eq!(reply.status, 400);
    assert_eq!(post(&world.telemetry, &token, &json!([entry_of(&tag)])).status, 200);
}
