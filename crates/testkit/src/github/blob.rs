//! The second host: signed addresses of blobs, without any account.

use super::call::{Answer, Call};
use super::state::State;

/// Bytes behind an address that is its own permission.
pub(crate) struct Blob {
    pub(crate) path: String,
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl State {
    /// Puts bytes on the second host; the address relative to it.
    pub(crate) fn publish(&mut self, path: &str, content_type: &str, bytes: Vec<u8>) -> String {
        let signature = format!("s{}", self.next_id());
        let address = format!("{path}?sig={signature}");
        let content_type = content_type.to_owned();
        self.blobs.push(Blob { path: path.to_owned(), signature, content_type, bytes });
        address
    }

    /// Blob storage: the signature of the address opens it, and a foreign credential is refused.
    pub(crate) fn serve_blob(&self, call: &Call) -> Answer {
        if call.header("authorization").is_some() {
            return Answer::text(400, "InvalidAuthenticationInfo: this store takes no tokens");
        }
        let signature = call.query("sig").unwrap_or_default();
        let found =
            self.blobs.iter().find(|blob| blob.path == call.path && blob.signature == signature);
        match found {
            Some(blob) if call.method == "GET" => {
                Answer::bytes(200, &blob.content_type, blob.bytes.clone())
            }
            Some(_) => Answer::text(405, "UnsupportedHttpVerb"),
            None => Answer::text(403, "AuthenticationFailed"),
        }
    }
}
