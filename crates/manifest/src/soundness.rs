//! Whether an entry can be true: what the format allows but the facts do not.

use crate::artifacts::is_artifact_path;
use crate::entry::Entry;
use crate::problem::LintCode;
use provost_record::{Status, Verdict};

/// One reason why an entry cannot be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsound {
    pub(crate) key: &'static str,
    pub(crate) code: LintCode,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// Everything that cannot be true in the entry.
pub(crate) fn unsound(entry: &Entry) -> Vec<Unsound> {
    let mut found = contradictions(entry);
    if !entry.artifact.is_empty() && !is_artifact_path(&entry.tag, &entry.artifact) {
        found.push(Unsound {
            key: "artifact",
            code: LintCode::ArtifactPath,
            message: format!(
                "has `artifact` {:?}, which is no file in this tag's folder",
                entry.artifact
            ),
            help: "write `artifacts/slsa/<enc>/<file>` with the tag's encoded name, or \"\"",
        });
    }
    found
}

fn contradictions(entry: &Entry) -> Vec<Unsound> {
    let mut found = Vec::new();
    let mut contradiction = |is_there: bool, key, message: &str, help| {
        if is_there {
            found.push(Unsound {
                key,
                code: LintCode::Contradiction,
                message: message.to_owned(),
                help,
            });
        }
    };
    let failed = entry.status == Status::Failure;
    let reason = entry.failure_reason.as_deref();
    let checks_failed = entry.checks_failed.iter().flatten().next().is_some();
    contradiction(
        !failed && entry.decision == Some(Verdict::Refused),
        "status",
        "has `status` success and `decision` refused",
        "a refused release is a failure",
    );
    contradiction(
        !failed && reason.is_some(),
        "failure_reason",
        "has `status` success and a `failure_reason`",
        "remove the reason, or write failure",
    );
    contradiction(
        failed && reason.is_none_or(|reason| reason.trim().is_empty()),
        "status",
        "has `status` failure and no `failure_reason`",
        "say in `failure_reason` why it failed",
    );
    contradiction(
        checks_failed && (!failed || entry.decision == Some(Verdict::Accepted)),
        "checks_failed",
        "has `checks_failed` although nothing refused it",
        "remove the key, or write refused and failure",
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::EntryKey;

    fn failed() -> Entry {
        let key = EntryKey { run: 7, tag: "v1".parse().expect("tag") };
        let mut entry = Entry::new(key, Status::Failure, jiff::Timestamp::UNIX_EPOCH);
        entry.failure_reason = Some("refused: signature".to_owned());
        entry.checks_failed = Some(vec!["signature".to_owned()]);
        entry.decision = Some(Verdict::Refused);
        entry
    }

    fn codes(entry: &Entry) -> Vec<(&'static str, LintCode)> {
        unsound(entry).iter().map(|unsound| (unsound.key, unsound.code)).collect()
    }

    #[test]
    fn what_holds_together_is_sound() {
        assert_eq!(codes(&failed()), []);
        // The gate accepted, and a later attempt of the run failed.
        let mut later = failed();
        later.decision = Some(Verdict::Accepted);
        later.checks_failed = None;
        assert_eq!(codes(&later), []);
        let mut success = later;
        success.status = Status::Success;
        success.failure_reason = None;
        success.artifact = "artifacts/slsa/v1/provenance-v1.json".to_owned();
        assert_eq!(codes(&success), []);
    }

    #[test]
    fn each_contradiction_is_named_by_its_key() {
        let contradiction = |key| [(key, LintCode::Contradiction)];
        let mut entry = failed();
        entry.failure_reason = None;
        assert_eq!(codes(&entry), contradiction("status"));
        entry.failure_reason = Some(" ".to_owned());
        assert_eq!(codes(&entry), contradiction("status"));
        let mut entry = failed();
        entry.decision = Some(Verdict::Accepted);
        assert_eq!(codes(&entry), contradiction("checks_failed"));
        let mut entry = failed();
        entry.status = Status::Success;
        entry.checks_failed = None;
        entry.failure_reason = None;
        assert_eq!(codes(&entry), contradiction("status"));
        entry.decision = None;
        entry.failure_reason = Some("cancelled".to_owned());
        assert_eq!(codes(&entry), contradiction("failure_reason"));
        let mut entry = failed();
        entry.artifact = "artifacts/slsa/v2/provenance-v2.json".to_owned();
        assert_eq!(codes(&entry), [("artifact", LintCode::ArtifactPath)]);
    }
}
