//! What is too slow, too much or too many.

use crate::world::{Scene, World, validation};
use serde_json::json;
use sqlx::{ConnectOptions, Executor};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Memory of this process that is in use, in bytes: the server runs in it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream
}

/// What the server said until it ended the connection.
fn to_the_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // Cut is cut, in order or not.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn two_thousand_clients_at_a_byte_a_second_are_cut() {
    let most = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = most.lines().find(|line| line.starts_with("Max open files"));
    let files = files.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
    if files.is_none_or(|files| files < 5_000) {
        println!("not checked here: 2,000 slow clients (fewer than 5,000 open files are allowed)");
        return;
    }
    let world = Scene::new()
        .edit(|settings| {
            settings.limits.head = Duration::from_secs(2);
            settings.limits.connections = 512;
        })
        .start();
    assert_eq!(world.get("/healthz"), json!({"status": "ok"}));
    let before = resident();
    let started = Instant::now();
    let mut clients: Vec<TcpStream> = (0..2_000).map(|_| connect(&world)).collect();
    for client in &mut clients {
        // Who was turned away may be gone already.
        let _ = client.write_all(b"G");
    }
    assert_eq!(status_from(&world, "127.0.0.2"), Some(200), "others are served meanwhile");
    let held = resident().saturating_sub(before);
    assert!(held < 64 << 20, "{held} bytes for 2,000 clients");
    let mut turned_away = 0;
    for (number, client) in clients.iter_mut().enumerate() {
        let _ = client.write_all(b"E");
        let answer = to_the_end(client);
        let is_answer = |status: &str| answer.starts_with(&format!("HTTP/1.1 {status}"));
        assert!(answer.is_empty() || is_answer("503") || is_answer("408"), "{number}: {answer}");
        turned_away += usize::from(is_answer("503"));
    }
    assert!(turned_away > 0, "nobody was told that there is no room");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    drop(clients);
    world.until("room", || {
        world.client.get(world.url("/healthz")).send().is_ok_and(|it| it.status() == 200)
    });
    assert!(world.metric("provost_connections_turned_away_total") > 0);
}

/// Asks from another address of loopback.
fn status_from(world: &World, address: &str) -> Option<u16> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(std::net::SocketAddr::new(address.parse().expect("an address"), 0))?;
        socket.connect(world.address).await?.into_std()
    });
    let mut stream = stream.expect("a connection");
    stream.set_nonblocking(false).expect("a stream that blocks");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    to_the_end(&mut stream).strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// A connection that the server serves, which has begun to say something.
fn begun(world: &World) -> TcpStream {
    let mut client = connect(world);
    client.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nG").unwrap();
    assert!(client.read(&mut [0; 4096]).unwrap() > 0);
    client
}

#[test]
fn a_client_that_holds_all_it_may_leaves_room_for_others() {
    let world = Scene::new()
        .edit(|settings| {
            settings.limits.connections = 8;
            settings.limits.connections_per_address = 3;
        })
        .start();
    let mut held: Vec<TcpStream> = (0..3).map(|_| begun(&world)).collect();
    assert_eq!(status_from(&world, "127.0.0.1"), Some(503));
    for _ in 0..4 {
        assert_eq!(status_from(&world, "127.0.0.2"), Some(200));
    }
    held.pop();
    world.until("room", || status_from(&world, "127.0.0.1") == Some(200));
}

#[test]
fn all_clients_together_have_no_more_than_there_is() {
    let world = Scene::new()
        .edit(|settings| {
            settings.limits.connections = 3;
            settings.limits.connections_per_address = 3;
        })
        .start();
    let held: Vec<TcpStream> = (0..3).map(|_| begun(&world)).collect();
    for address in ["127.0.0.1", "127.0.0.2"] {
        assert_eq!(status_from(&world, address), Some(503));
    }
    drop(held);
    world.until("room", || status_from(&world, "127.0.0.2") == Some(200));
}

#[test]
fn a_reverse_proxy_can_be_given_every_connection() {
    let world = Scene::new().server("connections_per_address = 2").start();
    let held: Vec<TcpStream> = (0..2).map(|_| begun(&world)).collect();
    assert_eq!(status_from(&world, "127.0.0.1"), Some(503));
    let all = Scene::new().server("connections_per_address = 512").start();
    let more: Vec<TcpStream> = (0..200).map(|_| begun(&all)).collect();
    assert_eq!(status_from(&all, "127.0.0.1"), Some(200));
    drop((held, more));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let world =
        Scene::new().edit(|settings| settings.limits.request = Duration::from_millis(300)).start();
    let mut client = connect(&world);
    client
        .write_all(
            b"POST /functions/v1/telemetry HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
              authorization: Bearer all-scopes\r\ncontent-length: 1000\r\n\r\n[",
        )
        .unwrap();
    let answer = to_the_end(&mut client);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"too-slow\"") && answer.contains("x-content-type-options: nosniff"));
}

#[test]
fn a_client_that_takes_no_answer_is_cut() {
    let world = Scene::new()
        .edit(|settings| settings.limits.stalled_answer = Duration::from_millis(300))
        .start();
    let mut client = connect(&world);
    // Once it has answered, the connection is among those that the server counts.
    client.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(client.read(&mut [0; 4096]).unwrap() > 0);
    let request = b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2_000);
    client.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    let _ = client.write_all(&request);
    // The connection is gone when the server says so, while nothing was read here.
    world.until("the end of the connection", || world.metric("provost_connections") <= 1);
    let answers = to_the_end(&mut client).matches("HTTP/1.1 200").count();
    assert!(answers < 2_000, "all {answers} answers were kept for a client that read none");
}

#[test]
fn heads_that_are_too_large_are_refused() {
    let world = Scene::new().start();
    for (name, head) in [
        ("a long header", format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(1 << 20))),
        ("many headers", format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(1_000))),
        ("a long path", format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(1 << 20))),
        ("no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned()),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("two lengths", "POST /webhooks/github HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n[]".to_owned()),
    ] {
        let mut client = connect(&world);
        let _ = client.write_all(head.as_bytes());
        let answer = to_the_end(&mut client);
        let is_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(is_refused, "{name}: {}", answer.lines().next().unwrap_or_default());
    }
    assert_eq!(world.get("/healthz"), json!({"status": "ok"}));
}

#[test]
fn what_the_log_cannot_take_now_is_told_at_once_and_the_rest_is_kept() {
    let world = Scene::new().edit(|settings| settings.limits.queue = 2).start();
    let file = world.folder.path().join("events.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut other = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let mut connection = options.connect().await.expect("the database");
        connection.execute("BEGIN IMMEDIATE").await.expect("the lock");
        connection
    });
    let bodies: Vec<_> = (0..12).map(|n| validation("success", &world.ago(n))).collect();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = bodies
            .iter()
            .map(|body| {
                let world = &world;
                scope.spawn(move || {
                    let response =
                        world.post("/functions/v1/provenance-validate", "all-scopes", body);
                    if response.status() == 503 {
                        assert!(response.headers().contains_key("retry-after"));
                    }
                    response.status().as_u16()
                })
            })
            .collect();
        world.until("somebody who is sent away", || {
            world.metric("provost_requests_total{operation=\"provenance-validate\",status=\"503\"}")
                > 0
        });
        runtime.block_on(async { other.execute("ROLLBACK").await.expect("the lock is free") });
        asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    let taken = answers.iter().filter(|status| **status == 200).count();
    assert!(taken > 0 && answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
    assert_eq!(world.items("/api/v1/events").len(), taken, "what was answered is there");
}

#[test]
fn a_log_that_takes_too_long_is_no_fault_of_the_client() {
    let world =
        Scene::new().edit(|settings| settings.limits.request = Duration::from_millis(500)).start();
    let file = world.folder.path().join("events.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut other = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let mut connection = options.connect().await.expect("the database");
        connection.execute("BEGIN IMMEDIATE").await.expect("the lock");
        connection
    });
    let body = validation("success", &world.ago(0));
    let send = || world.post("/functions/v1/provenance-validate", "all-scopes", &body);
    let late = send();
    assert_eq!((late.status().as_u16(), late.headers().contains_key("retry-after")), (503, true));
    runtime.block_on(async { other.execute("ROLLBACK").await.expect("the lock is free") });
    world.until("the same again", || send().status() == 200);
    assert_eq!(world.items("/api/v1/events").len(), 1);
}

#[test]
fn ten_thousand_tags_make_the_metrics_no_larger() {
    let world = Scene::new().start();
    let entry = |number: usize| {
        json!({
            "run": number.to_string(), "tag": format!("v{number}"), "status": "success",
            "artifact": "", "release_url": "", "validated_at": "2026-03-01T12:00:00Z",
            "repository": format!("example-org/artifact-{number}"),
        })
    };
    let size = || {
        let response = world.client.get(world.url("/metrics")).send().unwrap();
        response.text().unwrap().len()
    };
    let send = |numbers: std::ops::Range<usize>| {
        let manifest: Vec<_> = numbers.map(entry).collect();
        let response = world.post("/functions/v1/telemetry", "all-scopes", &json!(manifest));
        assert_eq!(response.status(), 200);
    };
    send(0..1);
    let before = size();
    for thousand in 1..11 {
        send(thousand * 1_000..(thousand + 1) * 1_000);
        for number in 0..100 {
            let path = format!("/api/v1/releases/v{thousand}-{number}");
            let _ = world.client.get(world.url(&path)).send().unwrap();
            let _ = world.client.get(world.url(&format!("/{thousand}/{number}"))).send().unwrap();
        }
    }
    let after = size();
    assert!(after < before + 8 * 1024 && after < 64 * 1024, "{before} bytes became {after}");
    assert_eq!(world.get("/api/v1/summary")["coverage"]["releases"], 10_001);
}
