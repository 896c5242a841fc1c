//! Tokens of GitHub Actions jobs: the checks, numbered, each in a file of its own.
//!
//! A token lets a job send. It never makes anything true: evidence is the bundle, and that is
//! verified by itself.

mod audience;
mod carrier;
mod circumstances;
mod claims;
mod evidence;
mod form;
mod issuer;
mod job;
mod key;
mod key_set;
mod rate;
mod refusal;
mod replay;
mod repository;
mod signature;
mod times;
mod workflow;

pub(crate) use job::Job;
pub use rate::Allowance;
pub use refusal::Check;
pub(crate) use refusal::Refusal;

pub(crate) use carrier::bearer;
pub(crate) use circumstances::check_body;
pub(crate) use evidence::check as check_evidence;
pub(crate) use rate::{Open, Rates};
pub(crate) use replay::Use;

use crate::clock::Clock;
use crate::error::ServerError;
use key_set::{KeySet, NoKey};
use provost_control::config::{LoadedConfig, RepositorySection};
use std::sync::Arc;

/// Whose tokens are accepted.
#[derive(Debug)]
pub(crate) struct Tokens {
    issuer: Arc<str>,
    audience: Option<String>,
    server_url: Arc<str>,
    registered: Vec<Arc<RepositorySection>>,
    keys: Arc<KeySet>,
    clock: Clock,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unauthorized {
    /// A check refused it.
    Refused(Refusal),
    /// The issuer's keys cannot be had: it could not be checked.
    Unavailable,
}

impl From<Refusal> for Unauthorized {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Tokens {
    /// Tokens of the issuer of `[github]`, for the repositories of `[server]`.
    pub(crate) fn new(loaded: &LoadedConfig, clock: Clock) -> Result<Self, ServerError> {
        let (section, github) = (&loaded.config.server, &loaded.config.github);
        let keys = match &section.jwks_file {
            Some(file) => {
                let path = loaded.resolve(file);
                KeySet::of_file(&path, clock.clone())
                    .map_err(|why| ServerError::KeySetFile { path, why })?
            }
            None => KeySet::of_issuer(&github.oidc_issuer, clock.clone())?,
        };
        Ok(Self {
            issuer: github.oidc_issuer.as_str().into(),
            audience: section.audience.clone(),
            server_url: github.server_url.trim_end_matches('/').into(),
            registered: section.repositories.iter().cloned().map(Arc::new).collect(),
            keys: Arc::new(keys),
            clock,
        })
    }

    /// Checks 2 to 10 over a bearer that [`bearer`] (check 1) took from the request.
    ///
    /// What needs the body comes later: [`check_body`] (10), [`check_evidence`] (11), [`Use`]
    /// (12); [`Rates`] (13) counts; and what the caller is told is one constant answer (14).
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Job, Unauthorized> {
        let parts = carrier::parts(token)?; // 1
        let (kid, claims) = form::open(&parts)?; // 2
        issuer::check(&claims, &self.issuer)?; // 3
        let key = self.keys.key(&kid).await.map_err(|error| match error {
            NoKey::Unknown(refusal) => Unauthorized::Refused(refusal),
            NoKey::Unavailable => Unauthorized::Unavailable,
        })?; // 4
        signature::check(token, parts[2], &key)?; // 5
        let audience = self.audience.as_deref();
        let audience = audience.ok_or_else(|| {
            Refusal::new(Check::Audience, "[server].audience is not set, so no token is for us")
        })?;
        audience::check(&claims, audience)?; // 6
        let expires_at = times::check(&claims, self.clock.now())?; // 7
        let registered = repository::check(&claims, &self.registered)?; // 8
        workflow::check(&claims, registered)?; // 9
        let tags = circumstances::check(&claims, registered)?; // 10
        let place = (&self.server_url, &self.issuer);
        Ok(Job::read(&claims, registered, tags, place, expires_at)?)
    }

    /// How often the issuer's key set was fetched.
    pub(crate) fn key_set_fetches(&self) -> u64 {
        self.keys.fetches()
    }
}
