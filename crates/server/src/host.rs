//! The name by which a client calls a server that shows its rows to everybody on its machine.

use crate::http::Problem;
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use std::net::IpAddr;

/// Whether the request names this machine alone. A page of a stranger can have its own name lead to
/// 127.0.0.1 and would read everything here from the browser of whoever looks at it; the browser
/// still sends the stranger's name.
pub(crate) fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        // Only HTTP/1.0 has none, and no browser speaks it.
        (None, _) => return true,
        (Some(host), None) => host.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return false,
    };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// What another name is answered.
pub(crate) fn refused() -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "misdirected",
        "rows are shown without a token under the names of this machine alone: use 127.0.0.1 or \
         localhost, or set [server].protect_reads and use a token",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(hosts: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, HeaderValue::from_static(host));
        }
        is_of_this_machine(&headers)
    }

    #[test]
    fn only_names_of_this_machine_are_taken() {
        for own in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "127.9.9.9:1",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:80",
            "localhost:8080",
            "LOCALHOST",
            "provost.localhost:80",
        ] {
            assert!(of(&[own]), "{own}");
        }
        for other in [
            "evil.example.com",
            "evil.example.com:8080",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "10.0.0.1:8080",
            "[2001:db8::1]:80",
            "0.0.0.0:8080",
            "",
            "notlocalhost",
        ] {
            assert!(!of(&[other]), "{other}");
        }
        assert!(of(&[]));
        assert!(!of(&["localhost", "evil.example.com"]));
    }
}
