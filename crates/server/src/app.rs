//! What every part of a running server shares.

use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::dashboard::{Snapshots, Updates};
use crate::docs_bucket::DocsBucket;
use crate::error::ServerError;
use crate::github::Hints;
use crate::http::{BodyMemory, Problem};
use crate::metrics::Metrics;
use crate::oidc::{Rates, Tokens};
use crate::policies::Policies;
use crate::settings::{Limits, Settings};
use crate::token::Senders;
use crate::writer::Writer;
use provost_control::chain;
use provost_control::config::{LoadedConfig, ServerSection};
use provost_outbound::Secret;
use provost_store::{Database, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// A running server, as its parts see it.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) loaded: LoadedConfig,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) senders: Senders,
    pub(crate) tokens: Tokens,
    pub(crate) rates: Arc<Rates>,
    pub(crate) webhook_secrets: Vec<Secret>,
    pub(crate) body_memory: BodyMemory,
    pub(crate) database: Database,
    pub(crate) writer: Writer,
    pub(crate) policies: Policies,
    pub(crate) docs: Option<DocsBucket>,
    pub(crate) alarm: Arc<Alarm>,
    pub(crate) hints: Arc<Hints>,
    /// Rung when a message may have come into the outbox.
    pub(crate) bell: Arc<Notify>,
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) snapshots: Snapshots,
    pub(crate) updates: Updates,
    /// Whether the rows were made by the program itself, to be looked at.
    pub(crate) is_demo: bool,
}

impl App {
    pub(crate) fn new(
        settings: &Settings,
        database: Database,
        writer: Writer,
        metrics: Arc<Metrics>,
    ) -> Result<Self, ServerError> {
        let loaded = &settings.loaded;
        let section = &loaded.config.server;
        Ok(Self {
            loaded: loaded.clone(),
            limits: settings.limits,
            clock: settings.clock.clone(),
            metrics,
            senders: Senders::new(&section.tokens),
            tokens: Tokens::new(loaded, settings.clock.clone())?,
            rates: Rates::new(settings.allowance),
            webhook_secrets: settings.secrets.webhook.clone(),
            body_memory: BodyMemory::new(settings.limits.body_memory),
            database,
            writer,
            policies: Policies::load(loaded)?,
            docs: DocsBucket::new(section, settings.secrets.docs_key.clone(), &settings.retry)?,
            alarm: Arc::new(Alarm::new(settings)?),
            hints: Arc::new(Hints::new(settings)?),
            bell: Arc::new(Notify::new()),
            stopping: watch::Sender::new(false),
            snapshots: Snapshots::default(),
            updates: Updates::default(),
            is_demo: settings.is_demo,
        })
    }

    pub(crate) fn section(&self) -> &ServerSection {
        &self.loaded.config.server
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// The event log failed: told in the log, and to the caller as something that passes.
    pub(crate) fn unavailable(&self, error: &StoreError) -> Problem {
        self.metrics.store_failure();
        tracing::error!(error = %chain(error), "the event log failed");
        let detail = "the event log is not available; what was sent may be sent again";
        Problem::busy(detail, Duration::from_secs(2))
    }
}
