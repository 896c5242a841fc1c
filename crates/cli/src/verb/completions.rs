//! `provost completions`

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use clap::CommandFactory;

pub(crate) fn run(shell: clap_complete::Shell, output: &Output) -> Shown {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "provost", &mut bytes);
    output.print_raw(&bytes)?;
    Ok(Exit::Fine)
}
