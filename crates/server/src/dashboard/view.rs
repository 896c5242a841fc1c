//! The pages and files: one table, and the steps from a request to one of them.

use super::request::Asked;
use super::{
    asset, check, csv, entrance, frame, health, incidents, overview, pipeline, release, releases,
    updates,
};
use crate::app::App;
use crate::http::{Problem, method_not_allowed, secured};
use crate::route::{Access, Operation, Verb};
use crate::router::{query, timed, turned_away};
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use maud::Markup;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The largest form: a token and where to go on.
const FORM_BYTES: usize = 4096;

/// Scripts, styles and pictures come from here alone, and nothing stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What stands at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Overview,
    Releases,
    ReleasesCsv,
    Release,
    Incidents,
    Pipeline,
    Diagram,
    Runbook,
    Health,
    Check,
    SignIn,
    TakeToken,
    SignOut,
    Style,
    Script,
    Icon,
    Updates,
}

/// One address.
#[derive(Debug, Clone, Copy)]
struct Place {
    view: View,
    method: Verb,
    path: &'static str,
    operation: Operation,
    access: Access,
    parameters: &'static [&'static str],
}

const fn page(view: View, path: &'static str, parameters: &'static [&'static str]) -> Place {
    Place {
        view,
        method: Verb::Get,
        path,
        operation: Operation::Page,
        access: Access::Read,
        parameters,
    }
}

const fn file(view: View, path: &'static str) -> Place {
    let parameters = &["v"];
    Place {
        access: Access::Open,
        operation: Operation::Asset,
        parameters,
        ..page(view, path, parameters)
    }
}

const LISTED: &[&str] = &["repository", "status", "search", "order", "after", "since"];

/// Every address.
const PLACES: &[Place] = &[
    page(View::Overview, "/", &["repository"]),
    page(View::Releases, "/releases", LISTED),
    page(View::ReleasesCsv, "/releases.csv", LISTED),
    page(View::Release, "/release", &["repository", "tag"]),
    page(View::Incidents, "/incidents", &["repository", "state", "after"]),
    page(View::Pipeline, "/pipeline", &["repository"]),
    Place { operation: Operation::Asset, ..page(View::Diagram, "/pipeline/diagram.svg", &[]) },
    page(View::Runbook, "/runbook", &["repository"]),
    page(View::Health, "/health", &["repository"]),
    page(View::Check, "/checks/{check}", &["repository"]),
    Place { access: Access::Open, ..page(View::SignIn, "/login", &["next"]) },
    Place { access: Access::Open, method: Verb::Post, ..page(View::TakeToken, "/login", &[]) },
    Place { access: Access::Open, method: Verb::Post, ..page(View::SignOut, "/logout", &[]) },
    file(View::Style, asset::STYLE_PATH),
    file(View::Script, asset::SCRIPT_PATH),
    file(View::Icon, asset::ICON_PATH),
    Place { operation: Operation::Updates, ..page(View::Updates, "/updates", &["since"]) },
];

/// The router with the dashboard's addresses.
pub(crate) fn routed(mut router: Router, app: &Arc<App>) -> Router {
    for place in PLACES {
        let own = Arc::clone(app);
        let filter = match place.method {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
        };
        router = router.route(
            place.path,
            on(filter, move |request| respond(Arc::clone(&own), place, request)),
        );
    }
    let mut paths: Vec<&str> = PLACES.iter().map(|place| place.path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let methods: Vec<&str> = PLACES
            .iter()
            .filter(|place| place.path == path)
            .map(|place| place.method.allowed())
            .collect();
        let allowed: &'static str = match methods.as_slice() {
            [one] => one,
            _ => "GET, HEAD, POST",
        };
        let app = Arc::clone(app);
        let refused = move || std::future::ready(turned_away(&app, method_not_allowed(allowed)));
        router = router.route(path, axum::routing::MethodRouter::new().fallback(refused));
    }
    router
}

async fn respond(app: Arc<App>, place: &'static Place, request: Request<Body>) -> Response {
    let is_read = Arc::new(AtomicBool::new(false));
    let here = request.uri().path_and_query().map(|here| here.as_str().to_owned());
    let answering = answer(Arc::clone(&app), place, request, Arc::clone(&is_read));
    let shown = |problem: Problem| shown(place, here.as_deref(), problem);
    let mut response = timed(&app, place.operation, answering, &is_read, shown).await;
    if place.view != View::Diagram {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    secured(response)
}

/// A problem as its reader wants it: a page for who looks at pages, the way in for who is not in.
fn shown(place: &Place, here: Option<&str>, problem: Problem) -> Response {
    if place.operation != Operation::Page || place.view == View::ReleasesCsv {
        return problem.into_response();
    }
    if problem.status == StatusCode::UNAUTHORIZED && place.access == Access::Read {
        return see(&entrance::address(here));
    }
    let status = problem.status;
    // The headers of a problem, such as when to come again, and a body for people.
    let page = frame::problem(&problem);
    let mut response = problem.into_response();
    let (head, body) = html(status, page).into_parts();
    *response.body_mut() = body;
    response.headers_mut().extend(head.headers);
    response
}

async fn answer(
    app: Arc<App>,
    place: &'static Place,
    request: Request<Body>,
    is_read: Arc<AtomicBool>,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let reader = entrance::admit(&app, place.operation, place.access, &parts.headers).await?;
    let query = query(place.parameters, &parts.uri)?;
    let limit = if place.method == Verb::Post { FORM_BYTES } else { 0 };
    let form = app.body_memory.read(body, limit).await?;
    is_read.store(true, Ordering::SeqCst);
    match place.view {
        View::Style | View::Script | View::Icon => return Ok(asset::file(place.view)),
        View::Updates => {
            return updates::stream(&app, query.get("since").map(String::as_str)).await;
        }
        View::TakeToken => return entrance::take_token(&app, &parts.headers, &form),
        View::SignOut => return entrance::sign_out(&parts.headers),
        View::Diagram => return pipeline::diagram(&app).await,
        View::SignIn => {
            let page = entrance::page(query.get("next").map(String::as_str), false);
            return Ok(html(StatusCode::OK, page));
        }
        _ => {}
    }
    let asked = Asked::new(&app, reader, query, parts.uri.path()).await?;
    let page = match place.view {
        View::Overview => overview::page(&app, &asked).await?,
        View::Releases => releases::page(&app, &asked).await?,
        View::ReleasesCsv => return csv::releases(&app, &asked),
        View::Release => release::page(&app, &asked).await?,
        View::Incidents => incidents::page(&app, &asked).await?,
        View::Pipeline => pipeline::page(&app, &asked).await?,
        View::Runbook => pipeline::runbook(&app, &asked).await?,
        View::Health => health::page(&app, &asked).await?,
        _ => check::page(&app, &asked)?,
    };
    Ok(html(StatusCode::OK, page))
}

/// A page as an answer.
pub(super) fn html(status: StatusCode, page: Markup) -> Response {
    let mut response = Response::new(Body::from(page.into_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// On to another address, by GET.
pub(super) fn see(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, address);
    response
}
