//! `provost manifest publish` against a bucket that is told what to say.

use crate::program::{Output, Provost};
use provost_testkit::scripted_server::{Reply, ScriptedServer, answer};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

const KEY: &str = "sb_secret_0123456789abcdef";
const DAYS: [&str; 2] = ["2026-11-22", "2026-11-23"];
const ABSENT: &str = r#"{"statusCode":"404","error":"not_found","message":"Object not found"}"#;

/// A folder with the manifests of two days, and a configuration that names a bucket.
struct Publishing {
    folder: TempDir,
}

impl Publishing {
    fn to(bucket: &str) -> Self {
        let publishing = Self { folder: tempfile::tempdir().unwrap() };
        let root = publishing.root();
        let config = format!(
            "[source]\nrepository = \"github.com/acme/app\"\n[manifest]\ndocs_bucket_url = \
             \"{bucket}\"\n"
        );
        std::fs::write(root.join("provost.toml"), config).unwrap();
        for day in DAYS {
            let folder = root.join("docs/reports").join(day);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("manifest.json"), manifest(day)).unwrap();
        }
        publishing
    }

    fn at(server: &ScriptedServer) -> Self {
        Self::to(&server.url("/storage/v1/object/docs"))
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn publish(&self, arguments: &[&str]) -> Provost {
        Provost::new(["manifest", "publish"])
            .args(arguments)
            .cwd(self.root())
            .env("PROVOST_TEST_NO_PAUSE", "1")
            .env("PROVOST_DOCS_KEY", KEY)
    }
}

fn manifest(day: &str) -> String {
    format!(
        r#"[
  {{
    "run": "7",
    "tag": "v-{day}",
    "status": "success",
    "artifact": "",
    "release_url": "",
    "validated_at": "{day}T12:00:00Z"
  }}
]
"#
    )
}

fn says(status: u16, body: &str) -> Reply {
    answer(status, &["content-type: application/json"], body)
}

fn states(output: &Output) -> Vec<String> {
    let document: Value = output.json();
    let files = document["files"].as_array().unwrap();
    files.iter().map(|file| file["state"].as_str().unwrap().to_owned()).collect()
}

/// Method and path of every request.
fn lines(requests: &[String]) -> Vec<&str> {
    requests.iter().map(|request| request.split(" HTTP").next().unwrap()).collect()
}

#[test]
fn what_the_bucket_does_not_hold_is_uploaded_as_it_stands() {
    let replies = vec![
        says(200, &manifest(DAYS[0])),
        says(400, ABSENT),
        says(200, r#"{"Key":"docs/docs/reports/2026-11-23/manifest.json"}"#),
    ];
    let server = ScriptedServer::start(replies);
    let publishing = Publishing::at(&server);
    let output = publishing.publish(&["--format", "json"]).run().expect(0);
    assert_eq!(states(&output), ["unchanged", "uploaded"]);
    let requests = server.requests();
    let object = "docs/docs/reports";
    assert_eq!(
        lines(&requests),
        [
            format!("GET /storage/v1/object/authenticated/{object}/2026-11-22/manifest.json"),
            format!("GET /storage/v1/object/authenticated/{object}/2026-11-23/manifest.json"),
            format!("POST /storage/v1/object/{object}/2026-11-23/manifest.json"),
        ]
    );
    let upload = requests[2].to_ascii_lowercase();
    for header in ["x-upsert: true", "content-type: application/json"] {
        assert!(upload.contains(&format!("\r\n{header}\r\n")), "{upload}");
    }
    for request in &requests {
        assert!(request.contains(&format!("Bearer {KEY}")), "{request}");
    }
    assert!(requests[2].ends_with(&format!("\r\n\r\n{}", manifest(DAYS[1]))));
    assert!(!format!("{}{}", output.stdout, output.stderr).contains(KEY));
}

#[test]
fn a_file_that_differs_in_one_byte_is_uploaded_and_404_is_absent_too() {
    let replies = vec![
        says(200, &manifest(DAYS[0]).replace("v-", "w-")),
        says(200, "{}"),
        says(404, "{}"),
        says(200, "{}"),
    ];
    let server = ScriptedServer::start(replies);
    let output = Publishing::at(&server).publish(&["--format", "json"]).run().expect(0);
    assert_eq!(states(&output), ["uploaded", "uploaded"]);
    server.requests();
}

#[test]
fn a_day_or_all_days_are_uploaded_without_a_look() {
    for (arguments, count) in [(&["--all"][..], 2), (&["--day", "2026-11-22"], 1)] {
        let server = ScriptedServer::start(vec![says(200, "{}"); count]);
        let output = Publishing::at(&server).publish(arguments).run().expect(0);
        let size = manifest(DAYS[0]).len();
        let line = format!("uploaded   docs/reports/2026-11-22/manifest.json  {size} bytes\n");
        assert!(output.stdout.starts_with(&line), "{}", output.stdout);
        let requests = server.requests();
        assert!(lines(&requests).iter().all(|line| line.starts_with("POST ")));
    }
}

#[test]
fn the_first_failure_ends_it_and_is_said() {
    let refusal = r#"{"statusCode":"403","error":"Unauthorized","message":"signature \u001b[31m verification failed"}"#;
    for (replies, said) in [
        (vec![says(403, refusal)], "the bucket answered 403: signature \\u{1b}[31m verification"),
        (vec![says(200, "[]"), says(413, "{}")], "the bucket answered 413\n"),
        (vec![answer(302, &["location: http://127.0.0.1:1/"], "")], "the bucket answered 302\n"),
    ] {
        let server = ScriptedServer::start(replies);
        let output = Publishing::at(&server).publish(&[]).run().expect(1);
        let (first, rest) = output.stdout.split_once("\n").unwrap();
        assert!(first.starts_with("failed"), "{}", output.stdout);
        assert!(rest.trim_start().starts_with(said), "{}", output.stdout);
        assert!(output.stdout.contains("not-tried  docs/reports/2026-11-23/manifest.json"));
        assert!(output.stderr.contains("publish again"), "{}", output.stderr);
        assert!(!format!("{}{}", output.stdout, output.stderr).contains(KEY));
        server.requests();
    }
}

#[test]
fn a_bucket_that_is_away_is_an_error_and_a_repeat_goes_on() {
    let server = ScriptedServer::start(vec![says(200, &manifest(DAYS[0])), Reply::HangsUp]);
    let publishing = Publishing::at(&server);
    // What broke while it was read is asked again; by then nobody listens.
    let output = publishing.publish(&["--format", "json"]).run().expect(1);
    assert_eq!(states(&output), ["unchanged", "failed"]);
    server.requests();
}

#[test]
fn nothing_is_sent_when_it_cannot_be_asked_for() {
    let server = ScriptedServer::always(says(200, "{}"));
    let publishing = Publishing::at(&server);
    let provost = || publishing.publish(&[]);
    let without_key = Provost::new(["manifest", "publish"]).cwd(publishing.root()).run().expect(2);
    assert!(without_key.stderr.contains("PROVOST_DOCS_KEY"), "{}", without_key.stderr);
    publishing.publish(&["--day", "2026-02-30"]).run().expect(2);
    publishing.publish(&["--day", "2026-11-22", "--all"]).run().expect(2);
    let absent = publishing.publish(&["--day", "2026-11-21"]).run().expect(3);
    assert!(absent.stderr.contains("docs/reports/2026-11-21/manifest.json"), "{}", absent.stderr);
    provost().args(["--root", "nowhere"]).run().expect(1);
    let day = publishing.root().join("docs/reports/2026-11-23/manifest.json");
    std::fs::write(&day, "[{}]").unwrap();
    provost().run().expect(1);
    std::fs::remove_dir_all(publishing.root().join("docs")).unwrap();
    provost().run().expect(3);
    std::fs::write(
        publishing.root().join("provost.toml"),
        "[source]\nrepository = \"github.com/acme/app\"\n",
    )
    .unwrap();
    let unnamed = provost().run().expect(2);
    assert!(unnamed.stderr.contains("[manifest].docs_bucket_url"), "{}", unnamed.stderr);
    assert!(server.stop().is_empty(), "a request was sent");
}

#[test]
fn the_key_may_stand_in_a_file_and_is_masked_in_a_job() {
    let server = ScriptedServer::start(vec![says(200, "{}")]);
    let publishing = Publishing::at(&server);
    let file = publishing.root().join("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let output = Provost::new(["manifest", "publish", "--day", "2026-11-22"])
        .cwd(publishing.root())
        .env("PROVOST_DOCS_KEY_FILE", &file)
        .env("GITHUB_ACTIONS", "true")
        .run()
        .expect(0);
    assert!(output.stderr.contains(&format!("::add-mask::{KEY}\n")), "{}", output.stderr);
    assert!(!output.stdout.contains(KEY));
    assert!(server.requests()[0].contains(&format!("Bearer {KEY}")));
}
