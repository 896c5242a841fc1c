//! The releases as a file for spreadsheets (RFC 4180), row by row while they are read.

use super::releases::filter;
use super::request::Asked;
use crate::app::App;
use crate::http::Problem;
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use provost_store::{Release, ReleaseFilter, StoreError};
use std::sync::Arc;

/// Rows that are read at a time.
const AT_ONCE: u32 = 500;

const HEAD: &str = "repository,tag,status,run_id,event,occurred_at,slsa_build_level,builder_id,\
    release_url,failure_reason\r\n";

/// Every release that the address asks for.
pub(super) fn releases(app: &Arc<App>, asked: &Asked) -> Result<Response, Problem> {
    let filter = ReleaseFilter { limit: Some(AT_ONCE), ..filter(asked)? };
    let (sender, body) = Channel::<Bytes, StoreError>::new(2);
    tokio::spawn(write(Arc::clone(app), filter, sender));
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"releases.csv\"");
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// A log that goes away on the way breaks the answer off: half a file must not look like a whole.
async fn write(app: Arc<App>, mut filter: ReleaseFilter, mut sender: Sender<Bytes, StoreError>) {
    let mut text = HEAD.to_owned();
    loop {
        let page = match app.database.find_releases(&filter).await {
            Ok(page) => page,
            Err(error) => {
                app.unavailable(&error);
                sender.abort(error);
                return;
            }
        };
        page.items.iter().for_each(|release| row(release, &mut text));
        if sender.send_data(Bytes::from(std::mem::take(&mut text))).await.is_err() {
            return;
        }
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return,
        }
    }
}

fn row(release: &Release, text: &mut String) {
    let cells = [
        release.repository.clone().unwrap_or_default(),
        release.tag.clone(),
        release.status.as_str().to_owned(),
        release.run_id.to_string(),
        release.event.as_str().to_owned(),
        release.occurred_at.to_string(),
        release.slsa_build_level.map(|level| level.to_string()).unwrap_or_default(),
        release.builder_id.clone().unwrap_or_default(),
        release.release_url.clone().unwrap_or_default(),
        release.failure_reason.clone().unwrap_or_default(),
    ];
    for (place, value) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&cell(value));
    }
    text.push_str("\r\n");
}

/// A cell. A spreadsheet takes what begins like a formula for one: an apostrophe makes it a text.
fn cell(value: &str) -> String {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%'])
        // The full-width forms count in some of them.
        || value.starts_with(['＝', '＋', '－', '＠']);
    let text = if is_formula { format!("'{value}") } else { value.to_owned() };
    match text.contains(['"', ',', '\r', '\n', ';', '\t']) || is_formula {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (value, written) in [
            ("v1.2.3", "v1.2.3"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("\tx", "\"'\tx\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(cell(value), written, "{value:?}");
        }
    }
}
