//! The OpenAPI 3.1 document, made from the table of routes.

use crate::route::{Access, Answer, Parameter, ROUTES, Route};
use provost_wire::v1::ErrorsDocument;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// What the document says of each status.
const STATUSES: [(u16, &str); 14] = [
    (400, "The request cannot be read."),
    (401, "A valid token is needed."),
    (403, "The token may not do this."),
    (404, "There is no such thing."),
    (408, "The request took too long."),
    (409, "The token was used for another body."),
    (413, "The body is too large."),
    (415, "The body is no JSON."),
    (421, "Rows are shown without a token under the names of this machine alone."),
    (422, "Nothing of the body could be taken."),
    (429, "The repository sends too much."),
    (500, "The server failed."),
    (502, "Another server failed."),
    (503, "Nothing was kept; send it again later."),
];

/// The OpenAPI document of the service. It depends on nothing but the program's version.
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let operation = operation(route, &mut generator);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str()] = operation;
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Provost",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Release provenance: ingestion, queries, verification. \
                Errors are `{\"errors\":[{\"code\",\"detail\"}]}`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An identity token of a GitHub Actions job, made out to the \
                        server's own URL, or a token of `[[server.token]]`.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Hub-Signature-256",
                    "description": "`sha256=` and the HMAC of the body under the webhook's secret.",
                },
            },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": route.operation.as_str(),
        "summary": route.summary,
        "responses": responses(route, generator),
    });
    let mut parameters: Vec<Value> = route.parameters.iter().map(parameter).collect();
    if route.path.contains("{tag}") {
        parameters.push(json!({
            "name": "tag", "in": "path", "required": true,
            "description": "The tag, percent-encoded as one segment.",
            "schema": {"type": "string", "minLength": 1},
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(schema) = route.request {
        let schema = schema(generator).to_value();
        operation["requestBody"] = json!({
            "required": true,
            "description": format!("At most {} bytes.", route.body),
            "content": {"application/json": {"schema": schema}},
        });
    }
    operation["security"] = match route.access {
        Access::Open => json!([]),
        Access::Read => json!([{}, {"bearer": []}]),
        Access::Scope(_) => json!([{"bearer": []}]),
        Access::Signature => json!([{"signature": []}]),
    };
    operation
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let good = match route.answer {
        Answer::Json(schema) => {
            json!({"application/json": {"schema": schema(generator).to_value()}})
        }
        Answer::Text => json!({"application/openmetrics-text": {"schema": {"type": "string"}}}),
    };
    let errors = generator.subschema_for::<ErrorsDocument>().to_value();
    let mut responses = Map::new();
    responses.insert("200".into(), json!({"description": "Done.", "content": good}));
    let access: &[u16] = match route.access {
        Access::Open => &[],
        Access::Signature => &[401],
        Access::Read => &[401, 403, 421],
        Access::Scope(_) => &[401, 403],
    };
    // A query that is not the route's is refused everywhere.
    let always: &[u16] = &[400, 408, 500, 503];
    let statuses = STATUSES.iter().filter(|(status, _)| {
        [always, access, route.others].iter().any(|list| list.contains(status))
    });
    for (status, description) in statuses {
        let schema = match (status, route.answer) {
            // Of several entries each has its own problem.
            (422, Answer::Json(own)) if is_telemetry(route) => {
                json!({"anyOf": [own(generator).to_value(), errors]})
            }
            (503, Answer::Json(own)) if route.path == "/readyz" => {
                json!({"anyOf": [own(generator).to_value(), errors]})
            }
            _ => errors.clone(),
        };
        let content = json!({"application/json": {"schema": schema}});
        let response = json!({"description": description, "content": content});
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

fn is_telemetry(route: &Route) -> bool {
    route.operation == crate::route::Operation::Telemetry
}

fn parameter(parameter: &Parameter) -> Value {
    let schema: Value = serde_json::from_str(parameter.schema).unwrap_or_default();
    json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": schema,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let document = openapi();
        let mut ids = BTreeSet::new();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.as_str()];
            let id = operation["operationId"].as_str().expect(route.path);
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            assert!(operation["responses"]["200"].is_object(), "{id}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["schema"]["type"].is_string(), "{id} {parameter}");
            }
        }
        assert_eq!(ids.len(), ROUTES.len());
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').expect("a reference of this document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    fn collect(value: &Value, references: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    references.push(reference.clone());
                }
                object.values().for_each(|value| collect(value, references));
            }
            Value::Array(list) => list.iter().for_each(|value| collect(value, references)),
            _ => {}
        }
    }
}
