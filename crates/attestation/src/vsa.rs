//! The verification summary attestation: our own verdict as an in-toto statement.
//!
//! Source: <https://slsa.dev/spec/v1.0/verification_summary>.

use crate::digest::ArtifactDigest;
use serde_json::{Value, json};

/// `predicateType` of a VSA.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/verification_summary/v1";

/// What one summary says of one release's artifacts. Times are RFC 3339 in UTC.
#[derive(Debug, Clone)]
pub struct VerificationSummary {
    /// Each artifact: its name, and every digest that was checked.
    pub subjects: Vec<(String, Vec<ArtifactDigest>)>,
    /// URI of the verifier.
    pub verifier_id: String,
    /// Version of the verifier program.
    pub verifier_version: String,
    /// When the verdict was made.
    pub time_verified: String,
    /// What the artifact was verified as: a release URL, a package URL, or the source tag.
    pub resource_uri: String,
    /// URI of the policy file.
    pub policy_uri: String,
    /// SHA-256 of the policy, hex.
    pub policy_sha256: String,
    /// SHA-256 of each bundle that the verdict rests on, hex.
    pub bundle_sha256: Vec<String>,
    /// Whether it passed.
    pub passed: bool,
    /// The SLSA Build level that was found, when it passed.
    pub build_level: Option<u8>,
}

impl VerificationSummary {
    /// The statement as JSON. A failed verdict claims no level.
    pub fn statement(&self) -> Value {
        let subjects: Vec<Value> = self.subjects.iter().map(subject).collect();
        let levels: Vec<String> = match (self.passed, self.build_level) {
            (true, Some(level)) => vec![format!("SLSA_BUILD_LEVEL_{level}")],
            _ => vec![],
        };
        let inputs: Vec<Value> =
            self.bundle_sha256.iter().map(|hex| json!({"digest": {"sha256": hex}})).collect();
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects,
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {
                    "id": self.verifier_id,
                    "version": {"provost": self.verifier_version},
                },
                "timeVerified": self.time_verified,
                "resourceUri": self.resource_uri,
                "policy": {"uri": self.policy_uri, "digest": {"sha256": self.policy_sha256}},
                "inputAttestations": inputs,
                "verificationResult": if self.passed { "PASSED" } else { "FAILED" },
                "verifiedLevels": levels,
                "slsaVersion": "1.0",
            },
        })
    }
}

fn subject((name, digests): &(String, Vec<ArtifactDigest>)) -> Value {
    let digests: serde_json::Map<String, Value> = digests
        .iter()
        .map(|digest| (digest.algorithm().name().to_owned(), Value::from(digest.to_hex())))
        .collect();
    json!({"name": name, "digest": digests})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(passed: bool) -> Value {
        VerificationSummary {
            subjects: vec![(
                "app".into(),
                vec![format!("sha256:{}", "a".repeat(64)).parse().expect("digest")],
            )],
            verifier_id: "https://v".into(),
            verifier_version: "0.1.0".into(),
            time_verified: "2026-11-23T12:00:00Z".into(),
            resource_uri: "https://r".into(),
            policy_uri: "provost.toml".into(),
            policy_sha256: "b".repeat(64),
            bundle_sha256: vec!["c".repeat(64)],
            passed,
            build_level: Some(3),
        }
        .statement()
    }

    #[test]
    fn a_pass_names_its_level_and_a_failure_none() {
        let passed = summary(true);
        assert_eq!(passed["predicate"]["verificationResult"], "PASSED");
        assert_eq!(passed["predicate"]["verifiedLevels"], json!(["SLSA_BUILD_LEVEL_3"]));
        assert_eq!(passed["subject"][0]["digest"]["sha256"], "a".repeat(64));
        let failed = summary(false);
        assert_eq!(failed["predicate"]["verificationResult"], "FAILED");
        assert_eq!(failed["predicate"]["verifiedLevels"], json!([]));
    }
}
