//! The environment of the call, with its secrets masked before anything else is said.

use crate::sink::command::Mask;
use provost_control::{ControlError, Environment};
use provost_outbound::{Pause, Retry, Secret};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// One variable; `None` when it is not set or no text.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads the environment. Inside GitHub Actions every secret is masked first, so that the runner
/// replaces it wherever it might turn up in the log.
pub(super) fn environment() -> Result<Environment, ControlError> {
    let environment = Environment::read(variable)?;
    mask(environment.secrets().map(Secret::expose));
    Ok(environment)
}

/// Tells the runner what to mask. It reads commands from stderr too, where they do not stand in
/// the way of a result. Outside of a runner nobody would swallow the line, so nothing is said.
pub(super) fn mask<'a>(secrets: impl Iterator<Item = &'a str>) {
    if !is_runner() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    for secret in secrets {
        let _ = writeln!(stderr, "{}", Mask(secret));
    }
}

/// Whether this is a job of GitHub Actions.
pub(super) fn is_runner() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

/// How calls are repeated. A debug build lets a test take the waiting out, as it takes minutes.
pub(super) fn retry() -> Retry {
    struct NoPause;
    impl Pause for NoPause {
        fn pause(&self, _: Duration) {}
    }
    match cfg!(debug_assertions) && std::env::var_os("PROVOST_TEST_NO_PAUSE").is_some() {
        true => Retry { pause: Arc::new(NoPause), ..Retry::default() },
        false => Retry::default(),
    }
}
