//! The report that `--format json` prints, on every outcome.

use super::decision::Decision;
use schemars::JsonSchema;
use serde::Serialize;

/// The value of `schema`.
pub const REPORT_SCHEMA: &str = "https://provost.dev/report/v1";

/// What one call came to: a decision an artifact, and the error when something kept one from being
/// made. Valid JSON whatever happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// Always `https://provost.dev/report/v1`.
    pub schema: String,
    /// One a decided artifact, in the order of the call.
    pub decisions: Vec<Decision>,
    /// Why something could not be decided; null when everything was.
    pub error: Option<ReportError>,
}

/// Why something could not be decided.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportError {
    /// Stable kebab-case code.
    pub code: String,
    /// One sentence for people.
    pub detail: String,
}

impl Report {
    /// A report of these decisions.
    pub fn new(decisions: Vec<Decision>, error: Option<ReportError>) -> Self {
        Self { schema: REPORT_SCHEMA.to_owned(), decisions, error }
    }

    /// A report that nothing was decided.
    pub fn of_error(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Vec::new(), Some(ReportError { code: code.to_owned(), detail: detail.into() }))
    }

    /// The document, on one line with a final newline. Line separators that JSON allows and
    /// terminals do not are escaped.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_else(|error| {
            format!(
                "{{\"schema\":\"{REPORT_SCHEMA}\",\"decisions\":[],\"error\":{{\"code\":\
                 \"internal\",\"detail\":{:?}}}}}",
                error.to_string()
            )
        });
        text.push('\n');
        text
    }

    /// The JSON Schema of the document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}
