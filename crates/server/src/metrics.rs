//! Metrics for Prometheus. Every label comes from a fixed set: no tag, no path, no claim and no
//! name of a repository is one, so that nobody outside can make them grow.

use crate::oidc::Check;
use crate::route::Operation;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use provost_store::{EntryStanding, OutboxState};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<OperationLabel, Histogram, fn() -> Histogram>,
    connections: Gauge,
    turned_away: Counter,
    refused: Family<CheckLabel, Counter>,
    key_set_fetches: Gauge<u64, AtomicU64>,
    entries: Family<OutcomeLabel, Counter>,
    queue: Gauge,
    batches: Histogram,
    store_failures: Counter,
    hints: Family<HintLabel, Counter>,
    deliveries: Family<DeliveryLabel, Counter>,
    outbox: Family<OutboxLabel, Gauge>,
    overdue: Counter,
    seals: Family<OutcomeLabel, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabel {
    check: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HintLabel {
    event: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryLabel {
    way: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutboxLabel {
    state: &'static str,
}

/// Counts a connection until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("provost"),
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            connections: Gauge::default(),
            turned_away: Counter::default(),
            refused: Family::default(),
            key_set_fetches: Gauge::default(),
            entries: Family::default(),
            queue: Gauge::default(),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            store_failures: Counter::default(),
            hints: Family::default(),
            deliveries: Family::default(),
            outbox: Family::default(),
            overdue: Counter::default(),
            seals: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register(
            "request_duration_seconds",
            "Time from the head of a request to its answer",
            self.durations.clone(),
        );
        registry.register("connections", "Connections open", self.connections.clone());
        registry.register(
            "connections_turned_away",
            "Connections for which there was no room",
            self.turned_away.clone(),
        );
        registry.register("tokens_refused", "Tokens refused, by the check", self.refused.clone());
        registry.register(
            "key_set_fetches",
            "Fetches of the issuer's key set since the start",
            self.key_set_fetches.clone(),
        );
        registry.register("entries", "Entries by what became of them", self.entries.clone());
        registry.register("queue", "Submissions that wait for the event log", self.queue.clone());
        registry.register(
            "batch_submissions",
            "Submissions of one transaction",
            self.batches.clone(),
        );
        registry.register(
            "store_failures",
            "Transactions that the event log did not take",
            self.store_failures.clone(),
        );
        registry.register("webhook_deliveries", "Webhook deliveries", self.hints.clone());
        registry.register("deliveries", "Messages sent, by the way", self.deliveries.clone());
        registry.register("outbox_messages", "Messages of the outbox", self.outbox.clone());
        registry.register("deadlines_passed", "Releases overdue", self.overdue.clone());
        registry.register("seals", "Sealing runs by what they came to", self.seals.clone());
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    pub(crate) fn request(&self, operation: Operation, status: u16, took: Duration) {
        let operation = operation.as_str();
        self.requests.get_or_create(&Request { operation, status }).inc();
        let label = OperationLabel { operation };
        self.durations.get_or_create(&label).observe(took.as_secs_f64());
    }

    pub(crate) fn connection(&self) -> Counted {
        self.connections.inc();
        Counted(self.connections.clone())
    }

    pub(crate) fn turned_away(&self) {
        self.turned_away.inc();
    }

    pub(crate) fn refused(&self, check: Check) {
        self.refused.get_or_create(&CheckLabel { check: check.as_str() }).inc();
    }

    pub(crate) fn key_set_fetches(&self, fetches: u64) {
        self.key_set_fetches.set(fetches);
    }

    pub(crate) fn entry(&self, standing: EntryStanding) {
        let outcome = match standing {
            EntryStanding::Inserted => "inserted",
            EntryStanding::Duplicate => "duplicate",
            EntryStanding::Rejected => "rejected",
        };
        self.entries.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub(crate) fn queued(&self, by: i64) {
        self.queue.inc_by(by);
    }

    pub(crate) fn batch(&self, submissions: usize) {
        self.batches.observe(submissions as f64);
    }

    pub(crate) fn store_failure(&self) {
        self.store_failures.inc();
    }

    pub(crate) fn hint(&self, event: &'static str, outcome: &'static str) {
        self.hints.get_or_create(&HintLabel { event, outcome }).inc();
    }

    pub(crate) fn delivery(&self, way: &'static str, outcome: &'static str) {
        self.deliveries.get_or_create(&DeliveryLabel { way, outcome }).inc();
    }

    pub(crate) fn outbox(&self, state: &OutboxState) {
        for (name, count) in
            [("waiting", state.waiting), ("delivered", state.delivered), ("dead", state.dead)]
        {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.outbox.get_or_create(&OutboxLabel { state: name }).set(count);
        }
    }

    pub(crate) fn overdue(&self) {
        self.overdue.inc();
    }

    pub(crate) fn seal(&self, outcome: &'static str) {
        self.seals.get_or_create(&OutcomeLabel { outcome }).inc();
    }
}
