//! `provost store`

mod verify;

use super::event_log::store_url;
use crate::args::{StoreExportArgs, StoreImportArgs, StoreVerb};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen;
use jiff::Timestamp;
use provost_control::ControlError;
use provost_store::{EventLog, TransferError};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal};
use std::path::Path;

pub(crate) fn run(verb: &StoreVerb, output: &Output) -> Shown {
    let (not_done, result) = match verb {
        StoreVerb::Verify(args) => return verify::run(args, output),
        StoreVerb::Export(args) => return export(args, output),
        StoreVerb::Migrate(args) => {
            ("the schema stays as it is", open(&args.event_log).and_then(|log| migrate(&log)))
        }
        StoreVerb::Seal(args) => {
            ("nothing was sealed", open(&args.event_log).and_then(|log| seal(&log)))
        }
        StoreVerb::Import(args) => ("the import did not come to its end", import(args)),
    };
    match result {
        Ok(document) => {
            output.document(&document.json, &document.text)?;
            Ok(Exit::Fine)
        }
        Err(error) => failed(not_done, &error, output),
    }
}

fn failed(not_done: &str, error: &ControlError, output: &Output) -> Shown {
    output.error(not_done, error.code(), error)?;
    Ok(Exit::from(error))
}

fn open(args: &crate::args::EventLogArgs) -> Result<EventLog, ControlError> {
    Ok(EventLog::open(&store_url(args)?)?)
}

fn migrate(log: &EventLog) -> Result<screen::store::Document, ControlError> {
    let before = log.schema()?;
    let after = log.migrate()?;
    Ok(screen::store::migrated(&log.place(), before, after))
}

fn seal(log: &EventLog) -> Result<screen::store::Document, ControlError> {
    let sealed = log.seal(Timestamp::now())?;
    Ok(screen::store::sealed(&log.place(), &sealed))
}

/// The lines go to the file, or to stdout and the result to stderr.
fn export(args: &StoreExportArgs, output: &Output) -> Shown {
    let exported = open(&args.event_log).and_then(|log| {
        let exported = match &args.file {
            None => log.export(&mut io::stdout().lock())?,
            Some(path) => export_to(&log, path)?,
        };
        Ok((log.place(), exported))
    });
    match exported {
        Ok((place, exported)) => {
            let document = screen::store::exported(&place, &exported);
            match args.file {
                Some(_) => output.document(&document.json, &document.text)?,
                None => output.tell(&document.text),
            }
            Ok(Exit::Fine)
        }
        Err(error) => failed("the export is not complete", &error, output),
    }
}

fn export_to(log: &EventLog, path: &Path) -> Result<provost_store::Exported, ControlError> {
    let not_written = |source| ControlError::Transfer(TransferError::Write { source });
    let file = File::create(path).map_err(not_written)?;
    let mut writer = BufWriter::new(file);
    let exported = log.export(&mut writer)?;
    let file = writer.into_inner().map_err(|error| not_written(error.into_error()))?;
    match file.sync_all() {
        // A pipe or a device has nothing to sync.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(not_written(error)),
        _ => Ok(exported),
    }
}

fn import(args: &StoreImportArgs) -> Result<screen::store::Document, ControlError> {
    let log = open(&args.event_log)?;
    let imported = if args.file == Path::new("-") {
        if io::stdin().is_terminal() {
            let text = "nothing comes on stdin: name the file of an export".to_owned();
            return Err(ControlError::Configuration(text));
        }
        log.import(&mut io::stdin().lock())?
    } else {
        let unreadable = |source| ControlError::Unreadable { path: args.file.clone(), source };
        let file = File::open(&args.file).map_err(unreadable)?;
        log.import(&mut BufReader::new(file))?
    };
    Ok(screen::store::imported(&log.place(), &imported))
}
