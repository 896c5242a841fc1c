//! `provost serve` as a process.

use super::Folder;
use crate::program::{Provost, Running};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const LOG: &str = "sqlite:events.db";

/// A folder with a policy file.
pub(super) fn configured(more: &str) -> Folder {
    let folder = Folder::with_entries();
    let configuration = format!("[source]\nrepository = \"github.com/acme/app\"\n{more}");
    std::fs::write(folder.path("provost.toml"), configuration).unwrap();
    folder
}

fn serve(folder: &Folder) -> Provost {
    folder.provost(&["serve", "--store", LOG, "--listen", "127.0.0.1:0"])
}

/// A server that runs, and its address.
pub(super) fn started(call: Provost) -> (Running, String) {
    let mut running = call.start();
    let line = running.line();
    let address = line.strip_prefix("listening on http://").unwrap_or_else(|| {
        panic!("{line:?}: {}", "the server did not start");
    });
    let address = address.split(' ').next().unwrap().trim().to_owned();
    (running, address)
}

/// Status and body of a GET.
fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[test]
fn it_says_where_it_listens_answers_and_ends_when_it_is_told_to() {
    for signal in ["TERM", "INT"] {
        let folder = configured("");
        folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
        let (running, address) = started(serve(&folder));
        assert_eq!(get(&address, "/healthz").0, 200);
        assert_eq!(get(&address, "/readyz").0, 200);
        let (status, rows) = get(&address, "/api/v1/kpi");
        assert!(status == 200 && rows.contains("\"v1\""), "{rows}");
        running.signal(signal);
        let (ended, log) = running.end();
        assert_eq!(ended.code(), Some(0), "{log}");
        assert!(log.contains("stopping"), "{log}");
        // Where no person reads, every line but ours is one object.
        let lines: Vec<Value> = log
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(lines.iter().any(|line| line["address"] == address), "{log}");
    }
}

#[test]
fn as_json_it_says_the_same() {
    let folder = configured("");
    let mut running = serve(&folder).args(["--format", "json"]).start();
    let line: Value = serde_json::from_str(&running.line()).unwrap();
    assert_eq!(line["schema"], "https://provost.dev/serve/v1");
    let url = line["url"].as_str().unwrap();
    assert_eq!(get(url.strip_prefix("http://").unwrap(), "/healthz").0, 200);
    running.signal("TERM");
    assert_eq!(running.end().0.code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = configured("");
    let (running, address) = started(serve(&folder));
    // A request that never ends keeps it from ending gracefully.
    let mut slow = TcpStream::connect(&address).unwrap();
    let head = "POST /functions/v1/telemetry HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n";
    slow.write_all(head.as_bytes()).unwrap();
    assert_eq!(get(&address, "/healthz").0, 200);
    running.signal("TERM");
    // It listens no longer once it stops.
    while TcpStream::connect(&address).is_ok() {}
    running.signal("TERM");
    let (ended, log) = running.end();
    assert_eq!(ended.code(), Some(1), "{log}");
    assert!(log.contains("ended at once by a second signal"), "{log}");
}

#[test]
fn what_keeps_it_from_serving_is_said_with_the_remedy() {
    let folder = configured("");
    for (arguments, code, words) in [
        (vec!["--listen", "192.0.2.1:0"], 2, "protect_reads"),
        (vec!["--listen", "0.0.0.0:0"], 2, "protect_reads"),
        (vec!["--store", "sqlite:provost.toml"], 1, "not an SQLite database"),
        (vec!["--store", "https://h.example/functions/v1"], 2, "needs a database"),
        (vec!["--store", "postgres://me@127.0.0.1:1/events"], 1, "127.0.0.1"),
        (vec!["--config", "none.toml"], 2, "none.toml"),
        (vec!["--listen", "nowhere"], 2, "invalid"),
    ] {
        let mut call = folder.provost(&["serve"]);
        let has = |flag: &str| arguments.contains(&flag);
        if !has("--listen") {
            call = call.args(["--listen", "127.0.0.1:0"]);
        }
        if !has("--store") {
            call = call.args(["--store", LOG]);
        }
        let output = call.args(&arguments).run().expect(code);
        assert!(output.stderr.contains(words), "{arguments:?}: {}", output.stderr);
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let folder = configured("");
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let call = folder.provost(&["serve", "--store", LOG, "--listen", &taken]);
    let report = call.report(1);
    assert_eq!(report["error"]["code"], "server");
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.contains(&taken) && detail.contains("--listen"), "{detail}");
}
