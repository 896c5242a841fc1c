//! What a server is started with.

use crate::clock::Clock;
use crate::error::ServerError;
use crate::oidc::Allowance;
use crate::secrets::ServerSecrets;
use provost_control::config::LoadedConfig;
use provost_outbound::Retry;
use std::net::SocketAddr;
use std::time::Duration;

/// What a server is started with, beside its event log.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// `provost.toml`.
    pub loaded: LoadedConfig,
    /// Its secrets.
    pub secrets: ServerSecrets,
    /// Its clock.
    pub clock: Clock,
    /// How much, and how long.
    pub limits: Limits,
    /// What one repository may send.
    pub allowance: Allowance,
    /// How often a call to Slack or GitHub is repeated within one delivery.
    pub retry: Retry,
    /// Whether the pages say that their rows are made up.
    pub is_demo: bool,
}

/// How much, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at the same time; one more is answered 503.
    pub connections: usize,
    /// Connections of one address at the same time, so that one client leaves room for others.
    pub connections_per_address: usize,
    /// Time for the head of a request, and for the next one on a connection that is kept.
    pub head: Duration,
    /// Time for a whole request.
    pub request: Duration,
    /// Time for which a client may not take a byte of its answer.
    pub stalled_answer: Duration,
    /// Time for which a server that stops says so at `/readyz` and still takes connections, so that
    /// who sends them here hears of it.
    pub notice: Duration,
    /// Time for what is under way when the server stops.
    pub drain: Duration,
    /// Bytes of all bodies that are in memory at the same time.
    pub body_memory: usize,
    /// Submissions that wait for the event log.
    pub queue: usize,
    /// Submissions of one transaction.
    pub batch: usize,
    /// Deliveries until a message counts as dead.
    pub deliveries: u32,
    /// Time between two looks at the outbox, the deadlines and the seal.
    pub look: Duration,
    /// Time between two seals.
    pub seal: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 128,
            head: Duration::from_secs(10),
            request: Duration::from_secs(30),
            stalled_answer: Duration::from_secs(15),
            notice: Duration::from_secs(2),
            drain: Duration::from_secs(20),
            body_memory: 32 * 1024 * 1024,
            queue: 1024,
            batch: 256,
            deliveries: 12,
            look: Duration::from_secs(1),
            seal: Duration::from_secs(60),
        }
    }
}

impl Settings {
    /// Settings with the usual limits and the system's clock.
    pub fn new(listen: SocketAddr, loaded: LoadedConfig, secrets: ServerSecrets) -> Self {
        let mut limits = Limits::default();
        if let Some(most) = loaded.config.server.connections_per_address {
            limits.connections_per_address = usize::from(most);
        }
        Self {
            listen,
            loaded,
            secrets,
            clock: Clock::default(),
            limits,
            allowance: Allowance::default(),
            retry: Retry { tries: 2, longest: Duration::from_secs(5), ..Retry::default() },
            is_demo: false,
        }
    }

    /// Refuses what would show rows to everybody.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        let is_open = !self.loaded.config.server.protect_reads;
        match is_open && !self.listen.ip().to_canonical().is_loopback() {
            true => Err(ServerError::UnprotectedReads { address: self.listen }),
            false => Ok(()),
        }
    }
}
