//! The calls of the description: method, path template, parameters, body, responses.

use std::fmt;

use serde_json::{Value, json};

use super::{decoded_all, segments};

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Path,
    Query,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if *self == Self::Path { "path" } else { "query" })
    }
}

pub(super) struct Operation {
    pub(super) method: String,
    pub(super) id: String,
    template: Vec<String>,
    parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    responses: Vec<Response>,
}

pub(super) struct Parameter {
    pub(super) name: String,
    place: Place,
    required: bool,
    multi_segment: bool,
    types: Vec<String>,
    /// Where its schema stands, as `#/…`.
    pub(super) pointer: String,
}

pub(super) struct Body {
    pub(super) required: bool,
    /// Where the schema of the JSON body stands; absent if it is bytes.
    pub(super) json: Option<String>,
    keys: Option<Vec<String>>,
}

pub(super) struct Response {
    status: String,
    /// Where the schema of the JSON body stands; absent if there is no body.
    pub(super) json: Option<String>,
}

/// Every operation of the description.
pub(super) fn all(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let pointer = format!("#/paths/{}/{method}", escaped(path));
            operations.push(read(document, path, method, operation, &pointer));
        }
    }
    operations
}

fn read(document: &Value, path: &str, method: &str, operation: &Value, at: &str) -> Operation {
    let parameters = operation["parameters"].as_array().into_iter().flatten().enumerate();
    let responses = operation["responses"].as_object().into_iter().flatten();
    Operation {
        method: method.to_owned(),
        id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
        template: segments(path).into_iter().map(str::to_owned).collect(),
        parameters: parameters
            .map(|(index, item)| {
                let (item, at) = resolved(document, item, &format!("{at}/parameters/{index}"));
                read_parameter(item, &at)
            })
            .collect(),
        body: operation.get("requestBody").map(|body| read_body(document, body, at)),
        responses: responses
            .map(|(status, item)| {
                let place = format!("{at}/responses/{status}");
                let (item, at) = resolved(document, item, &place);
                Response { status: status.clone(), json: json_schema(item, &at) }
            })
            .collect(),
    }
}

fn read_parameter(item: &Value, at: &str) -> Parameter {
    let schema = &item["schema"];
    let alternatives = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let types = alternatives.iter().filter_map(|schema| schema["type"].as_str());
    Parameter {
        name: item["name"].as_str().unwrap_or_default().to_owned(),
        place: if item["in"] == "path" { Place::Path } else { Place::Query },
        required: item["required"] == true,
        multi_segment: item["x-multi-segment"] == true,
        types: types.map(str::to_owned).collect(),
        pointer: format!("{at}/schema"),
    }
}

fn read_body(document: &Value, body: &Value, at: &str) -> Body {
    let json = json_schema(body, &format!("{at}/requestBody"));
    let schema = json.as_ref().map(|_| &body["content"]["application/json"]["schema"]);
    let keys = schema.and_then(|schema| top_level_keys(document, schema));
    Body { required: body["required"] == true, json, keys }
}

/// Keys that an object body may have; absent where the schema is a choice.
fn top_level_keys(document: &Value, schema: &Value) -> Option<Vec<String>> {
    let schema = match &schema["anyOf"] {
        Value::Array(choices) => choices.first()?,
        _ => schema,
    };
    let (schema, _) = resolved(document, schema, "");
    Some(schema["properties"].as_object()?.keys().cloned().collect())
}

fn json_schema(item: &Value, at: &str) -> Option<String> {
    item["content"].get("application/json")?;
    Some(format!("{at}/content/application~1json/schema"))
}

/// The item itself, or what its `$ref` names, with where that stands.
fn resolved<'a>(document: &'a Value, item: &'a Value, at: &str) -> (&'a Value, String) {
    match item["$ref"].as_str() {
        Some(reference) => {
            let target = document.pointer(reference.trim_start_matches('#'));
            (target.expect("a reference of the description leads somewhere"), reference.to_owned())
        }
        None => (item, at.to_owned()),
    }
}

fn escaped(path: &str) -> String {
    // `{` and `}` are no characters of a URI fragment.
    let pointer = path.replace('~', "~0").replace('/', "~1");
    pointer.replace('{', "%7B").replace('}', "%7D")
}

impl Operation {
    /// Which segments of the template are fixed text: of two templates that fit a path, the one
    /// that is fixed earlier is meant.
    pub(super) fn literals(&self) -> Vec<bool> {
        self.template.iter().map(|segment| !segment.starts_with('{')).collect()
    }

    /// The decoded path parameters, if the path fits the template.
    pub(super) fn parameters_in(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut rest: &[&str] = &segments(path);
        let mut found = Vec::new();
        for (index, expected) in self.template.iter().enumerate() {
            let Some(name) = expected.strip_prefix('{').and_then(|text| text.strip_suffix('}'))
            else {
                let (first, others) = rest.split_first()?;
                (first == expected).then_some(())?;
                rest = others;
                continue;
            };
            let after = self.template.len() - index - 1;
            let multi = self.parameter(Place::Path, name)?.multi_segment;
            let taken = if multi { rest.len().checked_sub(after)? } else { 1 };
            if taken == 0 || taken > rest.len() {
                return None;
            }
            let (mine, others) = rest.split_at(taken);
            let value = decoded_all(mine);
            (!value.is_empty()).then_some(())?;
            found.push((name.to_owned(), value));
            rest = others;
        }
        rest.is_empty().then_some(found)
    }

    pub(super) fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|item| item.place == place && item.name == name)
    }

    pub(super) fn required(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |item| item.place == place && item.required)
    }

    /// Where all its schemas stand.
    #[cfg(test)]
    pub(super) fn pointers(&self) -> Vec<String> {
        let parameters = self.parameters.iter().map(|parameter| parameter.pointer.clone());
        let body = self.body.as_ref().and_then(|body| body.json.clone());
        let responses = self.responses.iter().filter_map(|response| response.json.clone());
        parameters.chain(body).chain(responses).collect()
    }

    pub(super) fn response(&self, status: u16) -> Option<&Response> {
        let status = status.to_string();
        self.responses.iter().find(|response| response.status == status)
    }
}

impl Parameter {
    /// The text as the type that the schema wants, where it can be read so.
    pub(super) fn coerced(&self, text: &str) -> Value {
        let wants = |name: &str| self.types.iter().any(|kind| kind == name);
        if self.name == "created" {
            return json!(search_date(text));
        }
        match text.parse::<i64>() {
            Ok(number) if wants("integer") => return json!(number),
            _ => {}
        }
        match text {
            "true" | "false" if wants("boolean") => json!(text == "true"),
            _ => json!(text),
        }
    }
}

/// The date of a search expression: GitHub takes `>=DATE`, `<DATE`, `DATE..*` and `DATE..DATE`.
fn search_date(text: &str) -> String {
    let bare = text.trim_start_matches(['>', '<', '=']);
    let (first, second) = bare.split_once("..").unwrap_or((bare, bare));
    let date = if first == "*" { second } else { first };
    // A day alone is allowed as well.
    if date.len() == 10 { format!("{date}T00:00:00Z") } else { date.to_owned() }
}

impl Body {
    /// Keys of `value` that the schema does not name.
    pub(super) fn unknown_keys(&self, value: &Value) -> Vec<String> {
        let (Some(keys), Some(object)) = (&self.keys, value.as_object()) else {
            return vec![];
        };
        object.keys().filter(|key| !keys.contains(key)).cloned().collect()
    }
}
