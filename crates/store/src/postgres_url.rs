//! `postgres://USER@HOST:PORT/DATABASE?…` taken apart.

use provost_outbound::{Secret, Url};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// The port of a URL that names none.
const DEFAULT_PORT: u16 = 5432;

/// A PostgreSQL database. It cannot show its password.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PostgresUrl {
    /// The role that connects.
    pub user: String,
    /// The password in the URL; one outside of it stands in [`Access`](crate::Access).
    pub password: Option<Secret>,
    /// The server.
    pub host: PostgresHost,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// How the connection is protected.
    pub ssl_mode: SslMode,
    /// The certificate authority to trust in place of those of the machine, a PEM file.
    pub ssl_root_certificate: Option<PathBuf>,
    /// By what the server lists the connection.
    pub application_name: Option<String>,
    /// Whether statements are kept prepared on the server; a transaction pooler needs that they
    /// are not.
    pub prepared: bool,
    /// At most so many connections of one process.
    pub pool_max: Option<u32>,
    /// How long the server works on one statement before it gives up.
    pub statement_timeout: Option<Duration>,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostgresHost {
    /// A host name or address, without brackets.
    Name(String),
    /// The folder of a Unix socket: a host such as `%2Frun%2Fpostgresql`, or the parameter `host`.
    Socket(PathBuf),
}

/// How a connection is protected, in the words of libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// When the server offers it; it keeps nobody out who sits between.
    Prefer,
    /// Encrypted, by whomever.
    Require,
    /// Encrypted, and the server has a certificate of a trusted authority.
    VerifyCa,
    /// Encrypted, and the certificate is the host's.
    VerifyFull,
}

/// What keeps a `postgres://` URL from being used. The texts repeat no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PostgresProblem {
    /// It does not parse.
    #[error("it does not parse as a URL")]
    Malformed,
    /// A part that must be there is not.
    #[error("it names no {0}")]
    Missing(&'static str),
    /// A part that is not allowed there.
    #[error("it has a {0}, which means nothing here")]
    Surplus(&'static str),
    /// A parameter with a value that it cannot have.
    #[error("its parameter {name} must be {wanted}")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// The password cannot be used.
    #[error("its password must be printable ASCII without spaces")]
    UnusablePassword,
    /// A parameter that this program does not know.
    #[error(
        "its parameter {name:?} is not known: sslmode, sslrootcert, application_name, prepared, \
         pool_max, statement_timeout and host are"
    )]
    UnknownParameter {
        /// The parameter's name.
        name: String,
    },
}

impl PostgresUrl {
    /// Takes a URL apart. A relative certificate path is taken from `base`.
    ///
    /// # Errors
    /// [`PostgresProblem`].
    pub(crate) fn parse(text: &str, base: &Path) -> Result<Self, PostgresProblem> {
        let url = Url::parse(text).map_err(|_| PostgresProblem::Malformed)?;
        if url.fragment().is_some() {
            return Err(PostgresProblem::Surplus("fragment"));
        }
        let user = decoded(url.username())?;
        let database = decoded(url.path().trim_start_matches('/'))?;
        let password = url.password().map(password).transpose()?;
        let host = url.host_str().filter(|host| !host.is_empty()).map(decoded).transpose()?;
        let mut parsed = Self {
            user,
            password,
            host: host_of(host.unwrap_or_default()),
            port: url.port().unwrap_or(DEFAULT_PORT),
            database,
            ssl_mode: SslMode::VerifyFull,
            ssl_root_certificate: None,
            application_name: None,
            prepared: true,
            pool_max: None,
            statement_timeout: None,
        };
        let mut ssl_mode = None;
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => ssl_mode = Some(SslMode::parse(&value)?),
                _ => parsed.take_parameter(&name, &value, base)?,
            }
        }
        parsed.ssl_mode = ssl_mode.unwrap_or_else(|| parsed.host.default_ssl_mode());
        parsed.complete()
    }

    fn take_parameter(
        &mut self,
        name: &str,
        value: &str,
        base: &Path,
    ) -> Result<(), PostgresProblem> {
        let invalid = |name, wanted| PostgresProblem::InvalidParameter { name, wanted };
        match name {
            "host" if Path::new(value).is_absolute() => {
                self.host = PostgresHost::Socket(value.into());
            }
            "host" => return Err(invalid("host", "the absolute folder of a Unix socket")),
            "sslrootcert" if !value.is_empty() => {
                self.ssl_root_certificate = Some(base.join(value));
            }
            "sslrootcert" => return Err(invalid("sslrootcert", "the path of a PEM file")),
            "application_name" => self.application_name = Some(value.to_owned()),
            "prepared" => {
                self.prepared = match value {
                    "on" => true,
                    "off" => false,
                    _ => return Err(invalid("prepared", "on or off")),
                };
            }
            "pool_max" => {
                let wanted = "a number from 1 to 1000";
                let max = value.parse().ok().filter(|max| (1..=1000).contains(max));
                self.pool_max = Some(max.ok_or(invalid("pool_max", wanted))?);
            }
            "statement_timeout" => {
                let wanted = "a time from 1ms to 1h, such as 500ms or 30s";
                let timeout = duration(value).ok_or(invalid("statement_timeout", wanted))?;
                self.statement_timeout = Some(timeout);
            }
            _ => return Err(PostgresProblem::UnknownParameter { name: name.to_owned() }),
        }
        Ok(())
    }

    fn complete(self) -> Result<Self, PostgresProblem> {
        if self.user.is_empty() {
            return Err(PostgresProblem::Missing("user"));
        }
        if self.database.is_empty() {
            return Err(PostgresProblem::Missing("database"));
        }
        Ok(self)
    }
}

/// The URL without password and parameters.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}@", self.user)?;
        match &self.host {
            PostgresHost::Name(name) if name.contains(':') => write!(f, "[{name}]")?,
            PostgresHost::Name(name) => f.write_str(name)?,
            PostgresHost::Socket(folder) => write!(f, "{}", folder.display())?,
        }
        if self.port != DEFAULT_PORT {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "/{}", self.database)
    }
}

impl PostgresHost {
    /// Outside of this machine nothing less than a checked certificate will do unless it is asked
    /// for.
    fn default_ssl_mode(&self) -> SslMode {
        match self {
            Self::Socket(_) => SslMode::Disable,
            Self::Name(name) if is_loopback(name) => SslMode::Prefer,
            Self::Name(_) => SslMode::VerifyFull,
        }
    }
}

impl SslMode {
    fn parse(text: &str) -> Result<Self, PostgresProblem> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(PostgresProblem::InvalidParameter {
                    name: "sslmode",
                    wanted: "disable, prefer, require, verify-ca or verify-full",
                });
            }
        })
    }
}

fn host_of(host: String) -> PostgresHost {
    if host.starts_with('/') {
        return PostgresHost::Socket(host.into());
    }
    PostgresHost::Name(host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn password(encoded: &str) -> Result<Secret, PostgresProblem> {
    Secret::new(decoded(encoded)?, "the store URL").map_err(|_| PostgresProblem::UnusablePassword)
}

/// A part of a URL without its percent encoding.
fn decoded(text: &str) -> Result<String, PostgresProblem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or(PostgresProblem::Malformed)?;
        bytes.extend(hex::decode(digits).map_err(|_| PostgresProblem::Malformed)?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| PostgresProblem::Malformed)
}

/// A time such as `500ms`, `30s` or `2min`; a number alone counts milliseconds, as in PostgreSQL.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let milliseconds = match unit {
        "" | "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        _ => return None,
    };
    let total = number.checked_mul(milliseconds)?;
    (1..=3_600_000).contains(&total).then(|| Duration::from_millis(total))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    fn parse(url: &str) -> Result<PostgresUrl, PostgresProblem> {
        PostgresUrl::parse(url, Path::new("/base"))
    }

    #[test]
    fn every_part_is_read() {
        let url = parse(
            "postgres://m%40e:hunt%3Aer2@db.example.com:6543/ev%20ents?sslmode=require\
             &sslrootcert=ca.pem&application_name=provost&prepared=off&pool_max=4\
             &statement_timeout=30s",
        )
        .unwrap();
        assert_eq!((url.user.as_str(), url.database.as_str()), ("m@e", "ev ents"));
        assert_eq!(url.password.as_ref().unwrap().expose(), "hunt:er2");
        assert_eq!(url.host, PostgresHost::Name("db.example.com".into()));
        assert_eq!((url.port, url.ssl_mode), (6543, SslMode::Require));
        assert_eq!(url.ssl_root_certificate.as_deref(), Some(Path::new("/base/ca.pem")));
        assert_eq!(url.application_name.as_deref(), Some("provost"));
        assert_eq!((url.prepared, url.pool_max), (false, Some(4)));
        assert_eq!(url.statement_timeout, Some(Duration::from_secs(30)));
        assert_eq!(url.to_string(), "postgres://m@e@db.example.com:6543/ev ents");
    }

    #[test]
    fn a_certificate_is_checked_unless_the_server_is_on_this_machine() {
        for (url, mode) in [
            ("postgres://me@db.example.com/d", SslMode::VerifyFull),
            ("postgres://me@10.0.0.1/d", SslMode::VerifyFull),
            ("postgres://me@localhost.example.com/d", SslMode::VerifyFull),
            ("postgres://me@127.0.0.1/d", SslMode::Prefer),
            ("postgres://me@[::1]:5433/d", SslMode::Prefer),
            ("postgres://me@localhost/d", SslMode::Prefer),
            ("postgres://me@localhost/d?host=/run/postgresql", SslMode::Disable),
            ("postgres://me@%2Frun%2Fpostgresql/d", SslMode::Disable),
            ("postgres://me@db.example.com/d?sslmode=disable", SslMode::Disable),
        ] {
            assert_eq!(parse(url).map(|url| url.ssl_mode), Ok(mode), "{url}");
        }
    }

    #[test]
    fn a_url_with_one_thing_wrong_is_refused_naming_it() {
        for (url, named) in [
            ("postgres://h/d", "user"),
            ("postgres://me@h", "database"),
            ("postgres://me@h/", "database"),
            ("postgres://me@/d", "parse"),
            ("postgres:///d?host=/run/postgresql", "user"),
            ("postgres://me@h/d#x", "fragment"),
            ("postgres://me@h:x/d", "parse"),
            ("postgres://me%zz@h/d", "parse"),
            ("postgres://me:a%20b@h/d", "password"),
            ("postgres://me@h/d?sslmode=yes", "sslmode"),
            ("postgres://me@h/d?sslrootcert=", "sslrootcert"),
            ("postgres://me@h/d?host=relative", "host"),
            ("postgres://me@h/d?prepared=no", "prepared"),
            ("postgres://me@h/d?pool_max=0", "pool_max"),
            ("postgres://me@h/d?pool_max=1001", "pool_max"),
            ("postgres://me@h/d?statement_timeout=0", "statement_timeout"),
            ("postgres://me@h/d?statement_timeout=2h", "statement_timeout"),
            ("postgres://me@h/d?options=-c", "options"),
        ] {
            let refused = parse(url).expect_err(url).to_string();
            assert!(refused.contains(named), "{url}: {refused}");
        }
    }
}
