//! The use case *token*: what the dispatch token is, and when it was last rotated.

use crate::config::Config;
use crate::connection::Connection;
use crate::dispatch::TokenProblem;
use crate::error::ControlError;
use jiff::Timestamp;
use provost_github::{TokenFacts, TokenKind};

/// What marks the comment that notes a rotation.
const MARKER: &str = "<!-- provost:token-rotated ";

/// What is known of a token, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct TokenReport {
    /// What GitHub tells.
    pub facts: TokenFacts,
    /// When its rotation was last noted.
    pub rotated_at: Option<Timestamp>,
    /// What is wrong, the worst first.
    pub problems: Vec<TokenProblem>,
}

/// Asks GitHub about the token that `tested` uses; the rotation issue is read through `reader`.
///
/// # Errors
/// [`ControlError::Github`].
pub fn check_token(
    config: &Config,
    tested: &Connection,
    reader: &Connection,
    now: Timestamp,
) -> Result<TokenReport, ControlError> {
    let facts = tested.github().token_facts()?;
    let rotated_at = match (config.dispatch.rotation_issue, facts.kind) {
        (_, TokenKind::Installation) | (None, _) => None,
        (Some(issue), _) => last_rotation(reader, issue)?,
    };
    let problems = TokenProblem::of(&facts, rotated_at, &config.dispatch, now);
    Ok(TokenReport { facts, rotated_at, problems })
}

/// The newest rotation noted in an issue. A note counts only from who may write to the repository:
/// the login that the reader's token has, or the token's owner named in the note's author.
fn last_rotation(reader: &Connection, issue: u64) -> Result<Option<Timestamp>, ControlError> {
    let own = reader.github().own_login()?;
    let comments = reader.repository().comments(issue)?;
    let times = comments
        .iter()
        .filter(|(author, _)| *author == own)
        .filter_map(|(_, body)| body.strip_prefix(MARKER)?.split_once(" -->")?.0.parse().ok());
    Ok(times.max())
}

/// Notes in an issue that the token was rotated now: who, when, and what GitHub tells of the new
/// one. The token itself is never part of it.
///
/// # Errors
/// [`ControlError::Github`].
pub fn note_rotation(
    issue: u64,
    facts: &TokenFacts,
    writer: &Connection,
    actor: Option<&str>,
    now: Timestamp,
) -> Result<(), ControlError> {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let is_plain = |login: &&str| {
        login.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'[' | b']'))
    };
    let by = actor.filter(is_plain).unwrap_or("unknown");
    let expires = facts.expires_at.map_or_else(|| "not told".to_owned(), |at| at.to_string());
    let body = format!(
        "{MARKER}{now} -->\n`PROVENANCE_DISPATCH_TOKEN` was rotated.\n\n\
         | | |\n| --- | --- |\n| when | {now} |\n| noted by | `{by}` |\n| kind | {} |\n\
         | expires | {expires} |\n",
        facts.kind.as_str(),
    );
    writer.repository().comment(issue, &body)?;
    Ok(())
}
