//! Which event log a verb means: the flag's, the environment's, the configuration's, the default;
//! and the secrets that open it.

use super::environment::{is_runner, mask, variable};
use crate::args::{EventLogArgs, Format, PolicyArgs};
use crate::output::Output;
use provost_control::ControlError;
use provost_control::config::{LoadedConfig, StoreSection};
use provost_outbound::Secret;
use provost_store::{Access, StoreUrl};
use std::path::Path;

/// The file that is read when it is there and no other is named.
pub(super) const DEFAULT_CONFIG: &str = "provost.toml";

/// The event log that flag or environment name, with paths relative to the working directory;
/// `None` when neither does. Every secret that opens one is masked first.
///
/// # Errors
/// [`ControlError`] for a URL or a secret that cannot be used: a flag with a password among them.
pub(super) fn named(flag: Option<&str>) -> Result<Option<StoreUrl>, ControlError> {
    let here = Path::new(".");
    let of_environment = StoreUrl::from_environment(here, variable);
    mask_secrets(of_environment.as_ref().ok().and_then(Option::as_ref))?;
    match flag {
        Some(url) => Ok(Some(StoreUrl::parse(url, here)?)),
        None => Ok(of_environment?),
    }
}

/// The event log in force, beside a configuration that need not be there.
///
/// # Errors
/// As [`named`], and for a configuration that cannot be used.
pub(super) fn store_url(args: &EventLogArgs) -> Result<StoreUrl, ControlError> {
    if let Some(url) = named(args.store.as_deref())? {
        return Ok(url);
    }
    match config_in_force(args.config.as_deref())? {
        None => Ok(StoreUrl::parse(StoreUrl::DEFAULT, Path::new("."))?),
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
    let store = match named(args.store.as_deref())? {
        Some(url) => url,
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

/// Whether nobody chose an event log, so that the default one is used.
pub(super) fn is_default(flag: Option<&str>, config: Option<&LoadedConfig>) -> bool {
    let configured = config.map(|loaded| loaded.config.store.url.as_str());
    let variables = ["PROVOST_STORE_URL", "PROVOST_STORE_URL_FILE"];
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    flag.is_none()
        && !variables.iter().any(is_set)
        && configured.is_none_or(|url| url == StoreSection::DEFAULT_URL)
}

/// Says, inside GitHub Actions, that the default event log does not outlive the runner.
pub(super) fn warn_if_ephemeral(is_default: bool, output: &Output) {
    if is_default && (output.format() == Format::Github || is_runner()) {
        output.warn(&format!(
            "the event log {} is ephemeral: it vanishes with this runner; name one under [store] \
             in provost.toml, or rebuild it with `provost ingest`",
            StoreSection::DEFAULT_URL
        ));
    }
}

/// Masks what opens event logs: password, tokens, and a password in the environment's URL.
fn mask_secrets(url: Option<&StoreUrl>) -> Result<(), ControlError> {
    let access = Access::read(variable)?;
    let request_token = access.identity.as_ref().map(|identity| &identity.request_token);
    let of_url = url.and_then(StoreUrl::postgres).and_then(|url| url.password.as_ref());
    let all = [access.password.as_ref(), access.token.as_ref(), request_token, of_url];
    mask(all.into_iter().flatten().map(Secret::expose));
    Ok(())
}
