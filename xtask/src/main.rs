//! The chores of the project, one subcommand each.

mod corpus;
mod screen;

use anyhow::{Result, bail};
use std::path::PathBuf;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["corpus", folder] => corpus::run(&PathBuf::from(folder)),
        _ => bail!("cargo xtask corpus DIR"),
    }
}
