//! `manifest push` and `manifest flush`: screens, exit codes, step outputs.

use crate::program::{Output, Provost};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A bare repository and a clone of it with one entry.
struct Pushing {
    bare: TempDir,
    clone: TempDir,
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Pushing {
    fn new() -> Self {
        let (bare, clone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        git(bare.path(), &["init", "--quiet", "--bare", "--initial-branch=main"]);
        git(clone.path(), &["clone", "--quiet", bare.path().to_str().unwrap(), "."]);
        git(clone.path(), &["commit", "--quiet", "--allow-empty", "--message", "begin"]);
        git(clone.path(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        let pushing = Self { bare, clone };
        pushing.add("7", "v1");
        pushing
    }

    fn provost(&self, arguments: &[&str]) -> Provost {
        Provost::new(arguments).cwd(self.clone.path())
    }

    fn add(&self, run: &str, tag: &str) {
        let entry = ["manifest", "add", "--run", run, "--tag", tag, "--status", "success"];
        self.provost(&entry).run().expect(0);
    }

    fn push(&self) -> Provost {
        self.provost(&["manifest", "push"])
    }

    fn flush(&self) -> Provost {
        self.provost(&["manifest", "flush"])
    }

    fn protect(&self) {
        let hook = self.bare.path().join("hooks/pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, "#!/bin/sh\necho 'the branch is frozen' >&2\nexit 1\n").unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn free(&self) {
        std::fs::remove_file(self.bare.path().join("hooks/pre-receive")).unwrap();
    }

    fn tip(&self, branch: &str) -> String {
        git(self.bare.path(), &["rev-parse", branch])
    }
}

#[test]
fn a_push_says_what_it_recorded_and_a_repeat_that_all_is_there() {
    let pushing = Pushing::new();
    let output = pushing.push().run().expect(0);
    let commit = pushing.tip("main");
    let wanted = format!("pushed 1 entry to main of origin as {commit}\n  run 7, tag v1\n");
    assert_eq!((output.stdout, output.stderr), (wanted, String::new()));
    let output = pushing.push().run().expect(0);
    assert_eq!(output.stdout, "main of origin holds everything already\n");
    assert_eq!(pushing.flush().run().expect(0).stdout, "nothing to push\n");
    let json = pushing.push().args(["--format", "json"]).run().expect(0).json();
    assert_eq!((&json["complete"], &json["commit"]), (&json!(true), &json!(null)));
    assert_eq!((&json["queued"], &json["error"]), (&json!([]), &json!(null)));
}

#[test]
fn a_refused_push_exits_1_says_where_the_queue_is_and_how_to_mend_it() {
    let pushing = Pushing::new();
    pushing.protect();
    let output = pushing.push().run().expect(1);
    for part in [
        "error: not pushed: origin refused the push to main",
        "the branch is frozen",
        "queued: 1 entry in ./out/provenance/queue.jsonl\n  run 7, tag v1\n",
        "to mend it: run `provost manifest flush`",
    ] {
        assert!(output.stdout.contains(part), "{part}: {}", output.stdout);
    }
    let json = pushing.flush().args(["--format", "json"]).run().expect(1).json();
    assert_eq!(
        (&json["complete"], &json["error"]["code"]),
        (&json!(false), &json!("push-refused"))
    );
    assert_eq!(json["queued"], json!([{"run": "7", "tag": "v1"}]));
    pushing.free();
    let output = pushing.flush().run().expect(0);
    assert!(output.stdout.starts_with("pushed 1 entry to main of origin as "), "{output:?}");
}

/// The outputs of a step, as `name=value`.
fn step_outputs(provost: Provost, code: i32) -> (Vec<String>, Output) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let output = provost.args(["--format", "github"]).env("GITHUB_OUTPUT", file.path()).run();
    let text = std::fs::read_to_string(file.path()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let blocks = lines.chunks(3).map(|block| {
        let name = block[0].split("<<").next().unwrap();
        format!("{name}={}", block[1])
    });
    (blocks.collect(), output.expect(code))
}

#[test]
fn a_workflow_learns_whether_to_keep_the_queue() {
    let pushing = Pushing::new();
    pushing.protect();
    let file = tempfile::NamedTempFile::new().unwrap();
    let push = pushing.push().args(["--format", "github"]).env("GITHUB_OUTPUT", file.path());
    let output = push.run().expect(1);
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains("queued<<") && text.contains("\ntrue\n"), "{text}");
    assert!(text.contains("commit<<"), "{text}");
    assert!(
        output.stdout.contains("::error title=provost::not pushed: origin refused"),
        "{output:?}"
    );
    pushing.free();
    let (outputs, _) = step_outputs(pushing.flush(), 0);
    assert_eq!(outputs, ["queued=false".to_owned(), format!("commit={}", pushing.tip("main"))]);
}

#[test]
fn a_queue_from_elsewhere_is_flushed_from_any_clone() {
    let (pushing, other) = (Pushing::new(), TempDir::new().unwrap());
    pushing.protect();
    pushing.push().run().expect(1);
    pushing.free();
    let queue = other.path().join("queue.jsonl");
    std::fs::copy(pushing.clone.path().join("out/provenance/queue.jsonl"), &queue).unwrap();
    std::fs::remove_dir_all(pushing.clone.path().join("out")).unwrap();
    std::fs::remove_dir_all(pushing.clone.path().join("docs")).unwrap();
    let from = other.path().to_str().unwrap();
    let output = pushing.flush().args(["--from", from]).run().expect(0);
    assert!(output.stdout.starts_with("pushed 1 entry"), "{output:?}");
    let output = pushing.flush().args(["--from", from]).run().expect(0);
    assert_eq!(output.stdout, "main of origin holds everything already\n");
    pushing.flush().args(["--from", "nowhere"]).run().expect(1);
}

#[test]
fn remote_and_branch_come_from_flag_environment_and_file() {
    let pushing = Pushing::new();
    let toml = "[source]\nrepository = \"github.com/acme/app\"\n[manifest]\nbranch = \"file\"\n";
    std::fs::write(pushing.clone.path().join("provost.toml"), toml).unwrap();
    pushing.push().run().expect(0);
    pushing.push().env("PROVOST_MANIFEST_BRANCH", "environment").run().expect(0);
    let call = pushing.push().env("PROVOST_MANIFEST_BRANCH", "environment");
    call.args(["--branch", "flag"]).run().expect(0);
    for branch in ["file", "environment", "flag"] {
        assert!(pushing.tip(branch).len() >= 40, "{branch}");
    }
    for wrong in [
        ["--remote", "https://token@example.com/o/r"],
        ["--remote", "../elsewhere"],
        ["--branch", "refs/heads/main"],
        ["--branch", "a..b"],
        ["--config", "none.toml"],
    ] {
        let output = pushing.push().args(wrong).run().expect(2);
        assert_eq!(output.stdout, "", "{wrong:?}");
    }
    let bad = toml.replace("branch = \"file\"", "branch = \"-f\"");
    std::fs::write(pushing.clone.path().join("provost.toml"), bad).unwrap();
    let output = pushing.push().run().expect(2);
    assert!(output.stderr.contains("[manifest].branch"), "{output:?}");
}

#[test]
fn a_line_that_is_not_understood_keeps_the_exit_code_at_1() {
    let pushing = Pushing::new();
    let queue = pushing.clone.path().join("out/provenance/queue.jsonl");
    std::fs::create_dir_all(queue.parent().unwrap()).unwrap();
    std::fs::write(&queue, "\u{1b}[31m::error::x\n").unwrap();
    let output = pushing.push().run().expect(1);
    assert!(output.stdout.contains("error: out/provenance/queue.jsonl:1:1: malformed-json"));
    assert!(!output.stdout.contains('\u{1b}'));
    assert_eq!(std::fs::read_to_string(&queue).unwrap(), "\u{1b}[31m::error::x\n");
    let (outputs, output) = step_outputs(pushing.flush(), 1);
    assert_eq!(outputs[0], "queued=true");
    assert!(!output.stdout.lines().any(|line| line.starts_with("::error::")), "{output:?}");
}

#[test]
fn no_tag_writes_into_the_commit_message() {
    let pushing = Pushing::new();
    let tags =
        ["#1", "]skip-ci", "@everyone", "$(id)", "\u{202e}x", "v\u{2028}x", "closes#1", "a`b`"];
    for (run, tag) in (100..).zip(tags) {
        pushing.add(&run.to_string(), tag);
    }
    pushing.push().run().expect(0);
    let message = git(pushing.bare.path(), &["log", "-1", "--format=%B", "main"]);
    assert_eq!(message.lines().filter(|line| line.starts_with("record ")).count(), 9, "{message}");
    for line in message.lines().filter(|line| !line.is_empty()) {
        let is_ours = line.starts_with("record ") || line == "provenance: record 9 entries";
        let harmless = |char: char| char.is_ascii_alphanumeric() || "._+-% ():".contains(char);
        assert!(is_ours && line.chars().all(harmless), "{line:?}");
    }
    let trailers = ["log", "-1", "--format=%(trailers)", "main"];
    assert_eq!(git(pushing.bare.path(), &trailers), "");
}

#[test]
fn git_sees_no_secret_that_is_for_others() {
    let pushing = Pushing::new();
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    // A git in front of git that writes down its environment.
    let script =
        format!("#!/bin/sh\nenv >>'{}'\nexec '{}' \"$@\"\n", seen.display(), real.display());
    let git = folder.path().join("git");
    std::fs::write(&git, script).unwrap();
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut push = pushing.push().env("PATH", path).env("GITHUB_TOKEN", "canary-own");
    let withheld = ["PROVENANCE_DISPATCH_TOKEN", "OPS_NOTIFY_TOKEN", "SLACK_WEBHOOK_URL"];
    let of_log = [
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "PROVOST_STORE_PASSWORD",
        "PROVOST_STORE_TOKEN",
        "PROVOST_WEBHOOK_SECRET",
        "PROVOST_DOCS_KEY",
    ];
    push = push.env("PROVOST_STORE_URL", "postgres://me:canary-url@127.0.0.1:1/events");
    for name in withheld.iter().chain(&of_log) {
        push = push.env(name, format!("canary-{name}"));
    }
    push.run().expect(0);
    let seen = std::fs::read_to_string(&seen).unwrap();
    // Helpers that know the job's own token need it.
    assert!(seen.contains("GITHUB_TOKEN=canary-own"));
    let others: Vec<&str> = seen
        .lines()
        .filter(|line| line.contains("canary-") && !line.contains("canary-own"))
        .collect();
    assert_eq!(others, [""; 0]);
}
