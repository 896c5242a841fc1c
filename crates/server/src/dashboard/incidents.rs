//! Incidents: those that are open, and all there were.

use super::address;
use super::frame::{Tab, page as framed};
use super::incident::{Told, item};
use super::request::Asked;
use crate::app::App;
use crate::http::Problem;
use maud::{Markup, html};
use provost_store::{KpiFilter, Page, Position, SettledIncident};
use std::sync::Arc;

const ROWS: u32 = 25;

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let only_open = match asked.value("state") {
        None | Some("open") => true,
        Some("all") => false,
        Some(_) => return Err(Problem::invalid("state: it must be open or all")),
    };
    let after = asked.value("after").map(str::parse::<Position>).transpose();
    let after = after.map_err(|error| Problem::invalid(format!("after: {error}")))?;
    let filter = KpiFilter {
        repository: asked.repository.clone(),
        limit: Some(ROWS + 1),
        after,
        ..KpiFilter::default()
    };
    let away = |error| app.unavailable(&error);
    let rows = match only_open {
        true => {
            let open = app.database.open_incidents(&filter).await.map_err(away)?;
            let settled = |incident| SettledIncident { incident, resolved_at: None };
            open.into_iter().map(settled).collect()
        }
        false => app.database.settled_incidents(&filter).await.map_err(away)?,
    };
    let page = Page::cut(rows, ROWS);
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let told = Told::read(app, &row.incident).await.map_err(away)?;
        items.push(item(app, asked, &row.incident, &told, row.resolved_at));
    }
    let at = |state: &str, after: Option<&str>| {
        let repository = ("repository", asked.repository());
        address::of("/incidents", &[repository, ("state", Some(state)), ("after", after)])
    };
    let state = if only_open { "open" } else { "all" };
    let main = html! {
        h1 { "Incidents" }
        nav.states aria-label="Which incidents" {
            a href=(at("open", None)) aria-current=[only_open.then_some("true")] { "Open" }
            a href=(at("all", None)) aria-current=[(!only_open).then_some("true")] { "Open and past" }
        }
        @if items.is_empty() {
            section.empty {
                @if after.is_some() {
                    p { "There are no older ones." }
                } @else if only_open {
                    p.fine { "No incident is open: every release that was heard of has its provenance." }
                } @else {
                    p.fine { "There was no incident yet." }
                    p.quiet { "A failed or refused run becomes one, and so does a release without a run." }
                }
            }
        } @else {
            ul.incidents { @for item in &items { (item) } }
        }
        nav.pages aria-label="Pages of incidents" {
            @if after.is_some() { a href=(at(state, None)) { "Newest" } }
            @if let Some(next) = page.next { a href=(at(state, Some(&next.to_string()))) rel="next" { "Older" } }
        }
    };
    Ok(framed(app, asked, Tab::Incidents, "Incidents", &main))
}
