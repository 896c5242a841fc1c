//! The dashboard as somebody without a browser sees it; what a browser makes of it is asked by
//! `cargo xtask test browser`.

use crate::world::{REPOSITORY, Scene, TAG, World, access};
use jiff::Timestamp;
use provost_server::demo;
use provost_store::{Database, StoreUrl};
use reqwest::blocking::Response;
use reqwest::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

const PAGES: [&str; 6] =
    ["/", "/releases", "/incidents", "/pipeline", "/health", "/checks/source-ref"];

fn ask(world: &World, path: &str, headers: &[(reqwest::header::HeaderName, &str)]) -> Response {
    let mut request = world.client.get(world.url(path));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    request.send().unwrap()
}

fn text(world: &World, path: &str) -> String {
    let response = ask(world, path, &[]);
    assert_eq!(response.status().as_u16(), 200, "{path}");
    response.text().unwrap()
}

/// Tells the outcome of a release.
fn tell(world: &World, more: Value) {
    let mut body = json!({
        "tag": TAG, "run_id": "77", "status": "success", "repository": REPOSITORY,
        "verified_at": "2026-11-23T12:00:00Z",
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let response = world.post("/functions/v1/provenance-validate", "all-scopes", &body);
    assert_eq!(response.status().as_u16(), 200, "{}", response.text().unwrap());
}

#[test]
fn every_page_is_whole_and_lets_nothing_in() {
    let world = Scene::new().start();
    for path in PAGES {
        let response = ask(&world, path, &[]);
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let headers = response.headers().clone();
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in
            ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        let page = response.text().unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{path}");
        assert!(page.len() < 60_000, "{path}: {} bytes", page.len());
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        for asset in page.split('"').filter(|part| part.starts_with("/assets/")) {
            let asset = ask(&world, asset, &[]);
            assert_eq!(asset.status().as_u16(), 200);
            assert!(asset.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        }
    }
}

#[test]
fn what_is_not_understood_is_a_page_that_says_so() {
    let world = Scene::new().start();
    for (path, status) in [
        ("/?repository=no/such", 404),
        ("/?repositori=x", 400),
        ("/release", 400),
        ("/release?tag=v0.0.0", 404),
        ("/releases?order=random", 400),
        ("/releases?status=fine", 400),
        ("/releases?after=x", 400),
        ("/incidents?state=shut", 400),
        ("/incidents?after=x", 400),
        ("/checks/no-such-check", 404),
        ("/runbook", 404),
    ] {
        let response = ask(&world, path, &[]);
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(response.text().unwrap().contains("Back to the overview"), "{path}");
    }
    let post = world.client.post(world.url("/releases")).send().unwrap();
    assert_eq!(post.status().as_u16(), 405);
}

#[test]
fn rows_without_a_token_are_for_names_of_this_machine_alone() {
    let world = Scene::new().start();
    for path in ["/", "/releases.csv", "/updates", "/api/v1/kpi", "/metrics"] {
        for host in ["evil.example.com", "127.0.0.1.evil.example.com", "10.0.0.1"] {
            let response = ask(&world, path, &[(HOST, host)]);
            assert_eq!(response.status().as_u16(), 421, "{path} for {host}");
            assert!(!response.text().unwrap().contains("repository,tag"), "{path}");
        }
    }
    assert_eq!(ask(&world, "/", &[(HOST, "localhost")]).status().as_u16(), 200);
    // Probes show no rows.
    assert_eq!(ask(&world, "/healthz", &[(HOST, "evil.example.com")]).status().as_u16(), 200);
    // With a token the name does not matter: no stranger's page has it.
    let world = Scene::new().server("protect_reads = true").start();
    let request = world.client.get(world.url("/")).header(HOST, "provost.example.com");
    assert_eq!(request.bearer_auth("read-only").send().unwrap().status().as_u16(), 200);
}

#[test]
fn a_token_in_a_cookie_opens_the_pages_and_nothing_else_does() {
    let world = Scene::new().server("protect_reads = true").start();
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let page = |path: &str, cookie: Option<&str>| {
        let mut request = client.get(world.url(path));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        request.send().unwrap()
    };
    let away = page("/release?tag=v1", None);
    assert_eq!(away.status().as_u16(), 303);
    assert_eq!(away.headers()[LOCATION], "/login?next=%2Frelease%3Ftag%3Dv1");
    for path in ["/releases.csv", "/updates", "/pipeline/diagram.svg"] {
        assert_eq!(page(path, None).status().as_u16(), 401, "{path}");
    }
    let enter = |token: &str, headers: &[(&str, &str)]| {
        let mut request = client.post(world.url("/login"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let form = format!("token={token}&next=%2Frelease%3Ftag%3Dv1");
        request.body(form).send().unwrap()
    };
    for (token, headers, status) in [
        ("wrong", vec![], 401),
        ("", vec![], 401),
        ("read-only", vec![("sec-fetch-site", "cross-site")], 403),
        ("read-only", vec![("sec-fetch-site", "same-site")], 403),
        ("read-only", vec![("origin", "https://evil.example.com")], 403),
        ("read-only", vec![("origin", "null")], 403),
    ] {
        let refused = enter(token, &headers);
        assert_eq!(refused.status().as_u16(), status, "{token} {headers:?}");
        assert!(!refused.headers().contains_key(SET_COOKIE), "{token} {headers:?}");
    }
    let origin = world.url("").trim_end_matches('/').to_owned();
    let entered = enter("read-only", &[(ORIGIN.as_str(), &origin)]);
    assert_eq!(entered.status().as_u16(), 303);
    assert_eq!(entered.headers()[LOCATION], "/release?tag=v1");
    let set = entered.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["__Host-provost-read=", "; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Strict"]
    {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("read-only"), "the token stands there as it is");
    let cookie = set.split(';').next().unwrap().to_owned();
    assert_eq!(page("/", Some(&cookie)).status().as_u16(), 200);
    assert_eq!(page("/releases.csv", Some(&cookie)).status().as_u16(), 200);
    assert_eq!(
        page("/api/v1/kpi", Some(&cookie)).status().as_u16(),
        401,
        "the API takes no cookie"
    );
    for other in [
        "__Host-provost-read=",
        "provost-read=x",
        &format!("{cookie}x"),
        &format!("{cookie}; {cookie}"),
    ] {
        assert_eq!(page("/", Some(other)).status().as_u16(), 303, "{other}");
    }
    let left = client.post(world.url("/logout")).header(COOKIE, &cookie).send().unwrap();
    assert!(left.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(client.get(world.url("/logout")).send().unwrap().status().as_u16(), 405);
}

#[test]
fn a_job_has_no_pages() {
    let world = Scene::new().server("protect_reads = true").start();
    let request = world.client.get(world.url("/")).bearer_auth(world.token(|_| ()));
    assert_eq!(request.send().unwrap().status().as_u16(), 403);
}

#[test]
fn nobody_is_led_to_another_server() {
    let world = Scene::new().server("protect_reads = true").start();
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for next in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2F%0Ax"]
    {
        let request = client.post(world.url("/login")).body(format!("token=read-only&next={next}"));
        assert_eq!(request.send().unwrap().headers()[LOCATION], "/", "{next}");
    }
}

#[test]
fn a_release_shows_what_was_told_of_it() {
    let world = Scene::new().start();
    assert!(text(&world, "/").contains("The event log is empty"));
    tell(&world, json!({"status": "failure", "failure_reason": "refused: source-ref"}));
    let overview = text(&world, "/");
    assert!(overview.contains("Needs attention") && overview.contains("/checks/source-ref"));
    assert!(text(&world, "/incidents").contains(TAG));
    tell(
        &world,
        json!({"status": "success", "run_id": "78", "verified_at": "2026-11-23T13:00:00Z"}),
    );
    assert!(!text(&world, "/incidents").contains(TAG));
    let past = text(&world, "/incidents?state=all");
    assert!(past.contains("resolved") && past.contains("after 1 h"), "{past}");
    let page = text(&world, &format!("/release?repository=example-org%2Fartifact&tag={TAG}"));
    assert!(page.contains("accepted") && page.contains("/actions/runs/78"), "{page}");
    let csv = text(&world, "/releases.csv");
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert!(rows[0].starts_with("repository,tag,status,"), "{csv}");
    assert!(rows[1].starts_with(&format!("{REPOSITORY},{TAG},success,78,validated,")), "{csv}");
    assert_eq!(rows[2..], [""]);
    assert!(text(&world, "/releases?search=1.2&status=success").contains(TAG));
    assert!(text(&world, "/releases?search=9.9").contains("No release is like that"));
}

#[test]
fn a_statement_is_shown_when_the_file_is_the_one_that_was_verified() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sigstore-js-2.0.0");
    let bundle = std::fs::read(format!("{example}/provenance.sigstore.json")).unwrap();
    let hash = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bundle));
    let path = "artifacts/slsa/v1.2.3/provenance-v1.2.3.json";
    let world = Scene::new().start();
    let decision = json!([{
        "outcome": "accepted", "bundle_sha256": hash, "subject": {"name": "a.tgz", "sha256": hash},
        "source": {"ref": "refs/tags/v1.2.3"}, "checks": [{"id": "issuer", "outcome": "passed"}],
        "signed_at": "2023-08-18T16:05:35Z",
    }]);
    tell(&world, json!({"artifact_path": path, "decision": decision}));
    let page = || text(&world, &format!("/release?tag={TAG}"));
    let absent = page();
    assert!(absent.contains("Not shown: its bundle is not in this server's checkout"), "{absent}");
    let file = world.folder.path().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, &bundle).unwrap();
    let shown = page();
    assert!(shown.contains("As it was signed and verified"), "{shown}");
    assert!(shown.contains("https://in-toto.io/Statement/v1"), "{shown}");
    assert!(shown.contains("provost verify a.tgz"), "{shown}");
    // One byte more, and it is another file.
    std::fs::write(&file, [bundle.as_slice(), b" "].concat()).unwrap();
    let shown = page();
    assert!(shown.contains("is not the one that was verified"), "{shown}");
    assert!(!shown.contains("As it was signed"), "{shown}");
    let mut other = bundle.clone();
    let place = other.windows(8).position(|part| part == b"\"payload").unwrap() + 14;
    other[place] = if other[place] == b'e' { b'f' } else { b'e' };
    std::fs::write(&file, other).unwrap();
    let shown = page();
    assert!(shown.contains("is not the one that was verified"), "{shown}");
    assert!(!shown.contains("As it was signed"), "a changed bundle is shown");
}

#[test]
fn the_documents_of_the_checkout_are_shown_as_words() {
    let scene = Scene::new();
    let folder = scene.folder.path().join("docs/ops");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("workflow-summary.md"),
        "| a | b |\n| - | - |\n| <b>x</b> | `y` |\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("workflows.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>",
    )
    .unwrap();
    std::fs::write(folder.join("INCIDENT_RUNBOOK.md"), "# Runbook\n\nOpen the run.\n").unwrap();
    let world = scene.start();
    let page = text(&world, "/pipeline");
    assert!(
        page.contains("<td>") && page.contains("<code>y</code>") && !page.contains("<b>x"),
        "{page}"
    );
    let picture = ask(&world, "/pipeline/diagram.svg", &[]);
    let policy = picture.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    assert!(text(&world, "/runbook").contains("Open the run."));
}

#[test]
fn made_events_fill_every_page() {
    let world = Scene::new().edit(|settings| settings.is_demo = true).start();
    let store = StoreUrl::parse(&world.store, Path::new("/")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = runtime.block_on(async {
        let database = Database::open(&store, &access()).await.unwrap();
        demo::fill(&database, Timestamp::now()).await.unwrap()
    });
    assert!(count > 300, "{count}");
    let mut sizes = HashMap::new();
    for path in
        PAGES.into_iter().chain(["/?repository=example-org%2Foperator", "/incidents?state=all"])
    {
        let page = text(&world, path);
        assert!(page.contains("Made data."), "{path}");
        sizes.insert(path, page.len());
    }
    assert!(sizes.values().all(|size| *size < 60_000), "{sizes:?}");
}
