//! SARIF, held against its own schema.

use crate::repository::{folder, several, tests};
use provost_wire::sarif::SarifLog;
use provost_workflow_audit::audit;
use serde_json::Value;

fn schema() -> jsonschema::Validator {
    let text = std::fs::read_to_string(tests().join("data/sarif-schema-2.1.0.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // A bracket too many makes these two patterns no regular expressions; we set no language.
    for holder in ["run", "toolComponent"] {
        let language = format!("/definitions/{holder}/properties/language");
        let language = schema.pointer_mut(&language).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn assert_valid(log: &SarifLog) -> Value {
    let log: Value = serde_json::from_str(&log.to_json()).unwrap();
    let problems: Vec<String> = schema().iter_errors(&log).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    log
}

#[test]
fn the_log_of_a_broken_pipeline_is_valid() {
    let audit = audit(&folder(&tests().join("repositories/broken-pipeline")));
    let log = assert_valid(&SarifLog::of(&audit, "1.2.3"));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), audit.findings.len());
    for result in results {
        let rule = &log["runs"][0]["tool"]["driver"]["rules"]
            [result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

#[test]
fn odd_paths_suppressions_and_errors_are_valid_too() {
    let text = "on: push\njobs:\n  a:\n    runs-on: x\n    permissions:\n      contents: write\n    steps:\n      - uses: s/a@v1 # provost: ignore[unpinned-action] why\n";
    let audit = audit(&several(&[(".github/workflows/ä b%\\\u{1b}.yml", text)]));
    assert_eq!(audit.suppressed.len(), 1);
    let log = assert_valid(&SarifLog::of(&audit, "0.1.0"));
    assert!(log.to_string().contains("%C3%A4%20b%25%5C%1B.yml"), "{log}");
    assert_valid(&SarifLog::of_error("nothing there", "0.1.0"));
}
