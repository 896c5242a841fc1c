//! The verification summary over the decisions of one call.

use jiff::Timestamp;
use provost_attestation::vsa::VerificationSummary;
use provost_policy::Decision;

/// URI under which this program signs as verifier in a verification summary.
const VERIFIER_ID: &str = "https://provost.dev/provost";

/// What a summary says beside the decisions themselves.
#[derive(Debug, Clone)]
pub struct Summary {
    /// What was verified: a release URL, or the source.
    pub resource_uri: String,
    /// Where the policy stands.
    pub policy_uri: String,
    /// SHA-256 of the policy, hex.
    pub policy_sha256: String,
    /// When it was decided.
    pub verified_at: Timestamp,
    /// Whether everything that was asked was accepted.
    pub passed: bool,
}

impl Summary {
    /// One statement over all decisions, as indented JSON that ends with a line feed.
    pub fn text(self, decisions: &[&Decision]) -> String {
        let mut bundles: Vec<String> =
            decisions.iter().filter_map(|d| d.bundle_sha256().map(str::to_owned)).collect();
        bundles.dedup();
        let subject = |decision: &&Decision| {
            let artifact = decision.artifact();
            (artifact.name.clone(), artifact.digests.iter().cloned().collect())
        };
        let summary = VerificationSummary {
            subjects: decisions.iter().map(subject).collect(),
            verifier_id: VERIFIER_ID.to_owned(),
            verifier_version: env!("CARGO_PKG_VERSION").to_owned(),
            time_verified: self.verified_at.to_string(),
            resource_uri: self.resource_uri,
            policy_uri: self.policy_uri,
            policy_sha256: self.policy_sha256,
            bundle_sha256: bundles,
            passed: self.passed,
            build_level: decisions.iter().map(|decision| decision.level()).min(),
        };
        format!("{:#}\n", summary.statement())
    }
}
