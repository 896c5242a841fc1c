//! The routes as a stranger meets them.

use crate::world::{Scene, World};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn document(world: &World) -> Value {
    world.get("/api/v1/openapi.json")
}

fn method(name: &str) -> reqwest::Method {
    reqwest::Method::from_bytes(name.to_uppercase().as_bytes()).expect("a method")
}

/// Every operation of the document, with its path.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("methods").clone();
        let path = path.replace("{tag}", "v1.2.3");
        methods.into_iter().map(move |(method, operation)| (path.clone(), method, operation))
    };
    paths.iter().flat_map(|entry| of(entry).collect::<Vec<_>>()).collect()
}

#[test]
fn every_operation_answers_as_the_document_says() {
    let world = Scene::new().start();
    let document = document(&world);
    assert_eq!(document, provost_server::openapi());
    let operations = operations(&document);
    assert_eq!(operations.len(), 18);
    for (path, verb, operation) in operations {
        let request = world.client.request(method(&verb), world.url(&path));
        let request = request.header("content-type", "application/json").bearer_auth("all-scopes");
        let response = request.body(if verb == "post" { "{}" } else { "" }).send().unwrap();
        let status = response.status().as_u16();
        let described = &operation["responses"][status.to_string()];
        assert!(described.is_object(), "{verb} {path} answered {status}");
        let media = response.headers()["content-type"].to_str().unwrap().to_owned();
        let media = media.split(';').next().unwrap();
        let content = &described["content"][media];
        assert!(content.is_object(), "{verb} {path} {status} {media}");
        if media == "application/json" {
            let body: Value = serde_json::from_str(&response.text().unwrap()).unwrap();
            let mut schema = content["schema"].clone();
            schema["components"] = document["components"].clone();
            let validator = jsonschema::validator_for(&schema).expect("a schema");
            let problems: Vec<String> =
                validator.iter_errors(&body).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{verb} {path} {status}: {problems:?}\n{body:#}");
        }
    }
}

#[test]
fn what_is_no_route_or_no_method_is_told_in_the_one_document() {
    let world = Scene::new().start();
    let ask = |verb: &str, path: &str| {
        let response = world.client.request(method(verb), world.url(path)).send().unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            assert_eq!(headers[name], value, "{verb} {path}");
        }
        let text = response.text().unwrap();
        let code = serde_json::from_str::<Value>(&text).ok();
        let code = code.and_then(|body| body["errors"][0]["code"].as_str().map(str::to_owned));
        let allow = headers.get("allow").map(|value| value.to_str().unwrap().to_owned());
        (status, code, allow)
    };
    let long = format!("/{}", "x".repeat(10_000));
    for path in [
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v1/kpi/",
        "/api/v1//kpi",
        "/API/V1/KPI",
        "/%2e%2e/etc/passwd",
        "/api/v1/kpi%00",
        "/api/v1/releases/",
        &long,
    ] {
        assert_eq!(ask("GET", path), (404, Some("not-found".into()), None), "{path}");
    }
    let not_allowed =
        |allow: &str| (405, Some("method-not-allowed".to_owned()), Some(allow.to_owned()));
    for verb in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        assert_eq!(ask(verb, "/functions/v1/telemetry"), not_allowed("POST"), "{verb}");
    }
    for verb in ["POST", "PUT", "DELETE", "TRACE"] {
        assert_eq!(ask(verb, "/api/v1/kpi"), not_allowed("GET, HEAD"), "{verb}");
    }
    let head = world.client.head(world.url("/api/v1/kpi")).send().unwrap();
    assert_eq!((head.status().as_u16(), head.text().unwrap().len()), (200, 0));
    for (verb, path, query) in [
        ("GET", "/api/v1/kpi", "limit=0"),
        ("GET", "/api/v1/kpi", "limit=501"),
        ("GET", "/api/v1/kpi", "limit=x"),
        ("GET", "/api/v1/kpi", "limit=1&limit=2"),
        ("GET", "/api/v1/kpi", "since=yesterday"),
        ("GET", "/api/v1/kpi", "cursor=x"),
        ("GET", "/api/v1/kpi", "repositori=x"),
        ("GET", "/api/v1/kpi", "repository="),
        ("GET", "/api/v1/incidents", "state=closed"),
        ("GET", "/api/v1/health", "x=1"),
        ("GET", "/healthz", "x=%ff"),
    ] {
        let (status, code, _) = ask(verb, &format!("{path}?{query}"));
        assert_eq!((status, code.as_deref()), (400, Some("invalid-request")), "{path}?{query}");
    }
}

#[test]
fn only_json_is_taken_and_only_so_much_of_it() {
    let world = Scene::new().start();
    let place = "/functions/v1/provenance-validate";
    let send = |content_type: Option<&str>, body: Vec<u8>| {
        let mut request = world.client.post(world.url(place)).bearer_auth("all-scopes").body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        request.send().map(|response| response.status().as_u16())
    };
    for wrong in [
        None,
        Some("text/plain"),
        Some("application/jsonx"),
        Some("application/json; charset=latin1"),
        Some("multipart/form-data; boundary=x"),
    ] {
        assert_eq!(send(wrong, b"{}".to_vec()).unwrap(), 415, "{wrong:?}");
    }
    for good in ["application/json", "Application/JSON; charset=UTF-8"] {
        assert_eq!(send(Some(good), b"{}".to_vec()).unwrap(), 400, "{good}");
    }
    let limit = 1024 * 1024;
    assert_eq!(send(Some("application/json"), vec![b' '; limit]).unwrap(), 400);
    // It is answered before it is read, so the client may see the connection end instead.
    let too_large = send(Some("application/json"), vec![b' '; limit + 1]);
    assert!(matches!(too_large, Ok(413) | Err(_)), "{too_large:?}");
    assert_eq!(world.get("/healthz"), json!({"status": "ok"}));
}

#[test]
fn a_body_of_a_hundred_mebibytes_is_cut_while_it_comes() {
    let world = Scene::new().start();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
        .write_all(
            b"POST /functions/v1/telemetry HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
              authorization: Bearer all-scopes\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .unwrap();
    let chunk = [b"10000\r\n".to_vec(), vec![b'['; 0x10000], b"\r\n".to_vec()].concat();
    let mut sent = 0;
    while sent < 100 << 20 && stream.write_all(&chunk).is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 64 << 20, "{sent} bytes were taken");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(world.get("/healthz"), json!({"status": "ok"}));
}

#[test]
fn reads_are_protected_where_they_are_told_to_be() {
    let world = Scene::new().server("protect_reads = true").start();
    let get = |path: &str, token: &str| {
        let mut request = world.client.get(world.url(path));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        request.send().unwrap().status().as_u16()
    };
    for path in ["/api/v1/kpi", "/api/v1/events", "/api/v1/summary", "/api/v1/health", "/metrics"] {
        assert_eq!(get(path, ""), 401, "{path}");
        assert_eq!(get(path, "wrong"), 401, "{path}");
        assert_eq!(get(path, "read-only"), 200, "{path}");
    }
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(get(path, ""), 200, "{path}");
    }
    // A job reads about its own repository.
    assert_eq!(get("/api/v1/kpi", &world.token(|_| ())), 200);
    let own = world.token(|_| ());
    assert_eq!(get("/api/v1/kpi?repository=Example-Org/artifact", &own), 200);
    assert_eq!(get("/api/v1/kpi?repository=example-org/other", &own), 401);
}

#[test]
fn no_address_but_loopback_without_protected_reads() {
    use provost_server::{Clock, Server, ServerError};
    use provost_store::{Access, Database, StoreUrl};
    let bind = |protected: bool, listen: &str| {
        let mut scene = Scene::new();
        if protected {
            scene = scene.server("protect_reads = true");
        }
        scene.listen = listen.to_owned();
        let root = crate::world::sigstore().trusted_root_json();
        std::fs::write(scene.folder.path().join("trusted_root.json"), root).unwrap();
        let settings = scene.settings(Clock::default());
        let file = scene.folder.path().join("events.db");
        let url = StoreUrl::parse(&format!("sqlite:{}", file.display()), std::path::Path::new("."));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = Database::open(&url.unwrap(), &Access::default()).await.unwrap();
            Server::bind(settings, database).await.map(|server| server.local_addr())
        })
    };
    for wide in ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"] {
        let refused = bind(false, wide);
        assert!(matches!(refused, Err(ServerError::UnprotectedReads { .. })), "{wide} {refused:?}");
    }
    assert!(bind(false, "127.0.0.1:0").is_ok());
    assert!(bind(true, "0.0.0.0:0").is_ok());
}
