//! One script: its process, and the files through which it tells the runner things.

use super::workspace::Workspace;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a script came to.
pub(super) struct Finished {
    pub(super) is_success: bool,
    pub(super) log: String,
    pub(super) outputs: BTreeMap<String, String>,
    /// What later steps find in their environment.
    pub(super) environment: BTreeMap<String, String>,
    /// Folders that later steps find programs in.
    pub(super) path: Vec<PathBuf>,
}

/// The files that GitHub names in the environment.
const FILES: [&str; 4] = ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"];

/// Runs a script as `shell: bash` does, with this environment and nothing else. `number` keeps the
/// files of the steps apart. The environment becomes what the script had.
pub(super) fn run(
    script: &str,
    number: usize,
    workspace: &Workspace,
    environment: &mut BTreeMap<String, String>,
) -> Result<Finished, String> {
    let file = |name: &str| workspace.files().join(format!("{number}-{name}"));
    std::fs::write(file("script.sh"), script).expect("a script is written");
    for name in FILES {
        File::create(file(name)).expect("a file is made");
        environment.insert(name.into(), file(name).display().to_string());
    }
    let log = File::create(file("log")).expect("a file is made");
    let also = log.try_clone().expect("a file is opened twice");
    let status = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(file("script.sh"))
        .env_clear()
        .envs(&*environment)
        .current_dir(workspace.work())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(also)
        .status()
        .expect("bash runs");
    let read = |name: &str| {
        let bytes = std::fs::read(file(name)).expect("a file of the runner is read");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok(Finished {
        is_success: status.success(),
        log: read("log"),
        outputs: pairs(&read("GITHUB_OUTPUT"))?,
        environment: pairs(&read("GITHUB_ENV"))?,
        path: read("GITHUB_PATH").lines().map(PathBuf::from).collect(),
    })
}

/// `NAME=VALUE` lines, and `NAME<<END` with the lines up to `END`.
fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        let name_ends_with_heredoc =
            heredoc.is_some_and(|at| equals.is_none_or(|equals| at < equals));
        if name_ends_with_heredoc && let Some((name, end)) = line.split_once("<<") {
            let mut value = Vec::new();
            loop {
                match lines.next() {
                    Some(line) if line == end => break,
                    Some(line) => value.push(line),
                    None => return Err(format!("the output {name} does not end with {end}")),
                }
            }
            pairs.insert(name.to_owned(), value.join("\n"));
        } else if let Some((name, value)) = line.split_once('=') {
            pairs.insert(name.to_owned(), value.to_owned());
        } else if !line.is_empty() {
            return Err(format!("{line:?} is no output"));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_the_runner_reads_them() {
        let read = pairs("a=1=2\n\nb<<END\nx=1\ny\nEND\nc=\na=3\n").expect("outputs");
        let expected = [("a", "3"), ("b", "x=1\ny"), ("c", "")];
        assert_eq!(read, expected.map(|(name, value)| (name.into(), value.into())).into());
        assert!(pairs("b<<END\nx\n").is_err());
        assert!(pairs("neither\n").is_err());
    }
}
