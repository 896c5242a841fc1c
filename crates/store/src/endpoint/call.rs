//! One request, and what its status means.

use super::credential::{BodyDigest, Credential};
use super::error::EndpointError;
use super::place::Place;
use crate::access::Access;
use aws_lc_rs::digest::{SHA256, digest};
use provost_outbound::{Answer, Client, Limits, Method, Request, Retry, Url, shown};
use provost_sink::visible;
use provost_wire::v1::ErrorsDocument;
use serde_json::Value;
use std::time::Duration;

/// As much of an error as is shown, in characters.
const MAX_DETAIL: usize = 300;

/// Makes the calls to one endpoint.
pub(super) struct Caller {
    client: Client,
    retry: Retry,
    credential: Credential,
}

impl Caller {
    pub(super) fn new(place: &Place, access: &Access, retry: Retry) -> Result<Self, EndpointError> {
        let limits = Limits {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            max_bytes: 16 * 1024 * 1024,
        };
        let client = Client::new(vec![place.host().to_owned()], limits)?;
        let small = Limits { max_bytes: 64 * 1024, ..limits };
        let credential = Credential::new(place, access, small, &retry)?;
        Ok(Self { client, retry, credential })
    }

    /// Sends something to be written. What is sent bears the keys of its events, so it may be sent
    /// again after an answer that was lost.
    ///
    /// # Errors
    /// [`EndpointError`] unless the answer is 200, or 422: the latter says what was rejected.
    pub(super) fn post(&self, url: &Url, body: &Value) -> Result<Answer, EndpointError> {
        let text = body.to_string();
        let request = Request::json(Method::Post, url.clone(), body).idempotent();
        let answer = self.send(request, &digest_of(text.as_bytes()))?;
        match answer.status {
            200 | 422 => Ok(answer),
            404 => Err(EndpointError::NotThere { place: shown(url) }),
            413 => Err(EndpointError::TooLarge { place: shown(url), bytes: text.len() }),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// Asks something.
    ///
    /// # Errors
    /// [`EndpointError`] unless the answer is 200.
    pub(super) fn get(&self, url: &Url) -> Result<Answer, EndpointError> {
        let answer = self.send(Request::get(url.clone()), &digest_of(b""))?;
        match answer.status {
            200 => Ok(answer),
            404 => Err(EndpointError::OnlyTakes { place: shown(url) }),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// Asks for one thing, which may not be there: `None` when the endpoint itself says so.
    ///
    /// # Errors
    /// [`EndpointError`] unless the answer is 200, or 404 with an error document.
    pub(super) fn find(&self, url: &Url) -> Result<Option<Answer>, EndpointError> {
        let answer = self.send(Request::get(url.clone()), &digest_of(b""))?;
        let says_so = || serde_json::from_slice::<ErrorsDocument>(&answer.body).is_ok();
        match answer.status {
            200 => Ok(Some(answer)),
            404 if says_so() => Ok(None),
            404 => Err(EndpointError::OnlyTakes { place: shown(url) }),
            _ => Err(self.refusal(&answer)),
        }
    }

    fn send(&self, request: Request, body: &BodyDigest) -> Result<Answer, EndpointError> {
        let place = shown(request.url());
        let send = || {
            let token = self.credential.token_for(body, &place)?;
            let request = request.clone().bearer(Some(&token));
            Ok(self.retry.send(&self.client, &request.header("accept", "application/json"))?)
        };
        let answer: Answer = send()?;
        // The token may have ended while the call was repeated.
        match answer.status == 401 && self.credential.forget() {
            true => send(),
            false => Ok(answer),
        }
    }

    fn refusal(&self, answer: &Answer) -> EndpointError {
        let (place, status, detail) = (shown(answer.url()), answer.status, detail(answer));
        let remedy = self.credential.remedy();
        match status {
            401 => EndpointError::Unauthorised { place, detail, remedy },
            403 => EndpointError::Forbidden { place, detail, remedy },
            409 => EndpointError::Conflict { place, detail },
            500..=599 => EndpointError::Unavailable { place, status, detail },
            _ => EndpointError::Unexpected { place, status, detail },
        }
    }
}

/// What an error document says, on one line without orders to a terminal; empty for what is none.
pub(super) fn detail(answer: &Answer) -> String {
    let Ok(document) = serde_json::from_slice::<ErrorsDocument>(&answer.body) else {
        return String::new();
    };
    let details: Vec<&str> = document.errors.iter().map(|error| error.detail.as_str()).collect();
    harmless(&details.join("; "))
}

/// The endpoint's words as a part of ours.
pub(super) fn harmless(text: &str) -> String {
    visible(text.trim(), MAX_DETAIL)
}

fn digest_of(bytes: &[u8]) -> BodyDigest {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
