//! `provost ingest`

use super::event_log::store_url;
use crate::args::IngestArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use provost_control::{Ingested, ingest};

pub(crate) fn run(args: &IngestArgs, output: &Output) -> Shown {
    let result = store_url(args.store.as_deref(), args.config.as_deref())
        .and_then(|store| ingest(&args.path, &store));
    match result {
        Ok(Ingested { inserted, duplicates }) => {
            let json = serde_json::json!({
                "inserted": inserted,
                "duplicates": duplicates,
                "rejected": [],
            });
            let text = format!("{inserted} events inserted, {duplicates} there already\n");
            output.document(&format!("{json}\n"), &text)?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            output.error("nothing was ingested", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}
