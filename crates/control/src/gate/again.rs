//! Every past release under today's policy: which would fail now?

use super::entries::request_of;
use crate::config::LoadedConfig;
use crate::entries::manifest_entries;
use crate::error::ControlError;
use crate::roots::trusted_roots;
use crate::verify::{Judgement, verify};
use jiff::Timestamp;
use provost_manifest::Entry;
use provost_record::Status;
use provost_verify::Verifier;

/// An entry, and what today's policy says of it.
#[derive(Debug)]
pub struct Again {
    /// The entry as it stands.
    pub entry: Entry,
    /// One judgement an artifact, or why there is none.
    pub judgements: Result<Vec<Judgement>, ControlError>,
}

impl Again {
    /// Whether every artifact would be accepted today.
    pub fn is_accepted(&self) -> bool {
        self.judgements.as_ref().is_ok_and(|judgements| {
            !judgements.is_empty()
                && judgements.iter().all(|judgement| {
                    judgement.result.as_ref().is_ok_and(|judged| judged.decision.is_accepted())
                })
        })
    }
}

/// Judges every success in the manifest again, from the bundles and digests that were kept. Nothing
/// is recorded and nobody is asked: it is a question about the policy.
///
/// # Errors
/// [`ControlError::NothingToCheck`] without any success.
pub fn gate_again(config: &LoadedConfig, now: Timestamp) -> Result<Vec<Again>, ControlError> {
    let root = config.resolve(&config.config.manifest.root);
    let mut entries = manifest_entries(&root)?;
    entries.retain(|entry| entry.status == Status::Success);
    if entries.is_empty() {
        let text = format!("no release in the manifest below {}", root.display());
        return Err(ControlError::NothingToCheck(text));
    }
    let verifier = Verifier::new(trusted_roots(config.trusted_root_file().as_deref())?);
    let again = |entry: Entry| {
        let judgements = request_of(config, &entry, None).and_then(|request| {
            let policy = request.policy()?;
            verify(&request.artifacts()?, &request.bundles, &verifier, &policy, now)
        });
        Again { entry, judgements }
    };
    Ok(entries.into_iter().map(again).collect())
}
