//! What opens a store: secrets, and where a job gets its identity from.

use provost_outbound::{Secret, SecretError};

/// The secrets and the identity with which a store is opened. It cannot show any of them.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Access {
    /// Password of the database: `PROVOST_STORE_PASSWORD`.
    pub password: Option<Secret>,
    /// Bearer token of an ingestion endpoint: `PROVOST_STORE_TOKEN`.
    pub token: Option<Secret>,
    /// The identity of the GitHub Actions job, when it may ask for one.
    pub identity: Option<JobIdentity>,
    /// For whom that identity is asked in place of the endpoint's origin:
    /// `PROVOST_STORE_AUDIENCE`.
    pub audience: Option<String>,
}

/// Where a GitHub Actions job asks for an OIDC token.
#[derive(Debug, Clone)]
pub struct JobIdentity {
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
    pub request_url: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub request_token: Secret,
}

impl Access {
    /// Reads them from an environment; each secret may also be in the file that `<name>_FILE`
    /// names.
    ///
    /// # Errors
    /// [`SecretError`] for a secret that is set and cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SecretError> {
        let text = |name: &str| variable(name).filter(|text| !text.is_empty());
        let secret = |name: &str| Secret::from_environment(name, &variable);
        let request_token = secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?;
        let identity = text("ACTIONS_ID_TOKEN_REQUEST_URL")
            .zip(request_token)
            .map(|(request_url, request_token)| JobIdentity { request_url, request_token });
        Ok(Self {
            password: secret("PROVOST_STORE_PASSWORD")?,
            token: secret("PROVOST_STORE_TOKEN")?,
            identity,
            audience: text("PROVOST_STORE_AUDIENCE"),
        })
    }

    /// Reads them from the environment of this process.
    ///
    /// # Errors
    /// [`SecretError`] for a secret that is set and cannot be used.
    pub fn from_process() -> Result<Self, SecretError> {
        Self::read(|name| std::env::var(name).ok())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Access, SecretError> {
        Access::read(|name| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_is_no_access() {
        let access =
            read(&[("PROVOST_STORE_PASSWORD", ""), ("PROVOST_STORE_AUDIENCE", "")]).unwrap();
        assert!(access.password.is_none() && access.token.is_none());
        assert!(access.identity.is_none() && access.audience.is_none());
    }

    #[test]
    fn what_is_set_is_read_and_never_shown() {
        let access = read(&[
            ("PROVOST_STORE_PASSWORD", "hunter2-p"),
            ("PROVOST_STORE_TOKEN", "hunter2-t"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://identity.example.com/?a=b"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2-i"),
            ("PROVOST_STORE_AUDIENCE", "https://provost.example.com"),
        ])
        .unwrap();
        assert!(!format!("{access:?}").contains("hunter2"));
        assert_eq!(access.password.unwrap().expose(), "hunter2-p");
        assert_eq!(access.token.unwrap().expose(), "hunter2-t");
        assert_eq!(access.identity.unwrap().request_token.expose(), "hunter2-i");
        assert_eq!(access.audience.as_deref(), Some("https://provost.example.com"));
    }

    #[test]
    fn half_an_identity_is_none_and_an_unusable_secret_is_an_error() {
        let half = [("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")];
        assert!(read(&half).unwrap().identity.is_none());
        let refused = read(&[("PROVOST_STORE_TOKEN", "hunter2 x")]).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
}
