//! GitHub's REST interface: which scopes a request needs.
//!
//! The table is `data/rest_endpoints.tsv`; its README says where it is from.

use crate::scope::{Access, Scope};
use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/rest_endpoints.tsv");

/// One endpoint of a repository.
#[derive(Debug)]
pub(super) struct Endpoint {
    method: &'static str,
    segments: Vec<&'static str>,
    any_of: Vec<(Scope, Access)>,
}

struct Endpoints {
    all: Vec<Endpoint>,
    /// Names below `github.rest`, in lower case.
    names: HashMap<String, usize>,
    /// Their methods, as they are written, that say enough without their namespace; `None` where
    /// two have the same.
    methods: HashMap<String, Option<usize>>,
}

static ENDPOINTS: LazyLock<Endpoints> = LazyLock::new(|| {
    let mut endpoints =
        Endpoints { all: Vec::new(), names: HashMap::new(), methods: HashMap::new() };
    for line in TABLE.lines() {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let (method, path, scopes, names) = (next(), next(), next(), next());
        let any_of = scopes.split(' ').filter_map(|pair| {
            let (scope, access) = pair.split_once(':')?;
            Some((Scope::named(scope)?, Access::named(access)?))
        });
        let any_of: Vec<(Scope, Access)> = any_of.collect();
        for name in names.split(' ').filter(|name| !name.is_empty()) {
            let index = endpoints.all.len();
            endpoints.names.insert(name.to_ascii_lowercase(), index);
            let method = name.split_once('.').map_or(name, |(_, method)| method);
            // `createRelease`, and not `create`, which other things have too.
            if method.contains(|c: char| c.is_ascii_uppercase()) {
                let known = endpoints.methods.entry(method.to_owned()).or_insert(Some(index));
                *known = known.filter(|known| *known == index);
            }
        }
        let segments = path.split('/').filter(|segment| !segment.is_empty()).collect();
        endpoints.all.push(Endpoint { method, segments, any_of });
    }
    endpoints
});

/// A request as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Below `/repos/OWNER/NAME`.
    pub(super) segments: Vec<String>,
    /// Whether another repository is named.
    pub(super) elsewhere: bool,
}

impl Request {
    /// `None` for what is no endpoint of a repository.
    pub(super) fn parse(method: &str, target: &str) -> Option<Self> {
        let target = target.trim();
        let path = match target.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?.1,
            None => target,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        // Enterprise servers have their interface below a path.
        let path = path.strip_prefix("api/v3/").unwrap_or(path);
        let rest = path.strip_prefix("repos/")?;
        let (elsewhere, rest) = match rest.strip_prefix(super::setting::OWN) {
            Some(rest) => (false, rest),
            None => repository(rest)?,
        };
        let segments = rest.split('/').filter(|segment| !segment.is_empty());
        Some(Self {
            method: method.to_ascii_uppercase(),
            segments: segments.map(str::to_owned).collect(),
            elsewhere,
        })
    }

    pub(super) fn endpoint(&self) -> Option<&'static Endpoint> {
        let fits = |endpoint: &&Endpoint| {
            endpoint.method == self.method && fits(&endpoint.segments, &self.segments)
        };
        // The literal one before the one with variables: `releases/latest` before `releases/{}`.
        let literal = |endpoint: &&Endpoint| {
            endpoint.segments.iter().filter(|segment| **segment != "{}").count()
        };
        ENDPOINTS.all.iter().filter(fits).max_by_key(literal)
    }

    pub(super) fn is(&self, method: &str, pattern: &[&str]) -> bool {
        self.method == method && fits(pattern, &self.segments)
    }
}

impl Endpoint {
    pub(super) fn any_of(&self) -> &[(Scope, Access)] {
        &self.any_of
    }

    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn path(&self) -> Vec<String> {
        self.segments.iter().map(|segment| (*segment).to_owned()).collect()
    }

    /// By its name below `github.rest`.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ENDPOINTS.names.get(&name.to_ascii_lowercase()).map(|&index| &ENDPOINTS.all[index])
    }

    /// By the name of its method alone, where no other has it.
    pub(super) fn of_method(name: &str) -> Option<&'static Self> {
        let index = ENDPOINTS.methods.get(name).copied().flatten()?;
        Some(&ENDPOINTS.all[index])
    }
}

/// Owner and name of a repository at the start of a path: whether it is another one than this,
/// and what follows.
fn repository(path: &str) -> Option<(bool, &str)> {
    // `$OWNER/$REPO` and `$REPOSITORY` are unknown and taken as this repository.
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if first.contains('$') {
        let known = ["actions", "releases", "git", "contents", "issues", "pulls", "dispatches"];
        let next = rest.split('/').next().unwrap_or_default();
        return match known.contains(&next) || rest.is_empty() {
            true => Some((false, rest)),
            false => Some((false, rest.split_once('/').map_or("", |(_, rest)| rest))),
        };
    }
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let is_ours = first.starts_with('{') || first.starts_with(':') || name.contains('$');
    Some((!is_ours, rest))
}

fn fits(pattern: &[&str], segments: &[String]) -> bool {
    let long = matches!(pattern.first(), Some(&"contents" | &"git"))
        && pattern.last() == Some(&"{}")
        && segments.len() > pattern.len();
    let length_fits = pattern.len() == segments.len() || long;
    length_fits
        && pattern
            .iter()
            .zip(segments)
            .all(|(expected, found)| *expected == "{}" || expected.eq_ignore_ascii_case(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_every_row_names_a_scope() {
        assert!(ENDPOINTS.all.len() > 250);
        for endpoint in &ENDPOINTS.all {
            assert!(!endpoint.any_of.is_empty(), "{endpoint:?}");
        }
    }

    #[test]
    fn a_request_finds_its_scope_however_it_is_spelt() {
        let scope = |method: &str, target: &str| {
            let request = Request::parse(method, target)?;
            request.endpoint()?.any_of().first().copied()
        };
        let write = |scope| Some((scope, Access::Write));
        let dispatches = "actions/workflows/p.yml/dispatches";
        for target in [
            format!("/repos/{{owner}}/{{repo}}/{dispatches}"),
            format!("repos/o/r/{dispatches}?x=1"),
            format!("https://api.github.com/repos/o/r/{dispatches}"),
            format!("https://ghe.example.com/api/v3/repos/o/r/{dispatches}"),
            format!("repos/$R/{dispatches}"),
            format!("repos/$O/$R/{dispatches}"),
        ] {
            assert_eq!(scope("post", &target), write(Scope::ACTIONS), "{target}");
        }
        assert_eq!(scope("PUT", "repos/o/r/contents/a/b/c.json"), write(Scope::CONTENTS));
        assert_eq!(
            scope("GET", "repos/o/r/releases/latest"),
            Some((Scope::CONTENTS, Access::Read))
        );
        assert_eq!(scope("GET", "user"), None);
        assert!(Request::parse("GET", "repos/o/r/tags").is_some_and(|request| request.elsewhere));
    }
}
