//! Who calls: a token that was set, or the identity of the GitHub Actions job.

use super::error::EndpointError;
use super::place::Place;
use crate::access::{Access, JobIdentity};
use provost_outbound::{Client, Limits, Origin, Request, Retry, Secret, Url, shown};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long an identity token is used again for the same body. GitHub's are good for five
/// minutes.
const KEPT: Duration = Duration::from_secs(200);

/// SHA-256 of a body.
pub(super) type BodyDigest = [u8; 32];

/// By what the endpoint knows the caller.
pub(super) enum Credential {
    /// `PROVOST_STORE_TOKEN`.
    Token(Secret),
    /// The job's identity, a token of its own for every body.
    Job(Box<JobCredential>),
    /// Neither is there.
    Missing {
        /// For whom an identity would be asked.
        audience: String,
    },
}

/// Where a job asks for its identity.
pub(super) struct JobCredential {
    url: Url,
    request_token: Secret,
    client: Client,
    retry: Retry,
    audience: String,
    /// The last one: a call that is made again with the same body needs the same token, since the
    /// endpoint takes one token for one body.
    last: Mutex<Option<Held>>,
}

struct Held {
    body: BodyDigest,
    token: Secret,
    since: Instant,
}

impl Credential {
    pub(super) fn new(
        place: &Place,
        access: &Access,
        limits: Limits,
        retry: &Retry,
    ) -> Result<Self, EndpointError> {
        if let Some(token) = &access.token {
            return Ok(Self::Token(token.clone()));
        }
        let audience = access.audience.clone().unwrap_or_else(|| place.audience());
        match &access.identity {
            Some(identity) => JobCredential::new(identity, audience, limits, retry.clone())
                .map(Box::new)
                .map(Self::Job),
            None => Ok(Self::Missing { audience }),
        }
    }

    /// The token for a body.
    pub(super) fn token_for(
        &self,
        body: &BodyDigest,
        place: &str,
    ) -> Result<Secret, EndpointError> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            Self::Job(job) => job.token_for(body),
            Self::Missing { audience } => Err(EndpointError::NoCredential {
                place: place.to_owned(),
                audience: audience.clone(),
            }),
        }
    }

    /// Forgets a token that was refused. `false` when there is no other to be had.
    pub(super) fn forget(&self) -> bool {
        match self {
            Self::Job(job) => {
                *job.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
                true
            }
            _ => false,
        }
    }

    /// What an endpoint that does not accept it must be told, or must tell.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::Job(job) => format!(
                "it must accept tokens of this job: repository, workflow, ref and event as its \
                 configuration names them, and made out to {} (PROVOST_STORE_AUDIENCE names \
                 another)",
                job.audience
            ),
            _ => "PROVOST_STORE_TOKEN must be one of its tokens, with the scope that this needs"
                .to_owned(),
        }
    }
}

impl JobCredential {
    fn new(
        identity: &JobIdentity,
        audience: String,
        limits: Limits,
        retry: Retry,
    ) -> Result<Self, EndpointError> {
        let unusable = || EndpointError::NoIdentity {
            place: "ACTIONS_ID_TOKEN_REQUEST_URL".to_owned(),
            why: "it is no usable URL".to_owned(),
        };
        let mut url = Url::parse(&identity.request_url).map_err(|_| unusable())?;
        url.query_pairs_mut().append_pair("audience", &audience);
        let mut bare = url.clone();
        bare.set_query(None);
        let origin = Origin::parse(bare.as_str(), "ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let client = Client::new(vec![origin.host().to_owned()], limits)?;
        let request_token = identity.request_token.clone();
        Ok(Self { url, request_token, client, retry, audience, last: Mutex::new(None) })
    }

    fn token_for(&self, body: &BodyDigest) -> Result<Secret, EndpointError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = &*last
            && held.body == *body
            && held.since.elapsed() < KEPT
        {
            return Ok(held.token.clone());
        }
        let token = self.ask()?;
        *last = Some(Held { body: *body, token: token.clone(), since: Instant::now() });
        Ok(token)
    }

    /// Asks for a fresh token (GitHub, "OpenID Connect reference", `ACTIONS_ID_TOKEN_REQUEST_URL`).
    fn ask(&self) -> Result<Secret, EndpointError> {
        let refused = |why: String| EndpointError::NoIdentity { place: shown(&self.url), why };
        let request = Request::get(self.url.clone())
            .bearer(Some(&self.request_token))
            .header("accept", "application/json");
        let answer = self.retry.send(&self.client, &request)?;
        if !answer.is_success() {
            return Err(refused(format!("it answered {}", answer.status)));
        }
        // What it answers is a secret: nothing of it is repeated.
        let nonsense = || refused("what it answered holds no token".to_owned());
        let document: Value = serde_json::from_slice(&answer.body).map_err(|_| nonsense())?;
        let token = document.get("value").and_then(Value::as_str).ok_or_else(nonsense)?;
        Secret::new(token.to_owned(), "the job's identity").map_err(|_| nonsense())
    }
}
