//! `explain`, and the page that is made of the same texts.

use crate::program::Provost;
use provost_policy::check::registry;
use provost_workflow_audit::rules;

#[test]
fn every_check_explains_itself() {
    let list = Provost::new(["explain"]).run().expect(0).stdout;
    assert_eq!(list.lines().count(), registry().count() + rules().count());
    for info in registry() {
        let id = info.id.as_str();
        let text = Provost::new(["explain", id]).run().expect(0).stdout;
        assert!(text.starts_with(&format!("{id}\n\n  {}\n", info.question)), "{text}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&text).contains(&words(info.meaning)), "{text}");
        assert!(words(&text).contains(&words(info.mend)), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 92), "{text}");
        assert!(list.contains(&format!("{id:24}  {}\n", info.question)), "{id}");
        let json = Provost::new(["explain", id, "--format", "json"]).run().expect(0).json();
        assert_eq!(json["id"], id);
        assert_eq!(json["mend"], info.mend);
    }
}

#[test]
fn an_unknown_check_gets_the_nearest_one_suggested() {
    for (code, near) in [
        ("source_ref", "source-ref"),
        ("builder-identity", "builder-"),
        ("subject", "subject-digest"),
        ("xyz", "`provost explain` lists them"),
        ("", "`provost explain` lists them"),
    ] {
        let output = Provost::new(["explain", code]).run().expect(2);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains(near), "{code}: {}", output.stderr);
    }
}

#[test]
fn the_page_of_checks_lists_exactly_these() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/checks.md");
    let text = std::fs::read_to_string(page).unwrap();
    let heading = |line: &'static str| line.strip_prefix("### `")?.strip_suffix('`');
    let listed: Vec<&str> = text.leak().lines().filter_map(heading).collect();
    let mut listed_sorted = listed.clone();
    listed_sorted.sort_unstable();
    let mut ids: Vec<&str> = registry().map(|info| info.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(listed_sorted, ids);
}

#[test]
fn every_rule_of_the_audit_explains_itself() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let page = std::fs::read_to_string(page).unwrap();
    for info in rules() {
        let text = Provost::new(["explain", info.id]).run().expect(0).stdout;
        assert!(text.starts_with(&format!("{}\n\n  {}\n", info.id, info.summary)), "{text}");
        assert!(page.contains(&format!("## `{}`\n\n**{}**\n", info.id, info.summary)));
    }
}
