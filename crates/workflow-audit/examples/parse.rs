//! Reads the workflows of a repository with serde-saphyr and does nothing else with them: what
//! `cargo xtask bench audit` holds the whole audit against.
//!
//! `parse FOLDER`

#![allow(clippy::print_stdout, reason = "a program of the bench")]

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).ok_or("usage: parse FOLDER")?;
    let folder = PathBuf::from(root).join(".github/workflows");
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut read = 0;
    for path in paths {
        let text = std::fs::read_to_string(path)?;
        let value: Result<serde_json::Value, _> = serde_saphyr::from_str(&text);
        read += usize::from(value.is_ok());
    }
    println!("{read}");
    Ok(())
}
