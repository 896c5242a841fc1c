//! What is to be gated: one release, or entries of the manifests.

use super::online::online;
use crate::args::GateArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::verb::actions;
use crate::verb::event_log::named;
use provost_control::config::LoadedConfig;
use provost_control::{
    ControlError, EntrySelection, Environment, Expectations, GateRequest, gate_entries,
};
use provost_store::StoreUrl;
use std::path::Path;

/// One release, or every entry of the manifests that is meant; `None` for a repository without any
/// release, where that is allowed.
pub(super) fn requests(
    args: &GateArgs,
    environment: &Environment,
) -> Result<Option<Vec<GateRequest>>, ControlError> {
    let config = LoadedConfig::from_file(&args.config)?;
    let store = named(args.store.as_deref())?;
    let requests = match &args.manifest {
        Some(path) => {
            let selection = EntrySelection {
                path,
                run: args.run,
                changed_since: args.changed_since.as_deref(),
                artifacts: args.artifacts.as_deref(),
            };
            let online = online(args, &config, true, environment)?;
            let selected = gate_entries(&config, &selection, online.as_ref())?;
            if selected.requests.is_empty() {
                if selected.has_no_release && args.allow_no_release {
                    return Ok(None);
                }
                return Err(nothing_to_gate(args, path, selected.has_no_release));
            }
            selected.requests
        }
        None => {
            let bundles = args.bundle.clone();
            let mut request =
                GateRequest::new(config, args.tag.clone(), bundles, args.artifacts.clone())?;
            request.run = args.run.or(request.run);
            request.release_url = args.release_url.clone().or(request.release_url);
            vec![request]
        }
    };
    let complete = |request| with_flags(request, args, store.clone());
    Ok(Some(requests.into_iter().map(complete).collect()))
}

fn nothing_to_gate(args: &GateArgs, path: &Path, has_no_release: bool) -> ControlError {
    let of_run = args.run.map_or(String::new(), |run| format!(" of run {run}"));
    let remedy = match has_no_release {
        true => "; the repository has no release yet, which --allow-no-release permits",
        false => "",
    };
    let text = format!("no manifest entry{of_run} in {}{remedy}", path.display());
    ControlError::NothingToCheck(text)
}

/// A repository without any release: nothing was judged, and that was allowed.
pub(super) fn not_applicable(output: &Output) -> Shown {
    let json = serde_json::json!({
        "schema": provost_wire::v1::REPORT_SCHEMA,
        "decisions": [],
        "error": null,
        "outcome": "not-applicable",
    });
    let text = "not applicable: the repository has no release, and nothing was judged\n";
    actions::outputs(&[("decision", "not-applicable")], output)?;
    output.document(&format!("{json}\n"), text)?;
    Ok(Exit::Fine)
}

fn with_flags(mut request: GateRequest, args: &GateArgs, store: Option<StoreUrl>) -> GateRequest {
    request.expectations = Expectations {
        source_uri: args.source_uri.clone(),
        source_digest: args.source_digest.clone(),
        builder_id: args.builder_id.clone(),
        min_level: args.min_level,
        ..Expectations::default()
    };
    request.trusted_root = args.trusted_root.clone();
    request.store = store;
    request
}
