//! The identity token endpoint of a job (`ACTIONS_ID_TOKEN_REQUEST_URL`).

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use super::identity_key;
use super::state::State;

/// What a job has in its environment to ask for an identity token.
#[derive(Clone)]
pub struct TokenRequest {
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`; the client appends `&audience=…`.
    pub url: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub bearer: String,
}

/// One job's endpoint.
pub(crate) struct TokenEndpoint {
    pub(crate) path: String,
    pub(crate) bearer: String,
    pub(crate) claims: Map<String, Value>,
}

pub(crate) const KEY_SET_PATH: &str = "/.well-known/jwks";

/// GitHub's tokens live so long, in seconds.
const LIFETIME: i64 = 300;

impl State {
    /// The token of the job whose path and bearer fit; its claims follow the run.
    pub(crate) fn serve_identity_token(&mut self, call: &Call) -> Answer {
        let expected = call.header("authorization").and_then(|header| {
            header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer "))
        });
        let now = self.now().as_second();
        let number = self.next_id();
        let endpoint = self.token_endpoints.iter().find(|own| own.path == call.path);
        let Some(endpoint) = endpoint else {
            return Answer::text(404, "no such job");
        };
        if expected != Some(endpoint.bearer.as_str()) {
            return Answer::json(401, &json!({ "message": "the bearer is not this job's" }));
        }
        let mut claims = endpoint.claims.clone();
        if let Some(audience) = call.query("audience") {
            claims.insert("aud".into(), json!(audience));
        }
        claims.insert("jti".into(), json!(format!("jti-{number}")));
        claims.insert("iat".into(), json!(now));
        claims.insert("nbf".into(), json!(now));
        claims.insert("exp".into(), json!(now + LIFETIME));
        Answer::json(
            200,
            &json!({ "count": 1, "value": identity_key::signed(&Value::Object(claims)) }),
        )
    }
}
