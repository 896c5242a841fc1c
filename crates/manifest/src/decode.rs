//! From the text of one entry to an [`Entry`], with the place of everything that is wrong.
//!
//! By hand and not by a derived `Deserialize`: all problems are wanted at once, each with line and
//! column, and a flattened derive loses both.

use crate::entry::{Entry, EntryKey, EntrySubject, Notified};
use crate::fields::Fields;
use crate::place::{Place, Source};
use crate::problem::LintProblem;
use crate::value::{
    attempt, boolean, digests, level, run, run_number, status, tag, text, texts, timestamp,
    verdict, whole_number,
};
use std::collections::BTreeMap;

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
    source: &'a Source<'a>,
    object: &'a str,
) -> Result<PlacedEntry, Vec<LintProblem>> {
    let mut fields = Fields::of(source, object).map_err(|problem| vec![problem])?;
    let keys = fields.places();
    let entry = entry(&mut fields);
    match entry {
        Some(entry) if fields.is_sound() => {
            Ok(PlacedEntry { entry, place: source.place_of(object), keys })
        }
        _ => Err(fields.into_problems()),
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
    let recovered_by_run = fields.optional("recovered_by_run", run_number);
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
        recovered_by_run,
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
    let gaps = fields.optional("gaps", texts).unwrap_or_default().into_iter().collect();
    Some(Notified { unknown: fields.unknown(), slack: slack?, issue, gaps })
}
