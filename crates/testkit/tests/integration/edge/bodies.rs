//! Bodies that are none: method, type, size, strict JSON.

use super::world::{Reply, WRITER, client, entry_of, reply, request, tag, world};
use serde_json::json;

const LIMIT: usize = 8 * 1024 * 1024;

#[track_caller]
fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code()), (status, code), "{reply:?}");
}

#[test]
fn only_a_post_of_json_is_taken() {
    let Some(world) = world() else { return };
    let url = world.telemetry.url();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = client().request(method.parse().unwrap(), url).bearer_auth(WRITER);
        let reply = reply(request);
        is(&reply, 405, "method-not-allowed");
        assert!(reply.headers.contains(&("allow".into(), "POST".into())), "{reply:?}");
    }
    let typed = |kind: &str| {
        reply(client().post(url).bearer_auth(WRITER).header("content-type", kind).body("x"))
    };
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=utf-16",
        "text/plain, application/json",
    ] {
        is(&typed(kind), 415, "unsupported-media-type");
    }
    is(&reply(client().post(url).bearer_auth(WRITER).body("x")), 415, "unsupported-media-type");
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        is(&typed(kind), 400, "invalid-body");
    }
}

#[test]
fn a_body_ends_at_the_limit() {
    let Some(world) = world() else { return };
    let tag = tag();
    let manifest = json!([entry_of(&tag)]).to_string();
    let padded = |length: usize| format!("{manifest}{}", " ".repeat(length - manifest.len()));
    let reply_to = |length| reply(request(&world.telemetry, WRITER, padded(length)));
    is(&reply_to(LIMIT + 1), 413, "body-too-large");
    assert_eq!(world.rows(&tag), 0);
    assert_eq!(reply_to(LIMIT).status, 200);
}

#[test]
fn what_is_no_strict_json_is_refused() {
    let Some(world) = world() else { return };
    let tag = tag();
    let entry = entry_of(&tag).to_string();
    let inside = |more: &str| format!("[{}{more}}}]", entry.strip_suffix('}').unwrap());
    let deep = |depth: usize| inside(&format!(",\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    for (what, body) in [
        ("nothing", Vec::new()),
        ("half", entry.as_bytes()[..20].to_vec()),
        ("trailing", format!("[{entry}] x").into_bytes()),
        ("two values", format!("[{entry}][{entry}]").into_bytes()),
        ("a byte order mark", format!("\u{feff}[{entry}]").into_bytes()),
        ("no UTF-8", [inside(",\"x\":\"").as_bytes(), b"\xff\"}]"].concat()),
        ("a key twice", inside(",\"tag\":\"v2\"").into_bytes()),
        ("a key twice, escaped", inside(",\"\\u0074ag\":\"v2\"").into_bytes()),
        ("a key twice below", inside(",\"x\":{\"a\":1,\"a\":1}").into_bytes()),
        ("too deep", deep(63).into_bytes()),
        ("much too deep", deep(200_000).into_bytes()),
        ("NUL", inside(",\"commit\":\"a\\u0000b\"").into_bytes()),
        ("half a surrogate pair", inside(",\"commit\":\"\\ud800\"").into_bytes()),
        ("a huge number", inside(",\"x\":1e400000").into_bytes()),
        ("a comment", format!("[{entry}] // x").into_bytes()),
        ("NaN", inside(",\"x\":NaN").into_bytes()),
    ] {
        let reply = reply(request(&world.telemetry, WRITER, body));
        assert_eq!((reply.status, reply.code()), (400, "invalid-body"), "{what}: {reply:?}");
        assert!(!reply.detail().contains(&tag), "{what}: {reply:?}");
    }
    assert_eq!(world.rows(&tag), 0);
    // What looks alike and is fine: a key of two objects, a brace in a text, 62 levels.
    let fine = inside(",\"x\":{\"tag\":{\"tag\":\"{\\\"tag\\\":1,\"}},\"y\":[\"tag\",\"tag\"]");
    assert_eq!(reply(request(&world.telemetry, WRITER, fine)).status, 200);
    assert_eq!(reply(request(&world.telemetry, WRITER, deep(62))).status, 200);
}

#[test]
fn what_is_none_of_the_documents_is_refused() {
    let Some(world) = world() else { return };
    for body in [
        json!(null),
        json!(7),
        json!("x"),
        json!({}),
        json!({"events": {}}),
        json!({"events": "x"}),
        json!({"events": [], "manifest_url": "x"}),
        json!({"manifest_url": "x", "more": 1}),
        json!({"run": "1", "tag": "v1"}),
        json!({"run": "1", "tag": "v1", "failure_reason": "x", "status": "success"}),
        json!({"run": "1", "tag": "v1", "failure_reason": "x", "status": "failure",
            "checks_failed": "x"}),
    ] {
        is(&reply(request(&world.telemetry, WRITER, body.to_string())), 400, "invalid-body");
    }
    let many = json!(vec![0; 10_001]).to_string();
    is(&reply(request(&world.telemetry, WRITER, many)), 400, "invalid-body");
}
