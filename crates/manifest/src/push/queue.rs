//! The queue: what is on its way to the remote, and the log that a crash cannot outrun.
//!
//! An entry is here, durably, before anything is pushed, and leaves when the remote has confirmed
//! that it holds it. The file is written as a whole and replaced atomically, so a reader never sees
//! half a line of ours; lines that are not understood stay as they are.

use super::item::Item;
use super::queue_line::{Queued, is_cut_off};
use crate::entry::EntryKey;
use crate::error::ManifestError;
use crate::folder::Folder;
use crate::lock::Lock;
use crate::merge::reconcile;
use crate::place::Place;
use crate::problem::{LintCode, LintProblem};
use crate::relative_path::RelativePath;
use jiff::Timestamp;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The queue's folder and file below the root.
const FOLDERS: [&str; 2] = ["out", "provenance"];
const FILE: &str = "queue.jsonl";

/// Largest queue, in bytes.
const MAX_QUEUE: u64 = 256 << 20;

/// How deep queues are looked for in a folder of downloaded artifacts.
const MAX_DEPTH: usize = 4;

/// Where the queue stands below a manifest's root: `out/provenance/queue.jsonl`.
pub fn queue_path() -> RelativePath {
    RelativePath::of(&[FOLDERS[0], FOLDERS[1], FILE])
}

/// The queue below one root, held by this process alone while this lives.
#[derive(Debug)]
pub(crate) struct Queue {
    folders: [Folder; 2],
    lock: Lock,
    content: Content,
    is_changed: bool,
    revision: u64,
}

/// What a queue file says.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) queued: Vec<Queued>,
    /// Lines that are not understood, to be kept.
    kept: Vec<Vec<u8>>,
    /// What is wrong with them.
    pub(crate) problems: Vec<LintProblem>,
    /// A last line that was never finished, so never promised to anyone.
    pub(crate) cut_off: Option<LintProblem>,
}

impl Queue {
    /// Opens the queue, waiting at most `wait` for another process that has it.
    pub(crate) fn open(root: &Folder, wait: Duration) -> Result<Self, ManifestError> {
        let out = root.enter_or_create(FOLDERS[0])?;
        let folder = out.enter_or_create(FOLDERS[1])?;
        let lock = Lock::hold(&folder, wait)?;
        folder.sweep(&lock)?;
        let bytes = folder.read_up_to(FILE, MAX_QUEUE)?.unwrap_or_default();
        let content = Content::read(queue_path().as_str(), &bytes);
        let is_changed = content.cut_off.is_some();
        for parent in [&folder, &out, root] {
            parent.sync()?;
        }
        Ok(Self { folders: [out, folder], lock, content, is_changed, revision: 0 })
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn queued(&self) -> &[Queued] {
        &self.content.queued
    }

    /// Adds an item, or brings it together with the one of the same run and tag.
    pub(crate) fn put(&mut self, queued: Queued) {
        if self.content.put(queued) {
            self.is_changed = true;
            self.revision += 1;
        }
    }

    /// Another number after every change of what is queued.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes out what the remote holds.
    pub(crate) fn remove(&mut self, keys: &HashSet<EntryKey>) {
        let before = self.content.queued.len();
        self.content.queued.retain(|queued| !keys.contains(&queued.item.key()));
        if self.content.queued.len() != before {
            self.is_changed = true;
            self.revision += 1;
        }
    }

    /// Says why an item is still here.
    pub(crate) fn explain(&mut self, mut reason: impl FnMut(&EntryKey) -> Option<String>) {
        for queued in &mut self.content.queued {
            if let Some(reason) = reason(&queued.item.key())
                && reason != queued.reason
            {
                queued.reason = reason;
                self.is_changed = true;
            }
        }
    }

    /// Makes the queue durable as it now is; without a line there is no file.
    pub(crate) fn save(&mut self) -> Result<(), ManifestError> {
        if !self.is_changed {
            return Ok(());
        }
        let text = self.content.render();
        let folder = &self.folders[1];
        if text.is_empty() {
            folder.remove(&self.lock, FILE)?;
        } else {
            if text.len() as u64 > MAX_QUEUE {
                return Err(ManifestError::Io {
                    action: "write",
                    path: folder.path().join(FILE),
                    source: std::io::Error::other(format!(
                        "it would be larger than {} MiB; commit and push the manifest with git",
                        MAX_QUEUE >> 20
                    )),
                });
            }
            folder.replace(&self.lock, FILE, &text)?;
        }
        folder.sync()?;
        self.is_changed = false;
        Ok(())
    }
}

impl Content {
    /// Reads the bytes of a queue file.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Self {
        let mut content = Self::default();
        let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            // Every line ends with a line feed, so what comes after the last one is nothing.
            let is_unfinished = lines.peek().is_none();
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match Queued::parse(file, index + 1, line) {
                Ok(queued) => {
                    content.put(queued);
                }
                Err(_) if is_unfinished && is_cut_off(line) => {
                    content.cut_off = Some(cut_off(file, index + 1, line.len()));
                }
                Err(problems) => {
                    content.kept.push(line.to_vec());
                    content.problems.extend(problems);
                }
            }
        }
        content
    }

    /// Whether it changed anything.
    fn put(&mut self, new: Queued) -> bool {
        let key = new.item.key();
        let Some(standing) = self.queued.iter_mut().find(|queued| queued.item.key() == key) else {
            self.queued.push(new);
            return true;
        };
        let before = standing.item.clone();
        let reconciled = reconcile(&standing.item.entry, &new.item.entry);
        let is_newer = reconciled.other_is_newer || standing.item.entry == new.item.entry;
        let item = &mut standing.item;
        // The files are kept by kind, so that one `<enc>` names them all.
        for (name, bytes) in new.item.files {
            if is_newer || !item.files.contains_key(&name) {
                item.files.insert(name, bytes);
            }
        }
        item.entry = super::item::moved_to(&reconciled.entry, &item.enc);
        item.day = item.day.min(new.item.day);
        *item != before
    }

    fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.kept {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        for queued in &self.queued {
            text.extend_from_slice(queued.render().as_bytes());
        }
        text
    }
}

fn cut_off(file: &str, line: usize, column: usize) -> LintProblem {
    let words = (
        "the last line is cut off: whoever wrote it was stopped before it was finished".to_owned(),
        "push again from where the entry was recorded".to_owned(),
    );
    LintProblem::new(file, Place { line, column }, LintCode::MalformedJson, words)
}

/// Reads a queue from elsewhere: a file, or every `*.jsonl` below a folder, links left alone.
///
/// # Errors
/// [`ManifestError::Io`], also when there is nothing of that name.
pub(crate) fn read_elsewhere(path: &Path) -> Result<Vec<Content>, ManifestError> {
    let failed = |source| ManifestError::Io { action: "read", path: path.to_owned(), source };
    let mut files = Vec::new();
    match std::fs::metadata(path).map_err(failed)?.is_dir() {
        true => find(path, 0, &mut files)?,
        false => files.push(path.to_owned()),
    }
    files.sort();
    files.iter().map(|file| read_file(file)).collect()
}

fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ManifestError> {
    let failed = |source| ManifestError::Io { action: "list", path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() && depth < MAX_DEPTH {
            find(&path, depth + 1, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "jsonl") {
            files.push(path);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Content, ManifestError> {
    let failed = |kind: std::io::ErrorKind| ManifestError::Io {
        action: "read",
        path: path.to_owned(),
        source: kind.into(),
    };
    let absolute = std::path::absolute(path).map_err(|error| failed(error.kind()))?;
    let (Some(folder), Some(name)) =
        (absolute.parent(), absolute.file_name().and_then(|name| name.to_str()))
    else {
        return Err(failed(std::io::ErrorKind::InvalidInput));
    };
    let bytes = Folder::open_root(folder)?.read_up_to(name, MAX_QUEUE)?;
    let bytes = bytes.ok_or_else(|| failed(std::io::ErrorKind::NotFound))?;
    Ok(Content::read(&path.display().to_string(), &bytes))
}

/// A fresh queue line for an item of the working tree.
pub(crate) fn queued(item: Item<Vec<u8>>, now: Timestamp) -> Queued {
    let queued_at = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Queued { item, queued_at, reason: "not pushed yet".to_owned() }
}
