//! What the pages know of the repository that the server runs in, and of its GitHub server.

use super::address::Github;
use super::pipeline::RUNBOOK;
use crate::app::App;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};

/// The trusted root under which this server verifies.
pub(super) struct TrustedRoot {
    pub(super) name: &'static str,
    /// When it was fetched or written.
    pub(super) dated: Option<Timestamp>,
    pub(super) stale_after: SignedDuration,
}

impl App {
    /// `https://github.com`, or the one that `[github]` names.
    pub(super) fn server_url(&self) -> &str {
        self.loaded.config.github.server_url.trim_end_matches('/')
    }

    pub(super) fn github_pages<'a>(&'a self, repository: Option<&'a str>) -> Github<'a> {
        Github { server_url: self.server_url(), repository }
    }

    /// Where `provost.toml` lies.
    pub(super) fn base(&self) -> &Path {
        &self.loaded.base
    }

    /// Where records and bundles lie.
    pub(super) fn manifest_root(&self) -> PathBuf {
        self.loaded.resolve(&self.loaded.config.manifest.root)
    }

    /// What `[notify]` says is to be done about a failure.
    pub(super) fn next_step(&self) -> Option<&str> {
        self.loaded.config.notify.next_step.as_deref()
    }

    pub(super) fn runbook_url(&self) -> Option<&str> {
        self.loaded.config.notify.runbook_url.as_deref()
    }

    /// Whether the checkout has a runbook now.
    pub(super) fn has_runbook(&self) -> bool {
        self.base().join(RUNBOOK).is_file()
    }

    /// How old the dispatch token may become, in days.
    pub(super) fn token_age_days(&self) -> u32 {
        self.loaded.config.dispatch.max_token_age_days
    }

    pub(super) fn trusted_root(&self) -> TrustedRoot {
        let stale_after = SignedDuration::from_hours(24 * provost_trust::STALE_AFTER_DAYS);
        match self.loaded.trusted_root_file() {
            None => TrustedRoot {
                name: "the roots built into this program",
                dated: provost_trust::EMBEDDED_ON.parse().ok(),
                stale_after,
            },
            Some(file) => TrustedRoot {
                name: "the file that the policy names",
                dated: std::fs::metadata(file)
                    .and_then(|file| file.modified())
                    .ok()
                    .and_then(|at| Timestamp::try_from(at).ok()),
                stale_after,
            },
        }
    }
}
