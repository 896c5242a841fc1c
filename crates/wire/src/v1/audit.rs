//! What `provost workflows audit --format json` prints.

use super::ReportError;
use provost_workflow_audit::{
    Access, Audit, Finding as Found, JobReport, Reason, ReleasePath, Scope, SecretReader, Spot,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The value of `schema`.
pub const AUDIT_SCHEMA: &str = "https://provost.dev/audit/v1";

/// What an audit of workflows came to. Valid JSON whatever happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditReport {
    /// Always `https://provost.dev/audit/v1`.
    pub schema: String,
    /// Every workflow and action, sorted by path.
    pub files: Vec<AuditFile>,
    /// The permissions of every job of every workflow that can be read.
    pub jobs: Vec<AuditJob>,
    /// What was found, sorted by file and place.
    pub findings: Vec<AuditFinding>,
    /// What was found and is left as it is, each with the reason from its comment.
    pub suppressed: Vec<AuditSuppressed>,
    /// The whole; null when nothing was audited.
    pub verdict: Option<AuditVerdict>,
    /// Who can read the secret that was asked about; null when none was.
    pub secret_readers: Option<Vec<AuditSecretReader>>,
    /// Why something could not be audited; null when everything was.
    pub error: Option<ReportError>,
}

/// One file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditFile {
    /// Relative to the folder that was audited.
    pub path: String,
    /// `parsed`; `unparseable-workflow`, which is then a finding too; `too-large`, and `error` then
    /// says where and of what.
    pub verdict: String,
}

/// The permissions of one job; a scope is a key of `permissions:`, its value `read` or `write`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditJob {
    /// The workflow's path.
    pub file: String,
    /// The job's id.
    pub job: String,
    /// The line of the job, from 1.
    pub line: usize,
    /// Where the grant stands: `job`, `workflow`, `caller`, `default` (a setting of the
    /// repository), `unknown` (nothing here calls the workflow).
    pub granted_by: String,
    /// What is granted.
    pub granted: BTreeMap<String, String>,
    /// What its steps need; for a job that calls a workflow, what that asks for.
    pub needed: BTreeMap<String, String>,
    /// What they need and do not have for sure.
    pub missing: BTreeMap<String, String>,
    /// What is granted and not needed.
    pub excess: BTreeMap<String, String>,
    /// Actions and commands whose needs are not known.
    pub undetermined: Vec<String>,
    /// The block to write into the job.
    pub minimal: String,
}

/// One finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditFinding {
    /// The rule's id.
    pub rule: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// Relative to the folder that was audited.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column after the end.
    pub end_column: usize,
    /// One sentence.
    pub message: String,
    /// How to mend it; may hold several lines; may be empty.
    pub hint: String,
    /// More about it.
    pub notes: Vec<String>,
    /// The job; null where there is none.
    pub job: Option<String>,
    /// Other places that have to do with it.
    pub related: Vec<AuditSpot>,
}

/// A place.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditSpot {
    /// Relative to the folder that was audited.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is there.
    pub label: String,
}

/// A finding that a comment takes out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditSuppressed {
    /// What was found.
    #[serde(flatten)]
    pub finding: AuditFinding,
    /// Why it may stand.
    pub reason: String,
}

/// The pipeline as a whole.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditVerdict {
    /// One line.
    pub headline: String,
    /// Whether a release gets signed provenance without anybody's help.
    pub proven: bool,
    /// The best SLSA Build level that a release reaches.
    pub slsa_build_level: u8,
    /// One paragraph in plain words.
    pub summary: String,
    /// Why not, or not further.
    pub reasons: Vec<AuditReason>,
    /// Every workflow that ends in a signature.
    pub release_paths: Vec<AuditReleasePath>,
}

/// Something that stands in the way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditReason {
    /// One sentence.
    pub message: String,
    /// Relative to the folder that was audited.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// One workflow that ends in a signature.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditReleasePath {
    /// The workflow's path.
    pub file: String,
    /// The jobs that sign.
    pub signers: Vec<String>,
    /// The SLSA Build level that it can reach.
    pub slsa_build_level: u8,
    /// Whether anything but a person's hand starts it.
    pub started: bool,
    /// What keeps it from the next level.
    pub obstacles: Vec<AuditReason>,
}

/// A step, or a call of a workflow, that can read a secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuditSecretReader {
    /// The secret; `*` where all of them are handed over.
    pub secret: String,
    /// The job's id.
    pub job: String,
    /// The step's name; null for the call of a workflow.
    pub step: Option<String>,
    /// The way it comes by the secret.
    pub way: String,
    /// Where that way begins.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl AuditReport {
    /// A report that nothing was audited.
    pub fn of_error(code: &str, detail: impl Into<String>) -> Self {
        Self {
            schema: AUDIT_SCHEMA.to_owned(),
            files: Vec::new(),
            jobs: Vec::new(),
            findings: Vec::new(),
            suppressed: Vec::new(),
            verdict: None,
            secret_readers: None,
            error: Some(ReportError { code: code.to_owned(), detail: detail.into() }),
        }
    }

    /// The report with who can read a secret.
    #[must_use]
    pub fn with_readers(mut self, readers: &[SecretReader]) -> Self {
        self.secret_readers = Some(readers.iter().map(AuditSecretReader::from).collect());
        self
    }

    /// The document, with a final newline.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_else(|error| {
            let document = serde_json::json!({
                "schema": AUDIT_SCHEMA, "files": [], "jobs": [], "findings": [],
                "error": {"code": "internal", "detail": error.to_string()},
            });
            document.to_string()
        });
        text.push('\n');
        text
    }

    /// The JSON Schema of the document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl From<&Audit> for AuditReport {
    fn from(audit: &Audit) -> Self {
        let file = |file: &provost_workflow_audit::FileReport| AuditFile {
            path: file.path.clone(),
            verdict: file.verdict.as_str().to_owned(),
        };
        let suppressed = |suppressed: &provost_workflow_audit::Suppressed| AuditSuppressed {
            finding: AuditFinding::from(&suppressed.finding),
            reason: suppressed.reason.clone(),
        };
        let verdict = &audit.verdict;
        Self {
            schema: AUDIT_SCHEMA.to_owned(),
            files: audit.files.iter().map(file).collect(),
            jobs: audit.jobs.iter().map(AuditJob::from).collect(),
            findings: audit.findings.iter().map(AuditFinding::from).collect(),
            suppressed: audit.suppressed.iter().map(suppressed).collect(),
            verdict: Some(AuditVerdict {
                headline: verdict.headline.clone(),
                proven: verdict.is_proven,
                slsa_build_level: verdict.level,
                summary: verdict.paragraph.clone(),
                reasons: verdict.reasons.iter().map(AuditReason::from).collect(),
                release_paths: verdict.paths.iter().map(AuditReleasePath::from).collect(),
            }),
            secret_readers: None,
            error: None,
        }
    }
}

impl From<&Found> for AuditFinding {
    fn from(found: &Found) -> Self {
        Self {
            rule: found.rule.to_owned(),
            severity: found.severity.as_str().to_owned(),
            confidence: found.confidence.as_str().to_owned(),
            file: found.spot.file.clone(),
            line: found.spot.place.line,
            column: found.spot.place.column,
            end_line: found.spot.end.line,
            end_column: found.spot.end.column,
            message: found.message.clone(),
            hint: found.hint.clone(),
            notes: found.notes.clone(),
            job: found.job.clone(),
            related: found.related.iter().map(AuditSpot::from).collect(),
        }
    }
}

impl From<&Spot> for AuditSpot {
    fn from(spot: &Spot) -> Self {
        Self {
            file: spot.file.clone(),
            line: spot.place.line,
            column: spot.place.column,
            label: spot.label.clone(),
        }
    }
}

impl From<&Reason> for AuditReason {
    fn from(reason: &Reason) -> Self {
        Self {
            message: reason.message.clone(),
            file: reason.spot.file.clone(),
            line: reason.spot.place.line,
        }
    }
}

impl From<&ReleasePath> for AuditReleasePath {
    fn from(path: &ReleasePath) -> Self {
        Self {
            file: path.file.clone(),
            signers: path.signers.clone(),
            slsa_build_level: path.level,
            started: path.is_started,
            obstacles: path.obstacles.iter().map(AuditReason::from).collect(),
        }
    }
}

impl From<&SecretReader> for AuditSecretReader {
    fn from(reader: &SecretReader) -> Self {
        Self {
            secret: reader.secret.clone(),
            job: reader.job.clone(),
            step: reader.step.clone(),
            way: reader.way.to_owned(),
            file: reader.spot.file.clone(),
            line: reader.spot.place.line,
        }
    }
}

impl From<&JobReport> for AuditJob {
    fn from(job: &JobReport) -> Self {
        Self {
            file: job.file.clone(),
            job: job.job.clone(),
            line: job.line,
            granted_by: job.source.as_str().to_owned(),
            granted: scopes(&job.granted),
            needed: scopes(&job.needed),
            missing: scopes(&job.missing),
            excess: scopes(&job.excess),
            undetermined: job.undetermined.clone(),
            minimal: job.minimal.clone(),
        }
    }
}

fn scopes(scopes: &[(Scope, Access)]) -> BTreeMap<String, String> {
    scopes.iter().map(|(scope, access)| (scope.to_string(), access.to_string())).collect()
}
