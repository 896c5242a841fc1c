//! `permissions:` of a workflow or a job.

use super::Problem;
use crate::place::Span;
use crate::scope::{Access, Scope};
use crate::yaml::{Node, Value};

/// What is granted.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    /// The key with its value.
    pub(crate) span: Span,
    /// `read-all` or `write-all`.
    pub(crate) all: Option<Access>,
    pub(crate) scopes: Vec<Grant>,
}

/// One line of a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) scope: Scope,
    pub(crate) access: Access,
    pub(crate) span: Span,
}

impl Permissions {
    /// The access to one scope; what is not named is `none` as soon as anything is named.
    pub(crate) fn access(&self, scope: Scope) -> Access {
        match self.all {
            Some(access) if scope.is_grantable() => match (access, scope) {
                (Access::Read, Scope::ID_TOKEN) => Access::None,
                _ => access,
            },
            Some(_) => Access::None,
            None => self.grant(scope).map_or(Access::None, |grant| grant.access),
        }
    }

    pub(crate) fn grant(&self, scope: Scope) -> Option<&Grant> {
        self.scopes.iter().find(|grant| grant.scope == scope)
    }

    pub(super) fn read(key: Span, node: &Node, problems: &mut Vec<Problem>) -> Self {
        let mut permissions =
            Self { span: Span::new(key.start, node.span.end), all: None, scopes: Vec::new() };
        match &node.value {
            Value::Scalar(scalar) => match scalar.text.as_str() {
                "read-all" => permissions.all = Some(Access::Read),
                "write-all" => permissions.all = Some(Access::Write),
                // GitHub takes an empty `permissions:` as none at all.
                _ if scalar.is_null() => permissions.span = key,
                other => problems.push(Problem::new(
                    node.span,
                    format!("`permissions` is `{other}`; it takes read-all, write-all or scopes"),
                )),
            },
            Value::Sequence(_) => {
                let what = "`permissions` is a list; it takes read-all, write-all or scopes";
                problems.push(Problem::new(node.span, what));
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    let access = entry.value.text().and_then(Access::named);
                    let span = Span::new(entry.key.span.start, entry.value.span.end);
                    match (Scope::named(&entry.key.value), access) {
                        (_, None) => {
                            let what = format!(
                                "`permissions.{}` takes read, write or none",
                                entry.key.value
                            );
                            problems.push(Problem::new(entry.value.span, what));
                        }
                        (Some(scope), Some(access)) => {
                            permissions.scopes.push(Grant { scope, access, span });
                        }
                        // A scope that is newer than this list.
                        (None, Some(_)) => {}
                    }
                }
            }
        }
        permissions
    }
}
