//! The program that a campaign is about.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Which program, and how much of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// A program that was built before, instead of this checkout's.
    program: Option<PathBuf>,
    /// The form that takes seconds and writes nothing.
    pub(super) is_short: bool,
}

impl Choice {
    /// `[--short] [--program FILE]`; `None` for anything else.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut choice = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--short" => choice.is_short = true,
                "--program" => choice.program = Some(PathBuf::from(words.next()?)),
                _ => return None,
            }
        }
        Some(choice)
    }

    /// The program as users get it: the one that was named, or this checkout's, built for release.
    pub(super) fn program(&self, workspace: &Workspace) -> Result<PathBuf> {
        match &self.program {
            Some(program) => Ok(std::path::absolute(program)?),
            None => release(workspace),
        }
    }
}

/// The program as developers build it.
pub(super) fn development(workspace: &Workspace) -> Result<PathBuf> {
    built(workspace, &["--package", "provost-cli", "--bin", "provost"], "debug/provost")
}

fn release(workspace: &Workspace) -> Result<PathBuf> {
    let what = ["--release", "--package", "provost-cli", "--bin", "provost"];
    built(workspace, &what, "release/provost")
}

/// An example of a package, built for release.
pub(super) fn example(workspace: &Workspace, package: &str, name: &str) -> Result<PathBuf> {
    let what = ["--release", "--package", package, "--example", name];
    built(workspace, &what, &format!("release/examples/{name}"))
}

fn built(workspace: &Workspace, what: &[&str], place: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    crate::program::run(cargo.arg("build").args(what).args(["--message-format", "short"]))?;
    let this = std::env::current_exe()?;
    let target = this.parent().and_then(Path::parent).context("a program lies in a folder")?;
    let program = target.join(place);
    match program.is_file() {
        true => Ok(program),
        false => bail!("the program was built and is not there: {}", program.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_form_and_a_program() {
        let short = Choice { is_short: true, program: None };
        assert_eq!(Choice::parse(&[]), Some(Choice::default()));
        assert_eq!(Choice::parse(&["--short"]), Some(short.clone()));
        let named = Choice { program: Some("a/b".into()), ..short };
        assert_eq!(Choice::parse(&["--program", "a/b", "--short"]), Some(named));
        for wrong in [&["--program"][..], &["--long"], &["a/b"]] {
            assert_eq!(Choice::parse(wrong), None, "{wrong:?}");
        }
    }
}
