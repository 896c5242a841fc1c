//! Lint: each problem with file, line, column and code.

use crate::world::{DAY, NOON, World, refused, success, time};
use provost_manifest::{LintCode, LintProblem, lint_files, render};

const OTHER_DAY: &str = "docs/reports/2026-11-24/manifest.json";

/// Two sound entries, lines 2 to 9 and 10 to 17.
fn two() -> String {
    render(&[success(9, "v1"), success(10, "v1")])
}

fn places(problems: &[LintProblem]) -> Vec<(&str, usize, usize, &'static str)> {
    problems
        .iter()
        .map(|found| (&*found.file, found.line, found.column, found.code.as_str()))
        .collect()
}

fn lint(text: &str) -> Vec<(usize, usize, &'static str)> {
    let world = World::new();
    world.write(DAY, text);
    let problems = world.manifests().lint().unwrap();
    for problem in &problems {
        assert_eq!(problem.file, DAY);
        assert!(!problem.message.is_empty() && !problem.help.is_empty());
        assert!(!problem.to_string().contains('\n'), "{problem}");
    }
    places(&problems).into_iter().map(|(_, line, column, code)| (line, column, code)).collect()
}

#[test]
fn what_provost_writes_is_clean() {
    assert_eq!(lint(&two()), []);
    assert_eq!(lint("[]\n"), []);
    assert_eq!(World::new().manifests().lint().unwrap(), []);
}

#[test]
fn entries_out_of_order_are_told_at_the_later_one() {
    let swapped = render(&[success(10, "v1"), success(9, "v1")]);
    assert_eq!(lint(&swapped), [(10, 3, "unsorted")]);
    let by_tag = render(&[success(9, "v2"), success(9, "v10")]);
    assert_eq!(lint(&by_tag), [(10, 3, "unsorted")]);
}

#[test]
fn each_contradiction_is_told_at_its_key() {
    let text = render(&[refused(9, "v1", 1)]);
    assert_eq!(lint(&text), []);
    let success = text.replacen("\"failure\"", "\"success\"", 1);
    let found = [(5, 5, "contradiction"), (9, 5, "contradiction"), (19, 5, "contradiction")];
    assert_eq!(lint(&success), found);
    let without_reason = text.replacen("    \"failure_reason\": \"refused: source-ref\",\n", "", 1);
    assert_eq!(lint(&without_reason), [(5, 5, "contradiction")]);
    let accepted = text.replacen("\"refused\"", "\"accepted\"", 1);
    assert_eq!(lint(&accepted), [(19, 5, "contradiction")]);
}

#[test]
fn an_artifact_path_of_another_tag_is_told() {
    let with = |path: &str| {
        let artifact = format!("\"artifact\": \"{path}\"");
        two().replacen("\"artifact\": \"\"", &artifact, 1)
    };
    assert_eq!(lint(&with("artifacts/slsa/v1/provenance-v1.json")), []);
    for wrong in [
        "artifacts/slsa/v2/provenance-v2.json",
        "artifacts/slsa/v1/../v2/x.json",
        "/etc/passwd",
        "provenance-v1.json",
    ] {
        assert_eq!(lint(&with(wrong)), [(6, 5, "artifact-path")], "{wrong}");
    }
}

#[test]
fn a_layout_of_its_own_is_told_at_the_first_difference() {
    for (wrong, wanted) in [
        (two().replacen("    \"tag\"", "\t\"tag\"", 1), (4, 1)),
        (two().replacen("\"tag\": \"v1\"", "\"tag\":\"v1\"", 1), (4, 11)),
        (two().trim_end().to_owned(), (18, 2)),
        (two() + "\n", (19, 1)),
        (two().replace('\n', "\r\n"), (1, 2)),
        (two().replacen("\"v1\"", "\"\\u00761\"", 1), (4, 13)),
        (two().replacen("12:00:00Z", "12:00:00.0Z", 1), (8, 41)),
        (two().replacen("12:00:00Z", "13:00:00+01:00", 1), (8, 34)),
    ] {
        let found = lint(&wrong);
        assert_eq!(found, [(wanted.0, wanted.1, "not-canonical")], "{wrong}");
    }
}

#[test]
fn all_problems_of_a_file_are_told_together_and_in_order() {
    let text = two()
        .replacen("\"success\"", "\"ok\"", 1)
        .replacen("\"run\": \"10\"", "\"run\": 10", 1)
        .replacen("\"release_url\": \"\"", "\"url\": \"\"", 1);
    let found = [(2, 3, "missing-key"), (5, 15, "invalid-value"), (11, 12, "invalid-run")];
    assert_eq!(lint(&text), found);
    assert_eq!(lint("["), [(1, 2, "malformed-json")]);
}

#[test]
fn an_entry_in_two_files_is_told_at_the_second() {
    let world = World::new();
    world.write(DAY, &two());
    world.write(OTHER_DAY, &render(&[success(10, "v1")]).replace(NOON, "2026-11-24T12:00:00Z"));
    let problems = world.manifests().lint().unwrap();
    assert_eq!(places(&problems), [(OTHER_DAY, 2, 3, "duplicate-entry")]);
    assert_eq!(
        problems[0].to_string(),
        format!(
            "{OTHER_DAY}:2:3: duplicate-entry: run 10 and tag \"v1\" stand already at {DAY}:10:3; \
             merge the two into the first and remove the other"
        )
    );
}

#[test]
fn an_outcome_before_its_day_is_told_and_one_after_it_is_not() {
    let world = World::new();
    world.write(OTHER_DAY, &two());
    let problems = world.manifests().lint().unwrap();
    let wrong = [(OTHER_DAY, 8, 5, "wrong-day"), (OTHER_DAY, 16, 5, "wrong-day")];
    assert_eq!(places(&problems), wrong);
    let before = World::new();
    before.write("docs/reports/2026-11-22/manifest.json", &two());
    assert_eq!(before.manifests().lint().unwrap(), []);
}

#[test]
fn a_folder_that_is_no_date_is_told_only_when_it_has_a_manifest() {
    let world = World::new();
    world.write("docs/reports/README.md", "words");
    world.write("docs/reports/charts/a.svg", "<svg/>");
    world.write("docs/reports/2026-11-23/.provost-1.tmp", "half");
    assert_eq!(world.manifests().lint().unwrap(), []);
    for folder in ["2026-02-30", "2026-1-1", "latest"] {
        let path = format!("docs/reports/{folder}/manifest.json");
        world.write(&path, &two());
        let problems = world.manifests().lint().unwrap();
        assert_eq!(places(&problems), [(&*path, 1, 1, "not-a-date")]);
        std::fs::remove_file(world.root().join(path)).unwrap();
    }
}

#[test]
fn files_are_linted_by_name_as_well() {
    let world = World::new();
    world.write(DAY, &two());
    world.write(OTHER_DAY, "[]");
    let paths = [DAY, OTHER_DAY].map(|path| world.root().join(path));
    let problems = lint_files(&paths).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, LintCode::NotCanonical);
    assert_eq!(problems[0].file, paths[1].display().to_string());
    let problems = lint_files(&[world.root().join("docs/reports/none/manifest.json")]);
    assert!(problems.is_err());
    world.write("x.json", &two());
    let problems = lint_files(&[world.root().join("x.json")]).unwrap();
    assert_eq!(problems[0].code, LintCode::NotADate);
}

#[test]
fn recording_mends_the_order_and_the_layout_of_the_file() {
    let world = World::new();
    let compact: serde_json::Value = serde_json::from_str(&two()).unwrap();
    world.write(DAY, &compact.to_string());
    assert_eq!(world.manifests().lint().unwrap().len(), 1);
    world.manifests().record(success(1, "v1"), time(NOON)).unwrap();
    assert_eq!(world.manifests().lint().unwrap(), []);
}
