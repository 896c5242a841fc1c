use provost_outbound::{Client, Limits, Method, OutboundError, Pause, Request, Retry, Url};
use provost_testkit::scripted_server::{Reply, ScriptedServer as Server, answer};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Remembers how long it was asked to wait.
#[derive(Default)]
struct Waits(Mutex<Vec<Duration>>);

impl Pause for Waits {
    fn pause(&self, time: Duration) {
        self.0.lock().expect("lock").push(time);
    }
}

struct Run {
    result: Result<u16, OutboundError>,
    waits: Vec<Duration>,
    requests: usize,
}

fn run(method: Method, replies: Vec<Reply>) -> Run {
    run_of(replies, |url| match method {
        Method::Get => Request::get(url),
        method => Request::json(method, url, &serde_json::json!({"a": 1})),
    })
}

fn run_of(replies: Vec<Reply>, request: impl FnOnce(Url) -> Request) -> Run {
    let server = Server::start(replies);
    let client = Client::new(vec!["127.0.0.1".into()], Limits::default()).expect("client");
    let waits = Arc::new(Waits::default());
    let pause: Arc<dyn Pause> = Arc::<Waits>::clone(&waits);
    let retry = Retry { tries: 3, pause, ..Retry::default() };
    let url = Url::parse(&server.url("/x")).expect("url");
    let request = request(url);
    let result = retry.send(&client, &request).map(|answer| answer.status);
    let waits = waits.0.lock().expect("lock").clone();
    Run { result, waits, requests: server.requests().len() }
}

fn fine() -> Reply {
    answer(200, &[], "{}")
}

#[test]
fn what_reads_is_repeated_and_what_writes_is_not() {
    let read = run(Method::Get, vec![answer(502, &[], ""), Reply::HangsUp, fine()]);
    assert_eq!((read.result.expect("answer"), read.requests), (200, 3));
    assert!(read.waits[0] <= Duration::from_secs(1) && read.waits[1] <= Duration::from_secs(2));

    let write = run(Method::Post, vec![answer(502, &[], "")]);
    assert_eq!((write.result.expect("answer"), write.requests), (502, 1));
    let write = run(Method::Post, vec![Reply::HangsUp]);
    assert!(write.result.expect_err("unknown outcome").is_ambiguous());
}

#[test]
fn a_write_that_is_recognised_is_repeated_as_a_read_is() {
    let write = |replies, idempotent: bool| {
        run_of(replies, |url| {
            let request = Request::json(Method::Post, url, &serde_json::json!({"a": 1}));
            if idempotent { request.idempotent() } else { request }
        })
    };
    let lost = vec![Reply::HangsUp, answer(503, &["retry-after: 1"], ""), fine()];
    let run = write(lost, true);
    assert_eq!((run.result.expect("answer"), run.requests), (200, 3));
    let run = write(vec![Reply::HangsUp], false);
    assert!(run.result.expect_err("unknown outcome").is_ambiguous());
    assert_eq!(run.requests, 1);
}

#[test]
fn the_last_answer_is_given_back() {
    let replies = (0..3).map(|_| answer(503, &[], "")).collect();
    let read = run(Method::Get, replies);
    assert_eq!((read.result.expect("answer"), read.waits.len()), (503, 2));
    for status in [200, 201, 304, 400, 401, 403, 404, 410, 422, 501] {
        let read = run(Method::Get, vec![answer(status, &[], "")]);
        assert_eq!((read.result.expect("answer"), read.waits.len()), (status, 0));
    }
}

#[test]
fn a_limit_is_waited_for_as_long_as_the_server_says() {
    for (status, header) in [(429, "retry-after: 7"), (403, "Retry-After:  7 ")] {
        let write = run(Method::Post, vec![answer(status, &[header], ""), fine()]);
        assert_eq!(write.result.expect("answer"), 200);
        assert_eq!(write.waits, [Duration::from_secs(7)]);
    }
    let soon = jiff::Timestamp::now().as_second() + 30;
    let headers = ["x-ratelimit-remaining: 0".to_owned(), format!("x-ratelimit-reset: {soon}")];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let read = run(Method::Get, vec![answer(403, &headers, ""), fine()]);
    assert_eq!(read.result.expect("answer"), 200);
    assert!(read.waits[0] > Duration::from_secs(20) && read.waits[0] <= Duration::from_secs(30));
}

#[test]
fn a_limit_may_be_a_date() {
    let date = |seconds| {
        let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        format!("retry-after: {}", time.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    };
    let read = run(Method::Get, vec![answer(429, &[&date(30)], ""), fine()]);
    assert_eq!(read.result.expect("answer"), 200);
    assert!(read.waits[0] > Duration::from_secs(20) && read.waits[0] <= Duration::from_secs(30));
    let read = run(Method::Get, vec![answer(429, &[&date(-30)], ""), fine()]);
    assert_eq!((read.result.expect("answer"), read.waits), (200, vec![Duration::ZERO]));
    let read = run(Method::Get, vec![answer(429, &[&date(3_600)], "")]);
    assert!(matches!(read.result, Err(OutboundError::RateLimited { until: Some(_), .. })));
}

#[test]
fn a_limit_that_cannot_be_read_is_a_limit_all_the_same() {
    for header in ["retry-after: -5", "retry-after: soon", "retry-after: ", "retry-after: 1.5"] {
        for status in [403, 429] {
            let read = run(Method::Get, vec![answer(status, &[header], ""), fine()]);
            assert_eq!(read.result.expect(header), 200);
            assert!(read.waits.len() == 1 && read.waits[0] <= Duration::from_secs(1));
        }
    }
    for huge in ["9223372036854775808", "18446744073709551615", "99999999999999999999999"] {
        let read = run(Method::Get, vec![answer(429, &[&format!("retry-after: {huge}")], "")]);
        assert!(matches!(read.result, Err(OutboundError::RateLimited { .. })), "{huge}");
    }
}

#[test]
fn a_secondary_limit_is_known_by_its_words() {
    let words = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let write = run(Method::Post, vec![answer(403, &[], words), fine()]);
    assert_eq!((write.result.expect("answer"), write.waits), (200, vec![Duration::from_secs(60)]));
    let other = run(Method::Post, vec![answer(403, &[], r#"{"message":"Forbidden"}"#)]);
    assert_eq!((other.result.expect("answer"), other.waits.len()), (403, 0));
}

#[test]
fn a_write_that_a_gateway_may_have_passed_on_is_not_repeated() {
    let write = run(Method::Post, vec![answer(503, &["retry-after: 7"], "")]);
    assert_eq!((write.result.expect("answer"), write.waits.len()), (503, 0));
    let read = run(Method::Get, vec![answer(503, &["retry-after: 7"], ""), fine()]);
    assert_eq!((read.result.expect("answer"), read.waits), (200, vec![Duration::from_secs(7)]));
}

#[test]
fn without_tries_there_is_one() {
    let server = Server::start(vec![answer(502, &[], "")]);
    let client = Client::new(vec!["127.0.0.1".into()], Limits::default()).expect("client");
    let retry = Retry { tries: 0, ..Retry::default() };
    let request = Request::get(Url::parse(&server.url("/")).expect("url"));
    assert_eq!(retry.send(&client, &request).expect("answer").status, 502);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_limit_that_is_too_long_is_an_error_that_says_until_when() {
    let read = run(Method::Get, vec![answer(429, &["retry-after: 3600"], "")]);
    let error = read.result.expect_err("limit");
    assert!(matches!(error, OutboundError::RateLimited { until: Some(_), .. }), "{error}");
    assert!(error.to_string().contains("until 20"), "{error}");
    let replies = (0..3).map(|_| answer(429, &["retry-after: 1"], "")).collect();
    assert!(matches!(run(Method::Get, replies).result, Err(OutboundError::RateLimited { .. })));
}

#[test]
fn nobody_listening_is_tried_again_also_for_a_write() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listen");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let client = Client::new(vec!["127.0.0.1".into()], Limits::default()).expect("client");
    let waits = Arc::new(Waits::default());
    let pause: Arc<dyn Pause> = Arc::<Waits>::clone(&waits);
    let retry = Retry { tries: 3, pause, ..Retry::default() };
    let url = Url::parse(&format!("http://{address}/x?sig=canary")).expect("url");
    let request = Request::json(Method::Post, url, &serde_json::json!({}));
    let error = retry.send(&client, &request).expect_err("nobody there");
    assert!(matches!(error, OutboundError::Connect { .. }), "{error}");
    assert!(!error.to_string().contains("canary"), "{error}");
    assert_eq!(waits.0.lock().expect("lock").len(), 2);
}
