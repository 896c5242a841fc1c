//! The secrets of a pipeline, and where each of them may be seen.

/// One of each kind.
pub(crate) struct Secrets {
    /// `GITHUB_TOKEN`.
    pub(crate) own: String,
    /// `PROVENANCE_DISPATCH_TOKEN`.
    pub(crate) dispatch: String,
    /// `OPS_NOTIFY_TOKEN`.
    pub(crate) function: String,
    /// `SLACK_WEBHOOK_URL`.
    pub(crate) webhook: String,
    /// The password in the URL of the git remote.
    pub(crate) remote: String,
    /// `PROVOST_STORE_PASSWORD`, and the password in `PROVOST_STORE_URL`.
    pub(crate) store_password: String,
    /// `PROVOST_STORE_TOKEN`.
    pub(crate) store_token: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub(crate) identity: String,
}

/// Where something was written, by the secrets that may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// No secret at all.
    Anywhere,
    /// The `Authorization` header of a call of GitHub's API.
    GithubAuthorization,
    /// The `Authorization` header of a call of the function.
    FunctionAuthorization,
    /// The address of the webhook.
    WebhookAddress,
}

impl Secrets {
    /// The name of the first secret in these bytes that has no business there.
    pub(crate) fn found_in(&self, bytes: &[u8], place: Place) -> Option<&'static str> {
        // The part of the webhook's address that is secret.
        let path = self.webhook.split_once("/services/").map_or("", |(_, secret)| secret);
        let all = [
            ("GITHUB_TOKEN", self.own.as_str(), Place::GithubAuthorization),
            ("PROVENANCE_DISPATCH_TOKEN", &self.dispatch, Place::GithubAuthorization),
            ("OPS_NOTIFY_TOKEN", &self.function, Place::FunctionAuthorization),
            ("SLACK_WEBHOOK_URL", path, Place::WebhookAddress),
            ("the remote's password", &self.remote, Place::Anywhere),
            ("PROVOST_STORE_PASSWORD", &self.store_password, Place::Anywhere),
            ("PROVOST_STORE_TOKEN", &self.store_token, Place::Anywhere),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &self.identity, Place::Anywhere),
        ];
        let text = String::from_utf8_lossy(bytes);
        let is_seen = |secret: &str| {
            assert!(secret.len() > 8, "{secret:?} is no canary");
            text.contains(secret) || text.contains(&base64(secret))
        };
        let hit = all.iter().find(|(_, secret, home)| {
            (*home != place || place == Place::Anywhere) && is_seen(secret)
        });
        hit.map(|(name, ..)| *name)
    }
}

/// As an `Authorization: Basic` header would hold it, if nothing stood before it.
fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = text.as_bytes().chunks_exact(3);
    let signs = whole.flat_map(|three| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(SIGNS[bits >> shift & 63]))
    });
    signs.collect()
}
