//! What every page has: head, navigation, the switch of repositories, the way out.

use super::address;
use super::asset;
use super::request::{Asked, Reader};
use super::updates;
use crate::app::App;
use crate::http::Problem;
use maud::{DOCTYPE, Markup, html};

/// The pages that the navigation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Releases,
    Incidents,
    Pipeline,
    Health,
}

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Overview, "/", "Overview"),
    (Tab::Releases, "/releases", "Releases"),
    (Tab::Incidents, "/incidents", "Incidents"),
    (Tab::Pipeline, "/pipeline", "Pipeline"),
    (Tab::Health, "/health", "Health"),
];

/// A whole page about something in the log.
pub(super) fn page(app: &App, asked: &Asked, tab: Tab, title: &str, main: &Markup) -> Markup {
    let header = html! {
        nav.tabs aria-label="Pages" {
            ul {
                @for (own, path, name) in TABS {
                    li {
                        a href=(address::of(path, &[("repository", asked.repository())]))
                            aria-current=[(own == tab).then_some("page")] { (name) }
                    }
                }
            }
        }
        (switch(asked))
        p #live .quiet role="status"
            data-updates=(address::of("/updates", &[("since", Some(&updates::shown(&asked.mark)))])) {}
        @if asked.reader == Reader::SignedIn {
            form method="post" action="/logout" { button.plain type="submit" { "Sign out" } }
        }
    };
    document(title, Some(&header), app.is_demo, main)
}

/// A page beside the log: the way in.
pub(super) fn bare(title: &str, main: &Markup) -> Markup {
    document(title, None, false, main)
}

/// A page that says what cannot be shown.
pub(super) fn problem(problem: &Problem) -> Markup {
    let title = match problem.status.as_u16() {
        404 => "Not found",
        401 | 403 => "Not allowed",
        421 => "Another name",
        500.. => "Not available",
        _ => "Not understood",
    };
    let main = html! {
        h1 { (title) }
        p.lead { (problem.detail) "." }
        p { a href="/" { "Back to the overview" } }
    };
    bare(title, &main)
}

fn switch(asked: &Asked) -> Markup {
    html! {
        form.switch method="get" action=(home(&asked.path)) {
            label for="repository" { "Repository" }
            select #repository name="repository" data-submit="" {
                option value="" selected[asked.repository.is_none()] { "all repositories" }
                @for name in &asked.repositories {
                    option value=(name) selected[asked.repository() == Some(name)] {
                        (provost_sink::visible(name, 80))
                    }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// Where another repository is shown: a page of a release has none of the other's.
fn home(path: &str) -> &str {
    match path {
        "/releases" | "/incidents" | "/pipeline" | "/health" | "/runbook" => path,
        _ if path.starts_with("/checks/") => path,
        _ => "/",
    }
}

fn document(title: &str, header: Option<&Markup>, is_demo: bool, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (super::text::foreign(title)) " · Provost" }
                link rel="icon" type="image/svg+xml" href=(asset::icon_url());
                link rel="stylesheet" href=(asset::style_url());
                script src=(asset::script_url()) defer {}
            }
            body {
                a.skip href="#main" { "To the content" }
                @if is_demo {
                    p.demo role="note" {
                        strong { "Made data." }
                        " Every repository, release and incident here was invented by "
                        code { "provost serve --demo" }
                        " and is gone when it ends."
                    }
                }
                header.top {
                    a.brand href="/" { "Provost" }
                    @if let Some(header) = header { (header) }
                }
                main #main tabindex="-1" { (main) }
                footer.quiet {
                    "Provost " (env!("CARGO_PKG_VERSION"))
                    " · rows as the event log holds them · times in UTC unless your browser shows its own zone"
                }
            }
        }
    }
}
