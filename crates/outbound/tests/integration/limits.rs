use provost_outbound::{Client, Limits, OutboundError, Request, Url};
use provost_testkit::scripted_server::{Reply, ScriptedServer as Server, answer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn client(limits: Limits) -> Client {
    Client::new(vec!["127.0.0.1".into()], limits).expect("client")
}

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).expect(url))
}

/// A server that gives a byte of its answer at a time for as long as somebody listens.
fn dripping(head: &'static str) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
    let url = format!("http://{}/", listener.local_addr().expect("address"));
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("connection");
        assert_ne!(stream.read(&mut [0; 4_096]).expect("request"), 0);
        let mut next = stream.write_all(head.as_bytes());
        while next.is_ok() {
            std::thread::sleep(Duration::from_millis(10));
            next = stream.write_all(b"x");
        }
    });
    (url, thread)
}

#[test]
fn an_answer_that_drips_ends_with_the_time_of_the_call() {
    let limits = Limits { total: Duration::from_millis(300), ..Limits::default() };
    for head in ["HTTP/1.1 200 X\r\ncontent-length: 1000000\r\n\r\n", "HTTP/1.1 200 X\r\nx-slow: "]
    {
        let (url, server) = dripping(head);
        let start = Instant::now();
        let error = client(limits).send(&get(&url)).expect_err("slow");
        assert!(matches!(error, OutboundError::Timeout { .. }), "{error}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        server.join().expect("the client hung up");
    }
}

#[test]
fn a_flood_of_headers_is_no_answer() {
    let some: Vec<String> = (0..50).map(|n| format!("x-{n}: y")).collect();
    let some: Vec<&str> = some.iter().map(String::as_str).collect();
    let server = Server::start(vec![answer(200, &some, "{}")]);
    assert_eq!(client(Limits::default()).send(&get(&server.url("/"))).expect("some").status, 200);
    let wide = format!("x-wide: {}", "y".repeat(1024 * 1024));
    let many: Vec<String> = (0..10_000).map(|n| format!("x-{n}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for headers in [vec![wide.as_str()], many] {
        let server = Server::start(vec![answer(200, &headers, "{}")]);
        let error = client(Limits::default()).send(&get(&server.url("/"))).expect_err("flood");
        assert!(matches!(error, OutboundError::Interrupted { .. }), "{error}");
    }
}

#[test]
fn a_header_cannot_bring_another_one() {
    for value in ["a\r\nx-admin: 1", "a\nb", "a\0b", "a\u{7f}b"] {
        let request = get("http://127.0.0.1:1/").header("x-note", value);
        let error = client(Limits::default()).send(&request).expect_err("two headers");
        assert!(matches!(error, OutboundError::InvalidRequest { .. }), "{value:?}: {error}");
        assert!(!error.to_string().contains("admin"), "{error}");
    }
    let server = Server::start(vec![answer(200, &[], "")]);
    let request = get(&server.url("/")).header("x-note", "plain");
    client(Limits::default()).send(&request).expect("sent");
    assert!(server.requests()[0].contains("x-note: plain"));
}

#[test]
fn a_body_that_ends_early_is_no_answer() {
    for text in [
        "HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\n12345",
        "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 X\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345",
        "HTTP/1.1 200",
        "hello",
    ] {
        let server = Server::start(vec![Reply::Says(text.into())]);
        let error = client(Limits::default()).send(&get(&server.url("/"))).expect_err(text);
        assert!(matches!(error, OutboundError::Interrupted { .. }), "{text}: {error}");
    }
}
