//! The scripts in the workflows that talk to GitHub, with a stand-in for `gh`.

use crate::init_scripts::script;
use crate::runner::Runner;
use std::io::Write;
use std::process::Output;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_published_release_is_never_made_a_draft_again() {
    let script = script("release.yml", "Refuse a tag that was published before");
    let answer = |gh: &str| {
        let runner = Runner::new();
        runner.stand_in("gh", gh);
        runner.run(&script, &[("TAG", "v1.0.0")])
    };
    assert!(answer("echo 'gh: Not Found (HTTP 404)' >&2; exit 1").status.success());
    let published = answer("echo https://github.com/acme/app/releases/tag/v1.0.0");
    assert!(!published.status.success() && said(&published).contains("is published already"));
    for unknown in ["HTTP 403: rate limit", "HTTP 502", "connection reset"] {
        let output = answer(&format!("echo '{unknown}' >&2; exit 1"));
        assert!(!output.status.success(), "not being able to look is no permission: {unknown}");
        assert!(said(&output).contains(unknown), "{output:?}");
    }
}

#[test]
fn files_are_attached_to_a_draft_and_to_nothing_else() {
    let script = script("release.yml", "Attach them");
    for (draft, attached) in [("true", true), ("false", false), ("", false)] {
        let runner = Runner::new();
        runner.write("release/app", "x");
        let gh = format!("if [[ $2 == view ]]; then echo {draft}; else echo \"$*\" >uploaded; fi");
        runner.stand_in("gh", &gh);
        let output = runner.run(&script, &[("TAG", "v1.0.0")]);
        assert_eq!(output.status.success(), attached, "{draft}: {output:?}");
        let uploaded = std::fs::read_to_string(runner.path("work/uploaded")).unwrap_or_default();
        let expected = if attached { "release upload v1.0.0 release/app --clobber\n" } else { "" };
        assert_eq!(uploaded, expected);
    }
}

/// A zip archive with one file.
fn archive(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Downloads one queue: the archive, the digest and size that are told of it, and where its run
/// comes from.
fn queues(archive: &[u8], digest: &str, size: &str, origin: &str) -> (Runner, Output) {
    let runner = Runner::new();
    std::fs::write(runner.path("archive"), archive).unwrap();
    let gh = format!(
        "case $* in\n\
         *name=provenance-queue'&'*) echo '7 77 {size} {digest}' ;;\n\
         *name=provenance-queue-notify*) ;;\n\
         *actions/runs/77*) echo '{origin}' ;;\n\
         *actions/artifacts/7/zip*) cat '{}' ;;\n\
         *) exit 1 ;;\n\
         esac\n",
        runner.path("archive").display()
    );
    runner.stand_in("gh", &gh);
    let output =
        runner.run(&script("provenance-nightly.yml", "Download the queues of earlier runs"), &[]);
    (runner, output)
}

const OWN_RUN: &str = "workflow_dispatch .github/workflows/slsa-provenance.yml";

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", provost_control::sha256_hex(bytes))
}

fn has_unzip() -> bool {
    std::process::Command::new("unzip").arg("-v").output().is_ok()
}

#[test]
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
fn a_queue_of_an_own_run_is_downloaded() {
    if !has_unzip() {
        println!("not checked here: the queues of the nightly workflow (unzip is not installed)");
        return;
    }
    let good = archive("queue.jsonl", "{}\n");
    for origin in [
        OWN_RUN,
        "push .github/workflows/release.yml",
        "schedule .github/workflows/provenance-nightly.yml",
    ] {
        let (runner, output) = queues(&good, &digest(&good), "99", origin);
        assert!(output.status.success(), "{output:?}");
        let queue = std::fs::read_to_string(runner.path("temp/queues/7/queue.jsonl")).unwrap();
        assert_eq!(queue, "{}\n");
    }
}

#[test]
fn a_queue_of_any_other_run_is_left_out() {
    let good = archive("queue.jsonl", "{}\n");
    for origin in [
        "pull_request .github/workflows/slsa-provenance.yml",
        "push .github/workflows/evil.yml",
        "workflow_dispatch .github/workflows/slsa-provenance.yml.yml",
        "workflow_dispatch .github/workflows/slsa-provenance-yml",
        "",
    ] {
        let (runner, output) = queues(&good, &digest(&good), "99", origin);
        assert!(output.status.success() && said(&output).starts_with("left out: "), "{output:?}");
        assert!(!runner.path("temp/queues/7").exists(), "{origin}");
    }
}

#[test]
fn a_queue_that_is_not_what_github_keeps_ends_the_job() {
    let good = archive("queue.jsonl", "{}\n");
    let other = digest(b"other");
    for (digest, size) in [(other.as_str(), "99"), ("none", "99"), (&digest(&good), "10000001")] {
        let (runner, output) = queues(&good, digest, size, OWN_RUN);
        assert!(!output.status.success(), "{digest} {size}: {output:?}");
        assert!(!runner.path("temp/queues/7").exists());
    }
    let climbing = archive("../queue.jsonl", "{}\n");
    let (runner, output) = queues(&climbing, &digest(&climbing), "99", OWN_RUN);
    assert!(!output.status.success(), "{output:?}");
    assert!(!runner.path("temp/queue.jsonl").exists());
}
