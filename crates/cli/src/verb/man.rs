//! `provost man`

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use clap::CommandFactory;
use std::path::Path;

pub(crate) fn run(folder: &Path, output: &Output) -> Shown {
    if let Err(error) = clap_mangen::generate_to(Cli::command(), folder) {
        output.error("no manual page was written", "unreadable", &error)?;
        return Ok(Exit::CouldNot);
    }
    output.tell(&format!("manual pages written to {}\n", folder.display()));
    Ok(Exit::Fine)
}
