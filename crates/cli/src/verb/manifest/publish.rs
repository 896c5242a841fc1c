//! `provost manifest publish`

use crate::args::ManifestPublishArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::sink::terminal;
use crate::verb::environment::{mask, retry, variable};
use crate::verb::event_log::DEFAULT_CONFIG;
use provost_control::config::LoadedConfig;
use provost_control::{
    ControlError, DaySelection, PublishRequest, PublishState, PublishedFile, publish as upload,
};
use provost_outbound::Secret;
use serde_json::json;
use std::path::Path;

pub(super) fn publish(args: &ManifestPublishArgs, output: &Output) -> Shown {
    let published = request(args).and_then(|request| {
        let bucket = request.bucket.to_string();
        Ok((upload(&request)?, bucket))
    });
    let (files, bucket) = match published {
        Ok(published) => published,
        Err(error) => {
            output.error("nothing was published", error.code(), &error)?;
            return Ok(Exit::from(&error));
        }
    };
    output.document(&json(&files, &bucket), &text(&files, &bucket, output))?;
    if files.iter().any(|file| matches!(file.state, PublishState::Failed(_))) {
        output.tell_error(
            "the bucket does not hold the whole manifest; publish again, and what it holds \
             already is left as it is",
        );
        return Ok(Exit::CouldNot);
    }
    Ok(Exit::Fine)
}

fn request(args: &ManifestPublishArgs) -> Result<PublishRequest, ControlError> {
    let path = args.config.as_deref().unwrap_or(Path::new(DEFAULT_CONFIG));
    let config = LoadedConfig::from_file(path)?;
    let section = &config.config.manifest;
    let bucket = section.docs_bucket().map_err(ControlError::Configuration)?;
    let missing = |what: &str| ControlError::Configuration(what.to_owned());
    let bucket = bucket.ok_or_else(|| {
        missing(
            "no docs bucket is named: set [manifest].docs_bucket_url to \
             https://HOST/storage/v1/object/BUCKET",
        )
    })?;
    let key = Secret::from_environment("PROVOST_DOCS_KEY", variable)?;
    let key = key.ok_or_else(|| {
        missing(
            "no key of the docs bucket is known: set PROVOST_DOCS_KEY, or PROVOST_DOCS_KEY_FILE \
             to a file that holds it",
        )
    })?;
    mask(std::iter::once(key.expose()));
    let days = match (args.all, args.day.is_empty()) {
        (true, _) => DaySelection::All,
        (false, true) => DaySelection::Changed,
        (false, false) => DaySelection::Days(args.day.clone()),
    };
    let root = args.root.clone().unwrap_or_else(|| config.resolve(&section.root));
    Ok(PublishRequest { root, bucket, key, days, retry: retry() })
}

fn json(files: &[PublishedFile], bucket: &str) -> String {
    let files: Vec<serde_json::Value> = files
        .iter()
        .map(|file| {
            let reason = match &file.state {
                PublishState::Failed(reason) => Some(reason),
                _ => None,
            };
            json!({
                "path": file.path.as_str(),
                "size": file.size,
                "state": word(&file.state),
                "reason": reason,
            })
        })
        .collect();
    let document = json!({
        "schema": "https://provost.dev/manifest-publish/v1",
        "bucket": bucket,
        "files": files,
    });
    format!("{document}\n")
}

fn word(state: &PublishState) -> &'static str {
    match state {
        PublishState::Uploaded => "uploaded",
        PublishState::Unchanged => "unchanged",
        PublishState::Failed(_) => "failed",
        PublishState::NotTried => "not-tried",
    }
}

/// A line a file that is not as before; with `-v` all of them.
fn text(files: &[PublishedFile], bucket: &str, output: &Output) -> String {
    let mut text = String::new();
    for file in files {
        if file.state == PublishState::Unchanged && !output.is_verbose() {
            continue;
        }
        let path = terminal(file.path.as_str());
        text.push_str(&format!("{:<10} {path}  {} bytes\n", word(&file.state), file.size));
        if let PublishState::Failed(reason) = &file.state {
            text.push_str(&format!("{:<10} {}\n", "", terminal(reason)));
        }
    }
    let count = |wanted: &str| files.iter().filter(|file| word(&file.state) == wanted).count();
    text.push_str(&format!(
        "{}: {} of {} files uploaded, {} unchanged\n",
        terminal(bucket),
        count("uploaded"),
        files.len(),
        count("unchanged")
    ));
    text
}
