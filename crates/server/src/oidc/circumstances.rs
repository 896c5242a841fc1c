//! Check 10: in which circumstances the job runs.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use provost_control::config::RepositorySection;

/// About which tags a job may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// About every tag: it runs on a branch that is named for that.
    All,
    /// About the tag that it runs on.
    One(String),
}

impl Tags {
    /// Whether `tag` is among them.
    pub(crate) fn contain(&self, tag: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(own) => own == tag,
        }
    }
}

/// The event is allowed, the ref is a tag or a named branch, the environment is the protected one,
/// the runner is GitHub's, and no pull request is behind it.
pub(crate) fn check(claims: &Claims, registered: &RepositorySection) -> Result<Tags, Refusal> {
    let text = |name| claims.text(Check::Circumstances, name);
    let differs = |name: &str, found: &str| Refusal::differs(Check::Circumstances, name, found);
    let event = text("event_name")?;
    if !registered.events.iter().any(|own| own == event) {
        return Err(differs("event_name", event));
    }
    claims.empty(Check::Circumstances, "head_ref")?;
    claims.empty(Check::Circumstances, "base_ref")?;
    let runner = text("runner_environment")?;
    if runner != "github-hosted" {
        return Err(differs("runner_environment", runner));
    }
    if let Some(wanted) = &registered.environment {
        let environment = text("environment")?;
        if environment != wanted {
            return Err(differs("environment", environment));
        }
    }
    let (git_ref, ref_type) = (text("ref")?, text("ref_type")?);
    match (ref_type, git_ref.strip_prefix("refs/tags/")) {
        ("tag", Some(tag)) if !tag.is_empty() => Ok(Tags::One(tag.to_owned())),
        ("branch", None) if registered.branches.iter().any(|own| own == git_ref) => Ok(Tags::All),
        _ => Err(differs("ref", git_ref)),
    }
}

/// The second half, once the body is known: a job on a tag speaks about that tag, and about its
/// own repository.
pub(crate) fn check_body(
    tags: &Tags,
    repository: &str,
    body_tag: &str,
    body_repository: Option<&str>,
) -> Result<(), Refusal> {
    if !tags.contain(body_tag) {
        return Err(Refusal::differs(Check::Circumstances, "the tag of the body", body_tag));
    }
    match body_repository {
        Some(found) if found.eq_ignore_ascii_case(repository) => Ok(()),
        Some(found) => {
            Err(Refusal::differs(Check::Circumstances, "the repository of the body", found))
        }
        None => Err(Refusal::new(Check::Circumstances, "the body names no repository")),
    }
}
