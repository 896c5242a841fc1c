//! A manifest that the function fetches: below the configured base, and nowhere else.

use super::web::Web;
use super::world::{BUCKET, Reply, SERVICE_KEY, WRITER, World, entry_of, post, tag, world};
use serde_json::json;

fn fetched(world: &World, url: &str) -> Reply {
    post(&world.telemetry, WRITER, &json!({ "manifest_url": url }))
}

#[test]
fn a_manifest_below_the_base_is_fetched_with_the_service_key() {
    let Some(world) = world() else { return };
    let tag = tag();
    let path = format!("{BUCKET}/docs/reports/{tag}/manifest.json");
    world.docs.serve(&path, 200, &[], json!([entry_of(&tag)]).to_string());
    let reply = fetched(world, &world.docs.url(&path));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(1)), "{reply:?}");
    let again = fetched(world, &world.docs.url(&path));
    assert_eq!(again.body["duplicates"], 1, "{again:?}");
    let requests = world.docs.requests();
    let request = requests.iter().find(|request| request.contains(&path)).unwrap();
    assert!(request.to_ascii_lowercase().contains(&format!("authorization: bearer {SERVICE_KEY}")));
    world.keeps_its_secrets();
}

#[test]
fn no_address_outside_of_the_base_is_asked() {
    let Some(world) = world() else { return };
    let (tag, elsewhere) = (tag(), Web::start());
    let manifest = json!([entry_of(&tag)]).to_string();
    let (own, other) = (world.docs.url(""), elsewhere.url(""));
    let (own_host, other_host) = (own.replace("http://", ""), other.replace("http://", ""));
    let port = own_host.rsplit_once(':').unwrap().1;
    let before = world.docs.requests().len();
    for path in ["/x.json", "/storage/v1/object/docs-evil/x.json", "/storage/v1/object/x.json"] {
        world.docs.serve(path, 200, &[], &manifest);
        elsewhere.serve(path, 200, &[], &manifest);
    }
    for url in [
        format!("{own}/x.json"),
        format!("{own}/storage/v1/object/docs-evil/x.json"),
        format!("{own}{BUCKET}"),
        format!("{own}{BUCKET}/"),
        format!("{own}{BUCKET}/../x.json"),
        format!("{own}{BUCKET}/./x.json"),
        format!("{own}{BUCKET}/%2e%2e/x.json"),
        format!("{own}{BUCKET}/%2E%2E/x.json"),
        format!("{own}{BUCKET}/..%2fx.json"),
        format!("{own}{BUCKET}/%2fx.json"),
        format!("{own}{BUCKET}/..\\x.json"),
        format!("{own}{BUCKET}\\..\\x.json"),
        format!("{own}{BUCKET}/.%09./x.json"),
        format!("{own}{BUCKET}/\t../x.json"),
        format!("{own}{BUCKET}/x.json?token=1"),
        format!("{own}{BUCKET}/x.json#y"),
        format!(" {own}{BUCKET}/x.json"),
        format!("{own}{BUCKET}/x.json\n"),
        format!("{}{BUCKET}/x.json", own.to_uppercase()),
        format!("https://{own_host}{BUCKET}/x.json"),
        format!("{other}{BUCKET}/x.json"),
        format!("{own}@{other_host}{BUCKET}/x.json"),
        format!("http://{own_host}@{other_host}{BUCKET}/x.json"),
        format!("http://user:secret@{own_host}{BUCKET}/x.json"),
        format!("http://localhost:{port}{BUCKET}/x.json"),
        format!("http://2130706433:{port}{BUCKET}/x.json"),
        format!("http://127.1:{port}{BUCKET}/x.json"),
        format!("http://[::ffff:127.0.0.1]:{port}{BUCKET}/x.json"),
        format!("http://127.0.0.1{BUCKET}/x.json"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:application/json,[]".to_owned(),
        "blob:null/x".to_owned(),
        format!("{BUCKET}/x.json"),
        String::new(),
        format!("{own}{BUCKET}/{}", "a".repeat(4096)),
    ] {
        let reply = fetched(world, &url);
        assert_eq!((reply.status, reply.code()), (400, "invalid-body"), "{url}: {reply:?}");
    }
    for value in [json!(null), json!(7), json!([]), json!({"url": own})] {
        let reply = post(&world.telemetry, WRITER, &json!({ "manifest_url": value }));
        assert_eq!(reply.status, 400, "{value}: {reply:?}");
    }
    assert!(elsewhere.requests().is_empty(), "{:?}", elsewhere.requests());
    let asked: Vec<String> = world.docs.requests().split_off(before);
    // Others ask for their own files meanwhile.
    assert!(!asked.iter().any(|request| request.contains("x.json")), "{asked:?}");
    assert_eq!(world.rows(&tag), 0);
}

#[test]
fn no_redirect_is_followed() {
    let Some(world) = world() else { return };
    let (tag, elsewhere) = (tag(), Web::start());
    elsewhere.serve("/x.json", 200, &[], json!([entry_of(&tag)]).to_string());
    for status in [301, 302, 303, 307, 308] {
        let path = format!("{BUCKET}/{tag}-{status}.json");
        world.docs.serve(&path, status, &[("location", &elsewhere.url("/x.json"))], "");
        let reply = fetched(world, &world.docs.url(&path));
        assert_eq!((reply.status, reply.code()), (502, "manifest-unavailable"), "{reply:?}");
    }
    assert!(elsewhere.requests().is_empty());
    assert_eq!(world.rows(&tag), 0);
}

#[test]
fn what_is_fetched_is_judged_like_what_is_posted() {
    let Some(world) = world() else { return };
    let tag = tag();
    let of = |name: &str, status: u16, body: &str| {
        let path = format!("{BUCKET}/{tag}-{name}.json");
        world.docs.serve(&path, status, &[], body);
        fetched(world, &world.docs.url(&path))
    };
    let twice = format!("[{{\"tag\":\"{tag}\",\"tag\":\"{tag}\"}}]");
    let large = format!("[]{}", " ".repeat(8 * 1024 * 1024));
    for (reply, status, code) in [
        (of("absent", 404, "{}"), 502, "manifest-unavailable"),
        (of("refused", 400, "{}"), 502, "manifest-unavailable"),
        (of("html", 200, "<html>"), 400, "invalid-body"),
        (of("twice", 200, &twice), 400, "invalid-body"),
        (of("events", 200, "{\"events\":[]}"), 400, "invalid-body"),
        (of("url", 200, "{\"manifest_url\":\"x\"}"), 400, "invalid-body"),
        (of("large", 200, &large), 413, "body-too-large"),
    ] {
        assert_eq!((reply.status, reply.code()), (status, code), "{reply:?}");
    }
    let foreign = of("foreign", 200, &json!([entry_of(&tag)]).to_string());
    assert_eq!(foreign.status, 200);
    // A job may not have more fetched than it may post.
    let path = world.docs.url(&format!("{BUCKET}/{tag}-foreign.json"));
    let token = world.issuer.token("refs/tags/v-other");
    let reply = post(&world.telemetry, &token, &json!({ "manifest_url": path }));
    assert_eq!(reply.status, 403, "{reply:?}");
}

#[test]
fn without_a_bucket_nothing_is_fetched() {
    let Some(world) = world() else { return };
    let function = world.own_telemetry(&world.variables().with("PROVOST_DOCS_BASE_URL", ""));
    let url = world.docs.url(&format!("{BUCKET}/nothing.json"));
    let reply = post(&function, WRITER, &json!({ "manifest_url": url }));
    assert_eq!((reply.status, reply.code()), (400, "invalid-body"), "{reply:?}");
    assert!(!world.docs.requests().iter().any(|request| request.contains("nothing.json")));
}
