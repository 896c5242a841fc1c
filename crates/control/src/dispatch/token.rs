//! The token that starts the provenance workflow, and what it may be.

use crate::config::{Config, DispatchSection};
use crate::environment::Environment;
use crate::error::ControlError;
use jiff::{SignedDuration, Timestamp};
use provost_github::{TokenFacts, TokenKind};
use provost_outbound::Secret;

/// A token that may be used for a dispatch, as far as can be told without asking.
#[derive(Debug, Clone)]
pub struct DispatchToken(Secret);

impl DispatchToken {
    /// `PROVENANCE_DISPATCH_TOKEN`; the job's own token only where the configuration allows it.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] with the remedy.
    pub fn choose(config: &Config, environment: &Environment) -> Result<Self, ControlError> {
        let allowed = config.dispatch.allow_github_token;
        let own = environment.token.as_ref();
        match (&environment.dispatch_token, own) {
            (Some(token), Some(own)) if token.expose() == own.expose() && !allowed => {
                Err(ControlError::Configuration(
                    "PROVENANCE_DISPATCH_TOKEN is the job's own GITHUB_TOKEN: give it a token of \
                     its own, or set allow_github_token = true under [dispatch]"
                        .into(),
                ))
            }
            (Some(token), _) => Ok(Self(token.clone())),
            (None, Some(own)) if allowed => Ok(Self(own.clone())),
            (None, _) => Err(ControlError::Configuration(
                "PROVENANCE_DISPATCH_TOKEN is not set: make a fine-grained token for this \
                 repository with `Actions: write` alone, store it with `gh secret set \
                 PROVENANCE_DISPATCH_TOKEN`, and hand it to this one step; GITHUB_TOKEN is used \
                 only with allow_github_token = true under [dispatch]"
                    .into(),
            )),
        }
    }

    /// The token.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// Something wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenProblem {
    /// A classic token that can do more than the policy allows.
    TooPowerful(Vec<String>),
    /// It has expired.
    Expired(Timestamp),
    /// It expires within two weeks.
    ExpiresSoon(Timestamp),
    /// It was rotated longer ago than the policy allows, in days.
    TooOld {
        /// Its age.
        days: i64,
        /// The allowed age.
        limit: u32,
    },
    /// Nobody noted when it was last rotated.
    AgeUnknown,
}

/// How long before its end a token is reported.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

impl TokenProblem {
    /// What a token's facts come to under the policy. An installation token lives for an hour, so
    /// its age is no question.
    pub fn of(
        facts: &TokenFacts,
        rotated_at: Option<Timestamp>,
        section: &DispatchSection,
        now: Timestamp,
    ) -> Vec<Self> {
        let mut problems = Vec::new();
        problems.extend(Self::too_powerful(facts, section));
        match facts.expires_at {
            Some(at) if at <= now => problems.push(Self::Expired(at)),
            Some(at) if at.duration_since(now) < SOON && facts.kind != TokenKind::Installation => {
                problems.push(Self::ExpiresSoon(at));
            }
            _ => {}
        }
        if facts.kind == TokenKind::Installation {
            return problems;
        }
        let limit = section.max_token_age_days;
        match rotated_at.map(|at| now.duration_since(at).as_hours() / 24) {
            Some(days) if days > i64::from(limit) => problems.push(Self::TooOld { days, limit }),
            Some(_) => {}
            None => problems.push(Self::AgeUnknown),
        }
        problems
    }

    /// What makes a token unusable for a dispatch: scopes beyond the allowed ones.
    pub fn too_powerful(facts: &TokenFacts, section: &DispatchSection) -> Option<Self> {
        let scopes = facts.scopes.as_deref().unwrap_or_default();
        let more: Vec<String> = scopes
            .iter()
            .filter(|scope| !section.allowed_scopes.contains(scope))
            .cloned()
            .collect();
        (!more.is_empty()).then_some(Self::TooPowerful(more))
    }

    /// Whether it keeps the token from working, or from being used.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::TooPowerful(_) | Self::Expired(_))
    }
}

impl std::fmt::Display for TokenProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooPowerful(scopes) => write!(
                f,
                "the token can do more than starting a workflow ({}): make a fine-grained one with \
                 `Actions: write` for this repository alone",
                scopes.join(", ")
            ),
            Self::Expired(at) => write!(f, "the token expired at {at}: make a new one"),
            Self::ExpiresSoon(at) => write!(f, "the token expires at {at}: rotate it before"),
            Self::TooOld { days, limit } => write!(
                f,
                "the token was last rotated {days} days ago, and {limit} are allowed: rotate it, \
                 then note it with `provost token rotated`"
            ),
            Self::AgeUnknown => f.write_str(
                "nobody noted when the token was last rotated: note rotations with `provost token \
                 rotated --issue N`, and name the issue as rotation_issue under [dispatch]",
            ),
        }
    }
}
