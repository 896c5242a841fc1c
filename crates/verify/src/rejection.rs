//! Rejections: why a bundle proves nothing.

use crate::check::{Check, CheckId};
use crate::layer;

/// The signature layer stopped: the first check that failed, and why.
///
/// Nothing of the statement is in here, because nothing of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    checks: Vec<Check>,
    failed: CheckId,
    detail: String,
    bundle_sha256: String,
    trusted_root_sha256: Option<String>,
}

impl Rejection {
    /// Stops at `failed`: the checks in `passed` came before it, the rest of the layer is not run.
    pub(crate) fn new(
        failed: CheckId,
        detail: String,
        passed: Vec<Check>,
        bundle_sha256: &str,
        trusted_root_sha256: Option<&str>,
    ) -> Self {
        let mut checks = passed;
        checks.retain(|check| check.id() != failed);
        checks.push(Check::failed(failed, layer::expected(failed), detail.clone()));
        for info in &layer::CHECKS {
            if !checks.iter().any(|check| check.id() == info.id) {
                checks.push(Check::not_run(info.id));
            }
        }
        Self {
            checks,
            failed,
            detail,
            bundle_sha256: bundle_sha256.to_owned(),
            trusted_root_sha256: trusted_root_sha256.map(str::to_owned),
        }
    }

    /// A rejection of a document that could not even be read as a bundle.
    pub fn of_malformed_bundle(detail: String, bundle_sha256: &str) -> Self {
        Self::new(layer::BUNDLE_FORMAT, detail, Vec::new(), bundle_sha256, None)
    }

    /// The check that stopped the layer.
    pub fn failed(&self) -> CheckId {
        self.failed
    }

    /// What was wrong, in one sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Every check of the layer: those passed, the one that failed, those not run.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// SHA-256 of the bundle's bytes, hex.
    pub fn bundle_sha256(&self) -> &str {
        &self.bundle_sha256
    }

    /// SHA-256 of the trusted root that was used, hex; `None` when none was chosen yet.
    pub fn trusted_root_sha256(&self) -> Option<&str> {
        self.trusted_root_sha256.as_deref()
    }
}
