//! `provost init --patch`: one job more in workflows that are there already.

use crate::init::Checkout;
use crate::program::Provost;
use serde_json::Value;

const RELEASE: &str = ".github/workflows/release.yml";
const AUDIT: &str = ".github/workflows/security-audit.yml";
const PROVENANCE: &str = ".github/workflows/slsa-provenance.yml";
const WEEKLY: &str = ".github/workflows/ci-weekly-report.yml";

const EXISTING: &str = "\
# Ours since 2019; please keep the odd  spacing.
name:   release
on: { push: { tags: [ 'v*' ] } }
jobs:
  build:   # makes it
    runs-on: ubuntu-latest
    steps:
      - run: |
          make

  upload:
    needs: build
    runs-on: ubuntu-latest
    steps: [ { run: './upload' } ]
";

/// A repository with workflows of its own, as many have them.
fn grown() -> Checkout {
    let checkout = Checkout::of("https://github.com/acme/app");
    for (path, text) in [
        (RELEASE, EXISTING),
        (AUDIT, "name: audit\non: push\njobs:\n  audit:\n    runs-on: x\n    steps: []"),
        (PROVENANCE, "name: provenance\n"),
        (WEEKLY, "name: weekly\non: push\njobs:\n  report:\n    runs-on: x\n    steps: []\n"),
    ] {
        checkout.write(path, text);
    }
    checkout
}

fn patch(checkout: &Checkout) -> Provost {
    checkout.init(&["--patch", "--build", "make", "--format", "json"])
}

/// The file's state and reason.
fn state(report: &Value, path: &str) -> (String, String) {
    let files = report["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["path"] == path).unwrap();
    let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

#[test]
fn jobs_are_added_and_every_byte_is_kept() {
    let checkout = grown();
    let report = patch(&checkout).run().expect(11).json();
    for path in [RELEASE, AUDIT, WEEKLY] {
        assert_eq!(state(&report, path).0, "patched", "{report}");
    }
    // What only provost writes is compared as a whole.
    assert_eq!(state(&report, PROVENANCE).0, "differs");
    let release = checkout.read(RELEASE);
    let added = release.strip_prefix(EXISTING).expect("the old text stands first");
    assert!(added.starts_with("\n  # Added by `provost init --patch`"), "{added}");
    assert!(added.contains("\n  slsa-provenance-dispatch:\n"));
    assert!(added.contains("\n    needs: [build, upload]\n"));
    assert_eq!(added.matches("secrets.").count(), 1);
    let audit = checkout.read(AUDIT);
    assert!(audit.starts_with(
        "name: audit\non: push\njobs:\n  audit:\n    runs-on: x\n    steps: []\n\n  #"
    ));
    assert!(audit.contains("    uses: ./.github/workflows/security-provenance.yml"));
    assert_eq!(checkout.read(PROVENANCE), "name: provenance\n");
    let weekly = checkout.read(WEEKLY);
    assert!(weekly.starts_with("name: weekly\non: push\njobs:\n  report:\n"), "{weekly}");
    assert!(weekly.contains("run: provost reconcile --since 7d --silent"), "{weekly}");
    // The diff has nothing but additions.
    let files = report["files"].as_array().unwrap();
    let diff = files.iter().find(|file| file["path"] == RELEASE).unwrap()["diff"].as_str().unwrap();
    assert!(diff.lines().skip(2).all(|line| !line.starts_with('-')), "{diff}");
}

#[test]
fn a_second_patch_changes_nothing() {
    let checkout = grown();
    patch(&checkout).run().expect(11);
    let before = [RELEASE, AUDIT].map(|path| checkout.read(path));
    let report = patch(&checkout).run().expect(11).json();
    assert_eq!(state(&report, RELEASE).0, "unchanged");
    assert_eq!([RELEASE, AUDIT].map(|path| checkout.read(path)), before);
    // What init itself has written needs no patch.
    let checkout = Checkout::of("https://github.com/acme/app");
    patch(&checkout).run().expect(0);
    let report = patch(&checkout).run().expect(0).json();
    assert_eq!(state(&report, RELEASE).0, "unchanged");
}

#[test]
fn a_dry_run_shows_the_patch_and_writes_nothing() {
    let checkout = grown();
    let output = checkout.init(&["--patch", "--dry-run"]).run().expect(11);
    assert!(
        output.stdout.contains("would patch  .github/workflows/release.yml"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("+  slsa-provenance-dispatch:\n"), "{}", output.stdout);
    assert_eq!(checkout.read(RELEASE), EXISTING);
}

#[test]
fn a_file_that_cannot_be_patched_is_left_alone_with_the_reason() {
    for (from, to, reason) in [
        ("jobs:", "jobs: {", "line 4: the jobs are not in block style"),
        ("jobs:", "job:", "no top-level `jobs:`"),
        ("  upload:", "\tupload:", "line 11 is indented with a tab"),
        ("  upload:", " upload:", "line 11: its jobs are not indented by two blanks"),
    ] {
        let checkout = grown();
        let text = EXISTING.replace(from, to);
        checkout.write(RELEASE, &text);
        let report = patch(&checkout).run().expect(11).json();
        let (found, because) = state(&report, RELEASE);
        assert_eq!(found, "refused", "{report}");
        assert!(because.contains(reason), "{because}");
        assert_eq!(checkout.read(RELEASE), text);
        let output = checkout.init(&["--patch", "--force"]).run().expect(11);
        assert!(output.stdout.contains(reason), "{}", output.stdout);
        assert_eq!(checkout.read(RELEASE), text, "--force is for files that differ");
    }
}
