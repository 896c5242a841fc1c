//! The event log's newest seal, for the commit of the manifest.

use super::event_log::named;
use crate::output::{Output, chain};
use provost_control::ControlError;
use provost_control::config::{LoadedConfig, StoreSection};
use provost_manifest::CommitTrailer;
use provost_store::EventLog;

/// The trailer that holds it.
pub(super) const TRAILER: &str = "Provost-Seal";

/// The newest seal as a trailer; `None` when nobody configured an event log, or it has none. An
/// event log that does not answer is warned of, and holds up nothing.
pub(super) fn trailer(config: Option<&LoadedConfig>, output: &Output) -> Option<CommitTrailer> {
    newest(config).unwrap_or_else(|error| {
        output.warn(&format!(
            "the commit does not note the newest seal of the event log: {}",
            chain(&error)
        ));
        None
    })
}

fn newest(config: Option<&LoadedConfig>) -> Result<Option<CommitTrailer>, ControlError> {
    let of_file = || {
        let loaded = config.filter(|it| it.config.store.url != StoreSection::DEFAULT_URL)?;
        Some(loaded.store_url())
    };
    let url = match named(None)? {
        Some(url) => url,
        None => match of_file() {
            Some(url) => url?,
            None => return Ok(None),
        },
    };
    // A file that is not there is not made only to find it empty.
    if url.sqlite_path().is_some_and(|path| !path.exists()) {
        return Ok(None);
    }
    let Some(seal) = EventLog::open(&url)?.newest_seal()? else { return Ok(None) };
    let trailer = CommitTrailer::new(TRAILER, &seal.to_string());
    trailer.map(Some).map_err(|error| ControlError::Internal(error.to_string()))
}
