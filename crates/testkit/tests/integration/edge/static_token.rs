//! A sender that is no job: a static token, kept as a hash.

use super::world::{READER, WRITER, client, entry_of, post, reply, request, tag, world};
use serde_json::json;

#[test]
fn a_token_with_the_scope_writes_about_anything() {
    let Some(world) = world() else { return };
    let tag = tag();
    let mut foreign = entry_of(&tag);
    foreign["repository"] = json!("other/app");
    let reply = post(&world.telemetry, WRITER, &json!([entry_of(&tag), foreign]));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(2)), "{reply:?}");
    let again = post(&world.telemetry, WRITER, &json!([entry_of(&tag)]));
    assert_eq!((again.status, &again.body["duplicates"]), (200, &json!(1)), "it is used again");
    world.keeps_its_secrets();
}

#[test]
fn refuses_every_other_token() {
    let Some(world) = world() else { return };
    let tag = tag();
    let body = json!([entry_of(&tag)]);
    let known = post(&world.telemetry, "unknown", &body);
    assert_eq!(known.status, 401);
    let upper = WRITER.to_uppercase();
    let prefix = &WRITER[..WRITER.len() - 1];
    let longer = format!("{WRITER}x");
    // What is kept is no token.
    let hash =
        hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, WRITER.as_bytes()));
    for token in [upper.as_str(), prefix, longer.as_str(), hash.as_str(), "x", "null"] {
        assert_eq!(post(&world.telemetry, token, &body), known, "{token}");
    }
    let reader = post(&world.telemetry, READER, &body);
    assert_eq!((reader.status, reader.code()), (403, "forbidden"), "{reader:?}");
    let url = world.telemetry.url();
    let bare = || client().post(url).header("content-type", "application/json").body("[]");
    for headers in [
        &[][..],
        &["".to_owned()],
        &[WRITER.to_owned()],
        &[format!("Basic {WRITER}")],
        &[format!("Bearer {WRITER} x")],
        &[format!("Bearer {WRITER}"), format!("Bearer {WRITER}")],
        &[format!("Bearer {WRITER}, Bearer {WRITER}")],
    ] {
        let request = headers.iter().fold(bare(), |it, value| it.header("authorization", value));
        assert_eq!(reply(request), known, "{headers:?}");
    }
    let in_query = client().post(format!("{url}?access_token={WRITER}")).body("[]");
    assert_eq!(reply(in_query).status, 401);
    assert_eq!(world.rows(&tag), 0);
    world.keeps_its_secrets();
}

#[test]
fn who_is_nobody_learns_nothing_of_the_body() {
    let Some(world) = world() else { return };
    let nobody = reply(request(&world.telemetry, "nobody", "[]"));
    for body in ["", "{", "[1]", &" ".repeat(1 << 16)] {
        assert_eq!(reply(request(&world.telemetry, "nobody", body)), nobody);
    }
    assert_eq!(nobody.status, 401);
}
