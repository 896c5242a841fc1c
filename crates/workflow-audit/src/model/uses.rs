//! `uses:`, taken apart.

/// A reference to an action or a reusable workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) raw: String,
    pub(crate) kind: UsesKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UsesKind {
    /// `./path` in the repository; without `./` and trailing slashes.
    Local(String),
    /// `owner/name[/path]@ref`.
    Remote { owner: String, name: String, path: String, reference: String },
    /// `docker://image`.
    Docker(String),
    /// None of these.
    Unknown,
}

impl Uses {
    pub(crate) fn parse(raw: &str) -> Self {
        let raw = raw.trim();
        let kind = if let Some(image) = raw.strip_prefix("docker://") {
            UsesKind::Docker(image.to_owned())
        } else if raw == "." || raw.starts_with("./") {
            let path = raw.trim_start_matches('.').trim_matches('/');
            // `./.github/x`: the first dot went with `./`.
            let path = raw.strip_prefix("./").map_or(path, |rest| rest.trim_matches('/'));
            UsesKind::Local(path.to_owned())
        } else {
            remote(raw).unwrap_or(UsesKind::Unknown)
        };
        Self { raw: raw.to_owned(), kind }
    }

    /// `owner/name[/path]` in lower case, for a look-up.
    pub(crate) fn remote_name(&self) -> Option<String> {
        let UsesKind::Remote { owner, name, path, .. } = &self.kind else { return None };
        let slash = if path.is_empty() { "" } else { "/" };
        Some(format!("{owner}/{name}{slash}{path}").to_ascii_lowercase())
    }

    /// The ref of a remote reference.
    pub(crate) fn reference(&self) -> Option<&str> {
        match &self.kind {
            UsesKind::Remote { reference, .. } => Some(reference),
            UsesKind::Docker(image) => Some(image.split_once('@').map_or("", |(_, digest)| digest)),
            _ => None,
        }
    }

    /// Whether what it names can never become something else: a full commit, an image digest, or
    /// the repository itself.
    pub(crate) fn is_pinned(&self) -> bool {
        match &self.kind {
            UsesKind::Local(_) => true,
            UsesKind::Remote { reference, .. } => is_commit(reference),
            UsesKind::Docker(image) => image
                .split_once("@sha256:")
                .is_some_and(|(_, digest)| digest.len() == 64 && is_hex(digest)),
            UsesKind::Unknown => false,
        }
    }
}

fn remote(raw: &str) -> Option<UsesKind> {
    let (path, reference) = raw.split_once('@').unwrap_or((raw, ""));
    let mut parts = path.splitn(3, '/');
    let (owner, name) = (parts.next()?, parts.next()?);
    let rest = parts.next().unwrap_or_default().trim_matches('/');
    if owner.is_empty() || name.is_empty() {
        return None;
    }
    Some(UsesKind::Remote {
        owner: owner.to_owned(),
        name: name.to_owned(),
        path: rest.to_owned(),
        reference: reference.to_owned(),
    })
}

fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && is_hex(reference)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_apart() {
        let local = |path: &str| UsesKind::Local(path.to_owned());
        assert_eq!(Uses::parse("./.github/workflows/a.yml").kind, local(".github/workflows/a.yml"));
        assert_eq!(Uses::parse("./").kind, local(""));
        assert_eq!(Uses::parse("./x/").kind, local("x"));
        let deep = Uses::parse("Owner/name/a/b@v1");
        assert_eq!(deep.remote_name().as_deref(), Some("owner/name/a/b"));
        assert_eq!(deep.reference(), Some("v1"));
        assert_eq!(Uses::parse("nonsense").kind, UsesKind::Unknown);
    }

    #[test]
    fn only_what_cannot_move_is_pinned() {
        let commit = "a".repeat(40);
        assert!(Uses::parse(&format!("o/n@{commit}")).is_pinned());
        assert!(Uses::parse("./x").is_pinned());
        assert!(Uses::parse(&format!("docker://i@sha256:{}", "b".repeat(64))).is_pinned());
        for moving in
            ["o/n@v1", "o/n@main", "o/n", "docker://i:1", "docker://i@sha256:ab", "o/n@abc1234"]
        {
            assert!(!Uses::parse(moving).is_pinned(), "{moving}");
        }
    }
}
