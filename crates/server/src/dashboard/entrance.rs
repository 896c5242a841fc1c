//! The way in: on this machine it is open; else a token with the scope `read`, kept in a cookie.

use super::request::Reader;
use super::view::see;
use super::{address, frame};
use crate::app::App;
use crate::caller::{self, Caller};
use crate::http::{Problem, ReadBody};
use crate::route::{Access, Operation};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use maud::{Markup, html};
use provost_control::config::TokenScope;

/// A browser takes a cookie of this name from its own host over TLS (or from this machine) alone,
/// and sends it there alone.
const COOKIE_NAME: &str = "__Host-provost-read";

/// How long a browser stays signed in, in seconds.
const STAY: u32 = 12 * 60 * 60;

/// Lets in who may read.
pub(super) async fn admit(
    app: &App,
    operation: Operation,
    access: Access,
    headers: &HeaderMap,
) -> Result<Reader, Problem> {
    if access == Access::Read && app.section().protect_reads && !headers.contains_key(AUTHORIZATION)
    {
        let token = cookie(headers).ok_or_else(Problem::unauthorized)?;
        return match may_read(app, &token) {
            true => Ok(Reader::SignedIn),
            false => Err(Problem::unauthorized()),
        };
    }
    match caller::admit(app, operation, access, headers).await? {
        // A job reads about its own repository alone, and has the routes of the API for that.
        Caller::Job(_) => Err(Problem::forbidden("pages are for people; use /api/v1")),
        Caller::Anyone | Caller::Sender(_) => Ok(Reader::Present),
    }
}

/// Where somebody who is not in comes in, and goes on to what was asked for.
pub(super) fn address(here: Option<&str>) -> String {
    address::of("/login", &[("next", here.filter(|here| *here != "/"))])
}

/// The form.
pub(super) fn page(next: Option<&str>, is_refused: bool) -> Markup {
    let main = html! {
        h1 { "Sign in" }
        p.lead { "This dashboard shows its rows to who has a token with the scope " code { "read" } "." }
        form.entrance method="post" action="/login" {
            @if is_refused { p.problem #refused role="alert" { "That token may not read here." } }
            label for="token" { "Token" }
            input #token name="token" type="password" autocomplete="current-password" required
                maxlength="1024" aria-describedby=[is_refused.then_some("refused")];
            input type="hidden" name="next" value=(next.unwrap_or("/"));
            button type="submit" { "Sign in" }
        }
        p.quiet {
            "Tokens are made by whoever runs this server, under " code { "[[server.token]]" }
            ". The browser keeps it for 12 hours, or until you sign out."
        }
    };
    frame::bare("Sign in", &main)
}

/// Takes the token of the form.
pub(super) fn take_token(
    app: &App,
    headers: &HeaderMap,
    form: &ReadBody,
) -> Result<Response, Problem> {
    refuse_other_origins(headers)?;
    let (mut token, mut next) = (String::new(), String::new());
    for (name, value) in form_urlencoded::parse(form) {
        match &*name {
            "token" => token = value.into_owned(),
            "next" => next = value.into_owned(),
            _ => {}
        }
    }
    if !may_read(app, token.trim()) {
        tracing::warn!("somebody with no token for reading wanted to sign in");
        let page = page(Some(here_alone(&next)), true);
        return Ok(super::view::html(StatusCode::UNAUTHORIZED, page));
    }
    let value = BASE64_URL_SAFE_NO_PAD.encode(token.trim());
    let cookie = format!("{COOKIE_NAME}={value}; Path=/; Max-Age={STAY}; {FLAGS}");
    with_cookie(see(here_alone(&next)), &cookie)
}

/// Forgets it.
pub(super) fn sign_out(headers: &HeaderMap) -> Result<Response, Problem> {
    refuse_other_origins(headers)?;
    with_cookie(see("/login"), &format!("{COOKIE_NAME}=; Path=/; Max-Age=0; {FLAGS}"))
}

const FLAGS: &str = "Secure; HttpOnly; SameSite=Strict";

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Problem> {
    let mut value = HeaderValue::from_str(cookie).map_err(|_| Problem::internal())?;
    value.set_sensitive(true);
    response.headers_mut().insert(SET_COOKIE, value);
    Ok(response)
}

fn may_read(app: &App, token: &str) -> bool {
    app.senders.find(token).is_some_and(|sender| sender.scopes.contains(&TokenScope::Read))
}

/// The token in the cookie. One of two of the same name could be somebody else's.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE_NAME);
    let (Some((_, value)), None) = (found.next(), found.next()) else {
        return None;
    };
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// A page of a stranger may not sign anybody in or out.
fn refuse_other_origins(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let site = text(axum::http::HeaderName::from_static("sec-fetch-site"));
    let of_this_site = match (site, text(ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(HOST)
        }
        // No browser: it has no cookie of a reader either.
        (None, None) => true,
    };
    of_this_site.then_some(()).ok_or_else(|| Problem::forbidden("the form is of another site"))
}

/// An address of this server, whatever was asked for.
fn here_alone(next: &str) -> &str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(here_alone("/release?tag=v1"), "/release?tag=v1");
        for other in
            ["", "//evil.example.com", "https://evil.example.com", "/\\evil", "/a b", "/\n"]
        {
            assert_eq!(here_alone(other), "/", "{other:?}");
        }
    }

    #[test]
    fn a_cookie_counts_when_it_is_the_only_one() {
        let of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_str(line).expect("a line"));
            }
            cookie(&headers)
        };
        let own = format!("{COOKIE_NAME}={}", BASE64_URL_SAFE_NO_PAD.encode("a token"));
        assert_eq!(of(&[&format!("x=1; {own}")]).as_deref(), Some("a token"));
        for lines in [
            vec![],
            vec!["x=1"],
            vec!["__Host-provost-read=%%%"],
            vec![own.as_str(), own.as_str()],
            vec!["__Host-provost-read"],
        ] {
            assert_eq!(of(&lines), None, "{lines:?}");
        }
    }
}
