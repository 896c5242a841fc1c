//! `workflows audit --actions-dir`: checkouts of actions of others are followed, and no further.

use crate::program::{Output, Provost};
use std::path::Path;

/// Uses an action that is in no table.
const WORKFLOW: &str = "\
name: ci
on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
      - uses: acme/tool@3d3c42e5aac5ba805825da76410c181273ba90b1
";

/// Starts a workflow, which needs more than the job has.
const ACTION: &str = "\
name: tool
runs:
  using: composite
  steps:
    - shell: bash
      env:
        GH_TOKEN: ${{ github.token }}
      run: gh workflow run ci.yml
";

fn repository(workflow: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), ".github/workflows/ci.yml", workflow);
    folder
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn audit(repository: &Path, actions: &Path) -> Provost {
    let (repository, actions) = (repository.to_str().unwrap(), actions.to_str().unwrap());
    Provost::new(["workflows", "audit", repository, "--actions-dir", actions, "--format", "json"])
}

fn rules(report: &serde_json::Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn an_action_that_is_there_is_followed() {
    let (folder, actions) = (repository(WORKFLOW), tempfile::tempdir().unwrap());
    put(actions.path(), "acme/tool/action.yml", ACTION);
    let report = audit(folder.path(), actions.path()).run().expect(11).json();
    assert!(rules(&report).contains(&"missing-permission"), "{report:#}");
    assert!(!rules(&report).contains(&"undetermined-permission"), "{report:#}");
    assert_eq!(report["jobs"][0]["needed"]["actions"], "write");
    let finding = report["findings"].as_array().unwrap().iter();
    let mut places = finding.filter(|finding| finding["rule"] == "missing-permission");
    assert_eq!(places.next().unwrap()["file"], ".github/workflows/ci.yml");
    assert_eq!(report["files"].as_array().unwrap().len(), 1, "nothing is reported of the action");
}

#[test]
fn an_action_in_a_folder_of_its_repository_is_found_without_regard_to_case() {
    let workflow = WORKFLOW.replace("acme/tool@", "Acme/Tools/start@");
    let (folder, actions) = (repository(&workflow), tempfile::tempdir().unwrap());
    put(actions.path(), "acme/tools/start/action.yaml", ACTION);
    let report = audit(folder.path(), actions.path()).run().expect(11).json();
    assert!(rules(&report).contains(&"missing-permission"), "{report:#}");
}

#[test]
fn an_action_that_is_not_there_is_undetermined_unless_the_table_knows_it() {
    let (folder, actions) = (repository(WORKFLOW), tempfile::tempdir().unwrap());
    put(actions.path(), "acme/other/action.yml", ACTION);
    let report = audit(folder.path(), actions.path()).run().expect(0).json();
    assert!(rules(&report).contains(&"undetermined-permission"), "{report:#}");
    assert_eq!(report["jobs"][0]["undetermined"][0], "`acme/tool`");
    let known = repository(&WORKFLOW.replace("acme/tool@", "actions/checkout@"));
    let report = audit(known.path(), actions.path()).run().expect(0).json();
    assert!(!rules(&report).contains(&"undetermined-permission"), "{report:#}");
    assert_eq!(report["jobs"][0]["needed"]["contents"], "read");
}

#[test]
fn a_hostile_action_is_undetermined_and_hides_nothing() {
    let bomb = {
        let mut bomb = "x0: &x0 [a,a,a,a,a,a,a,a,a]\n".to_owned();
        for level in 1..10 {
            let aliases = vec![format!("*x{}", level - 1); 9].join(",");
            bomb.push_str(&format!("x{level}: &x{level} [{aliases}]\n"));
        }
        bomb
    };
    let own_call = ACTION.to_owned() + &"    - uses: acme/tool@v1\n".repeat(9);
    let long = "#".repeat((1 << 20) + 1);
    let broken = ["[", "\u{0}", "name: x\nname: y\n", "runs: 3\n", &bomb, &long];
    for (number, hostile) in broken.into_iter().chain([own_call.as_str()]).enumerate() {
        let workflow = WORKFLOW.to_owned() + "      - run: git push\n";
        let (folder, actions) = (repository(&workflow), tempfile::tempdir().unwrap());
        put(actions.path(), "acme/tool/action.yml", hostile);
        let report = audit(folder.path(), actions.path()).run().expect(11).json();
        let found = rules(&report);
        assert!(found.contains(&"undetermined-permission"), "{number}: {report:#}");
        assert!(found.contains(&"missing-permission"), "{number}: {report:#}");
    }
}

/// What lies beside the folder is never read, however it is named.
#[test]
fn no_name_leads_out_of_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "tool/action.yml", ACTION);
    put(outside.path(), "dir/acme/other/action.yml", ACTION);
    for name in ["acme/../../tool@v1", "../tool@v1", "acme/other/../../../tool@v1"] {
        let folder = repository(
            &WORKFLOW.replace("acme/tool@3d3c42e5aac5ba805825da76410c181273ba90b1", name),
        );
        let report = audit(folder.path(), &outside.path().join("dir")).run().expect(0).json();
        assert!(!rules(&report).contains(&"missing-permission"), "{name}: {report:#}");
        assert!(rules(&report).contains(&"undetermined-permission"), "{name}: {report:#}");
    }
    let local = repository(
        &WORKFLOW.replace("acme/tool@3d3c42e5aac5ba805825da76410c181273ba90b1", "./../outside"),
    );
    let beside = local.path().parent().unwrap().join("outside");
    assert!(!beside.exists());
    let report = audit(local.path(), outside.path()).run().expect(0).json();
    assert!(rules(&report).contains(&"dangling-reference"), "{report:#}");
}

#[track_caller]
fn assert_refused(outcome: Output, path: &str) {
    let report = outcome.expect(1).json();
    assert_eq!(report["error"]["code"], "unread-file", "{report:#}");
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.contains(path) && detail.contains("symbolic link"), "{detail}");
    assert!(!rules(&report).contains(&"missing-permission"), "{report:#}");
}

#[test]
fn a_link_is_named_and_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "action.yml", ACTION);
    let link = |target: &Path, place: &Path| {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, place).unwrap();
    };
    let folder = repository(WORKFLOW);

    let file = tempfile::tempdir().unwrap();
    link(&outside.path().join("action.yml"), &file.path().join("acme/tool/action.yml"));
    assert_refused(audit(folder.path(), file.path()).run(), "acme/tool/action.yml");

    let repository_link = tempfile::tempdir().unwrap();
    link(outside.path(), &repository_link.path().join("acme/tool"));
    assert_refused(audit(folder.path(), repository_link.path()).run(), "acme/tool");

    // The same in the repository itself.
    let own = repository(
        &WORKFLOW.replace("acme/tool@3d3c42e5aac5ba805825da76410c181273ba90b1", "./tool"),
    );
    link(outside.path(), &own.path().join("tool"));
    assert_refused(audit(own.path(), outside.path()).run(), "tool/action.yml");
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = repository(WORKFLOW);
    let outcome = audit(folder.path(), &folder.path().join("nowhere")).run().expect(1);
    assert_eq!(outcome.json()["error"]["code"], "unreadable-folder");
}
