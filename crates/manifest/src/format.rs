//! The text of a manifest: a JSON array of entries, two-space indent, final newline.

use crate::decode::{PlacedEntry, decode};
use crate::entry::Entry;
use crate::place::{Place, Source};
use crate::problem::{LintCode, LintProblem};
use crate::value::kind;
use provost_attestation::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What was read of one file: the entries that are well-formed, and what is wrong with the others.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) entries: Vec<PlacedEntry>,
    pub(crate) problems: Vec<LintProblem>,
}

impl Document {
    /// Reads a file. Order and layout do not matter here, a second entry of the same run and tag
    /// does: nobody could say which of the two holds.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Self {
        match raw_entries(file, bytes) {
            Ok((source, raw)) => Self::of(&source, &raw),
            Err(problem) => Self { entries: Vec::new(), problems: vec![problem] },
        }
    }

    fn of<'a>(source: &'a Source<'a>, raw: &[&'a RawValue]) -> Self {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        for object in raw {
            match decode(source, object.get()) {
                Ok(entry) => entries.push(entry),
                Err(found) => problems.extend(found),
            }
        }
        problems.extend(duplicates(source.file, &entries));
        problems.sort();
        Self { entries, problems }
    }
}

/// The entries as slices of the text, after the strict scan.
fn raw_entries<'a>(
    file: &'a str,
    bytes: &'a [u8],
) -> Result<(Source<'a>, Vec<&'a RawValue>), LintProblem> {
    let text = json::scan(bytes).map_err(|problem| {
        let place = Place { line: problem.line, column: problem.column };
        let mut message = problem.fault.to_string();
        if !problem.pointer.is_empty() {
            message.push_str(&format!(" in {:?}", problem.pointer));
        }
        let help = "correct it by hand, or restore the file with `git checkout`";
        let words = (message, help.to_owned());
        LintProblem::new(file, place, LintCode::MalformedJson, words)
    })?;
    let raw = serde_json::from_str(text).map_err(|_| {
        let message = format!("{} stands where an array must stand", kind(text));
        let words = (message, "write an array of entries".to_owned());
        LintProblem::new(file, Place::START, LintCode::NotAnArray, words)
    })?;
    Ok((Source::new(file, text), raw))
}

fn duplicates(file: &str, entries: &[PlacedEntry]) -> Vec<LintProblem> {
    let mut first_at = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in entries {
        let first: &mut Place = first_at.entry(entry.entry.key()).or_insert(entry.place);
        if *first != entry.place {
            let place = format!("{file}:{}:{}", first.line, first.column);
            problems.push(duplicate(file, entry, &place));
        }
    }
    problems
}

/// The problem of an entry that already stands at `first`.
pub(crate) fn duplicate(file: &str, entry: &PlacedEntry, first: &str) -> LintProblem {
    let (run, tag) = (entry.entry.run, entry.entry.tag.as_str());
    let message = format!("run {run} and tag {tag:?} stand already at {first}");
    let help = "merge the two into the first and remove the other".to_owned();
    LintProblem::new(file, entry.place, LintCode::DuplicateEntry, (message, help))
}

/// Renders entries, in the order given, as the text of a manifest file.
///
/// Keys come in the order of [`Entry`]'s fields, unknown ones last and sorted; two-space indent,
/// final newline. The same entries always give the same bytes.
pub fn render(entries: &[Entry]) -> String {
    let mut text =
        serde_json::to_string_pretty(entries).expect("texts, numbers and string keys serialise");
    text.push('\n');
    text
}
