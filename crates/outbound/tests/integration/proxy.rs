//! Proxies come from the environment, which belongs to the whole process: each test runs itself
//! once more in a process with its own.

use provost_outbound::{Client, Limits, OutboundError, Request, Secret, Url};
use provost_testkit::scripted_server::{ScriptedServer as Server, answer};
use std::process::Command;

const TARGET: &str = "PROVOST_TEST_TARGET";

fn send(url: &str) -> Result<u16, OutboundError> {
    let client = Client::new(vec!["127.0.0.1".into()], Limits::default()).expect("client");
    let token = Secret::new("canary-token".into(), "TOKEN").expect("secret");
    let request = Request::get(Url::parse(url).expect("url")).bearer(Some(&token));
    client.send(&request).map(|answer| answer.status)
}

/// Runs a test of this program with these variables alone about proxies.
fn run(test: &str, target: &str, variables: &[(&str, &str)]) {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", test]).env(TARGET, target);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = child.envs(variables.iter().copied()).output().expect("child");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn what_stays_on_this_machine_passes_no_proxy() {
    if let Ok(url) = std::env::var(TARGET) {
        assert_eq!(send(&url).expect("answer"), 200);
        return;
    }
    for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        let proxy = Server::start(vec![answer(502, &[], "")]);
        let api = Server::start(vec![answer(200, &[], "")]);
        let test = "proxy::what_stays_on_this_machine_passes_no_proxy";
        run(test, &api.url("/a"), &[(name, &proxy.url(""))]);
        assert!(api.requests()[0].starts_with("GET /a "), "{name}");
        assert!(proxy.stop().is_empty(), "{name}");
    }
}

#[test]
fn a_proxy_in_a_private_network_is_used_and_sees_no_token() {
    if let Ok(url) = std::env::var(TARGET) {
        let error = send(&url).expect_err("the proxy refuses");
        assert!(matches!(error, OutboundError::Connect { .. }), "{error}");
        return;
    }
    for name in ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        let proxy = Server::start(vec![answer(403, &[], "")]);
        let by_name = proxy.url("").replace("127.0.0.1", "localhost");
        let test = "proxy::a_proxy_in_a_private_network_is_used_and_sees_no_token";
        run(test, "https://api.example/a", &[(name, &by_name)]);
        let asked = proxy.requests();
        assert!(asked[0].starts_with("CONNECT api.example:443 "), "{asked:?}");
        assert!(!asked[0].contains("canary"), "{asked:?}");
    }
}
