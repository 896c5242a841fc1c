//! One day's file: parse, find, upsert, render.

use crate::entry::{Entry, EntryKey};
use crate::error::ManifestError;
use crate::format::{Document, render};
use crate::problem::LintProblem;
use std::collections::BTreeMap;

/// The entries of one day, each run and tag once, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DayFile {
    entries: BTreeMap<EntryKey, Entry>,
}

impl DayFile {
    /// Reads the bytes of a manifest file; `file` names it in problems.
    ///
    /// Takes any order and layout, as they carry no meaning; [`crate::lint_files`] refuses them.
    ///
    /// # Errors
    /// [`ManifestError::InvalidFile`] with every problem and its place: not strict JSON, not an
    /// array, a key missing or of the wrong type, a tag that git refuses, an entry twice.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ManifestError> {
        let Document { entries, problems } = Document::read(file, bytes);
        if !problems.is_empty() {
            return Err(ManifestError::InvalidFile { problems });
        }
        let entries = entries.into_iter().map(|placed| placed.entry);
        Ok(Self { entries: entries.map(|entry| (entry.key(), entry)).collect() })
    }

    /// The entries, sorted by run as a number, then tag.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The entry of that run and tag.
    pub fn find(&self, key: &EntryKey) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Adds the entry, or puts it in the place of the one with the same run and tag.
    pub fn put(&mut self, entry: Entry) {
        self.entries.insert(entry.key(), entry);
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        let entries: Vec<Entry> = self.entries.values().cloned().collect();
        render(&entries)
    }

    /// The text, after it was read again and gave the same entries: nothing is written that could
    /// not be read tomorrow.
    pub(crate) fn render_readable(&self, file: &str) -> Result<String, Vec<LintProblem>> {
        let text = self.render();
        match Self::parse(file, text.as_bytes()) {
            Ok(_) => Ok(text),
            Err(ManifestError::InvalidFile { problems }) => Err(problems),
            Err(_) => Err(Vec::new()),
        }
    }
}
