//! SARIF 2.1.0, as far as an audit of workflows needs it (OASIS, "Static Analysis Results
//! Interchange Format", section 3; GitHub documentation, "SARIF support for code scanning").

use provost_workflow_audit::{Audit, Finding, RuleInfo, Severity, Spot, rules};
use serde::Serialize;
use serde_json::{Value, json};

/// One log with one run.
#[derive(Debug, Clone, Serialize)]
pub struct SarifLog {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    invocations: Vec<Value>,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    properties: Value,
}

#[derive(Debug, Clone, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Value,
    region: Region,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl SarifLog {
    /// The log of an audit; `version` is this program's.
    pub fn of(audit: &Audit, version: &str) -> Self {
        let found = audit.findings.iter().map(|finding| result(finding, None));
        let suppressed = audit.suppressed.iter();
        let suppressed =
            suppressed.map(|suppressed| result(&suppressed.finding, Some(&suppressed.reason)));
        let run = Run {
            tool: json!({"driver": {
                "name": "provost",
                "semanticVersion": version,
                "informationUri": "https://github.com/provost-dev/provost",
                "rules": rules().map(rule).collect::<Vec<_>>(),
            }}),
            invocations: vec![json!({"executionSuccessful": true})],
            column_kind: "unicodeCodePoints",
            results: found.chain(suppressed).collect(),
        };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [run],
        }
    }

    /// A log that says that nothing was audited.
    pub fn of_error(detail: &str, version: &str) -> Self {
        let notification = json!({"level": "error", "message": {"text": detail}});
        let run = Run {
            tool: json!({"driver": {"name": "provost", "semanticVersion": version}}),
            invocations: vec![json!({
                "executionSuccessful": false,
                "toolExecutionNotifications": [notification],
            })],
            column_kind: "unicodeCodePoints",
            results: Vec::new(),
        };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [run],
        }
    }

    /// The document, with a final newline.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_else(|error| {
            let detail = error.to_string();
            json!({"version": "2.1.0", "runs": [], "properties": {"error": detail}}).to_string()
        });
        text + "\n"
    }
}

fn rule(info: &RuleInfo) -> Value {
    json!({
        "id": info.id,
        "shortDescription": {"text": info.summary},
        "fullDescription": {"text": info.meaning()},
        "help": {
            "text": format!("{}\n\nTo mend it, {}", info.meaning(), info.mend()),
            "markdown": info.explanation,
        },
        "defaultConfiguration": {"level": level(info.severity)},
        "properties": {"tags": ["security", "supply-chain"]},
    })
}

fn result(finding: &Finding, reason: Option<&String>) -> SarifResult {
    let mut text = finding.message.clone();
    for note in &finding.notes {
        text.push_str(&format!("\n{note}"));
    }
    if !finding.hint.is_empty() {
        text.push_str(&format!("\n\n{}", finding.hint));
    }
    let related = finding.related.iter().enumerate();
    SarifResult {
        rule_id: finding.rule,
        rule_index: rules().position(|info| info.id == finding.rule),
        level: level(finding.severity),
        message: Message { text },
        locations: vec![location(&finding.spot, None)],
        related_locations: related.map(|(index, spot)| location(spot, Some(index))).collect(),
        suppressions: reason
            .map(|reason| json!({"kind": "inSource", "justification": reason}))
            .into_iter()
            .collect(),
        properties: json!({"confidence": finding.confidence.as_str()}),
    }
}

fn location(spot: &Spot, id: Option<usize>) -> Location {
    let message = Some(&spot.label).filter(|label| !label.is_empty());
    Location {
        id,
        physical_location: PhysicalLocation {
            artifact_location: json!({"uri": uri(&spot.file), "uriBaseId": "%SRCROOT%"}),
            region: Region {
                start_line: spot.place.line,
                start_column: spot.place.column,
                end_line: spot.end.line,
                end_column: spot.end.column,
            },
        },
        message: message.map(|label| Message { text: label.clone() }),
    }
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

/// A path as a relative URI reference (RFC 3986, section 2).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
