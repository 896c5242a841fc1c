//! The bash of a runner, for the scripts in workflows and in the action.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The script of the first step of that name, whose lines are indented by `depth`.
pub(crate) fn script_of(yaml: &str, step: &str, depth: usize) -> String {
    let (_, rest) = yaml.split_once(&format!("- name: {step}\n")).unwrap();
    let (_, lines) = rest.split_once(" run: |").unwrap();
    let blanks = " ".repeat(depth);
    let inside = |line: &&str| line.is_empty() || line.starts_with(&blanks);
    // What stands behind `run: |` is a comment.
    let lines = lines.lines().skip(1).take_while(inside);
    lines.map(|line| format!("{}\n", line.get(depth..).unwrap_or(""))).collect()
}

/// What a runner gives to a step: a working folder, a temporary one, files for outputs.
pub(crate) struct Runner {
    folder: TempDir,
}

impl Runner {
    pub(crate) fn new() -> Self {
        let runner = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["work", "temp"] {
            std::fs::create_dir(runner.path(folder)).unwrap();
        }
        runner
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .env_clear()
            .env("PATH", self.search_path())
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_REPOSITORY", "acme/app")
            .envs(variables.iter().copied())
            .current_dir(self.path("work"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    pub(crate) fn outputs(&self) -> String {
        std::fs::read_to_string(self.path("output")).unwrap_or_default()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path("work").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Puts a program of that name before all others: a bash script.
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let program = self.path("bin").join(name);
        std::fs::create_dir_all(self.path("bin")).unwrap();
        std::fs::write(&program, format!("#!/bin/bash\n{script}")).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// The search path with the stand-ins first.
    fn search_path(&self) -> String {
        format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap())
    }
}
