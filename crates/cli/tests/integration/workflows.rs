//! `workflows`: formats, exit codes, documents.

use crate::program::Provost;
use std::path::Path;

const GOOD: &str = "# purpose: Test.\n# doc: README.md\nname: ci\non: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    permissions: {}\n    steps:\n      - run: make\n";
const BAD: &str = "name: ci\non: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    permissions: {}\n    steps:\n      - run: gh workflow run ci.yml || true\n        env:\n          GH_TOKEN: ${{ github.token }}\n";

fn repository(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let workflows = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("ci.yml"), text).unwrap();
    folder
}

fn workflows(verb: &str, folder: &Path, flags: &[&str]) -> Provost {
    let path = folder.to_str().unwrap();
    Provost::new([&["workflows", verb, path], flags].concat())
}

#[test]
fn the_exit_code_says_whether_something_was_found() {
    let (good, bad) = (repository(GOOD), repository(BAD));
    workflows("audit", good.path(), &[]).run().expect(0);
    let found = workflows("audit", bad.path(), &[]).run().expect(11);
    assert!(found.stdout.contains("error[missing-permission]"), "{}", found.stdout);
    let warned = repository(&GOOD.replace(
        "    permissions: {}\n    steps",
        "    permissions:\n      checks: write\n    steps",
    ));
    workflows("audit", warned.path(), &[]).run().expect(0);
    workflows("audit", warned.path(), &["--fail-on", "warning"]).run().expect(11);
}

#[test]
fn what_cannot_be_read_is_no_clean_result() {
    let empty = tempfile::tempdir().unwrap();
    workflows("audit", empty.path(), &[]).run().expect(3);
    workflows("audit", &empty.path().join("nothing"), &[]).run().expect(1);
    let linked = repository(GOOD);
    let link = linked.path().join(".github/workflows/link.yml");
    std::os::unix::fs::symlink("ci.yml", link).unwrap();
    let output = workflows("audit", linked.path(), &["--format", "json"]).run().expect(1);
    let report = output.json();
    assert_eq!(report["error"]["code"], "unread-file");
    assert_eq!(report["files"][0]["verdict"], "parsed");
}

#[test]
fn the_json_report_follows_its_schema() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/audit.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let (bad, empty) = (repository(BAD), tempfile::tempdir().unwrap());
    for (folder, code) in [(bad.path(), 11), (empty.path(), 3)] {
        let flags = ["--format", "json", "--secret", "GITHUB_TOKEN"];
        let report = workflows("audit", folder, &flags).run().expect(code).json();
        let problems: Vec<String> = schema.iter_errors(&report).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(report["schema"], "https://provost.dev/audit/v1");
    }
}

#[test]
fn sarif_and_annotations_carry_the_same_rules() {
    let bad = repository(BAD);
    let sarif = workflows("audit", bad.path(), &["--format", "sarif"]).run().expect(11).json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let annotations =
        workflows("audit", bad.path(), &["--format", "github"]).run().expect(11).stdout;
    for result in results {
        let rule = result["ruleId"].as_str().unwrap();
        assert!(annotations.contains(&format!("title={rule}::")), "{rule}: {annotations}");
    }
    Provost::new(["kpi", "--format", "sarif"]).run().expect(2);
}

#[test]
fn documents_are_written_once_and_then_compared() {
    let folder = repository(GOOD);
    workflows("check", folder.path(), &[]).run().expect(11);
    workflows("docs", folder.path(), &[]).run().expect(0);
    workflows("check", folder.path(), &[]).run().expect(0);
    let again = workflows("docs", folder.path(), &[]).run().expect(0).stdout;
    assert!(!again.contains("written"), "{again}");
    let ci = folder.path().join(".github/workflows/ci.yml");
    std::fs::write(&ci, GOOD.replace("  test:", "  tests:")).unwrap();
    let stale = workflows("check", folder.path(), &[]).run().expect(11).stdout;
    assert!(stale.contains("tests"), "{stale}");
    let audit =
        workflows("audit", folder.path(), &["--fail-on", "warning"]).run().expect(11).stdout;
    assert!(audit.contains("warning[stale-docs]"), "{audit}");
}

#[test]
fn a_runbook_that_is_there_gets_one_block_of_links() {
    let folder = repository(GOOD);
    let runbook = folder.path().join("docs/ops/INCIDENT_RUNBOOK.md");
    std::fs::create_dir_all(runbook.parent().unwrap()).unwrap();
    std::fs::write(&runbook, "# Ours\n\nCall Ada.\n").unwrap();
    for _ in 0..2 {
        workflows("docs", folder.path(), &[]).run().expect(0);
        let text = std::fs::read_to_string(&runbook).unwrap();
        assert!(text.starts_with("# Ours\n\nCall Ada.\n"), "{text}");
        assert_eq!(text.matches("links, begin").count(), 1, "{text}");
    }
}

#[test]
fn a_diagram_that_cannot_be_drawn_says_what_to_install() {
    let folder = repository(GOOD);
    let shown = workflows("diagram", folder.path(), &[]).run().expect(0).stdout;
    assert!(shown.contains("flowchart LR"), "{shown}");
    let output = workflows("diagram", folder.path(), &["--render", "svg"]).env("PATH", "").run();
    assert!(output.expect(1).stderr.contains("npm install --global @mermaid-js/mermaid-cli"));
}
