//! The clone in whose work tree the manifest's root lies.

use super::error::PushError;
use super::names::{BranchName, RemoteName};
use super::objects::ObjectId;
use super::program::Program;
use super::words::repeatable;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// Who commits when git knows nobody.
const NAME: &str = "provost";
const EMAIL: &str = "provost@users.noreply.github.com";

/// A clone, and where in it the manifest's root lies.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    pub(super) git: Program,
    /// From the top of the work tree to the root: empty, or ending with `/`.
    pub(super) prefix: String,
    identity: OnceLock<Vec<Variable>>,
}

/// A variable of the environment.
type Variable = (&'static str, &'static str);

impl Repository {
    /// The repository around `root`, each call of git bounded by `time`.
    pub(crate) fn open(root: &Path, time: Duration) -> Result<Self, PushError> {
        let git = Program::find(root, time)?;
        let asked = git.call("rev-parse").args(["--is-inside-work-tree", "--show-prefix"]);
        let finished = asked.finish()?;
        let detail = match finished.status.success() {
            false => repeatable(&finished.stderr),
            true => match String::from_utf8(finished.stdout) {
                Ok(text) => {
                    match text.strip_prefix("true\n").and_then(|text| text.split_once('\n')) {
                        Some((prefix, "")) => {
                            return Ok(Self {
                                git,
                                prefix: prefix.to_owned(),
                                identity: OnceLock::new(),
                            });
                        }
                        _ => "its work tree is elsewhere".to_owned(),
                    }
                }
                Err(_) => "the folder's name is no UTF-8".to_owned(),
            },
        };
        Err(PushError::NotARepository { root: root.to_owned(), detail })
    }

    /// The commit that is checked out; `None` before the first one.
    pub(crate) fn head(&self) -> Result<Option<ObjectId>, PushError> {
        let asked = self.git.call("rev-parse");
        let finished = asked.args(["--verify", "--quiet", "HEAD^{commit}"]).finish()?;
        if !finished.status.success() {
            return Ok(None);
        }
        ObjectId::read("rev-parse", &finished.stdout).map(Some)
    }

    /// The commit that a revision names; `None` when there is none here.
    pub(crate) fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PushError> {
        if revision.is_empty() || revision.contains(|char: char| char.is_control()) {
            return Ok(None);
        }
        let asked = self.git.call("rev-parse");
        let asked = asked.args(["--verify", "--quiet", "--end-of-options"]);
        let finished = asked.args([format!("{revision}^{{commit}}")]).finish()?;
        if !finished.status.success() {
            return Ok(None);
        }
        ObjectId::read("rev-parse", &finished.stdout).map(Some)
    }

    /// Whether the commit is the one that is checked out, or before it.
    pub(crate) fn is_ancestor_of_head(&self, commit: &ObjectId) -> Result<bool, PushError> {
        let asked = self.git.call("merge-base").args(["--is-ancestor", commit.as_str(), "HEAD"]);
        Ok(asked.finish()?.status.success())
    }

    /// The values of a trailer in the history of the commit that is checked out, and of the
    /// remote's branch as it was last seen here; newest first.
    pub(crate) fn trailers(
        &self,
        trailer: &str,
        branch: Option<(&RemoteName, &BranchName)>,
    ) -> Result<Vec<String>, PushError> {
        let mut tips: Vec<ObjectId> = self.head()?.into_iter().collect();
        if let Some((remote, branch)) = branch {
            let name = branch.full();
            let name = name.trim_start_matches("refs/heads/");
            tips.extend(self.commit_of(&format!("refs/remotes/{remote}/{name}"))?);
        }
        if tips.is_empty() {
            return Ok(Vec::new());
        }
        let format = format!("--format=%(trailers:key={trailer},valueonly,separator=%x0a)");
        let asked = self.git.call("log").args(["-z", "--no-show-signature", "--no-mailmap"]);
        let asked = asked.args([format, format!("--grep=^{trailer}: ")]);
        let output = asked.args(tips.iter().map(ObjectId::as_str)).arg("--").output()?;
        let text = String::from_utf8_lossy(&output);
        let values = text.split(['\0', '\n']).filter(|value| !value.is_empty());
        Ok(values.map(str::to_owned).collect())
    }

    /// The branch that is checked out; `None` for a detached HEAD.
    pub(super) fn current_branch(&self) -> Result<Option<String>, PushError> {
        let asked = self.git.call("symbolic-ref").args(["--quiet", "HEAD"]);
        let finished = asked.finish()?;
        let name = String::from_utf8_lossy(&finished.stdout);
        let name = name.trim_end().strip_prefix("refs/heads/").map(str::to_owned);
        Ok(name.filter(|_| finished.status.success()))
    }

    /// The variables that say who commits; none when git knows that itself.
    pub(super) fn identity(&self) -> Result<&[Variable], PushError> {
        if let Some(known) = self.identity.get() {
            return Ok(known);
        }
        let asked = self.ask_identity()?;
        Ok(self.identity.get_or_init(|| asked))
    }

    fn ask_identity(&self) -> Result<Vec<Variable>, PushError> {
        let asked = self.git.call("config");
        let names = "^(user|author|committer)\\.(name|email)$";
        // It ends with 1 when there are none.
        let finished = asked.args(["--null", "--name-only", "--get-regexp", names]).finish()?;
        let configured = String::from_utf8_lossy(&finished.stdout);
        let is_known = |who: &str, what: &str| {
            let variable = format!("GIT_{}_{}", who.to_uppercase(), what.to_uppercase());
            let is_set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
            let keys = [format!("{who}.{what}"), format!("user.{what}")];
            is_set || configured.split('\0').any(|key| keys.iter().any(|known| known == key))
        };
        let mut variables = Vec::new();
        for (who, name, email) in [
            ("author", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"),
            ("committer", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"),
        ] {
            // Both or neither: half an identity would be somebody who does not exist.
            if !(is_known(who, "name") && is_known(who, "email")) {
                variables.extend([(name, NAME), (email, EMAIL)]);
            }
        }
        Ok(variables)
    }
}
