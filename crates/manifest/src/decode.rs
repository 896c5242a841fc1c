//! From the text of one entry to an [`Entry`], with the place of everything that is wrong.
//!
//! By hand and not by a derived `Deserialize`: all problems are wanted at once, each with line and
//! column, and a flattened derive loses both.

use crate::entry::{Entry, EntryKey, EntrySubject, Notified};
use crate::members::{Member, Members};
use crate::place::Place;
use crate::problem::{LintCode, LintProblem};
use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_record::{Status, Verdict};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest run id: what a signed 64-bit column of the event log holds.
const MAX_RUN: u64 = i64::MAX.unsigned_abs();

/// A file's name and text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

/// An entry and where it and its keys stand.
#[derive(Debug, Clone)]
pub(crate) struct PlacedEntry {
    pub(crate) entry: Entry,
    pub(crate) place: Place,
    keys: BTreeMap<String, Place>,
}

impl PlacedEntry {
    /// Where the key stands; where the entry stands when it has no such key.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.keys.get(key).copied().unwrap_or(self.place)
    }
}

/// Decodes the entry that stands at `object`, a slice of the source's text.
///
/// # Errors
/// Everything that is wrong with it, never an empty list.
pub(crate) fn decode<'a>(
    source: Source<'a>,
    object: &'a str,
) -> Result<PlacedEntry, Vec<LintProblem>> {
    let mut fields = Fields::of(source, object).map_err(|problem| vec![problem])?;
    let keys = fields.places();
    let entry = entry(&mut fields);
    match entry {
        Some(entry) if fields.problems.is_empty() => {
            Ok(PlacedEntry { entry, place: Place::of(source.text, object), keys })
        }
        _ => Err(fields.problems),
    }
}

fn entry(fields: &mut Fields<'_>) -> Option<Entry> {
    let run = fields.required("run", run);
    let tag = fields.required("tag", tag);
    let status = fields.required("status", status);
    let artifact = fields.required("artifact", text);
    let release_url = fields.required("release_url", text);
    let validated_at = fields.required("validated_at", timestamp);
    let failure_reason = fields.optional("failure_reason", text);
    let repository = fields.optional("repository", text);
    let commit = fields.optional("commit", text);
    let subjects = fields.optional_list("subjects", subject);
    let builder_id = fields.optional("builder_id", text);
    let slsa_build_level = fields.optional("slsa_build_level", level);
    let attempt = fields.optional("attempt", attempt);
    let decision = fields.optional("decision", verdict);
    let checks_failed = fields.optional("checks_failed", texts);
    let notified = fields.optional_object("notified", notified);
    let dispatched_by_run = fields.optional("dispatched_by_run", run_number);
    let unknown = fields.unknown();
    let key = EntryKey { run: run?, tag: tag? };
    Some(Entry {
        artifact: artifact?,
        release_url: release_url?,
        failure_reason,
        repository,
        commit,
        subjects,
        builder_id,
        slsa_build_level,
        attempt,
        decision,
        checks_failed,
        notified,
        dispatched_by_run,
        unknown,
        ..Entry::new(key, status?, validated_at?)
    })
}

fn subject(fields: &mut Fields<'_>) -> Option<EntrySubject> {
    let name = fields.required("name", text);
    let digest = fields.required("digest", digests);
    Some(EntrySubject { unknown: fields.unknown(), name: name?, digest: digest? })
}

fn notified(fields: &mut Fields<'_>) -> Option<Notified> {
    let slack = fields.required("slack", boolean);
    let issue = fields.optional("issue", whole_number);
    Some(Notified { unknown: fields.unknown(), slack: slack?, issue })
}

/// The members of one object, taken one by one; problems are gathered on the way.
struct Fields<'a> {
    source: Source<'a>,
    object: &'a str,
    members: Vec<Member<'a>>,
    problems: Vec<LintProblem>,
}

/// Why a value is not what its key wants.
struct Fault {
    code: LintCode,
    message: String,
    help: &'static str,
}

impl<'a> Fields<'a> {
    fn of(source: Source<'a>, object: &'a str) -> Result<Self, LintProblem> {
        let Some(Members(members)) = Members::of(object) else {
            let message = format!("{} stands where an object must stand", kind(object));
            let words = (message, "write an object or remove it".to_owned());
            let place = Place::of(source.text, object);
            return Err(LintProblem::new(source.file, place, LintCode::InvalidValue, words));
        };
        Ok(Self { source, object, members, problems: Vec::new() })
    }

    fn places(&self) -> BTreeMap<String, Place> {
        let place = |member: &Member<'_>| Place::of(self.source.text, member.written_name);
        self.members.iter().map(|member| (member.name.clone(), place(member))).collect()
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.members.iter().position(|member| member.name == name)?;
        Some(self.members.remove(index).value)
    }

    fn problem(&mut self, at: &str, code: LintCode, message: String, help: &str) {
        let place = Place::of(self.source.text, at);
        let words = (message, help.to_owned());
        self.problems.push(LintProblem::new(self.source.file, place, code, words));
    }

    fn required<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let Some(value) = self.take(name) else {
            let message = format!("the key `{name}` is missing");
            self.problem(self.object, LintCode::MissingKey, message, "add it");
            return None;
        };
        self.read(name, value, read)
    }

    /// Absent is fine; `null` is not, because absent is the one spelling of unknown.
    fn optional<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let value = self.take(name)?;
        self.read(name, value, read)
    }

    fn read<T>(
        &mut self,
        name: &str,
        value: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match read(value) {
            Ok(read) => Some(read),
            Err(fault) => {
                let message = format!("`{name}` {}", fault.message);
                self.problem(value, fault.code, message, fault.help);
                None
            }
        }
    }

    fn optional_object<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.object_at(value, read)
    }

    fn optional_list<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take(name)?;
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(value) else {
            let message = format!("`{name}` is {}, not an array", kind(value));
            let help = "write an array, or remove the key when it is unknown";
            self.problem(value, LintCode::InvalidValue, message, help);
            return None;
        };
        let read_items: Vec<Option<T>> =
            items.iter().map(|item| self.object_at(item.get(), &read)).collect();
        read_items.into_iter().collect()
    }

    fn object_at<T>(
        &mut self,
        object: &'a str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        match Fields::of(self.source, object) {
            Ok(mut fields) => {
                let value = read(&mut fields);
                self.problems.append(&mut fields.problems);
                value
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// What nobody took.
    fn unknown(&mut self) -> Map<String, Value> {
        let mut unknown = Map::new();
        for member in std::mem::take(&mut self.members) {
            match serde_json::from_str(member.value) {
                Ok(value) => {
                    unknown.insert(member.name, value);
                }
                Err(error) => {
                    let message = format!("`{}` cannot be kept: {error}", member.name);
                    let help = "write a value that every JSON reader takes";
                    self.problem(member.value, LintCode::InvalidValue, message, help);
                }
            }
        }
        unknown
    }
}

fn run(value: &str) -> Result<u64, Fault> {
    run_number(value).map_err(|fault| Fault { code: LintCode::InvalidRun, ..fault })
}

/// Decimal digits in a string, because JavaScript cannot hold every run id in a number.
fn run_number(value: &str) -> Result<u64, Fault> {
    let help = "write GitHub's run id as a string of decimal digits without leading zeros, \"0\" \
                when no run ever started";
    let text = string(value, help)?;
    text.parse::<u64>()
        .ok()
        .filter(|number| *number <= MAX_RUN && number.to_string() == text)
        .ok_or_else(|| invalid(format!("is {text:?}, no run id"), help))
}

fn tag(value: &str) -> Result<Tag, Fault> {
    let help = "write the tag without `refs/tags/`, as `git check-ref-format` allows it";
    string(value, help)?.parse().map_err(|error: provost_attestation::git_ref::InvalidTag| Fault {
        code: LintCode::InvalidTag,
        message: format!("is wrong: {error}"),
        help,
    })
}

fn status(value: &str) -> Result<Status, Fault> {
    let help = "write `success` or `failure`";
    match string(value, help)?.as_str() {
        "success" => Ok(Status::Success),
        "failure" => Ok(Status::Failure),
        other => Err(invalid(format!("is {other:?}"), help)),
    }
}

fn verdict(value: &str) -> Result<Verdict, Fault> {
    let help = "write `accepted` or `refused`, or remove the key while nothing was decided";
    match string(value, help)?.as_str() {
        "accepted" => Ok(Verdict::Accepted),
        "refused" => Ok(Verdict::Refused),
        other => Err(invalid(format!("is {other:?}"), help)),
    }
}

fn timestamp(value: &str) -> Result<Timestamp, Fault> {
    let help = "write UTC as in `2026-11-23T12:00:00Z`";
    let text = string(value, help)?;
    text.parse().map_err(|_| Fault {
        code: LintCode::InvalidTimestamp,
        message: format!("is {text:?}, no time"),
        help,
    })
}

fn level(value: &str) -> Result<u8, Fault> {
    let help = "write a number from 0 to 3, or remove the key when it is unknown";
    number(value, help, 0..=3)
}

fn attempt(value: &str) -> Result<u32, Fault> {
    let help = "write a number from 1, or remove the key when it is unknown";
    number(value, help, 1..=u32::MAX)
}

fn whole_number(value: &str) -> Result<u64, Fault> {
    let help = "write a number, or remove the key when there is none";
    number(value, help, 0..=u64::MAX)
}

fn boolean(value: &str) -> Result<bool, Fault> {
    serde_json::from_str(value).map_err(|_| {
        let message = format!("is {}, not true or false", kind(value));
        invalid(message, "write `true` or `false`")
    })
}

fn text(value: &str) -> Result<String, Fault> {
    string(value, "write a string; a key that is not always there is removed when it is unknown")
}

fn texts(value: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(value).map_err(|_| {
        let help = "write an array of strings, or remove the key when there are none";
        invalid(format!("is {}, not an array of strings", kind(value)), help)
    })
}

/// A digest set: strong digests must be well-formed, because one that is misspelt would match no
/// artifact and so hide that a tag was used before.
fn digests(value: &str) -> Result<BTreeMap<String, String>, Fault> {
    let help = "write algorithm and lower-case hex, as in `{\"sha256\": \"…\"}`";
    let digests: BTreeMap<String, String> = serde_json::from_str(value).map_err(|_| Fault {
        code: LintCode::InvalidDigest,
        message: format!("is {}, not an object of strings", kind(value)),
        help,
    })?;
    for (name, hex) in &digests {
        let strong = DigestAlgorithm::from_name(name);
        if strong.is_some_and(|algorithm| ArtifactDigest::from_hex(algorithm, hex).is_none()) {
            return Err(Fault {
                code: LintCode::InvalidDigest,
                message: format!("has {hex:?}, no {name} digest"),
                help,
            });
        }
    }
    Ok(digests)
}

fn string(value: &str, help: &'static str) -> Result<String, Fault> {
    serde_json::from_str(value)
        .map_err(|_| invalid(format!("is {}, not a string", kind(value)), help))
}

fn number<N: serde::de::DeserializeOwned + PartialOrd>(
    value: &str,
    help: &'static str,
    range: std::ops::RangeInclusive<N>,
) -> Result<N, Fault> {
    let wrong = || match kind(value) {
        "a number" => invalid(format!("is {value}, out of range"), help),
        other => invalid(format!("is {other}, not a number"), help),
    };
    serde_json::from_str(value).ok().filter(|number| range.contains(number)).ok_or_else(wrong)
}

fn invalid(message: String, help: &'static str) -> Fault {
    Fault { code: LintCode::InvalidValue, message, help }
}

/// What a JSON value is, by its first byte.
pub(crate) fn kind(value: &str) -> &'static str {
    match value.trim_start().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
