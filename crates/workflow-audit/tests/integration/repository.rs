//! Repositories of the tests.

use provost_workflow_audit::{Audit, Input, SourceFile, audit};
use std::path::{Path, PathBuf};

/// The folder `tests`.
pub(crate) fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A repository of one workflow.
pub(crate) fn one(name: &str, text: &str) -> Input {
    several(&[(&format!(".github/workflows/{name}"), text)])
}

pub(crate) fn several(files: &[(&str, &str)]) -> Input {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    Input { files: files.iter().map(file).collect(), actions: Vec::new() }
}

/// Every YAML file and generated document below a folder.
pub(crate) fn folder(root: &Path) -> Input {
    let mut input = Input::default();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let bytes = std::fs::read(&path).unwrap();
                input.files.push(SourceFile { path: relative, bytes });
            }
        }
    }
    input
}

/// Rules that found something, sorted, each once.
pub(crate) fn rules_of(input: &Input) -> Vec<&'static str> {
    let audit: Audit = audit(input);
    let mut rules: Vec<&'static str> = audit.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}
