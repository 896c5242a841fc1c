//! `provost ingest`

use super::event_log::store_url;
use crate::args::{Format, IngestArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use provost_control::ingest;

pub(crate) fn run(args: &IngestArgs, output: &Output) -> Shown {
    let result = store_url(args.store.as_deref(), args.config.as_deref())
        .and_then(|store| ingest(&args.path, &store));
    match result {
        Ok(ingested) if output.format() == Format::Json => {
            let json = serde_json::json!({
                "inserted": ingested.inserted,
                "duplicates": ingested.duplicates,
                "rejected": [],
            });
            output.print_raw(format!("{json}\n").as_bytes())?;
            Ok(Exit::Fine)
        }
        Ok(ingested) => {
            output.print(&format!(
                "{} events inserted, {} there already\n",
                ingested.inserted, ingested.duplicates
            ))?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            output.error("nothing was ingested", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}
