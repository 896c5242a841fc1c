//! The routes: one table, from which both the router and the OpenAPI document are made.

use provost_control::config::TokenScope;
use provost_wire::v1;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// What a route does. Its name is `operationId` and label of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is explained by the summary of its route")]
pub enum Operation {
    /// A file of the dashboard.
    Asset,
    Dispatches,
    Events,
    Health,
    Incidents,
    Kpi,
    Latest,
    Live,
    Metrics,
    NotifySlack,
    OpenApi,
    /// A page of the dashboard.
    Page,
    ProvenanceValidate,
    Ready,
    Release,
    Releases,
    Summary,
    Telemetry,
    /// No route at all.
    Unknown,
    /// The stream that says when a page is out of date.
    Updates,
    Verify,
    Webhook,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Everybody while reads are unprotected, else the scope `read`.
    Read,
    /// A token with the scope.
    Scope(TokenScope),
    /// Whoever signs the body.
    Signature,
}

/// A parameter of the query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Its schema as JSON.
    pub(crate) schema: &'static str,
    pub(crate) required: bool,
}

/// What comes back when it went well.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Json(fn(&mut SchemaGenerator) -> Schema),
    Text,
}

/// One route.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) method: Verb,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) access: Access,
    /// The largest body in bytes; 0 for routes without one.
    pub(crate) body: usize,
    pub(crate) request: Option<fn(&mut SchemaGenerator) -> Schema>,
    pub(crate) answer: Answer,
    pub(crate) parameters: &'static [Parameter],
    /// Statuses beside 200 that the operation itself may answer.
    pub(crate) others: &'static [u16],
}

/// The methods that are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }

    /// What `Allow` says.
    pub(crate) fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
        }
    }
}

impl Operation {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Dispatches => "dispatches",
            Self::Events => "events",
            Self::Health => "health",
            Self::Incidents => "incidents",
            Self::Kpi => "kpi",
            Self::Latest => "latest",
            Self::Live => "live",
            Self::Metrics => "metrics",
            Self::NotifySlack => "notify-slack",
            Self::OpenApi => "openapi",
            Self::Page => "page",
            Self::ProvenanceValidate => "provenance-validate",
            Self::Ready => "ready",
            Self::Release => "release",
            Self::Releases => "releases",
            Self::Summary => "summary",
            Self::Telemetry => "telemetry",
            Self::Unknown => "unknown",
            Self::Updates => "updates",
            Self::Verify => "verify",
            Self::Webhook => "webhook",
        }
    }
}

const MIB: usize = 1024 * 1024;

/// The largest manifest, and the largest list of events.
const TELEMETRY_BYTES: usize = 4 * MIB;
const SMALL_BYTES: usize = MIB;
const VERIFY_BYTES: usize = 16 * MIB;
/// GitHub sends no larger delivery.
const WEBHOOK_BYTES: usize = 25 * MIB;

const REPOSITORY: Parameter = Parameter {
    name: "repository",
    about: "Only this repository, `OWNER/NAME` as recorded.",
    schema: r#"{"type":"string","minLength":1,"maxLength":200}"#,
    required: false,
};
const SINCE: Parameter = Parameter {
    name: "since",
    about: "Only what happened at this time or later, RFC 3339.",
    schema: r#"{"type":"string","format":"date-time"}"#,
    required: false,
};
const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Rows of a page.",
    schema: r#"{"type":"integer","minimum":1,"maximum":500,"default":100}"#,
    required: false,
};
const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next` of the page before.",
    schema: r#"{"type":"string","maxLength":100}"#,
    required: false,
};
const STATE: Parameter = Parameter {
    name: "state",
    about: "`open`: without a later success of the same tag.",
    schema: r#"{"type":"string","enum":["open","all"],"default":"open"}"#,
    required: false,
};
const RANGE: Parameter = Parameter {
    name: "range",
    about: "What the message is about; `latest` alone is known.",
    schema: r#"{"type":"string","enum":["latest"]}"#,
    required: false,
};
const SOURCE: Parameter = Parameter {
    name: "source",
    about: "Who asks; `slsa-provenance` alone is known.",
    schema: r#"{"type":"string","enum":["slsa-provenance"]}"#,
    required: false,
};
const PAGED: &[Parameter] = &[REPOSITORY, SINCE, LIMIT, CURSOR];

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const fn read(
    operation: Operation,
    path: &'static str,
    summary: &'static str,
    answer: fn(&mut SchemaGenerator) -> Schema,
    parameters: &'static [Parameter],
) -> Route {
    Route {
        operation,
        method: Verb::Get,
        path,
        summary,
        access: Access::Read,
        body: 0,
        request: None,
        answer: Answer::Json(answer),
        parameters,
        others: &[400, 503],
    }
}

const fn probe(
    operation: Operation,
    path: &'static str,
    summary: &'static str,
    answer: Answer,
    others: &'static [u16],
) -> Route {
    Route {
        operation,
        method: Verb::Get,
        path,
        summary,
        access: Access::Open,
        body: 0,
        request: None,
        answer,
        parameters: &[],
        others,
    }
}

/// Every route.
pub(crate) const ROUTES: &[Route] = &[
    Route {
        operation: Operation::Telemetry,
        method: Verb::Post,
        path: "/functions/v1/telemetry",
        summary: "Takes a manifest, the address of one, a failure.json or events into the log.",
        access: Access::Scope(TokenScope::Ingest),
        body: TELEMETRY_BYTES,
        request: Some(of::<v1::Telemetry>),
        answer: Answer::Json(of::<v1::TelemetryAnswer>),
        parameters: &[],
        others: &[400, 409, 413, 415, 422, 429, 502, 503],
    },
    Route {
        operation: Operation::ProvenanceValidate,
        method: Verb::Post,
        path: "/functions/v1/provenance-validate",
        summary: "Takes the outcome of one validation into the log.",
        access: Access::Scope(TokenScope::Ingest),
        body: SMALL_BYTES,
        request: Some(of::<v1::Validation>),
        answer: Answer::Json(of::<v1::ValidateAnswer>),
        parameters: &[],
        others: &[400, 409, 413, 415, 422, 429, 502, 503],
    },
    Route {
        operation: Operation::NotifySlack,
        method: Verb::Post,
        path: "/functions/v1/ops-slack-notify",
        summary: "Has a failure told in Slack now.",
        access: Access::Scope(TokenScope::Notify),
        body: SMALL_BYTES,
        request: Some(of::<v1::SlackNotice>),
        answer: Answer::Json(of::<v1::SlackAnswer>),
        parameters: &[RANGE, SOURCE],
        others: &[400, 409, 413, 415, 429, 503],
    },
    Route {
        operation: Operation::Webhook,
        method: Verb::Post,
        path: "/webhooks/github",
        summary: "Takes a signed delivery of GitHub as a hint to look there.",
        access: Access::Signature,
        body: WEBHOOK_BYTES,
        request: Some(of::<v1::Delivery>),
        answer: Answer::Json(of::<v1::HintAnswer>),
        parameters: &[],
        others: &[400, 413, 415, 503],
    },
    Route {
        operation: Operation::Verify,
        method: Verb::Post,
        path: "/api/v1/verify",
        summary: "Verifies a bundle for a digest under a named policy, and records the decision.",
        access: Access::Scope(TokenScope::Verify),
        body: VERIFY_BYTES,
        request: Some(of::<v1::VerifyRequest>),
        answer: Answer::Json(of::<v1::VerifyAnswer>),
        parameters: &[],
        others: &[400, 409, 413, 415, 422, 429, 502, 503],
    },
    read(
        Operation::Kpi,
        "/api/v1/kpi",
        "The runs whose latest word is success, newest first.",
        of::<v1::Page<v1::KpiRow>>,
        PAGED,
    ),
    read(
        Operation::Latest,
        "/api/v1/latest",
        "The latest word on every run, whatever it is, newest first.",
        of::<v1::Page<v1::KpiRow>>,
        PAGED,
    ),
    read(
        Operation::Summary,
        "/api/v1/summary",
        "The figures of a period.",
        of::<v1::Summary>,
        &[REPOSITORY, SINCE],
    ),
    read(
        Operation::Incidents,
        "/api/v1/incidents",
        "The failures, newest first.",
        of::<v1::Page<v1::Incident>>,
        &[STATE, REPOSITORY, SINCE, LIMIT, CURSOR],
    ),
    read(
        Operation::Releases,
        "/api/v1/releases",
        "The releases with their latest word, newest first.",
        of::<v1::Page<v1::Release>>,
        PAGED,
    ),
    Route {
        others: &[400, 404, 503],
        ..read(
            Operation::Release,
            "/api/v1/releases/{tag}",
            "The events of one release, newest first.",
            of::<v1::Page<v1::EventDocument>>,
            &[REPOSITORY],
        )
    },
    read(
        Operation::Events,
        "/api/v1/events",
        "The events, newest first.",
        of::<v1::Page<v1::EventDocument>>,
        PAGED,
    ),
    read(
        Operation::Dispatches,
        "/api/v1/dispatches",
        "The runs that were started, newest first.",
        of::<v1::Page<v1::Dispatch>>,
        PAGED,
    ),
    read(
        Operation::Health,
        "/api/v1/health",
        "How outbox, deadlines and event log stand.",
        of::<v1::Health>,
        &[],
    ),
    probe(
        Operation::OpenApi,
        "/api/v1/openapi.json",
        "This document.",
        Answer::Json(of::<serde_json::Map<String, serde_json::Value>>),
        &[],
    ),
    probe(
        Operation::Live,
        "/healthz",
        "Whether the process answers.",
        Answer::Json(of::<v1::Standing>),
        &[],
    ),
    probe(
        Operation::Ready,
        "/readyz",
        "Whether requests should come here: not while it stops, nor without its event log.",
        Answer::Json(of::<v1::Standing>),
        &[503],
    ),
    Route {
        access: Access::Read,
        ..probe(Operation::Metrics, "/metrics", "Metrics for Prometheus.", Answer::Text, &[])
    },
];
