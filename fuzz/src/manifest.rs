//! Manifest files.

use provost_attestation::json;
use provost_manifest::{DayFile, ManifestError};
use serde_json::Value;

const FILE: &str = "manifest.json";

/// Written and read again, a manifest has the same entries and the same text; a refusal names
/// places that are in the file, each on a line of its own that a terminal can show.
pub fn manifest(data: &[u8]) {
    match DayFile::parse(FILE, data) {
        Ok(day) => assert_same_again(&day, data),
        Err(ManifestError::InvalidFile { problems }) => {
            assert!(!problems.is_empty(), "refused without a reason");
            let lines = data.iter().filter(|byte| **byte == b'\n').count() + 1;
            for problem in problems {
                assert!((1..=lines).contains(&problem.line), "{problem}: no such line");
                assert!(
                    (1..=data.len() + 1).contains(&problem.column),
                    "{problem}: no such column"
                );
                let shown = problem.to_string();
                assert!(!shown.contains(char::is_control), "{shown:?}");
            }
        }
        Err(other) => panic!("reading bytes touches no file: {other}"),
    }
}

fn assert_same_again(day: &DayFile, data: &[u8]) {
    let text = json::scan(data).expect("a manifest is strict JSON");
    let value: Value = serde_json::from_str(text).expect("strict JSON is JSON");
    assert_eq!(value.as_array().map(Vec::len), Some(day.entries().count()));
    let keys: Vec<_> = day.entries().map(|entry| entry.key()).collect();
    assert!(keys.is_sorted(), "entries out of order");
    assert!(keys.iter().all(|key| day.find(key).is_some()));

    let written = day.render();
    let again = DayFile::parse(FILE, written.as_bytes()).expect("what is written can be read");
    assert_eq!(again, *day, "written and read, it is another manifest");
    assert_eq!(again.render(), written, "the same entries have one text");
}
