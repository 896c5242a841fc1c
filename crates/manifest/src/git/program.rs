//! How git is called: an absolute program, explicit arguments, an environment and configuration
//! under which it asks nobody, runs nothing of the repository's, and leaves everything else alone.

use super::error::PushError;
use super::process::{self, Bounds, Finished, Unfinished};
use super::words::repeatable;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What git may say on its standard output, in bytes.
const MAX_OUTPUT: usize = 256 << 20;

/// Settings that hold for every call, whatever the user's or the repository's say. Credentials,
/// proxies and addresses are not among them: those stay as the user, or actions/checkout, set them.
const SETTINGS: [&str; 24] = [
    // Nothing of the repository's runs.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    // Credentials go to the configured remote: not to where it redirects, not to submodules' hosts.
    "http.followRedirects=false",
    "fetch.recurseSubmodules=no",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
    // Nobody is asked, and no key of the user's signs for this program.
    "credential.interactive=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    // Nothing but the one ref and the objects it needs.
    "push.followTags=false",
    "fetch.prune=false",
    "fetch.pruneTags=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    // Our index is one plain file, and a commit's text is UTF-8.
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "index.sparse=false",
    "core.sparseCheckout=false",
    "index.threads=1",
    "i18n.commitEncoding=UTF-8",
    // Git's words are for a line of ours.
    "color.ui=false",
    "advice.detachedHead=false",
];

/// Variables that would point git elsewhere (`git rev-parse --local-env-vars`, except those by which
/// credentials come), or change how it speaks.
const REMOVED: [&str; 20] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DEFAULT_HASH",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_SUPER_PREFIX",
    "GIT_WORK_TREE",
    "GIT_EXTERNAL_DIFF",
    "LANGUAGE",
];

/// Secrets that are for others: git, its transports and the helpers of the machine never see them.
/// The job's own token stays, as credential helpers answer with it.
const WITHHELD: [&str; 9] = [
    "OPS_NOTIFY_TOKEN",
    "PROVENANCE_DISPATCH_TOKEN",
    "PROVOST_DOCS_KEY",
    "PROVOST_STORE_PASSWORD",
    "PROVOST_STORE_TOKEN",
    "PROVOST_STORE_URL",
    "PROVOST_WEBHOOK_SECRET",
    "SLACK_WEBHOOK_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
];

/// Variables that every call has.
const SET: [(&str, &str); 5] = [
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// Git, called in one folder.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: PathBuf,
    folder: PathBuf,
    time: Duration,
}

/// One call to be made.
pub(super) struct Call<'a> {
    program: &'a Program,
    name: &'static str,
    command: Command,
    stdin: Vec<u8>,
}

impl Program {
    /// The git of `PATH`, called in `folder`, each call for at most `time`.
    pub(super) fn find(folder: &Path, time: Duration) -> Result<Self, PushError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = git_on(&path).ok_or(PushError::GitMissing)?;
        Ok(Self { path, folder: folder.to_owned(), time })
    }

    /// A call of the git command `name`.
    pub(super) fn call(&self, name: &'static str) -> Call<'_> {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder);
        for name in REMOVED.into_iter().chain(WITHHELD) {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            // What is traced holds what is sent, credentials too.
            if name.to_string_lossy().starts_with("GIT_TRACE") {
                command.env_remove(name);
            }
        }
        command.envs(SET).arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg(name);
        Call { program: self, name, command, stdin: Vec::new() }
    }
}

impl Call<'_> {
    pub(super) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    /// Runs it; however it ends, that is an answer.
    pub(super) fn finish(self) -> Result<Finished, PushError> {
        let Self { program, name, command, stdin } = self;
        let bounds = Bounds { time: program.time, stdout: MAX_OUTPUT };
        process::run(command, stdin, bounds).map_err(|unfinished| match unfinished {
            Unfinished::Io(source) => PushError::System { action: "run git", source },
            Unfinished::Output => {
                let detail = format!("more than {} MiB", MAX_OUTPUT >> 20);
                PushError::Unexpected { command: name, detail }
            }
            Unfinished::Time => PushError::TimedOut { command: name, waited: program.time },
        })
    }

    /// Runs it and gives its standard output; it must succeed.
    pub(super) fn output(self) -> Result<Vec<u8>, PushError> {
        let name = self.name;
        let finished = self.finish()?;
        if finished.status.success() {
            return Ok(finished.stdout);
        }
        Err(failed(name, &finished))
    }
}

pub(super) fn failed(command: &'static str, finished: &Finished) -> PushError {
    let detail = repeatable(&finished.stderr);
    PushError::Failed { command, status: finished.status.to_string(), detail }
}

/// The first git on the path. An empty or relative folder is passed over: what lies there comes
/// with the repository and not with the machine.
fn git_on(path: &OsString) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let is_program = |path: &PathBuf| {
        std::fs::metadata(path)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join("git")).find(is_program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_comes_from_an_absolute_folder_of_the_path() {
        let found = |path: &str| git_on(&OsString::from(path));
        for none in ["", ".", "bin:.:", "/no/such/folder"] {
            assert_eq!(found(none), None, "{none}");
        }
        let path = std::env::var("PATH").expect("a path");
        let git = found(&format!(".::{path}")).expect("git is installed");
        assert!(git.is_absolute() && git.ends_with("git"));
    }
}
