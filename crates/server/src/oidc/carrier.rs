//! Check 1: how the token comes.

use super::refusal::{Check, Refusal};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The longest header value that is looked at, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// The bearer of a request: exactly one `Authorization` header, of the scheme `Bearer`, of at most
/// 8 KiB, one word. `None` when there is no such header at all. A query is never looked at.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let refused = |why: &'static str| Refusal::new(Check::Carrier, why);
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refused("more than one Authorization header"));
    }
    if value.len() > MAX_BYTES {
        return Err(refused("the Authorization header is longer than 8 KiB"));
    }
    let text = value.to_str().map_err(|_| refused("the Authorization header is no ASCII"))?;
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => return Err(refused("the scheme is not Bearer")),
    };
    match !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Some(token)),
        false => Err(refused("the bearer is no single word")),
    }
}

/// The three parts of a compact token. The dots are counted before anything is kept, so that a
/// token of dots costs its length and nothing more (CVE-2025-30204).
pub(crate) fn parts(token: &str) -> Result<[&str; 3], Refusal> {
    let refused = || Refusal::new(Check::Carrier, "the token does not have exactly two dots");
    if token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Err(refused());
    }
    let (header, rest) = token.split_once('.').ok_or_else(refused)?;
    let (claims, signature) = rest.split_once('.').ok_or_else(refused)?;
    Ok([header, claims, signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("header"));
        }
        headers
    }

    #[test]
    fn one_header_with_one_word_carries_a_bearer() {
        for good in ["Bearer abc", "bearer abc"] {
            assert_eq!(bearer(&headers(&[good])), Ok(Some("abc")), "{good}");
        }
        assert_eq!(bearer(&headers(&[])), Ok(None));
        let fits = format!("Bearer {}", "x".repeat(MAX_BYTES - 7));
        assert!(bearer(&headers(&[&fits])).is_ok());
        let long = format!("{fits}x");
        for bad in [
            &["Bearer abc", "Bearer abc"][..],
            &["Bearer"],
            &["Bearer "],
            &["Bearer  abc"],
            &["Bearer a b"],
            &["Basic abc"],
            &["abc"],
            &[long.as_str()],
        ] {
            let refusal = bearer(&headers(bad)).expect_err("refused");
            assert_eq!(refusal.check, Check::Carrier);
        }
    }

    #[test]
    fn a_token_has_two_dots() {
        assert_eq!(parts("a.b.c"), Ok(["a", "b", "c"]));
        for bad in ["", "a", "a.b", "a.b.c.d", &".".repeat(8000)] {
            assert!(parts(bad).is_err(), "{}", bad.len());
        }
    }
}
