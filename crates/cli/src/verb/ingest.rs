//! `provost ingest`

use super::environment::retry;
use super::event_log::{config_in_force, is_default, store_url, warn_if_ephemeral};
use crate::args::IngestArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen;
use provost_control::{ControlError, IngestSource, Rebuilt, ingest, rebuild};
use provost_store::StoreUrl;
use std::path::Path;

pub(crate) fn run(args: &IngestArgs, output: &Output) -> Shown {
    let done = match &args.into {
        Some(into) => rebuilt(args, into).map(|(rebuilt, store)| {
            let found = rebuilt.ingested.rejected().next().is_some()
                || rebuilt.compared.as_ref().is_ok_and(|compared| !compared.is_agreement());
            (screen::ingest::rebuilt(&rebuilt, &store, output.format()), found)
        }),
        None => ingested(args, output),
    };
    match done {
        Ok((document, found)) => {
            output.document(&document.json, &document.text)?;
            Ok(if found { Exit::Findings } else { Exit::Fine })
        }
        Err(error) => {
            output.error("nothing was ingested", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn ingested(
    args: &IngestArgs,
    output: &Output,
) -> Result<(screen::store::Document, bool), ControlError> {
    let source = source(args)?;
    let store = store_url(&args.event_log)?;
    let config = config_in_force(args.event_log.config.as_deref())?;
    warn_if_ephemeral(is_default(args.event_log.store.as_deref(), config.as_ref()), output);
    let ingested = ingest(&source, &store)?;
    let found = ingested.rejected().next().is_some();
    Ok((screen::ingest::ingested(&ingested, output.format()), found))
}

fn rebuilt(args: &IngestArgs, into: &str) -> Result<(Rebuilt, [StoreUrl; 2]), ControlError> {
    let source = source(args)?;
    let present = store_url(&args.event_log)?;
    let into = StoreUrl::parse(into, Path::new("."))?;
    // A log is not compared with itself.
    let other = (present.to_string() != into.to_string()).then_some(&present);
    let rebuilt = rebuild(&source, other, &into)?;
    Ok((rebuilt, [present, into]))
}

fn source(args: &IngestArgs) -> Result<IngestSource, ControlError> {
    IngestSource::parse(args.source.as_deref().unwrap_or("."), retry())
}
