//! One folder a rule: what it accepts, and beside it what it refuses.

use crate::repository::{folder, one, tests};
use provost_wire::v1::AuditFinding;
use provost_workflow_audit::{Audit, Input, Paint, audit, rules, text};
use std::path::Path;

/// The rule that compares documents has its tests where the documents are made.
const ELSEWHERE: [&str; 1] = ["stale-docs"];

fn case(path: &Path) -> Input {
    if path.is_dir() {
        return folder(path);
    }
    let name = path.file_name().unwrap().to_str().unwrap();
    one(name, &std::fs::read_to_string(path).unwrap())
}

fn cases(rule: &str) -> Vec<(String, Input)> {
    let folder = tests().join("rules").join(rule);
    let mut cases: Vec<(String, Input)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), case(&path))
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

/// The findings of one rule alone, as text and as JSON.
fn snapshot(rule: &str, name: &str, mut audit: Audit) {
    audit.findings.retain(|finding| finding.rule == rule);
    let findings: Vec<AuditFinding> = audit.findings.iter().map(AuditFinding::from).collect();
    let json = serde_json::to_string_pretty(&findings).unwrap();
    let text = text(&audit, Paint::Plain);
    let (text, _) = text.split_once("verdict: ").unwrap();
    let path = tests().join("rules").join("snapshots").join(rule);
    insta::with_settings!({snapshot_path => path, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name.to_owned(), format!("{}\n\n{json}", text.trim_end()));
    });
}

#[test]
fn every_rule_accepts_and_refuses_what_its_folder_says() {
    for rule in rules().map(|info| info.id).filter(|id| !ELSEWHERE.contains(id)) {
        let (mut accepted, mut refused) = (0, 0);
        for (name, input) in cases(rule) {
            let audit = audit(&input);
            let found = audit.findings.iter().filter(|finding| finding.rule == rule).count();
            if name.starts_with("accepts") {
                accepted += 1;
                let messages: Vec<&str> = audit
                    .findings
                    .iter()
                    .filter(|finding| finding.rule == rule)
                    .map(|finding| finding.message.as_str())
                    .collect();
                assert_eq!(found, 0, "{rule}/{name}: {messages:?}");
            } else {
                assert!(name.starts_with("refuses"), "{rule}/{name}");
                assert!(found > 0, "{rule}/{name} is accepted");
                refused += 1;
                snapshot(rule, &name, audit);
            }
        }
        assert!(accepted > 0 && refused > 0, "{rule}");
    }
}

#[test]
fn every_rule_explains_itself() {
    for info in rules() {
        assert!(info.summary.ends_with('.') && info.summary.len() < 100, "{}", info.id);
        assert!(!info.mend().is_empty(), "{}", info.id);
        assert!(info.meaning().len() > 80, "{}", info.id);
    }
}
