//! Everything the fake knows, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::blob::Blob;
use super::fault::ArmedFault;
use super::identity_key::KeySetAnswer;
use super::oidc::TokenEndpoint;
use super::repository::RepositoryState;
use super::request_log::LoggedRequest;
use super::services::ServiceAnswer;
use super::token::Token;
use super::violation::Violation;

/// Base URLs without a final slash.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) api: String,
    pub(crate) blob: String,
    pub(crate) services: String,
}

/// State and addresses, as the handles and the server share them.
pub(crate) struct Shared {
    pub(crate) addresses: Addresses,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(addresses: Addresses) -> Self {
        Self { addresses, state: Mutex::new(State::default()) }
    }

    /// A panic in one test thread leaves the state readable for the others.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) repositories: Vec<RepositoryState>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) log: Vec<LoggedRequest>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) faults: Vec<ArmedFault>,
    pub(crate) blobs: Vec<Blob>,
    pub(crate) token_endpoints: Vec<TokenEndpoint>,
    pub(crate) webhook: ServiceAnswer,
    pub(crate) function: ServiceAnswer,
    pub(crate) key_set: KeySetAnswer,
    /// An enterprise server that knows only the older API version and answers a dispatch with 204.
    pub(crate) older_server: bool,
    pub(crate) attestations_absent_as_404: bool,
    pub(crate) now: Option<Timestamp>,
    last_id: u64,
}

/// First number given out; large enough to be told from a count or an issue number.
const FIRST_ID: u64 = 90_000_000;

impl State {
    /// A number that nothing else has.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        FIRST_ID + self.last_id
    }

    /// The time of the fake: what the test set, else the clock's.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }

    /// The repository of `owner` and `name`, which GitHub compares without case.
    pub(crate) fn repository(&mut self, owner: &str, name: &str) -> Option<&mut RepositoryState> {
        self.repositories.iter_mut().find(|repository| {
            let settings = &repository.settings;
            settings.owner.eq_ignore_ascii_case(owner) && settings.name.eq_ignore_ascii_case(name)
        })
    }

    /// The repository of that number, which every handle holds.
    pub(crate) fn repository_by_id(&mut self, id: u64) -> &mut RepositoryState {
        let found = self.repositories.iter_mut().find(|repository| repository.settings.id == id);
        found.expect("the test deleted the repository of this handle")
    }
}

/// Time as GitHub writes it: whole seconds, `Z`.
pub(crate) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
