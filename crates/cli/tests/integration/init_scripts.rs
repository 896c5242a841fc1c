//! The scripts in the workflows that `provost init` writes, run by the bash that a runner would
//! start.

use crate::init::Checkout;
use crate::runner::{Runner, script_of};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The files that `provost init` writes, by path.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let checkout = Checkout::of("https://github.com/acme/app");
    let arguments = ["--build", "make dist", "--artifacts", "dist/*", "more/**/*.txt"];
    checkout.init(&arguments).run().expect(0);
    checkout.files()
});

/// The script of the first step of that name.
pub(crate) fn script(workflow: &str, step: &str) -> String {
    let path = format!(".github/workflows/{workflow}");
    let (_, text) = FILES.iter().find(|(found, _)| *found == path).unwrap();
    script_of(text, step, 10)
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let output =
        Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// The tag that the plan decides on with these tags there, or its complaint.
fn plan(tags: &[&str], variables: &[(&str, &str)]) -> Result<String, String> {
    let script = script("release.yml", "Decide the tag");
    let runner = Runner::new();
    let work = runner.path("work");
    git(&work, &["init", "--quiet"]);
    git(&work, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
    for tag in tags {
        git(&work, &["tag", tag]);
    }
    let mut all = vec![
        ("GIVEN_TAG", ""),
        ("DRY_RUN", "false"),
        ("GITHUB_REF_TYPE", "branch"),
        ("GITHUB_REF_NAME", "main"),
        ("GITHUB_SHA", "1234567890123456789012345678901234567890"),
    ];
    all.extend(variables);
    let output = runner.run(&script, &all);
    match output.status.success() {
        true => Ok(runner.outputs()),
        false => Err(String::from_utf8(output.stdout).unwrap()),
    }
}

#[test]
fn the_plan_takes_the_next_patch_version_after_the_newest() {
    let next = |tags: &[&str]| plan(tags, &[]).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(next(&[]), "tag=v0.1.0");
    assert_eq!(next(&["v1.2.3"]), "tag=v1.2.4");
    assert_eq!(next(&["v1.9.0", "v1.10.9", "v1.2.99"]), "tag=v1.10.10");
    assert_eq!(next(&["v1.2.08", "v1.2.8-rc.1", "v9", "vx.y.z", "w2.0.0"]), "tag=v1.2.9");
}

#[test]
fn the_plan_takes_the_tag_that_is_given_or_pushed() {
    let given = plan(&["v1.0.0"], &[("GIVEN_TAG", "v2.0.0-rc.1+b")]).unwrap();
    assert_eq!(
        given,
        "tag=v2.0.0-rc.1+b\nmake_tag=true\nrelease_url=https://github.com/acme/app/releases/tag/v2.0.0-rc.1+b\n"
    );
    let there = plan(&["v1.0.0"], &[("GIVEN_TAG", "v1.0.0"), ("DRY_RUN", "true")]).unwrap();
    assert!(there.contains("make_tag=false"), "a tag never moves: {there}");
    let pushed = [("GITHUB_REF_TYPE", "tag"), ("GITHUB_REF_NAME", "v1.0.0")];
    assert!(plan(&["v1.0.0"], &pushed).unwrap().starts_with("tag=v1.0.0\nmake_tag=false\n"));
}

#[test]
fn the_plan_refuses_a_tag_that_is_no_file_name() {
    let long = format!("v{}", "1".repeat(128));
    for tag in [
        "1.0.0",
        "v",
        "v1/2",
        "v1 2",
        "v1..2",
        "v1.lock",
        "v1.",
        "v$(id)",
        "v1;id",
        "v`id`",
        "v1\nx=y",
        "v\u{e9}",
        "--upload-pack=x",
        &long,
    ] {
        let refused = plan(&[], &[("GIVEN_TAG", tag)]).expect_err(tag);
        assert!(refused.starts_with("error: the tag must be v"), "{refused}");
    }
    assert!(plan(&[], &[("GIVEN_TAG", &long[..128])]).is_ok());
}

#[test]
fn a_job_reports_single_lines_of_harmless_characters() {
    let script = script("release.yml", "Say what this job came to");
    let runner = Runner::new();
    let variables = [
        ("EVENT_NAME", "release"),
        ("TAG", "v1\nadmin=true\r::set-output name=x::y##[add-mask]z$(id)`id`"),
        ("RUN_ID", "77"),
        ("RELEASE_URL", "https://github.com/acme/app/releases/tag/v1"),
        ("STATUS", "success"),
    ];
    let output = runner.run(&script, &variables);
    assert!(output.status.success(), "{output:?}");
    let expected = "event_name=release\n\
        tag=v1admin=true::set-outputname=x::yadd-maskzidid\n\
        run_id=77\n\
        release_url=https://github.com/acme/app/releases/tag/v1\n\
        status=success\n";
    assert_eq!(runner.outputs(), expected);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let output = runner.run(&script, &[("DISPATCH_TAG", "v1"), ("TAG", &"x".repeat(9999))]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with("dispatch_tag=v1\nevent_name=\ntag=xxx"), "{shown}");
    assert!(shown.len() < 1000, "{}", shown.len());
}

const ARTIFACTS: &str = "dist/*\nmore/**/*.txt\n";

fn collect(files: &[&str], artifacts: &str) -> (Runner, Output) {
    let script = script("slsa-builder.yml", "Collect the files of the release");
    let runner = Runner::new();
    for file in files {
        runner.write(file, file);
    }
    let output = runner.run(&script, &[("ARTIFACTS", artifacts)]);
    (runner, output)
}

#[test]
fn exactly_the_files_that_match_are_collected() {
    let files = ["dist/app-1.0.tar.gz", "dist/app_b+c", "more/a/b/n.txt", "more/n.md", "x.txt"];
    let (runner, output) = collect(&files, ARTIFACTS);
    assert!(output.status.success(), "{output:?}");
    let release = runner.path("temp/release");
    let mut names: Vec<_> =
        std::fs::read_dir(&release).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["app-1.0.tar.gz", "app_b+c", "n.txt"]);
    assert_eq!(std::fs::read_to_string(release.join("n.txt")).unwrap(), "more/a/b/n.txt");
    let (_, output) = collect(&["a b/c.txt"], "a b/*\n");
    assert!(output.status.success(), "a blank is part of a pattern: {output:?}");
}

#[test]
fn odd_files_end_the_build() {
    for (files, artifacts, complaint) in [
        (&["dist/a"][..], ARTIFACTS, "no file matches more/**/*.txt"),
        (&[], "dist/*\n", "no file matches"),
        (&["dist/a b", "more/n.txt"], ARTIFACTS, "GitHub would rename it"),
        (&["dist/.hidden", "more/n.txt"], "dist/.h*\n", "GitHub would rename it"),
        (&["dist/$(id)"], "dist/*\n", "GitHub would rename it"),
        (&["dist/n.txt", "more/n.txt"], ARTIFACTS, "two files are called n.txt"),
        (&["dist/sub/n.txt"], "dist/*\n", "is no regular file"),
        (&["$(touch pwned)"], "$(touch pwned)\n", "GitHub would rename it"),
    ] {
        let (runner, output) = collect(files, artifacts);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success() && said.contains(complaint), "{files:?}: {said}");
        assert!(!runner.path("work/pwned").exists());
    }
    let script = script("slsa-builder.yml", "Collect the files of the release");
    let runner = Runner::new();
    std::fs::create_dir(runner.path("work/dist")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", runner.path("work/dist/link")).unwrap();
    let output = runner.run(&script, &[("ARTIFACTS", "dist/*\n")]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("is no regular file"));
}

#[test]
fn the_files_of_all_builds_lie_side_by_side_with_their_digests() {
    let script = script("slsa-builder.yml", "Lay the files side by side");
    let runner = Runner::new();
    runner.write("built/built-a/one", "1");
    runner.write("built/built-b/two", "2");
    let output = runner.run(&script, &[]);
    assert!(output.status.success(), "{output:?}");
    let one = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  one";
    let two = "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35  two";
    assert_eq!(
        runner.outputs(),
        format!("digests<<end-of-digests\n{one}\n{two}\nend-of-digests\n")
    );
    // One artifact is unpacked without a folder of its own.
    let runner = Runner::new();
    runner.write("built/one", "1");
    assert!(runner.run(&script, &[]).status.success());
    assert!(runner.path("work/release/one").exists());
}

#[test]
fn two_builds_may_not_make_the_same_file() {
    let script = script("slsa-builder.yml", "Lay the files side by side");
    for (first, second) in [("one", "one"), ("one", "t wo"), ("one", "-x")] {
        let runner = Runner::new();
        runner.write(&format!("built/built-a/{first}"), "1");
        runner.write(&format!("built/built-b/{second}"), "2");
        let output = runner.run(&script, &[]);
        assert!(!output.status.success(), "{first} {second}: {output:?}");
    }
}

#[test]
fn provenance_is_made_on_the_tag_and_for_its_own_release_alone() {
    let script = script("slsa-provenance.yml", "Refuse a tag that this run is not on");
    let url = "https://github.com/acme/app/releases/tag/v1.0.0";
    let run = |tag: &str, git_ref: &str, url: &str| {
        let variables = [("TAG", tag), ("GITHUB_REF", git_ref), ("RELEASE_URL", url)];
        Runner::new().run(&script, &variables).status.success()
    };
    assert!(run("v1.0.0", "refs/tags/v1.0.0", url));
    assert!(run("v1.0.0", "refs/tags/v1.0.0", ""));
    for (tag, git_ref, url) in [
        ("v1.0.0", "refs/heads/main", url),
        ("v1.0.0", "refs/heads/v1.0.0", url),
        ("v1.0.0", "refs/tags/v1.0.1", url),
        ("v1.0.1", "refs/tags/v1.0.1", url),
        ("v1.0.0", "refs/tags/v1.0.0", "https://evil.example/acme/app/releases/tag/v1.0.0"),
        ("v1/0", "refs/tags/v1/0", ""),
        ("", "refs/tags/", ""),
    ] {
        assert!(!run(tag, git_ref, url), "{tag} {git_ref} {url}");
    }
}

/// What `provost manifest add` is called with when the jobs before ended so.
fn entry(context: &str, provenance: &str, has_bundle: bool) -> String {
    let script = script("slsa-provenance.yml", "Add the entry");
    let runner = Runner::new();
    runner.stand_in("provost", "printf '[%s]' \"$@\" >called\n");
    if has_bundle {
        runner.write("../temp/provenance/artifacts/slsa/v1/provenance-v1.json", "{}");
    }
    let output = runner.run(
        &script,
        &[
            ("TAG", "v1"),
            ("RELEASE_URL", ""),
            ("CONTEXT", context),
            ("PROVENANCE", provenance),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(runner.path("work/called")).unwrap()
}

#[test]
fn only_provenance_whose_bundle_is_there_is_recorded_as_a_success() {
    let success = entry("success", "success", true);
    let head = "[manifest][add][--run][77][--attempt][2][--tag][v1][--repository][acme/app][--release-url][]";
    assert!(success.starts_with(head), "{success}");
    assert!(success.ends_with("[--status][success]"), "{success:?}");
    for (context, provenance, has_bundle, reason) in [
        ("success", "success", false, "provenance success, but its bundle is missing"),
        ("success", "failure", true, "context success, provenance failure"),
        ("success", "cancelled", false, "context success, provenance cancelled"),
        ("failure", "skipped", false, "context failure, provenance skipped"),
        ("success", "", true, "context success, provenance "),
    ] {
        let called = entry(context, provenance, has_bundle);
        let expected = format!("{head}[--status][failure][--failure-reason][{reason}]");
        assert_eq!(called, expected);
    }
}

#[test]
fn a_record_is_pushed_or_queued_or_the_job_fails() {
    let (_, release) = FILES.iter().find(|(path, _)| path.ends_with("/release.yml")).unwrap();
    let (_, step) = release.split_once("- name: Queue the record\n").unwrap();
    let (_, line) = step.split_once(" run: ").unwrap();
    let script = line.lines().next().unwrap();
    for (push, queue, succeeds) in
        [("exit 0", "", true), ("exit 1", "{}\n", true), ("exit 1", "", false)]
    {
        let runner = Runner::new();
        runner.stand_in("provost", push);
        runner.write("out/provenance/queue.jsonl", queue);
        assert_eq!(runner.run(script, &[]).status.success(), succeeds, "{push} {queue:?}");
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
fn a_tag_that_is_proven_is_not_dispatched_again() {
    if !has_jq() {
        println!("not checked here: the run that has proven a tag (jq is not installed)");
        return;
    }
    let script = script("release.yml", "Find the run that has proven the tag");
    let run_id = |provost: &str| {
        let runner = Runner::new();
        runner.stand_in("provost", provost);
        let output = runner.run(&script, &[("TAG", "v1")]);
        output.status.success().then(|| runner.outputs())
    };
    let entries = |entries: &str| run_id(&format!("echo '{entries}'")).unwrap();
    assert_eq!(entries("[]"), "run_id=\n");
    assert_eq!(entries(r#"[{"run":"9","status":"failure"}]"#), "run_id=\n");
    let several = r#"[{"run":"9","status":"success"},{"run":"10","status":"success"},{"run":"11","status":"failure"}]"#;
    assert_eq!(entries(several), "run_id=10\n");
    // Not being able to look is no "none".
    assert_eq!(run_id("exit 1"), None);
    assert_eq!(run_id("echo not json"), None);
    assert_eq!(run_id(r#"echo '[{"run":"x\ny=z","status":"success"}]'"#), None);
}

fn has_jq() -> bool {
    Command::new("jq").arg("--version").output().is_ok()
}

#[test]
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
fn the_job_that_is_patched_in_takes_the_tag_of_the_event_or_of_the_ref() {
    if !has_jq() {
        println!("not checked here: the tag of a patched workflow (jq is not installed)");
        return;
    }
    let checkout = Checkout::of("https://github.com/acme/app");
    checkout.write(".github/workflows/release.yml", "jobs:\n  a:\n    runs-on: x\n");
    checkout.init(&["--patch", "--build", "make"]).run().expect(0);
    let script = script_of(&checkout.read(".github/workflows/release.yml"), "Find the tag", 10);
    let find = |event: &str, ref_name: &str| {
        let runner = Runner::new();
        runner.write("event.json", event);
        let variables = [("GITHUB_EVENT_PATH", "event.json"), ("GITHUB_REF_NAME", ref_name)];
        let output = runner.run(&script, &variables);
        output.status.success().then(|| runner.outputs())
    };
    for (event, ref_name, tag) in [
        ("{}", "v1.0.0", "v1.0.0"),
        (r#"{"inputs":{"tag":"v2.0.0"}}"#, "main", "v2.0.0"),
        (r#"{"inputs":null,"release":{"tag_name":"v3.0.0"}}"#, "v3.0.0", "v3.0.0"),
        (r#"{"inputs":{"tag":""}}"#, "v1.0.0", "v1.0.0"),
    ] {
        assert_eq!(find(event, ref_name).as_deref(), Some(&*format!("tag={tag}\n")), "{event}");
    }
    for (event, ref_name) in [
        ("{}", "main"),
        (r#"{"inputs":{"tag":"v1\nx=y"}}"#, "v1.0.0"),
        (r#"{"inputs":{"tag":"v1;id"}}"#, "v1.0.0"),
        (r#"{"inputs":{"tag":["v1"]}}"#, "v1.0.0"),
        ("not json", "v1.0.0"),
    ] {
        assert_eq!(find(event, ref_name), None, "{event}");
    }
}
