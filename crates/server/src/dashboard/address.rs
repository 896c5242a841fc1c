//! Addresses of pages: a path and a query, with everything foreign encoded.

use form_urlencoded::Serializer;
use std::fmt::Write;

/// An address of this server.
pub(super) fn of(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    let pairs = pairs.finish();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{pairs}"),
    }
}

/// The page of a release.
pub(super) fn release(repository: Option<&str>, tag: &str) -> String {
    of("/release", &[("repository", repository), ("tag", Some(tag))])
}

/// The page of a check.
pub(super) fn check(id: &str) -> String {
    let mut path = "/checks/".to_owned();
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => path.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    path
}

/// An address of somebody else, when it is one that a browser may be sent to.
pub(super) fn foreign(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = !host.is_empty() && !host.contains(['@', '\\']);
    (is_plain && url.bytes().all(|byte| byte.is_ascii_graphic())).then_some(url)
}

/// The pages of a repository on the GitHub server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Github<'a> {
    pub(super) server_url: &'a str,
    pub(super) repository: Option<&'a str>,
}

impl Github<'_> {
    /// A run; `None` for a number that is none, and without a repository.
    pub(super) fn run(&self, run_id: u64) -> Option<String> {
        let base = self.base().filter(|_| run_id != 0)?;
        Some(format!("{base}/actions/runs/{run_id}"))
    }

    /// A commit.
    pub(super) fn commit(&self, sha: &str) -> Option<String> {
        let is_sha = (7..=64).contains(&sha.len()) && sha.bytes().all(|it| it.is_ascii_hexdigit());
        let base = self.base().filter(|_| is_sha)?;
        Some(format!("{base}/commit/{sha}"))
    }

    fn base(&self) -> Option<String> {
        let name = provost_github::RepositoryName::parse(self.repository?)?;
        Some(format!("{}/{name}", self.server_url.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_foreign_is_encoded() {
        let address = release(Some("a/b"), "v1&x=\"><script>#?/ü\n");
        assert_eq!(
            address,
            "/release?repository=a%2Fb&tag=v1%26x%3D%22%3E%3Cscript%3E%23%3F%2F%C3%BC%0A"
        );
        assert_eq!(of("/x", &[("a", None)]), "/x");
        assert_eq!(check("source-ref"), "/checks/source-ref");
        assert_eq!(check("../x?y"), "/checks/%2E%2E%2Fx%3Fy");
    }

    #[test]
    fn only_https_addresses_are_links() {
        assert!(foreign("https://github.com/acme/app/releases/tag/v1%2B2").is_some());
        for other in [
            "",
            "http://github.com/",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://github.com@evil.example.com/",
            "https://github.com\\@evil.example.com/",
            "https://github.com/ x",
            "https://github.com/\n",
            "//evil.example.com",
            "HTTPS://github.com/",
        ] {
            assert_eq!(foreign(other), None, "{other}");
        }
    }

    #[test]
    fn pages_of_github_are_made_of_names_and_numbers_alone() {
        let of = |repository| Github { server_url: "https://github.com/", repository };
        let run = of(Some("acme/app")).run(7);
        assert_eq!(run.as_deref(), Some("https://github.com/acme/app/actions/runs/7"));
        assert_eq!(of(Some("acme/app")).run(0), None);
        for other in [None, Some("acme"), Some("acme/app/../x"), Some("acme/a pp")] {
            assert_eq!(of(other).run(7), None, "{other:?}");
        }
        assert!(of(Some("acme/app")).commit("693130cb6cb840a7").is_some());
        assert_eq!(of(Some("acme/app")).commit("main"), None);
        assert_eq!(of(Some("acme/app")).commit("693130cb/../x"), None);
    }
}
