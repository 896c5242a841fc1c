use provost_outbound::{Client, Hosts, Limits, OutboundError, Request, Secret, Url};
use provost_testkit::scripted_server::{ScriptedServer as Server, answer};

fn client() -> Client {
    let hosts = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    Client::new(hosts, Limits::default()).expect("client")
}

fn token() -> Secret {
    Secret::new("canary-token".into(), "TOKEN").expect("secret")
}

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).expect(url)).bearer(Some(&token()))
}

fn location(url: &str) -> String {
    format!("location: {url}")
}

#[test]
fn the_token_stays_with_its_server() {
    let blob = Server::start(vec![answer(200, &[], "bytes")]);
    let api = Server::start(vec![answer(302, &[&location(&blob.url("/zip?sig=s"))], "")]);
    let hosts = Hosts::new(["127.0.0.1"]);
    let stream = client().follow(&get(&api.url("/a")), &hosts).expect("stream");
    assert_eq!(stream.read().expect("answer").body, b"bytes");
    let asked = api.requests();
    assert!(asked[0].to_lowercase().contains("authorization: bearer canary-token"), "{asked:?}");
    let asked = blob.requests();
    assert!(asked[0].starts_with("GET /zip?sig=s "), "{asked:?}");
    assert!(!asked[0].to_lowercase().contains("authorization"), "{asked:?}");
}

#[test]
fn the_token_goes_along_on_the_same_server() {
    let moved = answer(301, &["location: /b"], "");
    let api = Server::start(vec![moved, answer(200, &[], "here")]);
    let stream = client().follow(&get(&api.url("/a")), &Hosts::new([""; 0])).expect("stream");
    assert_eq!(stream.read().expect("answer").body, b"here");
    let asked = api.requests();
    assert!(asked[1].starts_with("GET /b ") && asked[1].contains("canary-token"), "{asked:?}");
}

#[test]
fn refuses_a_redirect_to_where_downloads_do_not_come_from() {
    for target in [
        "http://169.254.169.254/latest/meta-data",
        "http://example.com/",
        "https://example.com/",
        "https://10.0.0.1/",
        "https://127.0.0.2/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "https://user:pass@127.0.0.1/",
        "https://127.0.0.1@example.com/",
        "//example.com/",
        "http://[::ffff:169.254.169.254]/",
        "http://2130706433.example/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706434/",
        "https://127.0.0.1.example.com/",
        "https://\u{142}ocalhost/",
    ] {
        let api = Server::start(vec![answer(302, &[&location(target)], "")]);
        let result = client().follow(&get(&api.url("/a")), &Hosts::new(["127.0.0.1"]));
        let error = result.expect_err(target);
        assert!(
            matches!(error, OutboundError::Redirect { .. } | OutboundError::InvalidRequest { .. }),
            "{target}: {error}"
        );
        assert!(!error.to_string().contains("user:pass"), "{error}");
        assert_eq!(api.requests().len(), 1);
    }
}

#[test]
fn refuses_a_redirect_without_target_and_an_endless_chain() {
    let api = Server::start(vec![answer(302, &[], "")]);
    assert!(client().follow(&get(&api.url("/a")), &Hosts::new(["127.0.0.1"])).is_err());
    let hops = (0..6).map(|_| answer(302, &["location: /again"], "")).collect();
    let api = Server::start(hops);
    let error = client().follow(&get(&api.url("/a")), &Hosts::new(["127.0.0.1"])).expect_err("end");
    assert!(error.to_string().contains("too many redirects"), "{error}");
    assert_eq!(api.requests().len(), 6);
}

#[test]
fn an_address_that_nobody_configured_must_be_public() {
    let client = Client::new(vec!["api.example".into()], Limits::default()).expect("client");
    for url in [
        "https://127.0.0.1:1/",
        "https://[::1]:1/",
        "https://192.168.0.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://127.1/",
        "https://0/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1]/",
        "https://\u{ff11}27.0.0.1/",
        "https://api.example@127.0.0.1/",
        "http://127.0.0.1:1/",
        "http://api.example/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://api.example/",
    ] {
        let error = client.send(&get(url)).expect_err(url);
        assert!(matches!(error, OutboundError::InvalidRequest { .. }), "{url}: {error}");
    }
    // A name is resolved, and what it leads to is looked at.
    let error = client.send(&get("https://localhost:1/")).expect_err("localhost");
    assert!(error.to_string().contains("no public address"), "{error}");
}

#[test]
fn an_answer_is_read_up_to_its_limit() {
    let limits = Limits { max_bytes: 5, ..Limits::default() };
    let api = Server::start(vec![answer(200, &[], "12345"), answer(200, &[], "123456")]);
    let client = client().with_limits(limits);
    assert_eq!(client.send(&get(&api.url("/"))).expect("five").body, b"12345");
    let error = client.send(&get(&api.url("/"))).expect_err("six");
    assert!(matches!(error, OutboundError::TooLarge { limit: 5, .. }), "{error}");
}
