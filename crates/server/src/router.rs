//! From a request to its operation: the same steps for every route, in the same order.

use crate::app::App;
use crate::caller::{self, Caller};
use crate::dashboard;
use crate::handler;
use crate::http::{self, Problem, ReadBody, method_not_allowed};
use crate::route::{Operation, ROUTES, Route, Verb};
use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum::{RequestPartsExt, Router};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// A request on its way to its operation.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    /// The parameters of the query, each known to the route and there once.
    pub(crate) query: BTreeMap<&'static str, String>,
    /// The `{tag}` of the path.
    pub(crate) tag: Option<String>,
    pub(crate) body: ReadBody,
}

/// The router over every route of the table.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let (filter, allowed) = match route.method {
            Verb::Get => (MethodFilter::GET, route.method.allowed()),
            Verb::Post => (MethodFilter::POST, route.method.allowed()),
        };
        let (own, other) = (Arc::clone(app), Arc::clone(app));
        let methods = on(filter, move |request| respond(Arc::clone(&own), route, request));
        let methods = methods
            .fallback(move || std::future::ready(turned_away(&other, method_not_allowed(allowed))));
        router = router.route(route.path, methods);
    }
    let router = dashboard::routed(router, app);
    let app = Arc::clone(app);
    router.fallback(move || {
        let problem = Problem::not_found("there is no such route; /api/v1/openapi.json names them");
        std::future::ready(turned_away(&app, problem.into_response()))
    })
}

/// What did not get as far as an operation.
pub(crate) fn turned_away(app: &App, response: Response) -> Response {
    app.metrics.request(Operation::Unknown, response.status().as_u16(), Default::default());
    http::secured(response)
}

async fn respond(app: Arc<App>, route: &'static Route, request: Request<Body>) -> Response {
    let is_read = Arc::new(AtomicBool::new(false));
    let answering = answer(Arc::clone(&app), route, request, Arc::clone(&is_read));
    timed(&app, route.operation, answering, &is_read, Problem::into_response).await
}

/// The answer to a request within its time, counted and secured. `is_read` says whether the body is
/// there; `shown` is what a problem looks like.
pub(crate) async fn timed<F>(
    app: &App,
    operation: Operation,
    answering: impl Future<Output = Result<Response, Problem>> + Send + 'static,
    is_read: &AtomicBool,
    shown: F,
) -> Response
where
    F: FnOnce(Problem) -> Response,
{
    let started = Instant::now();
    let answered = tokio::spawn(timeout(app.limits.request, answering)).await;
    let response = match answered {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(problem))) => shown(problem),
        // Whose fault it is: the client's while its body comes, then the event log's.
        Ok(Err(_)) if is_read.load(Ordering::SeqCst) => {
            let detail = "it took too long; whether it was kept is unknown, so send it again";
            shown(Problem::busy(detail, Duration::from_secs(2)))
        }
        Ok(Err(_)) => shown(Problem::too_slow()),
        Err(error) => {
            let operation = operation.as_str();
            tracing::error!(operation, %error, "the operation {operation} failed");
            shown(Problem::internal())
        }
    };
    app.metrics.request(operation, response.status().as_u16(), started.elapsed());
    http::secured(response)
}

/// Who, which form, the body, then the operation.
async fn answer(
    app: Arc<App>,
    route: &'static Route,
    request: Request<Body>,
    is_read: Arc<AtomicBool>,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = caller::admit(&app, route.operation, route.access, &parts.headers).await?;
    let tag = match route.path.contains("{tag}") {
        true => {
            let path: Result<Path<String>, _> = parts.extract().await;
            Some(path.map_err(|_| Problem::invalid("the tag of the path is no text"))?.0)
        }
        false => None,
    };
    let known: Vec<&'static str> = route.parameters.iter().map(|known| known.name).collect();
    let query = query(&known, &parts.uri)?;
    let (shown, name) = (caller.shown(), route.operation.as_str());
    tracing::debug!(operation = name, caller = shown, "{shown} asks for {name}");
    if route.body > 0 && !is_json(&parts.headers) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "send application/json",
        ));
    }
    let body = app.body_memory.read(body, route.body).await?;
    is_read.store(true, Ordering::SeqCst);
    if let Caller::Job(admitted) = &caller {
        admitted
            .open
            .bytes(body.len(), app.clock.now())
            .map_err(|refusal| caller::slow_down(&app, route.operation, &refusal))?;
    }
    let (operation, headers) = (route.operation, parts.headers);
    handler::run(&app, Call { operation, caller, headers, query, tag, body }).await
}

/// `application/json`, with or without a character set, which can only be UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let (media, parameter) = text.split_once(';').unwrap_or((&text, ""));
    media.trim() == "application/json"
        && matches!(parameter.trim(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

/// The query: only what the route knows, each once. A misspelt filter would show rows that
/// somebody meant to leave out.
pub(crate) fn query(
    names: &[&'static str],
    uri: &Uri,
) -> Result<BTreeMap<&'static str, String>, Problem> {
    let pairs: Result<Query<Vec<(String, String)>>, _> = Query::try_from_uri(uri);
    let pairs = pairs.map_err(|_| Problem::invalid("the query cannot be read"))?.0;
    let mut query = BTreeMap::new();
    for (name, value) in pairs {
        let known = names.iter().find(|known| **known == name).ok_or_else(|| {
            let known = match names.is_empty() {
                true => "this route has none".to_owned(),
                false => format!("this route has {}", names.join(", ")),
            };
            Problem::invalid(format!("the query has a parameter that is not known: {known}"))
        })?;
        if query.insert(*known, value).is_some() {
            return Err(Problem::invalid(format!("the query has {known} twice")));
        }
    }
    Ok(query)
}
