//! Who asks, and whether they may.

use crate::app::App;
use crate::host;
use crate::http::Problem;
use crate::oidc::{self, Check, Job, Open, Refusal, Unauthorized};
use crate::route::{Access, Operation};
use axum::http::{HeaderMap, StatusCode};
use provost_control::config::TokenScope;
use std::time::Duration;

/// Who asks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Anybody, where nobody is asked for.
    Anyone,
    /// A sender with a static token, by the name that the log calls it.
    Sender(String),
    /// A job of GitHub Actions.
    Job(Box<AdmittedJob>),
}

/// A job whose request is counted while it is under way.
#[derive(Debug)]
pub(crate) struct AdmittedJob {
    pub(crate) job: Job,
    pub(crate) open: Open,
}

impl Caller {
    /// What the log calls it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Anyone => "anyone".to_owned(),
            Self::Sender(name) => format!("sender {name}"),
            Self::Job(admitted) => {
                let job = &admitted.job;
                format!("run {} of {}", job.run_id, job.repository())
            }
        }
    }

    pub(crate) fn job(&self) -> Option<&Job> {
        match self {
            Self::Job(admitted) => Some(&admitted.job),
            _ => None,
        }
    }
}

/// Lets in who may use the route.
pub(crate) async fn admit(
    app: &App,
    operation: Operation,
    access: Access,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let scope = match access {
        Access::Open | Access::Signature => return Ok(Caller::Anyone),
        Access::Read if !app.section().protect_reads => {
            return host::is_of_this_machine(headers)
                .then_some(Caller::Anyone)
                .ok_or_else(host::refused);
        }
        Access::Read => TokenScope::Read,
        Access::Scope(scope) => scope,
    };
    let token = match oidc::bearer(headers) {
        Ok(Some(token)) => token,
        Ok(None) => {
            let refusal = Refusal::new(Check::Carrier, "there is no Authorization header");
            return Err(refuse(app, operation, &refusal));
        }
        Err(refusal) => return Err(refuse(app, operation, &refusal)),
    };
    if let Some(sender) = app.senders.find(token) {
        if sender.scopes.contains(&scope) {
            return Ok(Caller::Sender(sender.name.clone()));
        }
        tracing::warn!(
            sender = sender.name,
            operation = operation.as_str(),
            "sender {} lacks the scope of {}",
            sender.name,
            operation.as_str()
        );
        return Err(Problem::forbidden("the token may not do this"));
    }
    let admitted = app.tokens.authenticate(token).await;
    app.metrics.key_set_fetches(app.tokens.key_set_fetches());
    let job = match admitted {
        Ok(job) => job,
        Err(Unauthorized::Refused(refusal)) => return Err(refuse(app, operation, &refusal)),
        Err(Unauthorized::Unavailable) => {
            let detail =
                "tokens cannot be checked at the moment: the issuer's keys are unreachable";
            return Err(Problem::busy(detail, Duration::from_secs(60)));
        }
    };
    match app.rates.enter(job.repository_id, app.clock.now()) {
        Ok(open) => Ok(Caller::Job(Box::new(AdmittedJob { job, open }))),
        Err(refusal) => Err(slow_down(app, operation, &refusal)),
    }
}

/// Check 14: one answer, whatever the reason, which goes into the log alone.
pub(crate) fn refuse(app: &App, operation: Operation, refusal: &Refusal) -> Problem {
    app.metrics.refused(refusal.check);
    tracing::warn!(
        operation = operation.as_str(),
        check = refusal.check.as_str(),
        why = %refusal.why,
        "a caller of {} was refused at {refusal}",
        operation.as_str()
    );
    Problem::unauthorized()
}

/// A known repository that sends too much; it may know.
pub(crate) fn slow_down(app: &App, operation: Operation, refusal: &Refusal) -> Problem {
    app.metrics.refused(refusal.check);
    tracing::warn!(
        operation = operation.as_str(),
        check = refusal.check.as_str(),
        why = %refusal.why,
        "a caller of {} was put off at {refusal}",
        operation.as_str()
    );
    let detail = "this repository sends too much; come again later";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
        .after(Duration::from_secs(60))
}
