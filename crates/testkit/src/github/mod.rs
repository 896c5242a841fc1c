//! A fake GitHub: a stateful server on the loopback interface that answers as GitHub's REST API.
//!
//! Every request and every answer is held against GitHub's own OpenAPI description
//! (`data/github-openapi-subset.json`). What departs from it is answered with 500 and collected;
//! [`FakeGithub::violations`] gives it, and dropping the fake panics if a test did not take it.
//!
//! There are three addresses, because it matters who gets a token: [`FakeGithub::api_url`] (the
//! API and the uploads), [`FakeGithub::blob_url`] (where artifacts and `bundle_url` lead; it
//! refuses tokens as blob storage does), and [`FakeGithub::services_url`] (Slack, the Slack
//! function, identity tokens), the last two outside of the description.
//!
//! ```
//! use provost_testkit::github::{Artifact, FakeGithub, Fault, On, Release, Repository, Token};
//! use provost_testkit::github::Workflow;
//!
//! let github = FakeGithub::start();
//! let token = github.token(Token::fine_grained("release-bot", &["actions:write"]));
//! let repository = github.add(Repository::new("example-org/artifact").ids(486325809, 80431187));
//! repository.annotated_tag("v1", "693130cb6cb840a7bc9cb18c6510d536a95dc7e6", "Version 1");
//! repository.release(Release::new("v1").draft().asset("artifact.tar.gz", b"bytes"));
//! repository.workflow(Workflow::new(".github/workflows/provenance.yml").input("tag", true).on_run(
//!     |run| {
//!         run.artifact(Artifact::of("provenance", &[("provenance-v1.json", b"{}")]));
//!         run.complete("success");
//!     },
//! ));
//! github.fault(On::new("POST", "/repos/*/*/actions/workflows/*/dispatches"), Fault::Status(502));
//! // … a client is given github.api_url() and the token …
//! # let _ = token;
//! assert!(github.requests_to("POST", "/repos/example-org/artifact/issues").is_empty());
//! assert!(repository.runs().is_empty());
//! ```
//!
//! What a run signs follows the ref on which it was dispatched: [`RunHandle::identity`] makes the
//! identity for the virtual Sigstore.

mod access;
mod artifact;
mod attestation;
mod blob;
mod call;
mod contract;
mod exchange;
mod fault;
mod gate;
mod git;
mod identity_key;
mod issue;
mod job;
mod memory;
mod objects;
mod oidc;
mod percent;
mod release;
mod repository;
mod request_log;
mod routes;
mod ruleset;
mod run;
mod run_handle;
mod server;
mod services;
mod state;
mod token;
mod violation;
mod wire;
mod workflow;

use std::sync::Arc;

use jiff::Timestamp;

pub use artifact::{Artifact, zip};
pub use attestation::Attestation;
pub use fault::{Fault, On};
pub use gate::Gate;
pub use identity_key::{IdentityKey, KeySetAnswer};
pub use issue::{Comment, Issue};
pub use job::Job;
pub use oidc::TokenRequest;
pub use release::{Asset, Release, ReleaseHandle};
pub use repository::{Repository, RepositoryHandle};
pub use request_log::{Host, LoggedRequest};
pub use ruleset::Ruleset;
pub use run::Run;
pub use run_handle::RunHandle;
pub use services::ServiceAnswer;
pub use token::Token;
pub use violation::{Side, Violation};
pub use workflow::Workflow;

use fault::ArmedFault;
use repository::RepositoryState;
use server::Server;
use state::Shared;

/// The server; it stops when this is dropped.
pub struct FakeGithub {
    shared: Arc<Shared>,
    server: Option<Server>,
}

impl FakeGithub {
    /// Starts on three free ports of the loopback interface, without any repository or token.
    pub fn start() -> Self {
        let (server, shared) = Server::start();
        Self { shared, server: Some(server) }
    }

    /// Base URL of the API, without a final slash.
    pub fn api_url(&self) -> &str {
        &self.shared.addresses.api
    }

    /// Base URL of the second host, to which redirects and `bundle_url` lead.
    pub fn blob_url(&self) -> &str {
        &self.shared.addresses.blob
    }

    /// Base URL of everything that is not GitHub's API.
    pub fn services_url(&self) -> &str {
        &self.shared.addresses.services
    }

    /// Address of the Slack incoming webhook.
    pub fn webhook_url(&self) -> String {
        format!("{}{}", self.services_url(), services::WEBHOOK_PATH)
    }

    /// Address of the Slack function, without the query.
    pub fn function_url(&self) -> String {
        format!("{}{}", self.services_url(), services::FUNCTION_PATH)
    }

    /// Address of the key set that verifies identity tokens.
    pub fn key_set_url(&self) -> String {
        format!("{}{}", self.services_url(), oidc::KEY_SET_PATH)
    }

    /// What is answered at [`FakeGithub::key_set_url`] from now on.
    pub fn key_set(&self, answer: KeySetAnswer) {
        self.shared.lock().key_set = answer;
    }

    /// A token over these claims, whatever they are, signed as identity tokens are.
    pub fn identity_token(&self, claims: &serde_json::Value) -> String {
        identity_key::signed(claims)
    }

    /// Adds a repository. Panics if there is one of that name or number.
    pub fn add(&self, repository: Repository) -> RepositoryHandle {
        let id = repository.id;
        let mut state = self.shared.lock();
        let clash = state.repositories.iter().any(|own| own.settings.id == id)
            || state.repository(&repository.owner, &repository.name).is_some();
        assert!(!clash, "{} is there already", repository.full_name());
        state.repositories.push(RepositoryState::new(repository));
        RepositoryHandle { shared: Arc::clone(&self.shared), id }
    }

    /// Makes a token known and gives its secret.
    pub fn token(&self, mut token: Token) -> String {
        let mut state = self.shared.lock();
        token.secret = format!("{}Fake{}", token.prefix(), state.next_id());
        let secret = token.secret.clone();
        state.tokens.push(token);
        secret
    }

    /// From now on this token is unknown, as after its revocation or expiry.
    pub fn revoke(&self, secret: &str) {
        self.shared.lock().tokens.retain(|token| token.secret != secret);
    }

    /// Sets a fault for the requests that `on` describes.
    pub fn fault(&self, on: On, fault: Fault) {
        self.shared.lock().faults.push(ArmedFault { on, fault });
    }

    /// Ends all faults that are still set.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// What the Slack webhook answers from now on.
    pub fn webhook(&self, answer: ServiceAnswer) {
        self.shared.lock().webhook = answer;
    }

    /// What the Slack function answers from now on.
    pub fn function(&self, answer: ServiceAnswer) {
        self.shared.lock().function = answer;
    }

    /// Becomes an enterprise server of an older release: it knows the API version 2022-11-28 alone
    /// and answers every dispatch with 204.
    pub fn become_older_server(&self) {
        self.shared.lock().older_server = true;
    }

    /// Answers 404 instead of an empty list where a subject has no attestation.
    pub fn attestations_absent_as_404(&self) {
        self.shared.lock().attestations_absent_as_404 = true;
    }

    /// The time that the fake writes into what comes to be from now on, instead of the clock's.
    pub fn set_time(&self, now: Timestamp) {
        self.shared.lock().now = Some(now);
    }

    /// All requests, in the order in which they came, on all three addresses.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.clone()
    }

    /// The requests of that method and exact path (as sent), on any of the addresses.
    pub fn requests_to(&self, method: &str, path: &str) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.method == method && request.path == path);
        requests
    }

    /// The requests on one of the addresses.
    pub fn requests_on(&self, host: Host) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.host == host);
        requests
    }

    /// The departures from GitHub's description so far; they are forgotten here.
    pub fn violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.shared.lock().violations)
    }
}

impl Drop for FakeGithub {
    fn drop(&mut self) {
        drop(self.server.take());
        let violations = self.violations();
        if !violations.is_empty() && !std::thread::panicking() {
            let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();
            panic!("GitHub's description was violated:\n{}", texts.join("\n"));
        }
    }
}
