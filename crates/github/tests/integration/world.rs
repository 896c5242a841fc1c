//! A fake GitHub with one repository, and clients of it that count their waits.

use provost_github::{GitHub, Repository, RepositoryName, Settings};
use provost_outbound::{Pause, Secret};
use provost_testkit::github::{
    FakeGithub, LoggedRequest, Repository as New, RepositoryHandle, Token,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) const NAME: &str = "example-org/artifact";
pub(crate) const BELOW: &str = "/repos/example-org/artifact";
pub(crate) const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
pub(crate) const WORKFLOW: &str = ".github/workflows/provenance.yml";

/// Counts instead of waiting.
#[derive(Default)]
pub(crate) struct Waits(AtomicUsize);

impl Pause for Waits {
    fn pause(&self, _: Duration) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) struct World {
    pub(crate) fake: FakeGithub,
    pub(crate) repository: RepositoryHandle,
    pub(crate) waits: Arc<Waits>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(New::new(NAME))
    }

    pub(crate) fn with(repository: New) -> Self {
        let fake = FakeGithub::start();
        let repository = fake.add(repository);
        Self { fake, repository, waits: Arc::default() }
    }

    /// A client of the fake whose token may do everything.
    pub(crate) fn client(&self) -> GitHub {
        let token = self.fake.token(Token::classic("release-bot", &["repo", "workflow"]));
        self.client_with(Some(&token), |_| {})
    }

    pub(crate) fn client_with(
        &self,
        token: Option<&str>,
        change: impl Fn(&mut Settings),
    ) -> GitHub {
        let loopback = ["127.0.0.1".to_owned()];
        let mut settings = Settings::new(self.fake.api_url(), &loopback).expect("settings");
        let pause: Arc<dyn Pause> = Arc::<Waits>::clone(&self.waits);
        settings.retry.pause = pause;
        settings.retry.tries = 3;
        change(&mut settings);
        let token = token.map(|token| Secret::new(token.into(), "TOKEN").expect("token"));
        GitHub::new(settings, token, &loopback).expect("client")
    }

    /// How often the clients have waited since this was last asked.
    pub(crate) fn waits(&self) -> usize {
        self.waits.0.swap(0, Ordering::SeqCst)
    }

    /// The requests below the repository, by method.
    pub(crate) fn requests(&self, method: &str) -> Vec<LoggedRequest> {
        let mut requests = self.fake.requests();
        requests.retain(|request| request.method == method);
        requests
    }
}

pub(crate) fn of(client: &GitHub) -> Repository<'_> {
    client.repository(RepositoryName::parse(NAME).expect("name"))
}
