//! Check 4: the key, from the issuer's key set.
//!
//! The set is fetched from the one address that the configured issuer has, over a client that
//! follows no redirect, and kept for an hour. A key that left the set is gone with the next fetch;
//! while the issuer cannot be reached, or answers with what is no key set, the set that is there
//! goes on for at most 24 hours. A key that is not known makes one fetch, and no stranger can cause
//! more than one a minute.

use super::key::{Keys, MAX_BYTES, keys};
use super::refusal::{Check, Refusal};
use crate::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use provost_outbound::{Client, Limits, Origin, OutboundError, Request, Url};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a set is good without a look.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long it goes on while the issuer cannot be asked.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// The least time between two fetches.
const BETWEEN: SignedDuration = SignedDuration::from_mins(1);
/// How many unknown ids are remembered.
const MAX_UNKNOWN: usize = 1024;

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// The issuer has no such key.
    Unknown(Refusal),
    /// The issuer's keys cannot be had, so nothing can be said about the token.
    Unavailable,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct KeySet {
    source: Source,
    clock: Clock,
    state: Mutex<State>,
    /// Held by the one that fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
enum Source {
    /// A file that was read at the start.
    File,
    Issuer {
        url: Url,
        client: Client,
    },
}

#[derive(Debug, Default)]
struct State {
    keys: Keys,
    /// When `keys` came.
    fetched_at: Option<Timestamp>,
    /// When it was last tried.
    tried_at: Option<Timestamp>,
    /// Ids that the set of `fetched_at` does not have.
    unknown: BTreeSet<String>,
    /// Whether it is being tried.
    fetching: bool,
    /// Fetches so far.
    fetches: u64,
}

impl KeySet {
    /// The keys that the issuer publishes at `<issuer>/.well-known/jwks`. Nothing is fetched yet.
    pub(crate) fn of_issuer(issuer: &str, clock: Clock) -> Result<Self, OutboundError> {
        let origin = Origin::parse(issuer, "[github].oidc_issuer")?;
        let url = origin.join(&[".well-known", "jwks"]);
        let limits = Limits {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            max_bytes: MAX_BYTES,
        };
        let client = Client::new(vec![origin.host().to_owned()], limits)?;
        let source = Source::Issuer { url, client };
        Ok(Self { source, clock, state: Mutex::default(), turn: tokio::sync::Mutex::new(()) })
    }

    /// The keys of a file, for ever.
    pub(crate) fn of_file(path: &Path, clock: Clock) -> Result<Self, String> {
        let read = || {
            let file = std::fs::File::open(path)?;
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_BYTES + 1), &mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|error: std::io::Error| error.to_string())?;
        let state = State { keys: keys(&bytes)?, ..State::default() };
        Ok(Self {
            source: Source::File,
            clock,
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// The key of that id.
    pub(crate) async fn key(self: &Arc<Self>, kid: &str) -> Result<Arc<DecodingKey>, NoKey> {
        if let Some(known) = self.known(kid) {
            return known;
        }
        // A caller that goes away does not take the fetch with it: it would count as tried.
        let (own, wanted) = (Arc::clone(self), kid.to_owned());
        let fetching = tokio::spawn(async move {
            let _turn = own.turn.lock().await;
            if let Some(known) = own.known(&wanted) {
                return known;
            }
            own.fetch().await;
            own.known_after_fetch(&wanted)
        });
        fetching.await.unwrap_or(Err(NoKey::Unavailable))
    }

    /// How often the issuer was asked.
    pub(crate) fn fetches(&self) -> u64 {
        self.lock().fetches
    }

    /// The answer as far as it needs no fetch.
    fn known(&self, kid: &str) -> Option<Result<Arc<DecodingKey>, NoKey>> {
        let state = self.lock();
        let key = state.keys.get(kid).cloned();
        if matches!(self.source, Source::File) {
            return Some(key.ok_or_else(unknown));
        }
        let now = self.clock.now();
        let age = state.fetched_at.map(|at| now.duration_since(at));
        let is_fresh = age.is_some_and(|age| (SignedDuration::ZERO..FRESH).contains(&age));
        let may_fetch = state.tried_at.is_none_or(|at| {
            // A clock that went back must not keep the issuer from being asked.
            !(SignedDuration::ZERO..BETWEEN).contains(&now.duration_since(at))
        });
        match key {
            Some(key) if is_fresh => Some(Ok(key)),
            _ if may_fetch && !(is_fresh && state.unknown.contains(kid)) => None,
            key => match state.stale(key, now) {
                Ok(key) => Some(Ok(key)),
                // The answer is under way.
                Err(_) if state.fetching => None,
                no_key => Some(no_key),
            },
        }
    }

    fn known_after_fetch(&self, kid: &str) -> Result<Arc<DecodingKey>, NoKey> {
        let mut state = self.lock();
        let key = state.keys.get(kid).cloned();
        if key.is_none() && state.unknown.len() < MAX_UNKNOWN {
            state.unknown.insert(kid.to_owned());
        }
        state.stale(key, self.clock.now())
    }

    async fn fetch(&self) {
        let Source::Issuer { url, client } = &self.source else {
            return;
        };
        {
            let mut state = self.lock();
            state.tried_at = Some(self.clock.now());
            state.fetching = true;
            state.fetches += 1;
        }
        let (client, request) = (client.clone(), Request::get(url.clone()));
        let answer = tokio::task::spawn_blocking(move || client.send(&request)).await;
        let found = match answer {
            Ok(Ok(answer)) if answer.status == 200 => keys(&answer.body),
            Ok(Ok(answer)) => Err(format!("it answered {}", answer.status)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the fetch was stopped".to_owned()),
        };
        let mut state = self.lock();
        state.fetching = false;
        match found {
            Ok(keys) => {
                let now = self.clock.now();
                (state.keys, state.fetched_at) = (keys, Some(now));
                state.unknown.clear();
            }
            Err(why) => tracing::warn!(
                issuer.key_set = %provost_outbound::shown(url),
                why = %provost_sink::visible(&why, 300),
                "the issuer's key set cannot be had, so the keys that are known go on"
            ),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The answer where the issuer is not asked (again).
    fn stale(
        &self,
        key: Option<Arc<DecodingKey>>,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, NoKey> {
        let age = self.fetched_at.map(|at| now.duration_since(at));
        let is_usable = age.is_some_and(|age| age < LONGEST);
        match key {
            Some(key) if is_usable => Ok(key),
            None if is_usable => Err(unknown()),
            _ => Err(NoKey::Unavailable),
        }
    }
}

fn unknown() -> NoKey {
    NoKey::Unknown(Refusal::new(Check::Key, "the issuer has no key of that id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::github::{FakeGithub, IdentityKey};
    use std::sync::atomic::{AtomicI64, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn strangers_with_a_hundred_thousand_key_ids_cause_two_fetches_in_two_minutes() {
        let github = FakeGithub::start();
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let hand = Arc::clone(&seconds);
        let clock = Clock::new(move || {
            Timestamp::from_second(hand.load(Ordering::SeqCst)).expect("a time")
        });
        let issuer = github.services_url().to_owned();
        let making = tokio::task::spawn_blocking(move || KeySet::of_issuer(&issuer, clock));
        let keys = Arc::new(making.await.expect("made").expect("a key set"));
        for number in 0..100_000 {
            if number == 50_000 {
                seconds.fetch_add(61, Ordering::SeqCst);
            }
            let found = keys.key(&format!("stranger-{number}")).await;
            assert!(matches!(found, Err(NoKey::Unknown(_))), "{number}");
        }
        assert!(keys.key(IdentityKey::First.id()).await.is_ok());
        assert_eq!(github.requests_to("GET", "/.well-known/jwks").len(), 2);
        assert!(keys.lock().unknown.len() <= MAX_UNKNOWN);
        // Dropping a client that blocks is not for a thread that runs tasks.
        tokio::task::spawn_blocking(move || drop((keys, github))).await.expect("dropped");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_that_ask_at_once_cause_one_fetch() {
        let github = FakeGithub::start();
        let issuer = github.services_url().to_owned();
        let making =
            tokio::task::spawn_blocking(move || KeySet::of_issuer(&issuer, Clock::default()));
        let keys = Arc::new(making.await.expect("made").expect("a key set"));
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let keys = Arc::clone(&keys);
            asking.spawn(async move { keys.key(IdentityKey::First.id()).await.is_ok() });
        }
        assert!(asking.join_all().await.into_iter().all(|found| found));
        assert_eq!(keys.fetches(), 1);
        tokio::task::spawn_blocking(move || drop((keys, github))).await.expect("dropped");
    }
}
