//! What the log knows, in pages.

use crate::app::App;
use crate::caller::refuse;
use crate::http::{Problem, json};
use crate::oidc::{Check, Refusal};
use crate::route::Operation;
use crate::router::Call;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use provost_store::{EventFilter, KpiFilter, Page, Position, Positioned};
use provost_wire::v1;
use serde::Serialize;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;
/// Also in the description of the parameter.
const MAX_REPOSITORY: usize = 200;

/// What is asked for.
struct Asked {
    filter: KpiFilter,
    limit: u32,
    only_open: bool,
}

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    let asked = Asked::read(app, call)?;
    let (database, limit) = (&app.database, asked.limit);
    // One row more than the page has says whether another page follows.
    let ahead = KpiFilter { limit: Some(limit + 1), ..asked.filter.clone() };
    let away = |error| app.unavailable(&error);
    match call.operation {
        Operation::Kpi => {
            let rows = database.kpi(&ahead).await.map_err(away)?;
            Ok(page::<_, v1::KpiRow>(&Page::cut(rows, limit)))
        }
        Operation::Latest => {
            let rows = database.latest(&ahead).await.map_err(away)?;
            Ok(page::<_, v1::KpiRow>(&Page::cut(rows, limit)))
        }
        Operation::Incidents => {
            let rows = match asked.only_open {
                true => database.open_incidents(&ahead).await,
                false => database.incidents(&ahead).await,
            };
            Ok(page::<_, v1::Incident>(&Page::cut(rows.map_err(away)?, limit)))
        }
        Operation::Dispatches => {
            let rows = database.dispatches(&ahead).await.map_err(away)?;
            Ok(page::<_, v1::Dispatch>(&Page::cut(rows, limit)))
        }
        Operation::Releases => {
            let filter = KpiFilter { limit: Some(limit), ..asked.filter };
            let rows = database.releases(&filter).await.map_err(away)?;
            Ok(page::<_, v1::Release>(&rows))
        }
        Operation::Events => {
            let rows = database.events(&events(asked.filter, limit, None)).await.map_err(away)?;
            Ok(page::<_, v1::EventDocument>(&rows))
        }
        Operation::Release => {
            let tag = call.tag.clone().unwrap_or_default();
            let filter = events(asked.filter, MAX_LIMIT, Some(tag));
            let rows = database.events(&filter).await.map_err(away)?;
            match rows.items.is_empty() {
                true => Err(Problem::not_found("the log knows no release of that tag")),
                false => Ok(page::<_, v1::EventDocument>(&rows)),
            }
        }
        _ => {
            let filter = KpiFilter { limit: None, after: None, ..asked.filter };
            let now = app.clock.now();
            let summary = database.summary(&filter, now).await.map_err(away)?;
            Ok(json(StatusCode::OK, &summary.document(filter.since)))
        }
    }
}

fn page<'a, T: Positioned, D: From<&'a T> + Serialize>(page: &'a Page<T>) -> Response {
    json(StatusCode::OK, &v1::Page::<D>::from(page))
}

fn events(filter: KpiFilter, limit: u32, tag: Option<String>) -> EventFilter {
    EventFilter {
        since: filter.since,
        repository: filter.repository,
        tag,
        limit: Some(limit),
        after: filter.after,
        ..EventFilter::default()
    }
}

impl Asked {
    fn read(app: &App, call: &Call) -> Result<Self, Problem> {
        let text = |name: &str| call.query.get(name).map(String::as_str);
        let since = text("since").map(str::parse::<Timestamp>).transpose();
        let since = since.map_err(|_| {
            Problem::invalid("since: it must be a time such as 2026-11-23T12:00:00Z")
        })?;
        let limit = match text("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit) && !text.starts_with('+'))
                .ok_or_else(|| Problem::invalid(format!("limit: it must be 1 to {MAX_LIMIT}")))?,
        };
        let after = text("cursor").map(str::parse::<Position>).transpose();
        let after = after.map_err(|error| Problem::invalid(format!("cursor: {error}")))?;
        let only_open = match text("state") {
            None | Some("open") => true,
            Some("all") => false,
            Some(_) => return Err(Problem::invalid("state: it must be open or all")),
        };
        let repository = repository(app, call, text("repository"))?;
        let filter = KpiFilter { since, repository, after, limit: None };
        Ok(Self { filter, limit, only_open })
    }
}

/// A job reads about its own repository.
fn repository(app: &App, call: &Call, asked: Option<&str>) -> Result<Option<String>, Problem> {
    let is_name = |text: &str| (1..=MAX_REPOSITORY).contains(&text.chars().count());
    if asked.is_some_and(|text| !is_name(text)) {
        let what =
            format!("repository: it must be OWNER/NAME, at most {MAX_REPOSITORY} characters");
        return Err(Problem::invalid(what));
    }
    match (call.caller.job(), asked) {
        (None, asked) => Ok(asked.map(str::to_owned)),
        (Some(job), None) => Ok(Some(job.repository().to_owned())),
        (Some(job), Some(asked)) if asked.eq_ignore_ascii_case(job.repository()) => {
            Ok(Some(job.repository().to_owned()))
        }
        (Some(_), Some(asked)) => {
            let refusal = Refusal::differs(Check::Repository, "the repository asked for", asked);
            Err(refuse(app, call.operation, &refusal))
        }
    }
}
