//! The use case *publish*: the manifest's files into the docs bucket, where the ingestion service
//! fetches them.

mod bucket;

pub use bucket::DocsBucket;

use crate::error::ControlError;
use provost_manifest::{Day, Manifests, RelativePath, StandingFile};
use provost_outbound::{Answer, Client, Limits, Method, OutboundError, Request, Retry, Secret};
use std::path::PathBuf;

/// What the far side says of a refusal is shown up to here, in characters.
const MAX_SAID: usize = 200;

/// What is asked of [`publish`].
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// The folder that holds `docs/reports`.
    pub root: PathBuf,
    /// Where to.
    pub bucket: DocsBucket,
    /// The key that may write there.
    pub key: Secret,
    /// Which files.
    pub days: DaySelection,
    /// How calls are repeated.
    pub retry: Retry,
}

/// Which of the manifest's files are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DaySelection {
    /// Those that the bucket does not hold as they stand here.
    Changed,
    /// All, whatever the bucket holds.
    All,
    /// Those of these days, whatever the bucket holds.
    Days(Vec<Day>),
}

/// One file of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its path, in the repository and in the bucket.
    pub path: RelativePath,
    /// Its size in bytes.
    pub size: usize,
    /// What became of it.
    pub state: PublishState,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishState {
    /// The bucket holds it now.
    Uploaded,
    /// The bucket held it already, byte for byte.
    Unchanged,
    /// The bucket did not take it, and why.
    Failed(String),
    /// A file before it failed, so it was not tried.
    NotTried,
}

/// Uploads the files, oldest day first, each under its own path. The first failure ends it: what
/// follows would most likely fail alike, and a repeat goes on where this one ended.
///
/// Nothing is uploaded when any day's file does not parse, or when a day that is asked for has
/// none.
///
/// # Errors
/// [`ControlError`] when nothing was tried.
pub fn publish(request: &PublishRequest) -> Result<Vec<PublishedFile>, ControlError> {
    let files = selected(request)?;
    let hosts = vec![request.bucket.host().to_owned()];
    let client = Client::new(hosts, Limits::default())
        .map_err(|error| ControlError::Configuration(error.to_string()))?;
    let bucket = Bucket { request, client };
    let mut has_failed = false;
    let mut published = Vec::with_capacity(files.len());
    for file in files {
        let size = file.bytes.len();
        let state = match has_failed {
            true => PublishState::NotTried,
            false => bucket.settle(&file),
        };
        has_failed |= matches!(state, PublishState::Failed(_));
        published.push(PublishedFile { path: file.path, size, state });
    }
    Ok(published)
}

fn selected(request: &PublishRequest) -> Result<Vec<StandingFile>, ControlError> {
    let mut files = Manifests::at(&request.root).files()?;
    if let DaySelection::Days(days) = &request.days {
        if let Some(day) = days.iter().find(|day| files.iter().all(|file| file.day != **day)) {
            let text = format!("{} is not there, so it cannot be published", day.path());
            return Err(ControlError::NothingToCheck(text));
        }
        files.retain(|file| days.contains(&file.day));
    }
    match files.is_empty() {
        true => {
            let place = request.root.display();
            Err(ControlError::NothingToCheck(format!("no manifest under {place}")))
        }
        false => Ok(files),
    }
}

struct Bucket<'a> {
    request: &'a PublishRequest,
    client: Client,
}

impl Bucket<'_> {
    fn settle(&self, file: &StandingFile) -> PublishState {
        let settled = match self.request.days {
            DaySelection::Changed => self.holds(file).and_then(|holds| match holds {
                true => Ok(PublishState::Unchanged),
                false => self.upload(file),
            }),
            DaySelection::All | DaySelection::Days(_) => self.upload(file),
        };
        settled.unwrap_or_else(PublishState::Failed)
    }

    /// Whether the bucket holds exactly these bytes.
    fn holds(&self, file: &StandingFile) -> Result<bool, String> {
        let url = self.request.bucket.download_url(&file.path);
        match self.send(Request::get(url)) {
            Ok(answer) if answer.is_success() => Ok(answer.body == file.bytes),
            Ok(answer) if is_absent(&answer) => Ok(false),
            // More than is read is surely something else.
            Err(OutboundError::TooLarge { .. }) => Ok(false),
            Ok(answer) => Err(refusal(&answer)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn upload(&self, file: &StandingFile) -> Result<PublishState, String> {
        let url = self.request.bucket.upload_url(&file.path);
        let body = file.bytes.clone();
        let request = Request::bytes(Method::Post, url, "application/json", body)
            .header("x-upsert", "true")
            // A manifest changes for as long as its runs do.
            .header("cache-control", "no-cache");
        match self.send(request) {
            Ok(answer) if answer.is_success() => Ok(PublishState::Uploaded),
            Ok(answer) => Err(refusal(&answer)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn send(&self, request: Request) -> Result<Answer, OutboundError> {
        let key = &self.request.key;
        self.request.retry.send(&self.client, &request.bearer(Some(key)))
    }
}

/// Supabase Storage answers 400 where there is no object, and says 404 in the body.
fn is_absent(answer: &Answer) -> bool {
    let said = || {
        let document: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
        Some(match &document["statusCode"] {
            serde_json::Value::String(text) => text == "404",
            number => *number == 404,
        })
    };
    answer.status == 404 || (answer.status == 400 && said() == Some(true))
}

/// Status and message of an answer that is no success.
fn refusal(answer: &Answer) -> String {
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = document["message"].as_str().or_else(|| document["error"].as_str());
    match said {
        Some(said) => {
            let said: String = said.chars().take(MAX_SAID).collect();
            format!("the bucket answered {}: {said}", answer.status)
        }
        None => format!("the bucket answered {}", answer.status),
    }
}
