//! Style, script and icon: in the program, and kept by browsers until they change.

use super::view::View;
use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use std::sync::LazyLock;

const STYLE: &str = include_str!("dashboard.css");
const SCRIPT: &str = include_str!("dashboard.js");
const ICON: &str = include_str!("icon.svg");

pub(super) const STYLE_PATH: &str = "/assets/dashboard.css";
pub(super) const SCRIPT_PATH: &str = "/assets/dashboard.js";
pub(super) const ICON_PATH: &str = "/assets/icon.svg";

static URLS: LazyLock<[String; 3]> = LazyLock::new(|| {
    [(STYLE_PATH, STYLE), (SCRIPT_PATH, SCRIPT), (ICON_PATH, ICON)].map(|(path, text)| {
        let hash = hex::encode(digest(&SHA256, text.as_bytes()));
        format!("{path}?v={}", &hash[..12])
    })
});

pub(super) fn style_url() -> &'static str {
    &URLS[0]
}

pub(super) fn script_url() -> &'static str {
    &URLS[1]
}

pub(super) fn icon_url() -> &'static str {
    &URLS[2]
}

/// One of them. What it is stands in its URL, so that it never changes under it.
pub(super) fn file(view: View) -> Response {
    let (text, kind) = match view {
        View::Style => (STYLE, "text/css; charset=utf-8"),
        View::Script => (SCRIPT, "text/javascript; charset=utf-8"),
        _ => (ICON, "image/svg+xml"),
    };
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, forever);
    response
}
