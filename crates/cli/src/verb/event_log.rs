//! Which event log a verb means: the flag's, the configuration's, the default.

use crate::args::PolicyArgs;
use provost_control::ControlError;
use provost_control::config::{LoadedConfig, StoreSection};
use provost_store::StoreUrl;
use std::path::Path;

/// The file that is read when it is there and no other is named.
pub(super) const DEFAULT_CONFIG: &str = "provost.toml";

/// The URL in force. A path in the flag is relative to the working directory, one in the file to
/// the file.
pub(super) fn store_url(
    flag: Option<&str>,
    config: Option<&Path>,
) -> Result<StoreUrl, ControlError> {
    let here = Path::new(".");
    if let Some(url) = flag {
        return Ok(StoreUrl::parse(url, here)?);
    }
    match config_in_force(config)? {
        None => Ok(StoreUrl::parse(StoreSection::DEFAULT_URL, here)?),
        Some(loaded) => loaded.store_url(),
    }
}

/// The policy file, and the event log in force beside it.
///
/// # Errors
/// [`ControlError`] for either that cannot be used.
pub(super) fn config_and_store(
    args: &PolicyArgs,
) -> Result<(LoadedConfig, StoreUrl), ControlError> {
    let config = LoadedConfig::from_file(&args.config)?;
    let store = match args.store.as_deref() {
        Some(flag) => store_url(Some(flag), None)?,
        None => config.store_url()?,
    };
    Ok((config, store))
}

/// The configuration that is named, or the one at its usual place, when it is there.
pub(super) fn config_in_force(named: Option<&Path>) -> Result<Option<LoadedConfig>, ControlError> {
    let default = Path::new(DEFAULT_CONFIG);
    let path = named.or_else(|| default.exists().then_some(default));
    Ok(path.map(LoadedConfig::from_file).transpose()?)
}
