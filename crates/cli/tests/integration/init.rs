//! `provost init` in repositories of its own.

use crate::program::{Output, Provost};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const WORKFLOWS: [&str; 5] = [
    ".github/workflows/release.yml",
    ".github/workflows/slsa-builder.yml",
    ".github/workflows/slsa-provenance.yml",
    ".github/workflows/security-provenance.yml",
    ".github/workflows/provenance-nightly.yml",
];
const BUILDER: &str = WORKFLOWS[1];
const ORIGIN: &str = "https://github.com/acme/app.git";
const BUILD: [&str; 4] = ["--build", "make dist", "--artifacts", "dist/*"];
const ACTION: &str = "o/r@1234567890123456789012345678901234567890 # v1.0.0";

/// A repository with nothing in it but its remote.
pub(crate) struct Checkout {
    folder: TempDir,
}

impl Checkout {
    pub(crate) fn of(origin: &str) -> Self {
        let checkout = Self::without_origin();
        checkout.git(&["remote", "add", "origin", origin]);
        checkout
    }

    fn without_origin() -> Self {
        let checkout = Self { folder: tempfile::tempdir().unwrap() };
        checkout.git(&["init", "--quiet", "--initial-branch=main"]);
        checkout
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").arg("-C").arg(self.root()).args(arguments).status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn init(&self, arguments: &[&str]) -> Provost {
        Provost::new(["init"]).args(arguments).cwd(self.root())
    }

    /// Every file but git's own, sorted, with its text.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.root()).unwrap().to_str().unwrap().to_owned();
                match path.is_dir() {
                    true if name == ".git" => {}
                    true => folders.push(path),
                    false => files.push((name, std::fs::read_to_string(&path).unwrap())),
                }
            }
        }
        files.sort();
        files
    }
}

pub(crate) fn states(report: &Value) -> Vec<(&str, &str)> {
    let files = report["files"].as_array().unwrap();
    files.iter().map(|f| (f["path"].as_str().unwrap(), f["state"].as_str().unwrap())).collect()
}

pub(crate) fn all_are(report: &Value, state: &str) -> bool {
    states(report).iter().all(|(_, found)| *found == state)
}

pub(crate) fn json(provost: Provost, code: i32) -> Value {
    provost.args(["--format", "json"]).run().expect(code).json()
}

#[test]
fn a_fresh_repository_gets_every_file_and_a_second_call_changes_nothing() {
    let checkout = Checkout::of(ORIGIN);
    let report = json(checkout.init(&BUILD).args(["--action", ACTION]), 0);
    assert_eq!(report["repository"], "github.com/acme/app");
    assert!(all_are(&report, "new"), "{report}");
    assert_eq!(report["notes"], serde_json::json!([]));
    let files = checkout.files();
    let mut expected = WORKFLOWS.to_vec();
    expected.extend(["docs/ops/README.md", "provost.toml"]);
    expected.sort_unstable();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected);
    // Again, with the same words and with none: what was chosen is kept.
    for arguments in [&[&BUILD[..], &["--action", ACTION]].concat()[..], &[]] {
        let report = json(checkout.init(arguments), 0);
        assert!(all_are(&report, "unchanged"), "{report}");
        assert_eq!(checkout.files(), files);
    }
    let output = checkout.init(&[]).run().expect(0);
    assert!(output.stdout.ends_with("github.com/acme/app: up to date\n"), "{}", output.stdout);
    assert_eq!(output.stderr, "");
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = Checkout::of(ORIGIN);
    let output = checkout.init(&BUILD).args(["--dry-run", "-v"]).run().expect(0);
    assert!(output.stdout.contains("would add    provost.toml"), "{}", output.stdout);
    assert!(output.stdout.contains("+name: slsa-builder"), "{}", output.stdout);
    assert!(checkout.files().is_empty());
}

#[test]
fn a_file_that_differs_is_shown_and_left_alone() {
    let checkout = Checkout::of(ORIGIN);
    checkout.write(BUILDER, "name: mine\n");
    let output = checkout.init(&BUILD).run().expect(11);
    assert!(output.stdout.contains("-name: mine\n"), "{}", output.stdout);
    assert!(output.stdout.contains("+name: slsa-builder\n"), "{}", output.stdout);
    assert_eq!(checkout.read(BUILDER), "name: mine\n");
    // The others are there.
    assert_eq!(checkout.files().len(), 7);
    let report = json(checkout.init(&BUILD), 11);
    let differs: Vec<_> = states(&report).into_iter().filter(|(_, s)| *s != "unchanged").collect();
    assert_eq!(differs, [(BUILDER, "differs")]);
    json(checkout.init(&BUILD).args(["--force", "--dry-run"]), 0);
    assert_eq!(checkout.read(BUILDER), "name: mine\n");
    let report = json(checkout.init(&BUILD).arg("--force"), 0);
    assert!(states(&report).contains(&(BUILDER, "overwritten")), "{report}");
    assert!(checkout.read(BUILDER).contains("          make dist\n"));
}

#[test]
fn a_build_command_stands_in_the_builder_as_it_was_given() {
    let checkout = Checkout::of(ORIGIN);
    let command = "for x in 'a: b' \"#c\"; do\n  echo \"$x\" | tee -- \"- $x\"\n\ndone\n";
    let arguments = ["--build", command, "--artifacts", "dist/**/*.zip", "a b/*", "--runner"];
    json(checkout.init(&arguments).args(["ubuntu-24.04", "--runner", "ubuntu-24.04-arm"]), 0);
    let builder = checkout.read(BUILDER);
    let indented: String = command
        .lines()
        .map(|line| if line.is_empty() { "\n".into() } else { format!("          {line}\n") })
        .collect();
    assert!(builder.contains(&format!("        run: |\n{indented}      - name: ")), "{builder}");
    assert!(
        builder.contains("          ARTIFACTS: |\n            dist/**/*.zip\n            a b/*\n")
    );
    assert!(builder.contains("        runner: [ubuntu-24.04, ubuntu-24.04-arm]\n"));
    // A later call with another command differs in that command alone.
    let report = json(checkout.init(&["--build", "make"]), 11);
    assert_eq!(states(&report).iter().filter(|(_, state)| *state == "differs").count(), 1);
}

#[test]
fn hostile_words_are_refused_before_anything_is_written() {
    for arguments in [
        &["--build", ""][..],
        &["--build", "make\u{85}permissions: write-all"],
        &["--build", "echo ${{ secrets.X }}"],
        &["--build", "make \u{202e}x"],
        &["--build", " make"],
        &["--artifacts", "/etc/passwd"],
        &["--artifacts", "../../x"],
        &["--artifacts", "a\n        run: id"],
        &["--runner", "self-hosted"],
        &["--runner", "a], x: [b"],
        &["--action", "o/r@main"],
        &["--trusted-root", "root.json"],
    ] {
        let checkout = Checkout::of(ORIGIN);
        let output = checkout.init(arguments).run().expect(2);
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
        assert!(checkout.files().is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_missing_is_said_and_fails_when_it_is_run() {
    let checkout = Checkout::of(ORIGIN);
    let output = checkout.init(&[]).run().expect(0);
    assert_eq!(output.stderr.matches("warning: ").count(), 2, "{}", output.stderr);
    assert!(checkout.read(BUILDER).contains("          exit 1\n"));
    // The command that was missing is not kept once it is given.
    json(checkout.init(&BUILD).arg("--force"), 0);
    assert!(!checkout.read(BUILDER).contains("          echo \"error: say how"));
}

#[test]
fn every_form_of_a_remote_gives_the_same_files() {
    let with = |origin: &str| {
        let checkout = Checkout::of(origin);
        json(checkout.init(&BUILD), 0);
        checkout.files()
    };
    let expected = with(ORIGIN);
    let forms = ["git@github.com:acme/app.git", "https://x:ghp_canary@github.com/acme/app"];
    for origin in forms {
        assert_eq!(with(origin), expected, "{origin}");
    }
    assert_ne!(with("https://github.com/acme/other"), expected);
}

#[test]
fn a_remote_that_is_no_repository_on_a_server_is_refused_without_its_credentials() {
    for origin in
        ["/srv/app.git", "http://ghp_canary@github.com/acme/app", "https://ghp_canary@h/x"]
    {
        let checkout = Checkout::of(origin);
        let Output { stdout, stderr, .. } = checkout.init(&["--format", "json"]).run().expect(2);
        assert!(!format!("{stdout}{stderr}").contains("ghp_canary"), "{stdout}{stderr}");
        assert!(stdout.contains("the remote `origin` is"), "{stdout}");
        assert!(checkout.files().is_empty());
    }
}

#[test]
fn without_a_repository_or_a_remote_nothing_happens() {
    let folder = tempfile::tempdir().unwrap();
    let provost = Provost::new(["init", "--root"]).arg(folder.path());
    // Whatever lies above the temporary folder is not looked at.
    let above = folder.path().parent().unwrap();
    let output = provost.env("GIT_CEILING_DIRECTORIES", above).run().expect(2);
    assert!(output.stderr.contains("not a git repository"), "{}", output.stderr);
    let checkout = Checkout::without_origin();
    let output = checkout.init(&[]).run().expect(2);
    assert!(output.stderr.contains("git remote add origin"), "{}", output.stderr);
    assert!(checkout.files().is_empty());
}

#[test]
fn no_link_is_followed_out_of_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    for link in [".github", ".github/workflows", ".github/workflows/release.yml", "docs"] {
        let checkout = Checkout::of(ORIGIN);
        let place = checkout.path(link);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(outside.path(), &place).unwrap();
        let output = checkout.init(&BUILD).run().expect(1);
        assert!(output.stderr.contains("is a symbolic link"), "{link}: {}", output.stderr);
        assert!(
            !checkout.path("provost.toml").exists(),
            "{link}: written before all was looked at"
        );
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0, "{link}");
    }
    // A folder in the place of a file is as bad.
    let checkout = Checkout::of(ORIGIN);
    std::fs::create_dir_all(checkout.path("provost.toml")).unwrap();
    checkout.init(&BUILD).run().expect(1);
}

#[test]
fn a_full_disk_leaves_no_half_a_file() {
    let checkout = Checkout::of(ORIGIN);
    // No file may grow, and the signal that would say so is ignored: writing fails.
    let wrapper = ["bash", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""];
    let provost = Provost::under(&wrapper, ["init"]).args(BUILD).cwd(checkout.root());
    let output = provost.run().expect(1);
    assert!(output.stderr.contains("cannot write"), "{}", output.stderr);
    assert!(checkout.files().is_empty());
    checkout.init(&BUILD).run().expect(0);
}

#[test]
#[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
fn a_folder_that_may_not_be_written_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let checkout = Checkout::of(ORIGIN);
    let workflows = checkout.path(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::set_permissions(&workflows, PermissionsExt::from_mode(0o555)).unwrap();
    if std::fs::write(workflows.join("x"), "").is_ok() {
        std::fs::remove_file(workflows.join("x")).unwrap();
        println!("not checked here: init without permission (this user may write everywhere)");
        return;
    }
    let output = checkout.init(&BUILD).run().expect(1);
    assert!(output.stderr.contains("cannot write"), "{}", output.stderr);
}

#[test]
fn every_action_is_pinned_and_no_expression_reaches_a_script() {
    let checkout = Checkout::of(ORIGIN);
    json(checkout.init(&BUILD).args(["--action", ACTION]), 0);
    for path in WORKFLOWS {
        let text = checkout.read(path);
        assert!(text.starts_with("# purpose: "), "{path}");
        assert!(text.contains("\n# doc: docs/ops/README.md\n"), "{path}");
        assert!(text.contains("\npermissions: {}\n"), "{path}");
        let mut script_depth = None;
        for line in text.lines() {
            let depth = line.len() - line.trim_start().len();
            if script_depth.is_some_and(|script| !line.trim().is_empty() && depth <= script) {
                script_depth = None;
            }
            if script_depth.is_some() || line.trim_start().starts_with("run: ") {
                assert!(!line.contains("${{"), "{path}: {line}");
            }
            if line.trim_start() == "run: |" {
                script_depth = Some(depth);
            }
            if let Some((_, used)) = line.split_once("uses: ") {
                assert!(is_pinned(used), "{path}: {line}");
            }
        }
        let jobs = text.matches("    runs-on: ").count();
        assert_eq!(text.matches("    timeout-minutes: ").count(), jobs, "{path}");
        assert_eq!(text.matches("        id: context\n").count(), jobs, "{path}");
        assert_eq!(text.matches("cancel-in-progress: true").count(), 0, "{path}");
    }
}

/// `OWNER/REPO@COMMIT # VERSION`, or a workflow of the repository itself.
fn is_pinned(used: &str) -> bool {
    let Some((_, rest)) = used.split_once('@') else {
        return used.starts_with("./.github/workflows/");
    };
    let (commit, version) = rest.split_once(" # ").unwrap_or_default();
    provost_attestation::git_ref::is_commit(commit) && version.starts_with('v')
}

#[test]
fn secrets_reach_one_step_each() {
    let checkout = Checkout::of(ORIGIN);
    json(checkout.init(&BUILD), 0);
    let texts: Vec<String> = WORKFLOWS.iter().map(|path| checkout.read(path)).collect();
    let all = texts.concat();
    assert_eq!(all.matches("secrets.PROVENANCE_DISPATCH_TOKEN").count(), 1);
    assert!(!all.contains("secrets: inherit"));
    // Each stands in the `env` of a step, and in nothing wider.
    for line in all.lines().filter(|line| line.contains("secrets.")) {
        assert!(line.starts_with("          "), "{line}");
    }
}
