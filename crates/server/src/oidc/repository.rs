//! Check 8: whose job it is.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use provost_control::config::RepositorySection;
use std::sync::Arc;

/// The registered repository whose numeric ids, its own and its owner's, the token bears. Names
/// are shown and decide nothing: a repository that was made again under its old name is another.
/// `sub` is not read: it names, and its form has changed.
pub(crate) fn check<'a>(
    claims: &Claims,
    registered: &'a [Arc<RepositorySection>],
) -> Result<&'a Arc<RepositorySection>, Refusal> {
    let id = claims.digits(Check::Repository, "repository_id")?;
    let owner = claims.digits(Check::Repository, "repository_owner_id")?;
    let found = registered.iter().find(|own| own.repository_id == id);
    let found = found.ok_or_else(|| {
        Refusal::new(Check::Repository, format!("repository_id {id} is not registered"))
    })?;
    match found.owner_id == owner {
        true => Ok(found),
        false => Err(Refusal::new(
            Check::Repository,
            format!("repository_owner_id {owner} is not the owner registered with {id}"),
        )),
    }
}
