//! Where manifests are read from.

use super::event::{announcement_of, event_of, event_of_failure};
use crate::entries::manifest_entries;
use crate::error::ControlError;
use provost_manifest::{DayFile, Entry, render};
use provost_outbound::{Client, Limits, OutboundError, Request, Retry, Url, shown};
use provost_record::Event;
use provost_store::ManifestEntry;
use provost_wire::v1::Failure;
use std::path::{Path, PathBuf};

/// The longest document that is fetched, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A manifest, or several, or one `failure.json`.
#[derive(Debug, Clone)]
pub enum IngestSource {
    /// A file, or a folder that holds `docs/reports`.
    Path(PathBuf),
    /// A document on the web.
    Url {
        /// Where it is.
        url: Url,
        /// How often it is tried.
        retry: Retry,
    },
}

/// What a source holds.
pub(super) enum Documents {
    Entries(Vec<ManifestEntry>),
    Failure(Box<Event>),
}

impl IngestSource {
    /// What was named on a command line: a URL when it begins like one, else a path.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] for a URL that is none, or holds a password.
    pub fn parse(text: &str, retry: Retry) -> Result<Self, ControlError> {
        let is_url = ["https://", "http://"].iter().any(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !is_url {
            return Ok(Self::Path(PathBuf::from(text)));
        }
        let invalid = |why: &str| ControlError::Configuration(format!("the manifest's URL {why}"));
        let url = Url::parse(text).map_err(|_| invalid("is no usable URL"))?;
        match url.username().is_empty() && url.password().is_none() {
            true => Ok(Self::Url { url, retry }),
            false => Err(invalid("must not hold a user name or password")),
        }
    }

    /// It for people, without what may be secret in a URL.
    pub fn shown(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Url { url, .. } => shown(url),
        }
    }

    pub(super) fn read(&self) -> Result<Documents, ControlError> {
        match self {
            Self::Path(path) if path.is_dir() => {
                manifest_entries(path).and_then(|entries| entries_of(&entries))
            }
            Self::Path(path) => documents(&self.shown(), &read_file(path)?),
            Self::Url { url, retry } => documents(&self.shown(), &fetch(url, retry)?),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ControlError> {
    std::fs::read(path).map_err(|source| ControlError::Unreadable { path: path.to_owned(), source })
}

/// Fetches a document, without a token and without following a redirect.
fn fetch(url: &Url, retry: &Retry) -> Result<Vec<u8>, ControlError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let limits = Limits { max_bytes: MAX_BYTES, ..Limits::default() };
    let answer = Client::new(vec![host], limits)
        .and_then(|client| retry.send(&client, &Request::get(url.clone())))
        .map_err(not_fetched)?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(ControlError::NotFetched(format!("{} answered HTTP {status}", shown(url)))),
    }
}

fn not_fetched(error: OutboundError) -> ControlError {
    ControlError::NotFetched(error.to_string())
}

/// A manifest is an array, a `failure.json` an object.
fn documents(name: &str, bytes: &[u8]) -> Result<Documents, ControlError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        let invalid = |why: String| ControlError::InvalidDocument { name: name.to_owned(), why };
        let failure: Failure =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        return event_of_failure(&failure).map(Box::new).map(Documents::Failure).map_err(invalid);
    }
    let file = DayFile::parse(name, bytes)?;
    entries_of(&file.entries().cloned().collect::<Vec<_>>())
}

fn entries_of(entries: &[Entry]) -> Result<Documents, ControlError> {
    let texts: Vec<serde_json::Value> = serde_json::from_str(&render(entries))
        .map_err(|error| ControlError::Internal(error.to_string()))?;
    let entries = entries.iter().zip(texts).map(|(entry, json)| {
        let events = std::iter::once(event_of(entry)).chain(announcement_of(entry)).collect();
        ManifestEntry { json, events }
    });
    Ok(Documents::Entries(entries.collect()))
}
