//! Git in a folder, free of the settings of the person who runs the tests.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Variables for every git that a test or a job starts.
pub(super) const HERMETIC: [(&str, &str); 3] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_TERMINAL_PROMPT", "0"),
];

/// Set in what a push starts when the one who pushes may write.
pub(super) const MAY_WRITE: &str = "FAKE_GITHUB_MAY_WRITE";

pub(super) fn git(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(words).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.envs(HERMETIC);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Release Engineer");
        command.env(format!("GIT_{role}_EMAIL"), "release@example.org");
    }
    command.output().expect("git runs")
}

/// What git says; nothing if it fails.
pub(super) fn said(folder: &Path, words: &[&str]) -> Option<String> {
    let output = git(folder, words);
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What git says, without the final line feed. Panics if it fails.
pub(super) fn expected(folder: &Path, words: &[&str]) -> String {
    let output = git(folder, words);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {stderr}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
