//! Everything that is compared, read once.

use super::{LookedAt, ReconcileRequest};
use crate::config::LoadedConfig;
use crate::error::ControlError;
use crate::gate::Online;
use jiff::{SignedDuration, Timestamp};
use provost_github::Release;
use provost_manifest::{Entry, Manifests, Standing};
use provost_store::{Dispatch, EventLog, KpiFilter, KpiRow, StoreUrl};
use std::collections::BTreeMap;

/// Manifest, event log, releases and tags.
pub(super) struct World {
    pub(super) config: LoadedConfig,
    pub(super) store: StoreUrl,
    pub(super) manifests: Manifests,
    /// Every entry, whenever it was written.
    pub(super) all: Vec<Entry>,
    pub(super) since: Timestamp,
    /// What is older than this should be done.
    pub(super) due: Timestamp,
    pub(super) rows: Option<Vec<KpiRow>>,
    pub(super) dispatches: Vec<Dispatch>,
    /// Published releases since then.
    pub(super) releases: Vec<Release>,
    /// Every tag with its commit.
    pub(super) tags: BTreeMap<String, String>,
    pub(super) unchecked: Vec<String>,
}

impl World {
    pub(super) fn load(
        request: &ReconcileRequest,
        online: &Online,
        now: Timestamp,
    ) -> Result<Self, ControlError> {
        let config = request.config.clone();
        let manifests = Manifests::at(&config.resolve(&config.config.manifest.root));
        let entries = manifests.entries()?;
        let mut unchecked = Vec::new();
        let missing = request.store.sqlite_path().filter(|path| !path.exists());
        let (rows, dispatches) = match missing {
            None => {
                let repository = config.config.repository().map_err(ControlError::Configuration)?;
                let filter = KpiFilter {
                    since: Some(request.since),
                    repository: Some(repository.slug()),
                    ..KpiFilter::default()
                };
                let log = EventLog::open(&request.store)?;
                (Some(log.latest(&filter)?), log.dispatches(&filter)?)
            }
            Some(path) => {
                unchecked.push(format!("the event log, as there is none at {}", path.display()));
                (None, Vec::new())
            }
        };
        let repository = online.connection.repository();
        let is_meant = |release: &Release| {
            !release.draft && release.published_at.is_some_and(|at| at >= request.since)
        };
        let releases = repository.releases()?.into_iter().filter(is_meant).collect();
        let minutes = i64::from(config.config.reconcile.deadline_minutes);
        Ok(Self {
            store: request.store.clone(),
            manifests,
            all: entries.into_iter().map(|Standing { entry, .. }| entry).collect(),
            since: request.since,
            due: now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MIN),
            rows,
            dispatches,
            releases,
            tags: repository.tags()?.into_iter().collect(),
            unchecked,
            config,
        })
    }

    /// The entries since then.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.all.iter().filter(|entry| entry.validated_at >= self.since)
    }

    /// Whether it should be done by now.
    pub(super) fn is_due(&self, at: Timestamp) -> bool {
        at <= self.due
    }

    pub(super) fn looked_at(&self, runs: usize) -> LookedAt {
        LookedAt {
            releases: self.releases.len(),
            entries: self.entries().count(),
            rows: self.rows.as_ref().map_or(0, Vec::len),
            runs,
        }
    }
}
