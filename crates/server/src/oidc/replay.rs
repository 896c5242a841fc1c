//! Check 12: the token was not used for something else.

use super::job::Job;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};

/// How long a token's id is kept after the token has ended.
const KEPT_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What the store is given with the rows of a request, to be kept in the same transaction: the id
/// of the token under its issuer, and the hash of what it was used for. Used again for the same it
/// gets the stored answer, since a lost answer is no fault; used for anything else it gets none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) issuer: String,
    pub(crate) jti: String,
    pub(crate) body_sha256: String,
    pub(crate) expires_at: Timestamp,
}

impl Use {
    /// `place` is method and path: the same body means something else elsewhere.
    pub(crate) fn of(job: &Job, place: &str, body: &[u8]) -> Self {
        let mut hashed = Vec::with_capacity(place.len() + 1 + 32);
        hashed.extend_from_slice(place.as_bytes());
        hashed.push(0);
        hashed.extend_from_slice(digest(&SHA256, body).as_ref());
        let kept_until = job.expires_at.checked_add(KEPT_AFTER);
        Self {
            issuer: job.issuer.to_string(),
            jti: job.jti.clone(),
            body_sha256: hex::encode(digest(&SHA256, &hashed)),
            expires_at: kept_until.unwrap_or(job.expires_at),
        }
    }
}
