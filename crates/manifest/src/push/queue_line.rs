//! One line of the queue: an entry with everything that must reach the remote, on its own.

use super::item::{FileName, Item};
use super::local::MAX_FILE;
use crate::artifacts::is_artifact_path;
use crate::day::Day;
use crate::decode::decode;
use crate::entry::Entry;
use crate::fields::Fields;
use crate::place::{Place, Source};
use crate::problem::{LintCode, LintProblem};
use crate::soundness::unsound;
use crate::value::{Fault, text, timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use provost_attestation::json;
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema that a line names.
const SCHEMA: &str = "https://provost.dev/queue/v1";

/// Longest line that is read, in bytes: three of the largest files and their entry.
const MAX_LINE: usize = 70 << 20;

/// Most files of one entry.
const MAX_FILES: usize = 4;

/// What waits in the queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Queued {
    pub(crate) item: Item<Vec<u8>>,
    pub(crate) queued_at: Timestamp,
    /// Why it is not on the remote, one line.
    pub(crate) reason: String,
}

/// A line as it is written.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'a str,
    queued_at: Timestamp,
    reason: &'a str,
    day: String,
    entry: &'a Entry,
    artifacts: Vec<LineFile>,
}

#[derive(Serialize)]
struct LineFile {
    path: String,
    base64: String,
}

impl Queued {
    /// The line, with its line feed.
    pub(crate) fn render(&self) -> String {
        let files = self.item.files.iter().map(|(name, bytes)| LineFile {
            path: name.path(&self.item.enc),
            base64: STANDARD.encode(bytes),
        });
        let line = Line {
            schema: SCHEMA,
            queued_at: self.queued_at,
            reason: &self.reason,
            day: self.item.day.to_string(),
            entry: &self.item.entry,
            artifacts: files.collect(),
        };
        let mut text = serde_json::to_string(&line).expect("texts and string keys serialise");
        text.push('\n');
        text
    }

    /// Reads line number `number` of `file`.
    pub(crate) fn parse(file: &str, number: usize, line: &[u8]) -> Result<Self, Vec<LintProblem>> {
        let at_line = |mut problem: LintProblem| {
            problem.line = number;
            problem
        };
        read(file, line).map_err(|problems| problems.into_iter().map(at_line).collect())
    }
}

/// Whether a line stops in the middle of its JSON, as that of a writer that was killed does.
pub(crate) fn is_cut_off(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

fn read(file: &str, line: &[u8]) -> Result<Queued, Vec<LintProblem>> {
    let whole = |code, message: String, help: &str| {
        vec![LintProblem::new(file, Place::START, code, (message, help.to_owned()))]
    };
    if line.len() > MAX_LINE {
        let message = format!("the line is longer than {} MiB", MAX_LINE >> 20);
        return Err(whole(LintCode::InvalidValue, message, HELP));
    }
    let text = json::scan(line).map_err(|problem| {
        let place = Place { line: 1, column: problem.column };
        let words = (problem.fault.to_string(), HELP.to_owned());
        vec![LintProblem::new(file, place, LintCode::MalformedJson, words)]
    })?;
    let source = Source::new(file, text);
    let mut fields = Fields::of(&source, text.trim()).map_err(|problem| vec![problem])?;
    let places = fields.places();
    let schema = fields.required("schema", schema);
    let queued_at = fields.required("queued_at", timestamp);
    let reason = fields.required("reason", self::text);
    let day = fields.required("day", day);
    let entry = fields.required_slice("entry");
    let files = fields.required_list("artifacts", line_file);
    let unknown = fields.unknown();
    let mut problems = fields.into_problems();
    let at = |key: &str| places.get(key).copied().unwrap_or(Place::START);
    let mut refuse = |key: &str, code, message: String, help: &str| {
        problems.push(LintProblem::new(file, at(key), code, (message, help.to_owned())));
    };
    if let Some(key) = unknown.keys().next() {
        let message = format!("the key {key:?} is not known");
        refuse(key, LintCode::InvalidValue, message, HELP);
    }
    let entry = match entry.map(|slice| decode(&source, slice)) {
        None => None,
        Some(Ok(placed)) => Some(placed.entry),
        Some(Err(found)) => {
            problems.extend(found);
            None
        }
    };
    let (Some(day), Some(entry), Some(files)) = (day, entry, files) else {
        return Err(problems);
    };
    let mut refuse = |key: &str, code, message: String, help: &str| {
        problems.push(LintProblem::new(file, at(key), code, (message, help.to_owned())));
    };
    if let Some(first) = unsound(&entry).into_iter().next() {
        refuse("entry", first.code, format!("the entry {}", first.message), first.help);
    }
    if Day::of(entry.validated_at) < day {
        let message = format!("the outcome is older than its day {day}");
        refuse("day", LintCode::WrongDay, message, "write the UTC date of the first recording");
    }
    let files = match gathered(&entry, files) {
        Ok(files) => Some(files),
        Err(message) => {
            let help = "every file lies in the folder of the entry's tag, once";
            refuse("artifacts", LintCode::ArtifactPath, message, help);
            None
        }
    };
    let (Some(_), Some(queued_at), Some(reason), Some((enc, files)), true) =
        (schema, queued_at, reason, files, problems.is_empty())
    else {
        return Err(problems);
    };
    Ok(Queued { item: Item { day, enc, entry, files }, queued_at, reason })
}

const HELP: &str = "the line is kept as it is and not pushed; take it out by hand, or read it with \
                    the version of provost that wrote it";

fn schema(value: &str) -> Result<(), Fault> {
    match text(value)?.as_str() {
        SCHEMA => Ok(()),
        other => Err(Fault {
            code: LintCode::InvalidValue,
            message: format!("is {other:?}, not {SCHEMA:?}"),
            help: HELP,
        }),
    }
}

fn day(value: &str) -> Result<Day, Fault> {
    let found = text(value)?;
    Day::from_folder(&found).ok_or_else(|| Fault {
        code: LintCode::NotADate,
        message: format!("is {found:?}, no date"),
        help: "write the UTC date of the first recording, as in 2026-11-23",
    })
}

/// A path and the bytes.
type PathAndBytes = (String, Vec<u8>);

fn line_file(fields: &mut Fields<'_>) -> Option<PathAndBytes> {
    let path = fields.required("path", text);
    let bytes = fields.required("base64", |value| {
        let found = text(value)?;
        let invalid = |message: &str| Fault {
            code: LintCode::InvalidValue,
            message: message.to_owned(),
            help: HELP,
        };
        let bytes = STANDARD.decode(found).map_err(|_| invalid("is no base64"))?;
        match bytes.len() as u64 <= MAX_FILE {
            true => Ok(bytes),
            false => Err(invalid("holds more than 16 MiB")),
        }
    });
    Some((path?, bytes?))
}

type Gathered = (String, BTreeMap<FileName, Vec<u8>>);

/// The files of the entry's tag and the one `<enc>` that they share.
fn gathered(entry: &Entry, files: Vec<PathAndBytes>) -> Result<Gathered, String> {
    if files.len() > MAX_FILES {
        return Err(format!("{} files are too many", files.len()));
    }
    let mut enc = provost_record::encoded_tag(&entry.tag, false);
    let mut gathered = BTreeMap::new();
    for (number, (path, bytes)) in files.into_iter().enumerate() {
        let parts: Vec<&str> = path.split('/').collect();
        let (true, [_, _, folder, file]) = (is_artifact_path(&entry.tag, &path), &parts[..]) else {
            return Err(format!("{path:?} is no file in the folder of the entry's tag"));
        };
        if number == 0 {
            enc = (*folder).to_owned();
        }
        let name = FileName::of(folder, file);
        let is_ours = match &name {
            FileName::Kind(_) => true,
            FileName::Named(_) => entry.artifact == path,
        };
        if !is_ours || *folder != enc || gathered.insert(name, bytes).is_some() {
            return Err(format!("{path:?} is no file of this entry, or stands twice"));
        }
    }
    Ok((enc, gathered))
}
