//! Releases: one row a tag, to filter, search, sort and page through.

use super::address;
use super::frame::{Tab, page as framed};
use super::request::Asked;
use super::text::{builder, foreign, level, nothing, outward, standing, tag, time};
use crate::app::App;
use crate::http::Problem;
use maud::{Markup, html};
use provost_record::EventStatus;
use provost_store::{Release, ReleaseCursor, ReleaseFilter, ReleaseOrder};
use std::sync::Arc;

const ROWS: u32 = 50;
const LONGEST_SEARCH: usize = 200;

/// The orders by their words in the address.
const ORDERS: [(ReleaseOrder, &str, &str); 4] = [
    (ReleaseOrder::Newest, "newest", "newest first"),
    (ReleaseOrder::Oldest, "oldest", "oldest first"),
    (ReleaseOrder::Tag, "tag", "by tag"),
    (ReleaseOrder::TagDescending, "tag-descending", "by tag, backwards"),
];

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let filter = filter(asked)?;
    let paged = ReleaseFilter { limit: Some(ROWS), ..filter.clone() };
    let page = app.database.find_releases(&paged).await.map_err(|error| app.unavailable(&error))?;
    let is_filtered = filter.status.is_some() || filter.search.is_some();
    let next = page.next.map(|next| next.to_string());
    let main = html! {
        h1 { "Releases" }
        (form(asked, &filter))
        @if page.items.is_empty() {
            section.empty {
                @if is_filtered || filter.after.is_some() {
                    p { "No release is like that." }
                    p { a href=(at(asked, "/releases", &[])) { "All releases" } }
                } @else {
                    p { "No release was heard of yet." }
                    p.quiet { "A release is here as soon as its provenance run is dispatched, or its outcome recorded." }
                }
            }
        } @else {
            div.scroll role="region" aria-label="Releases" tabindex="0" {
                table {
                    thead { tr {
                        (sorted(asked, &filter, "tag", [ReleaseOrder::Tag, ReleaseOrder::TagDescending]))
                        @if asked.repository.is_none() { th scope="col" { "repository" } }
                        th scope="col" { "status" }
                        th scope="col" { "level" }
                        th scope="col" { "builder" }
                        th.number scope="col" { "run" }
                        (sorted(asked, &filter, "latest word", [ReleaseOrder::Newest, ReleaseOrder::Oldest]))
                        th scope="col" { "why not" }
                    } }
                    tbody { @for release in &page.items { (row(app, asked, release)) } }
                }
            }
        }
        nav.pages aria-label="Pages of releases" {
            @if filter.after.is_some() { a href=(at(asked, "/releases", &[("after", None)])) { "First page" } }
            @if let Some(next) = &next {
                a href=(at(asked, "/releases", &[("after", Some(next))])) rel="next" { "Next page" }
            }
            a href=(at(asked, "/releases.csv", &[("after", None)])) download="releases.csv" { "All as CSV" }
        }
    };
    Ok(framed(app, asked, Tab::Releases, "Releases", &main))
}

/// What the address asks for.
pub(super) fn filter(asked: &Asked) -> Result<ReleaseFilter, Problem> {
    let order = match asked.value("order") {
        None => ReleaseOrder::default(),
        Some(word) => {
            ORDERS.iter().find(|(_, own, _)| *own == word).map(|(order, ..)| *order).ok_or_else(
                || Problem::invalid("order: it must be newest, oldest, tag or tag-descending"),
            )?
        }
    };
    let status = asked.value("status").map(str::parse::<EventStatus>).transpose();
    let status =
        status.map_err(|_| Problem::invalid("status: it must be success, failure or pending"))?;
    let after = asked.value("after").map(str::parse::<ReleaseCursor>).transpose();
    let after = after.map_err(|error| Problem::invalid(format!("after: {error}")))?;
    let since = asked.value("since").map(str::parse).transpose();
    let since = since
        .map_err(|_| Problem::invalid("since: it must be a time such as 2026-11-23T12:00:00Z"))?;
    let search = asked.value("search").map(str::trim).filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.chars().count() > LONGEST_SEARCH) {
        let what = format!("search: it must be at most {LONGEST_SEARCH} characters");
        return Err(Problem::invalid(what));
    }
    Ok(ReleaseFilter {
        repository: asked.repository.clone(),
        since,
        status,
        search: search.map(str::to_owned),
        order,
        limit: None,
        after,
    })
}

/// An address that asks for the same, but for these.
fn at(asked: &Asked, path: &str, changed: &[(&'static str, Option<&str>)]) -> String {
    let kept = ["repository", "status", "search", "order", "since"].map(|name| {
        match changed.iter().find(|(other, _)| *other == name) {
            Some((_, value)) => (name, *value),
            None => (name, asked.value(name)),
        }
    });
    let after = changed.iter().find(|(name, _)| *name == "after").copied();
    let query: Vec<(&str, Option<&str>)> = kept.into_iter().chain(after).collect();
    address::of(path, &query)
}

fn form(asked: &Asked, filter: &ReleaseFilter) -> Markup {
    html! {
        form.filter role="search" method="get" action="/releases" {
            @if let Some(repository) = asked.repository() {
                input type="hidden" name="repository" value=(repository);
            }
            div {
                label for="search" { "Tag contains" }
                input #search name="search" type="search" maxlength=(LONGEST_SEARCH)
                    value=(filter.search.as_deref().unwrap_or_default());
            }
            div {
                label for="status" { "Status" }
                select #status name="status" {
                    option value="" selected[filter.status.is_none()] { "any" }
                    @for status in EventStatus::ALL {
                        option value=(status.as_str()) selected[filter.status == Some(status)] {
                            (status.as_str())
                        }
                    }
                }
            }
            div {
                label for="order" { "Order" }
                select #order name="order" {
                    @for (order, word, name) in ORDERS {
                        option value=(word) selected[filter.order == order] { (name) }
                    }
                }
            }
            button type="submit" { "Find" }
        }
    }
}

/// The head of a column that sorts: by the first order, and by the second when that is so already.
fn sorted(asked: &Asked, filter: &ReleaseFilter, name: &str, orders: [ReleaseOrder; 2]) -> Markup {
    let [first, second] = orders;
    let next = if filter.order == first { second } else { first };
    let word = ORDERS.iter().find(|(order, ..)| *order == next).map(|(_, word, _)| *word);
    let is_time = first == ReleaseOrder::Newest;
    let sort = match filter.order {
        order if order == first => Some(if is_time { "descending" } else { "ascending" }),
        order if order == second => Some(if is_time { "ascending" } else { "descending" }),
        _ => None,
    };
    let arrow = match sort {
        Some("ascending") => " ↑",
        Some(_) => " ↓",
        None => "",
    };
    html! {
        th scope="col" aria-sort=[sort] {
            a href=(at(asked, "/releases", &[("order", word), ("after", None)])) {
                (name) span aria-hidden="true" { (arrow) }
            }
        }
    }
}

fn row(app: &App, asked: &Asked, release: &Release) -> Markup {
    let repository = release.repository.as_deref();
    let run = app.github_pages(repository).run(release.run_id);
    html! {
        tr {
            th scope="row" { (tag(repository, &release.tag)) }
            @if asked.repository.is_none() {
                td { @match repository { Some(name) => (foreign(name)), None => (nothing()) } }
            }
            td { (standing(release.status)) }
            td { (level(release.slsa_build_level)) }
            td { (builder(release.builder_id.as_deref())) }
            td.number {
                @if release.run_id == 0 { (nothing()) }
                @else { (outward(run.as_deref(), &release.run_id.to_string())) }
            }
            td { (time(release.occurred_at)) }
            td.why {
                @match release.failure_reason.as_deref() {
                    Some(reason) => (short(reason)),
                    None => (nothing()),
                }
            }
        }
    }
}

/// A reason has its own page; the table shows how it begins.
fn short(reason: &str) -> String {
    provost_sink::visible(reason, 90)
}
