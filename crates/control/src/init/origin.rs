//! The remote `origin`: which repository on which server, out of any form that git takes.

use provost_attestation::repository::{GITHUB, Repository};
use std::fmt;

/// A repository on a GitHub server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    server: String,
    slug: String,
}

/// Why a URL names no repository on a GitHub server. It holds no part of the URL that may be
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the remote `origin` is {shown:?}: {reason}")]
pub struct InvalidOrigin {
    /// The URL without user and password.
    pub shown: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Origin {
    /// Reads `https://HOST/O/R`, `ssh://git@HOST/O/R` or `git@HOST:O/R`, each with or without
    /// `.git`. User and password are dropped.
    ///
    /// # Errors
    /// [`InvalidOrigin`] for a path on this machine, an unencrypted form, or anything that is not
    /// OWNER/NAME on a host.
    pub fn parse(url: &str) -> Result<Self, InvalidOrigin> {
        let invalid = |reason| InvalidOrigin { shown: without_credentials(url), reason };
        if url.chars().any(|char| char.is_control() || char.is_whitespace()) {
            return Err(invalid("it holds blanks or control characters"));
        }
        let (host, path) = parts(url).map_err(invalid)?;
        // GitHub also answers SSH on the port of HTTPS, under another name.
        let host = match host.to_ascii_lowercase().as_str() {
            "ssh.github.com" | "www.github.com" => "github.com".to_owned(),
            host => host.to_owned(),
        };
        if !is_host(&host) {
            return Err(invalid("its host is no name of a server"));
        }
        let server = format!("https://{host}");
        let slug = path.trim_start_matches('/').trim_end_matches('/');
        let slug = slug.strip_suffix(".git").unwrap_or(slug);
        Repository::from_slug(slug, &server)
            .map_err(|_| invalid("it does not end with OWNER/NAME of a GitHub repository"))?;
        Ok(Self { server, slug: slug.to_owned() })
    }

    /// The server, such as `https://github.com`.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// `OWNER/NAME`.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Whether it lies on github.com.
    pub fn is_github_com(&self) -> bool {
        self.server == GITHUB
    }

    /// The host name.
    pub(super) fn host(&self) -> &str {
        self.server.strip_prefix("https://").unwrap_or(&self.server)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host(), self.slug)
    }
}

/// Host and path, without user, password and port.
fn parts(url: &str) -> Result<(&str, &str), &'static str> {
    if let Some((scheme, rest)) = url.split_once("://") {
        if !["https", "ssh", "git+ssh"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err("it must be an https or ssh URL of a GitHub server");
        }
        let (authority, path) = rest.split_once('/').ok_or("it has no path")?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = host.rsplit_once(':').map_or(host, |(host, port)| match is_port(port) {
            true => host,
            false => "",
        });
        return Ok((host, path));
    }
    // The short form of git: a colon before the first slash.
    match url.split_once(':') {
        Some((authority, path)) if !authority.contains('/') => {
            Ok((authority.rsplit_once('@').map_or(authority, |(_, host)| host), path))
        }
        _ => Err("it is a path on this machine, not a repository on a GitHub server"),
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A DNS name of at least two labels: it comes to stand in a configuration file.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.contains('.') && host.len() <= 253 && host.split('.').all(is_label)
}

/// The URL with everything before the last `@` of its authority taken out.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_remote_names_the_same_repository() {
        for url in [
            "https://github.com/acme/app",
            "https://github.com/acme/app.git",
            "https://github.com/acme/app/",
            "https://GitHub.com/acme/app",
            "https://user:secret@github.com/acme/app.git",
            "https://github.com:443/acme/app",
            "ssh://git@github.com/acme/app.git",
            "ssh://git@ssh.github.com:443/acme/app.git",
            "git+ssh://git@github.com/acme/app",
            "git@github.com:acme/app.git",
            "github.com:acme/app",
            "org-1234@github.com:acme/app.git",
            "git@github.com:/acme/app",
        ] {
            let origin = Origin::parse(url).expect(url);
            assert_eq!((origin.server(), origin.slug()), (GITHUB, "acme/app"), "{url}");
        }
        let origin = Origin::parse("git@git.example.com:Team/tool.git").expect("enterprise");
        assert_eq!(origin.to_string(), "git.example.com/Team/tool");
        assert!(!origin.is_github_com());
    }

    #[test]
    fn what_names_no_repository_is_refused() {
        for url in [
            "",
            "/srv/git/app.git",
            "../app",
            "file:///srv/git/acme/app",
            "http://github.com/acme/app",
            "git://github.com/acme/app",
            "ext::sh -c id",
            "https://github.com",
            "https://github.com/acme",
            "https://github.com/acme/app/tree/main",
            "https://github.com/acme/..",
            "https://github.com/acme/.git",
            "https://github.com/acme/a\"b",
            "https://github.com/acme/app?x=1",
            "https://github.com:evil/acme/app",
            "https://localhost/acme/app",
            "https://-x.example/acme/app",
            "https:///acme/app",
            "git@:acme/app",
            "https://github.com/acme/app\nx",
            "https://github.com/acme/\u{212a}app",
        ] {
            assert!(Origin::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_error_shows_no_credentials() {
        for url in [
            "https://user:s3cret@github.com/acme",
            "https://s3cret@github.com/acme/app/x",
            "ftp://s3cret:s3cret@github.com/acme/app",
            "s3cret@github.com:acme",
            "https://github.com/acme/app?token=s3cret",
            "https://a@s3cret@github.com/acme",
        ] {
            let error = Origin::parse(url).expect_err(url);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}
