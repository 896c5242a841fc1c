//! Lint: everything that is wrong in manifest files, each with file, line and column.

use crate::day::{Day, MANIFEST};
use crate::decode::PlacedEntry;
use crate::entry::{Entry, EntryKey};
use crate::error::ManifestError;
use crate::folder::Folder;
use crate::format::{Document, duplicate, render};
use crate::manifests::enter_reports;
use crate::place::Place;
use crate::problem::{LintCode, LintProblem};
use crate::soundness::unsound;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lints the given manifest files together, so that an entry in two of them is found. The name of
/// each file's folder is the day it must belong to.
///
/// # Errors
/// [`ManifestError::Io`], also when a file is not there; [`ManifestError::InvalidPath`] for a link.
pub fn lint_files(paths: &[PathBuf]) -> Result<Vec<LintProblem>, ManifestError> {
    let mut linter = Linter::default();
    for path in paths {
        let missing = |kind: std::io::ErrorKind| ManifestError::Io {
            action: "read",
            path: path.clone(),
            source: kind.into(),
        };
        let absolute = std::path::absolute(path).map_err(|error| missing(error.kind()))?;
        let (Some(folder), Some(name)) = (absolute.parent(), file_name(&absolute)) else {
            return Err(missing(std::io::ErrorKind::InvalidInput));
        };
        let bytes = Folder::open_root(folder)?
            .read(name)?
            .ok_or_else(|| missing(std::io::ErrorKind::NotFound))?;
        let day = file_name(folder).unwrap_or_default();
        linter.file(&path.display().to_string(), day, &bytes);
    }
    Ok(linter.problems())
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// Lints every `docs/reports/*/manifest.json`. Other files and folders, and what killed writers
/// left, are passed over.
pub(crate) fn lint_root(root: &Folder) -> Result<Vec<LintProblem>, ManifestError> {
    let mut linter = Linter::default();
    let Some(reports) = enter_reports(root)? else {
        return Ok(Vec::new());
    };
    for name in reports.names()? {
        if Day::from_folder(&name).is_none() && !reports.has_folder(&name)? {
            continue;
        }
        let Some(folder) = reports.enter(&name)? else {
            continue;
        };
        if let Some(bytes) = folder.read(MANIFEST)? {
            let file = format!("docs/reports/{name}/{MANIFEST}");
            linter.file(&file, &name, &bytes);
        }
    }
    Ok(linter.problems())
}

#[derive(Default)]
struct Linter {
    first_at: BTreeMap<EntryKey, (String, Place)>,
    problems: Vec<Vec<LintProblem>>,
}

impl Linter {
    /// The problems, files in the order they were given, sorted by place in each.
    fn problems(self) -> Vec<LintProblem> {
        self.problems.into_iter().flatten().collect()
    }

    fn file(&mut self, file: &str, folder: &str, bytes: &[u8]) {
        let Document { entries, mut problems } = Document::read(file, bytes);
        let is_whole = problems.is_empty();
        let day = Day::from_folder(folder);
        if day.is_none() {
            problems.push(not_a_date(file, folder));
        }
        for placed in &entries {
            problems.extend(self.elsewhere(file, placed));
            problems.extend(unsound_in(file, placed));
            problems.extend(day.and_then(|day| wrong_day(file, day, placed)));
        }
        problems.extend(unsorted(file, &entries));
        if is_whole {
            problems.extend(not_canonical(file, &entries, bytes));
        }
        problems.sort();
        self.problems.push(problems);
    }

    /// The same run and tag in a file before this one; within a file the document tells.
    fn elsewhere(&mut self, file: &str, placed: &PlacedEntry) -> Option<LintProblem> {
        let here = || (file.to_owned(), placed.place);
        let (first, place) = self.first_at.entry(placed.entry.key()).or_insert_with(here);
        if first == file {
            return None;
        }
        let first = format!("{first}:{}:{}", place.line, place.column);
        Some(duplicate(file, placed, &first))
    }
}

fn not_a_date(file: &str, folder: &str) -> LintProblem {
    let message = format!("the folder {folder:?} is no date");
    let help = "name it after the UTC date of the first recording, as in 2026-11-23".to_owned();
    LintProblem::new(file, Place::START, LintCode::NotADate, (message, help))
}

fn unsound_in(file: &str, placed: &PlacedEntry) -> Vec<LintProblem> {
    let problem = |found: crate::soundness::Unsound| {
        let message = format!("the entry {}", found.message);
        let words = (message, found.help.to_owned());
        LintProblem::new(file, placed.place_of(found.key), found.code, words)
    };
    unsound(&placed.entry).into_iter().map(problem).collect()
}

/// The folder is the day of the first recording, and an outcome is never older than that. (It may
/// be newer: an entry stays in the file where it first stood.)
fn wrong_day(file: &str, day: Day, placed: &PlacedEntry) -> Option<LintProblem> {
    let validated = Day::of(placed.entry.validated_at);
    (validated < day).then(|| {
        let message = format!("the outcome is of {validated}, before the file's day {day}");
        let help = format!("move the entry to docs/reports/{validated}/{MANIFEST}");
        let place = placed.place_of("validated_at");
        LintProblem::new(file, place, LintCode::WrongDay, (message, help))
    })
}

fn unsorted(file: &str, entries: &[PlacedEntry]) -> Vec<LintProblem> {
    let out_of_order = entries.windows(2).filter(|pair| pair[1].entry.key() < pair[0].entry.key());
    out_of_order
        .map(|pair| {
            let (before, entry) = (&pair[0].entry, &pair[1].entry);
            let message = format!(
                "run {} and tag {:?} stand after run {} and tag {:?}",
                entry.run,
                entry.tag.as_str(),
                before.run,
                before.tag.as_str()
            );
            let help = "sort the entries by run as a number, then tag".to_owned();
            LintProblem::new(file, pair[1].place, LintCode::Unsorted, (message, help))
        })
        .collect()
}

/// The first line that Provost would write differently, the entries left in their order.
fn not_canonical(file: &str, entries: &[PlacedEntry], bytes: &[u8]) -> Option<LintProblem> {
    let entries: Vec<Entry> = entries.iter().map(|placed| placed.entry.clone()).collect();
    let canonical = render(&entries);
    if canonical.as_bytes() == bytes {
        return None;
    }
    let same = canonical.bytes().zip(bytes).take_while(|(wanted, found)| wanted == *found).count();
    let before = &canonical[..canonical.floor_char_boundary(same)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let wanted = canonical[line_start..].lines().next().unwrap_or_default();
    let place =
        Place { line: before.matches('\n').count() + 1, column: before.len() - line_start + 1 };
    let message = "the layout is not the canonical one".to_owned();
    let help = match wanted {
        "" => "end the file here".to_owned(),
        line => format!("write this line as {line:?}, and each line ends with a line feed"),
    };
    Some(LintProblem::new(file, place, LintCode::NotCanonical, (message, help)))
}
