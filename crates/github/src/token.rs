//! What GitHub tells about a token.

use crate::error::GithubError;
use crate::github::{GitHub, parse};
use jiff::Timestamp;
use jiff::fmt::strtime;
use serde::Deserialize;

/// The kind of a token, by its documented prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `ghp_`: a personal access token (classic), with scopes over everything its owner reaches.
    Classic,
    /// `github_pat_`: a fine-grained personal access token.
    FineGrained,
    /// `ghs_`: an installation token of a GitHub App; a job's `GITHUB_TOKEN` is one too.
    Installation,
    /// `ghu_` or `gho_`: a user's token of an app.
    User,
    /// Anything else, such as one of an older server.
    Unknown,
}

impl TokenKind {
    /// The kind of a token's text.
    pub fn of(token: &str) -> Self {
        match () {
            () if token.starts_with("ghp_") => Self::Classic,
            () if token.starts_with("github_pat_") => Self::FineGrained,
            () if token.starts_with("ghs_") => Self::Installation,
            () if token.starts_with("ghu_") || token.starts_with("gho_") => Self::User,
            () => Self::Unknown,
        }
    }

    /// What people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "personal access token (classic)",
            Self::FineGrained => "fine-grained personal access token",
            Self::Installation => "app installation token",
            Self::User => "user token of an app",
            Self::Unknown => "token of unknown kind",
        }
    }
}

/// What GitHub tells about the token in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Its kind.
    pub kind: TokenKind,
    /// Login of its owner; `None` for an installation token, which has none.
    pub login: Option<String>,
    /// Scopes of a classic token, from `X-OAuth-Scopes`; `None` when GitHub names none.
    pub scopes: Option<Vec<String>>,
    /// When it expires; `None` when GitHub does not say, or it never does.
    pub expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl GitHub {
    /// Asks GitHub who the token is.
    ///
    /// # Errors
    /// [`GithubError::Unauthorized`] for a token that GitHub does not know, or without any.
    pub fn token_facts(&self) -> Result<TokenFacts, GithubError> {
        let what = "the owner of the token";
        let Some(token) = self.token() else {
            return Err(GithubError::Unauthorized { what: what.to_owned() });
        };
        let kind = TokenKind::of(token.expose());
        let answer = match self.get(self.url(&["user"]), what) {
            Ok(answer) => answer,
            // An installation has no user; any other question tells whether the token is known.
            Err(GithubError::Forbidden { .. } | GithubError::NotFound { .. })
                if matches!(kind, TokenKind::Installation | TokenKind::Unknown) =>
            {
                let answer = self.get(self.url(&["rate_limit"]), what)?;
                let expires_at = expiry(answer.header(EXPIRATION));
                return Ok(TokenFacts { kind, login: None, scopes: None, expires_at });
            }
            Err(error) => return Err(error),
        };
        let user: User = parse(&answer, what)?;
        Ok(TokenFacts {
            kind,
            login: Some(user.login),
            scopes: answer.header("x-oauth-scopes").map(scopes),
            expires_at: expiry(answer.header(EXPIRATION)),
        })
    }

    /// Login under which the token writes; for a job's own token that is the Actions bot.
    ///
    /// # Errors
    /// As [`GitHub::token_facts`].
    pub fn own_login(&self) -> Result<String, GithubError> {
        let facts = self.token_facts()?;
        Ok(facts.login.unwrap_or_else(|| "github-actions[bot]".to_owned()))
    }
}

const EXPIRATION: &str = "github-authentication-token-expiration";

fn scopes(header: &str) -> Vec<String> {
    header.split(',').map(|scope| scope.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// GitHub writes `2026-11-23 12:00:00 UTC` or `2026-11-23 12:00:00 +0100`.
fn expiry(header: Option<&str>) -> Option<Timestamp> {
    let text = header?.trim();
    let text = text.strip_suffix(" UTC").map_or_else(|| text.to_owned(), |t| format!("{t} +0000"));
    strtime::parse("%Y-%m-%d %H:%M:%S %z", &text).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_in_the_prefix() {
        assert_eq!(TokenKind::of("ghp_x"), TokenKind::Classic);
        assert_eq!(TokenKind::of("github_pat_x"), TokenKind::FineGrained);
        assert_eq!(TokenKind::of("ghs_x"), TokenKind::Installation);
        assert_eq!(TokenKind::of("gho_x"), TokenKind::User);
        for other in ["", "GHP_x", "xghp_", "0123456789abcdef0123456789abcdef01234567"] {
            assert_eq!(TokenKind::of(other), TokenKind::Unknown, "{other}");
        }
    }

    #[test]
    fn an_expiry_is_read_in_both_spellings() {
        let time: Timestamp = "2026-11-23T12:00:00Z".parse().expect("time");
        assert_eq!(expiry(Some("2026-11-23 12:00:00 UTC")), Some(time));
        assert_eq!(expiry(Some("2026-11-23 13:00:00 +0100")), Some(time));
        assert_eq!(expiry(Some("soon")), None);
        assert_eq!(expiry(None), None);
    }

    #[test]
    fn scopes_are_a_list() {
        assert_eq!(scopes("repo, workflow"), ["repo", "workflow"]);
        assert!(scopes("").is_empty());
    }
}
