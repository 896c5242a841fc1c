//! The queue's file: what it holds, what it refuses, and what it never drops.

use crate::remote::{Bare, Clone};
use crate::world::{accepted, failure, key, success, tag};
use provost_manifest::{ArtifactKind, Pushed};
use serde_json::{Value, json};
use std::fs;

/// A clone whose push was refused, so that its queue holds run 7 of v1.
fn queued() -> (Bare, Clone) {
    let bare = Bare::new();
    let clone = bare.clone_of();
    let artifacts = clone.manifests().artifacts();
    let path = artifacts.write(&tag("v1"), ArtifactKind::Provenance, b"\xff\x00{}").unwrap();
    let mut entry = success(7, "v1");
    entry.artifact = path.as_str().to_owned();
    clone.record(entry);
    refused(&bare, &clone);
    (bare, clone)
}

fn refused(bare: &Bare, clone: &Clone) -> Pushed {
    bare.hook("pre-receive", "exit 1");
    let pushed = clone.push();
    bare.unhook("pre-receive");
    assert!(!pushed.is_complete());
    pushed
}

fn line(clone: &Clone) -> Value {
    serde_json::from_str(&clone.queue()[0]).unwrap()
}

#[test]
fn a_line_is_enough_on_its_own() {
    let (_, clone) = queued();
    let line = line(&clone);
    assert_eq!(line["schema"], "https://provost.dev/queue/v1");
    assert_eq!(line["day"], "2026-11-23");
    assert_eq!(line["queued_at"], "2026-11-23T12:00:00Z");
    assert_eq!((&line["entry"]["run"], &line["entry"]["tag"]), (&json!("7"), &json!("v1")));
    let file = &line["artifacts"][0];
    assert_eq!(file["path"], "artifacts/slsa/v1/provenance-v1.json");
    assert_eq!(file["base64"], "/wB7fQ==");
    assert!(line["reason"].as_str().unwrap().contains("origin refused the push to main"));
}

#[test]
fn an_entry_is_in_the_queue_once_with_its_newest_word() {
    let (bare, clone) = queued();
    assert_eq!(clone.queue().len(), 1);
    refused(&bare, &clone);
    assert_eq!(clone.queue().len(), 1, "a repeat");
    clone.record_at(accepted(7, "v1", 1), "2026-11-23T13:00:00Z");
    refused(&bare, &clone);
    assert_eq!(clone.queue().len(), 1, "a newer word");
    assert_eq!(line(&clone)["entry"]["decision"], "accepted");
    clone.record(failure(8, "v2", "cancelled"));
    assert_eq!(refused(&bare, &clone).queued, [key(7, "v1"), key(8, "v2")]);
    // Two lines of one key, as two queues put together by hand have them, are one entry.
    let text = fs::read_to_string(clone.queue_file()).unwrap();
    fs::write(clone.queue_file(), text.repeat(2)).unwrap();
    assert!(clone.flush().is_complete());
    assert_eq!((bare.runs(), bare.linear_commits("main")), (vec![7, 8], 2));
}

#[test]
fn what_is_not_understood_is_kept_and_told_with_its_place() {
    let (bare, clone) = queued();
    let good = fs::read_to_string(clone.queue_file()).unwrap();
    let newer = good.replace("queue/v1", "queue/v2");
    let strange = "no json\n";
    fs::write(clone.queue_file(), format!("{strange}{good}{newer}")).unwrap();
    let pushed = clone.flush();
    assert_eq!(bare.runs(), [7], "the good line is pushed");
    assert!(!pushed.is_complete() && pushed.failure.is_none());
    let places: Vec<(usize, &str)> =
        pushed.problems.iter().map(|problem| (problem.line, problem.code.as_str())).collect();
    assert_eq!(places, [(1, "malformed-json"), (3, "invalid-value")]);
    assert_eq!(fs::read_to_string(clone.queue_file()).unwrap(), format!("{strange}{newer}"));
    assert_eq!(clone.flush().problems.len(), 2, "and stays");
}

#[test]
fn a_line_that_was_never_finished_is_left_out_and_told() {
    let (bare, clone) = queued();
    let good = fs::read_to_string(clone.queue_file()).unwrap();
    for cut in [1, 20, good.len() / 2, good.len() - 2] {
        fs::write(clone.queue_file(), format!("{good}{}", &good[..cut])).unwrap();
        let pushed = clone.flush();
        assert!(pushed.is_complete(), "{cut}: {pushed:?}");
        assert_eq!((pushed.cut_off.len(), pushed.cut_off[0].line), (1, 2), "{cut}");
        assert_eq!(bare.runs(), [7]);
        assert!(!clone.queue_file().exists());
    }
    // A whole line without its line feed is a line.
    fs::write(clone.queue_file(), good.trim_end()).unwrap();
    let pushed = clone.flush();
    assert!(pushed.is_complete() && pushed.cut_off.is_empty(), "{pushed:?}");
}

#[test]
fn hostile_lines_are_refused_with_their_place() {
    let (bare, clone) = queued();
    let good = line(&clone);
    let tip = bare.tip("main");
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 19] = [
        ("artifact-path", |line| line["artifacts"][0]["path"] = "../../etc/passwd".into()),
        ("artifact-path", |line| line["artifacts"][0]["path"] = "/etc/passwd".into()),
        ("artifact-path", |line| line["artifacts"][0]["path"] = ".git/config".into()),
        ("artifact-path", |line| {
            line["artifacts"][0]["path"] = "artifacts/slsa/v1/../../../.git/config".into();
        }),
        ("artifact-path", |line| {
            line["artifacts"][0]["path"] = "artifacts/slsa/v2/provenance-v2.json".into();
        }),
        ("artifact-path", |line| {
            line["artifacts"][0]["path"] = "artifacts/slsa/v1/other.json".into();
        }),
        ("artifact-path", |line| {
            let file = line["artifacts"][0].clone();
            line["artifacts"].as_array_mut().unwrap().push(file);
        }),
        ("artifact-path", |line| {
            line["entry"]["artifact"] = "artifacts/slsa/v2/provenance-v2.json".into();
        }),
        ("invalid-tag", |line| line["entry"]["tag"] = "--upload-pack=x".into()),
        ("invalid-tag", |line| line["entry"]["tag"] = "v1\nx".into()),
        ("invalid-run", |line| line["entry"]["run"] = "-1".into()),
        ("contradiction", |line| line["entry"]["status"] = "failure".into()),
        ("not-a-date", |line| line["day"] = "../2026-11-23".into()),
        ("wrong-day", |line| line["day"] = "2026-11-24".into()),
        ("invalid-value", |line| line["artifacts"][0]["base64"] = "?".into()),
        ("invalid-value", |line| line["more"] = 1.into()),
        ("missing-key", |line| drop(line.as_object_mut().unwrap().remove("entry"))),
        ("missing-key", |line| drop(line.as_object_mut().unwrap().remove("artifacts"))),
        ("invalid-timestamp", |line| line["queued_at"] = "now".into()),
    ];
    for (code, change) in cases {
        let mut line = good.clone();
        change(&mut line);
        fs::write(clone.queue_file(), format!("\n{line}\n")).unwrap();
        let pushed = clone.flush();
        let found: Vec<&str> =
            pushed.problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(found, [code], "{line}");
        assert_eq!((pushed.problems[0].line, pushed.problems[0].column > 0), (2, true), "{line}");
        assert_eq!(pushed.problems[0].file, "out/provenance/queue.jsonl");
        assert_eq!(bare.tip("main"), tip, "{line}");
        assert_eq!(clone.queue().len(), 2, "kept: {line}");
    }
    fs::write(clone.queue_file(), format!("{good}\n")).unwrap();
    assert!(clone.flush().is_complete());
}

#[test]
fn the_queue_is_no_link() {
    let (bare, clone) = queued();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    fs::remove_file(clone.queue_file()).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), clone.queue_file()).unwrap();
    let error = provost_manifest::push(
        &clone.manifests(),
        &crate::remote::target(),
        crate::world::time(crate::world::NOON),
    );
    assert!(error.unwrap_err().to_string().contains("is a symbolic link"));
    assert_eq!(fs::read(elsewhere.path()).unwrap(), b"");
    assert_eq!(bare.linear_commits("main"), 1);
}
