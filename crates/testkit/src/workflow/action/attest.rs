//! `actions/attest`: provenance by the virtual Sigstore, as whom the job is.

use super::super::workspace::files_below;
use super::{Action, Done, Trouble};
use crate::SigningRequest;
use crate::github::Attestation;
use crate::statement::{actions_attest, subject};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;

/// Attests every file of a folder (`FOLDER/*`) in one statement, keeps the attestation at GitHub
/// and writes the bundle. A called workflow signs in its own name.
pub(super) fn perform(action: &Action<'_>) -> Result<Done, Trouble> {
    action.needs("id-token", "write")?;
    action.needs("attestations", "write")?;
    let pattern = action.input("subject-path");
    let folder = pattern.strip_suffix("/*").filter(|folder| !folder.contains('*'));
    let folder = folder.ok_or(format!("a path of the form {pattern:?} is not known"))?;
    let mut files = files_below(&action.job.workspace.resolve(folder));
    files.retain(|(path, _)| !path.contains('/'));
    if files.is_empty() {
        return Err(Trouble::Failed(format!("could not find subject at path {pattern}")));
    }
    let run = action.run;
    let mut identity = run.handle.identity();
    if let Some(path) = &action.job.called {
        let signer = format!("{}/{path}", run.stage.repository.full_name());
        identity = identity.reusable(&signer, &run.event.git_ref, &run.commit);
    }
    let subjects: Vec<_> = files.iter().map(|(name, bytes)| subject(name, bytes)).collect();
    let statement = actions_attest(&identity, &subjects);
    // Not the present second: the times of a log are whole seconds, and none may lie ahead.
    let now = Timestamp::now().checked_sub(2.seconds()).expect("a time");
    let request = SigningRequest::new(&statement, identity, &now.to_string());
    let bundle = run.stage.sigstore.sign(&request).bundle_json();
    for subject in &subjects {
        let digest = subject["digest"]["sha256"].as_str().unwrap_or_default();
        run.stage.repository.attestation(Attestation::new(&format!("sha256:{digest}"), &bundle));
    }
    let path = action.job.workspace.temp().join("attestation.json");
    std::fs::write(&path, bundle).expect("a file is written");
    let outputs = BTreeMap::from([("bundle-path".into(), path.display().to_string())]);
    Ok(Done { log: format!("{} subjects", files.len()), outputs, ..Done::default() })
}
