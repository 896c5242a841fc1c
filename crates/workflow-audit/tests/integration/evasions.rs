//! Spellings that hide from readers: the same answer as the plain one, or a refusal with its place.

use crate::repository::{one, rules_of, several};
use provost_workflow_audit::{Input, audit};

const PLAIN: &str = "\
on:
  pull_request_target:
permissions: {}
jobs:
  a:
    runs-on: x
    permissions:
      contents: write
    steps:
      - uses: some/action@main
      - run: |
          echo '${{ github.event.pull_request.title }}'
          gh workflow run nothing.yml || true
        env:
          GH_TOKEN: ${{ github.token }}
";

fn expected() -> Vec<&'static str> {
    rules_of(&one("a.yml", PLAIN))
}

#[track_caller]
fn assert_same(name: &str, text: &str) {
    assert_eq!(rules_of(&one("a.yml", text)), expected(), "{name}:\n{text}");
}

#[test]
fn the_plain_spelling_is_found_out() {
    let expected = expected();
    for rule in [
        "dangling-reference",
        "missing-permission",
        "swallowed-failure",
        "unpinned-action",
        "untrusted-expression",
    ] {
        assert!(expected.contains(&rule), "{rule}: {expected:?}");
    }
}

#[test]
fn quoted_keys_and_values_are_keys_and_values() {
    assert_same("on", &PLAIN.replace("on:\n", "\"on\":\n"));
    assert_same("on in single quotes", &PLAIN.replace("on:\n", "'on':\n"));
    let quoted = PLAIN
        .replace("permissions:\n", "'permissions':\n")
        .replace("contents: write", "\"contents\": 'write'");
    assert_same("permissions", &quoted);
    assert_same("uses", &PLAIN.replace("uses: some/action@main", "\"uses\": \"some/action@main\""));
    assert_same(
        "escapes",
        &PLAIN.replace("uses: some/action@main", "\"\\x75ses\": \"some/\\u0061ction@main\""),
    );
    assert_same("tags", &PLAIN.replace("contents: write", "contents: !!str write"));
    assert_same(
        "question mark",
        &PLAIN.replace("      contents: write", "      ? contents\n      : write"),
    );
}

#[test]
fn flow_style_is_block_style() {
    assert_same(
        "on",
        &PLAIN.replace("on:\n  pull_request_target:\n", "on: [pull_request_target]\n"),
    );
    assert_same(
        "one event",
        &PLAIN.replace("on:\n  pull_request_target:\n", "on: pull_request_target\n"),
    );
    assert_same(
        "permissions",
        &PLAIN.replace(
            "    permissions:\n      contents: write\n",
            "    permissions: {contents: write}\n",
        ),
    );
    assert_same("step", &PLAIN.replace("- uses: some/action@main", "- {uses: some/action@main}"));
    assert_same("byte order mark", &format!("\u{feff}{PLAIN}"));
    assert_same("carriage returns", &PLAIN.replace('\n', "\r\n"));
    assert_same("document start", &format!("---\n{PLAIN}"));
}

#[test]
fn anchors_are_what_they_stand_for() {
    let anchored = PLAIN
        .replace(
            "permissions: {}\n",
            "permissions: {}\nenv:\n  X: &grant write\n  Y: &action some/action@main\n",
        )
        .replace("contents: write", "contents: *grant")
        .replace("uses: some/action@main", "uses: *action");
    assert_same("scalars", &anchored);
    let steps = PLAIN.replace("    steps:\n", "    steps: &steps\n")
        + "  b:\n    runs-on: x\n    permissions:\n      contents: write\n    steps: *steps\n";
    assert_same("sequence", &steps);
}

#[test]
fn what_github_does_not_take_is_refused_with_its_place() {
    let refused = |text: &str| {
        let audit = audit(&one("a.yml", text));
        let finding = audit.findings.iter().find(|f| f.rule == "unparseable-workflow");
        finding.map(|finding| (finding.spot.place.line, finding.message.clone()))
    };
    let merged = PLAIN
        .replace("permissions: {}\n", "permissions: &p {contents: write}\n")
        .replace("      contents: write\n", "      <<: *p\n");
    assert_eq!(refused(&merged).unwrap().0, 8);
    let boolean = PLAIN.replace("on:\n", "true:\n");
    assert!(refused(&boolean).is_some_and(|(_, message)| message.contains("`true` is no key")));
    let mut bomb = "x0: &x0 [a,a,a,a,a,a,a,a,a]\n".to_owned();
    for level in 1..10 {
        bomb.push_str(&format!(
            "x{level}: &x{level} [{}]\n",
            vec![format!("*x{}", level - 1); 9].join(",")
        ));
    }
    assert!(
        refused(&format!("{bomb}{PLAIN}"))
            .is_some_and(|(line, message)| line < 10 && message.contains("20000"))
    );
    assert!(refused(&format!("{PLAIN}---\n{PLAIN}")).is_some());
    assert!(
        refused(&PLAIN.replace("contents: write", "contents: write\n      Contents: read"))
            .is_some()
    );
    assert!(refused(&format!("x: {}", "[".repeat(5000))).is_some());
}

/// The same steps behind a reusable workflow, in an action, and in a matrix.
#[test]
fn nesting_hides_nothing() {
    let called = "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - run: gh workflow run nothing.yml || true\n        env:\n          GH_TOKEN: ${{ github.token }}\n";
    let middle = "on: workflow_call\njobs:\n  m:\n    uses: ./.github/workflows/b.yml\n";
    let top = "on: push\njobs:\n  t:\n    permissions:\n      contents: read\n    uses: ./.github/workflows/m.yml\n";
    let nested = several(&[
        (".github/workflows/t.yml", top),
        (".github/workflows/m.yml", middle),
        (".github/workflows/b.yml", called),
    ]);
    let found = rules_of(&nested);
    for rule in ["missing-permission", "swallowed-failure", "dangling-reference"] {
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
    let matrix = "on: push\njobs:\n  a:\n    runs-on: x\n    permissions:\n      contents: read\n    strategy:\n      matrix:\n        verb: [run]\n        file: [nothing.yml]\n    steps:\n      - run: gh workflow ${{ matrix.verb }} ${{ matrix.file }} || true\n        env:\n          GH_TOKEN: ${{ github.token }}\n";
    let found = rules_of(&one("a.yml", matrix));
    for rule in ["missing-permission", "swallowed-failure", "dangling-reference"] {
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
}

#[test]
fn write_all_of_a_caller_is_seen_in_the_called() {
    let called = "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - uses: some/action@main\n";
    let top =
        "on: push\npermissions: write-all\njobs:\n  t:\n    uses: ./.github/workflows/b.yml\n";
    let input: Input =
        several(&[(".github/workflows/t.yml", top), (".github/workflows/b.yml", called)]);
    let found = rules_of(&input);
    assert!(
        found.contains(&"unpinned-action") && found.contains(&"excess-permission"),
        "{found:?}"
    );
}
