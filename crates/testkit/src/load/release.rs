//! Releases that nobody made: numbered, so that each is known again.

use serde_json::{Value, json};

/// The release with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Release(pub u64);

impl Release {
    /// `OWNER/NAME` of all of them.
    pub const REPOSITORY: &str = "example-org/load";

    /// Its tag.
    pub fn tag(self) -> String {
        format!("v1.{}", self.0)
    }

    /// Its run.
    pub fn run_id(self) -> u64 {
        self.0 + 1
    }

    /// When it was validated; all of them on one day, as a hard case for the daily figures.
    pub fn validated_at(self) -> String {
        let (second, micro) = (self.0 / 1_000_000 % 60, self.0 % 1_000_000);
        format!("2026-11-20T12:00:{second:02}.{micro:06}Z")
    }

    /// URL of its release.
    pub fn url(self) -> String {
        format!("https://github.com/{}/releases/tag/{}", Self::REPOSITORY, self.tag())
    }

    /// Path of its bundle.
    pub fn artifact(self) -> String {
        let tag = self.tag();
        format!("artifacts/slsa/{tag}/provenance-{tag}.json")
    }

    /// What is sent to `POST /functions/v1/provenance-validate`.
    pub fn validation(self) -> String {
        json!({
            "tag": self.tag(),
            "run_id": self.run_id().to_string(),
            "status": "success",
            "verified_at": self.validated_at(),
            "repository": Self::REPOSITORY,
            "release_url": self.url(),
            "artifact_path": self.artifact(),
            "attempt": 1,
            "commit_sha": format!("{:040x}", self.0),
        })
        .to_string()
    }

    /// Its manifest entry.
    pub fn entry(self) -> Value {
        json!({
            "run": self.run_id().to_string(),
            "tag": self.tag(),
            "status": "success",
            "artifact": self.artifact(),
            "release_url": self.url(),
            "validated_at": self.validated_at(),
            "repository": Self::REPOSITORY,
            "commit": format!("{:040x}", self.0),
            "attempt": 1,
            "decision": "accepted",
        })
    }

    /// A manifest of so many releases, beginning with this one.
    pub fn manifest(self, entries: u64) -> String {
        let entries: Vec<Value> =
            (self.0..self.0 + entries).map(|number| Self(number).entry()).collect();
        Value::from(entries).to_string()
    }
}
