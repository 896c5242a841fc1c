//! The values of known keys: what each must be, and what to say when it is not.

use crate::problem::LintCode;
use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_record::{Status, Verdict};
use std::collections::BTreeMap;

/// Largest run id: what a signed 64-bit column of the event log holds.
const MAX_RUN: u64 = i64::MAX.unsigned_abs();

/// Why a value is not what its key wants.
pub(crate) struct Fault {
    pub(crate) code: LintCode,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

pub(crate) fn run(value: &str) -> Result<u64, Fault> {
    run_number(value).map_err(|fault| Fault { code: LintCode::InvalidRun, ..fault })
}

/// Decimal digits in a string, because JavaScript cannot hold every run id in a number.
pub(crate) fn run_number(value: &str) -> Result<u64, Fault> {
    let help = "write GitHub's run id as a string of decimal digits without leading zeros, \"0\" \
                when no run ever started";
    let text = string(value, help)?;
    text.parse::<u64>()
        .ok()
        .filter(|number| *number <= MAX_RUN && number.to_string() == text)
        .ok_or_else(|| invalid(format!("is {text:?}, no run id"), help))
}

pub(crate) fn tag(value: &str) -> Result<Tag, Fault> {
    let help = "write the tag without `refs/tags/`, as `git check-ref-format` allows it";
    string(value, help)?.parse().map_err(|error: provost_attestation::git_ref::InvalidTag| Fault {
        code: LintCode::InvalidTag,
        message: format!("is wrong: {error}"),
        help,
    })
}

pub(crate) fn status(value: &str) -> Result<Status, Fault> {
    let help = "write `success` or `failure`";
    match string(value, help)?.as_str() {
        "success" => Ok(Status::Success),
        "failure" => Ok(Status::Failure),
        other => Err(invalid(format!("is {other:?}"), help)),
    }
}

pub(crate) fn verdict(value: &str) -> Result<Verdict, Fault> {
    let help = "write `accepted` or `refused`, or remove the key while nothing was decided";
    match string(value, help)?.as_str() {
        "accepted" => Ok(Verdict::Accepted),
        "refused" => Ok(Verdict::Refused),
        other => Err(invalid(format!("is {other:?}"), help)),
    }
}

pub(crate) fn timestamp(value: &str) -> Result<Timestamp, Fault> {
    let help = "write UTC as in `2026-11-23T12:00:00Z`";
    let text = string(value, help)?;
    text.parse().map_err(|_| Fault {
        code: LintCode::InvalidTimestamp,
        message: format!("is {text:?}, no time"),
        help,
    })
}

pub(crate) fn level(value: &str) -> Result<u8, Fault> {
    let help = "write a number from 0 to 3, or remove the key when it is unknown";
    number(value, help, 0..=3)
}

pub(crate) fn attempt(value: &str) -> Result<u32, Fault> {
    let help = "write a number from 1, or remove the key when it is unknown";
    number(value, help, 1..=u32::MAX)
}

pub(crate) fn whole_number(value: &str) -> Result<u64, Fault> {
    let help = "write a number, or remove the key when there is none";
    number(value, help, 0..=u64::MAX)
}

pub(crate) fn boolean(value: &str) -> Result<bool, Fault> {
    serde_json::from_str(value).map_err(|_| {
        let message = format!("is {}, not true or false", kind(value));
        invalid(message, "write `true` or `false`")
    })
}

pub(crate) fn text(value: &str) -> Result<String, Fault> {
    string(value, "write a string; a key that is not always there is removed when it is unknown")
}

pub(crate) fn texts(value: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(value).map_err(|_| {
        let help = "write an array of strings, or remove the key when there are none";
        invalid(format!("is {}, not an array of strings", kind(value)), help)
    })
}

/// A digest set: strong digests must be well-formed, because one that is misspelt would match no
/// artifact and so hide that a tag was used before.
pub(crate) fn digests(value: &str) -> Result<BTreeMap<String, String>, Fault> {
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
