//! Points and windows of time, in the forms that certificates and trusted roots want.

use std::time::Duration;

use der::asn1::{GeneralizedTime, UtcTime};
use jiff::Timestamp;
use serde_json::{Value, json};
use x509_cert::time::{Time, Validity as CertificateValidity};

/// A window of time, closed at both ends; without `end` it never closes (certificates: 2199).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// First second of the window.
    pub start: Timestamp,
    /// Last second of the window.
    pub end: Option<Timestamp>,
}

impl Validity {
    /// From `start`, without end. Panics if the text is no RFC 3339 time.
    pub fn since(start: &str) -> Self {
        Self { start: instant(start), end: None }
    }

    /// From `start` to `end`, both included. Panics if a text is no RFC 3339 time.
    pub fn between(start: &str, end: &str) -> Self {
        Self { start: instant(start), end: Some(instant(end)) }
    }

    /// `validFor` of a trusted root (protobuf-specs, message `TimeRange`).
    pub(crate) fn to_json(self) -> Value {
        match self.end {
            Some(end) => json!({ "start": self.start.to_string(), "end": end.to_string() }),
            None => json!({ "start": self.start.to_string() }),
        }
    }

    /// The window of a certificate, which must end: later than any clock of a test, early enough
    /// for every date type (RFC 5280's `99991231235959Z` overflows some).
    pub(crate) fn to_certificate(self) -> CertificateValidity {
        let end = self.end.unwrap_or_else(|| instant("2199-12-31T23:59:59Z"));
        CertificateValidity {
            not_before: certificate_time(self.start),
            not_after: certificate_time(end),
        }
    }
}

/// A time written in RFC 3339, such as `2026-03-01T12:00:00Z`. Panics on anything else.
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test writes its times in RFC 3339")
}

/// Time as X.509 writes it: two-digit years to 2049, four-digit after (RFC 5280 4.1.2.5).
pub(crate) fn certificate_time(time: Timestamp) -> Time {
    match UtcTime::from_unix_duration(since_epoch(time)) {
        Ok(time) => Time::UtcTime(time),
        Err(_) => Time::GeneralTime(generalized_time(time)),
    }
}

/// Time with a four-digit year, whole seconds.
pub(crate) fn generalized_time(time: Timestamp) -> GeneralizedTime {
    GeneralizedTime::from_unix_duration(since_epoch(time)).expect("the year has four digits")
}

fn since_epoch(time: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(time.as_second()).expect("the time is after 1970"))
}
