//! One branch of one remote: where it stands, and moving it forward.

use super::error::PushError;
use super::names::{BranchName, RemoteName};
use super::objects::ObjectId;
use super::process::Finished;
use super::repository::Repository;
use super::words::repeatable;

/// The branch of the remote that takes the manifest.
#[derive(Debug, Clone)]
pub(crate) struct Remote<'a> {
    repository: &'a Repository,
    pub(crate) name: RemoteName,
    pub(crate) branch: BranchName,
}

/// What the remote said to a push.
#[derive(Debug)]
pub(crate) enum PushAnswer {
    /// The branch now stands at the commit.
    Taken,
    /// The branch has moved in the meantime, or somebody was moving it.
    Moved,
}

impl<'a> Remote<'a> {
    /// Refuses a name under which the repository has no remote: git would take it for a path.
    pub(crate) fn expect(repository: &Repository, name: &RemoteName) -> Result<(), PushError> {
        let key = format!("remote.{name}.url");
        let configured = repository.git.call("config").args(["--get-all", &key]).finish()?;
        match configured.status.success() {
            true => Ok(()),
            false => Err(PushError::NoRemote { remote: name.to_string() }),
        }
    }

    /// The branch: the one given, else the remote's default, else the one that is checked out; and
    /// where it stands, `None` when it is not there yet.
    pub(crate) fn locate(
        repository: &'a Repository,
        name: &RemoteName,
        branch: Option<&BranchName>,
    ) -> Result<(Self, Option<ObjectId>), PushError> {
        let refs = Refs::of(repository, name, branch)?;
        let branch = match (branch, refs.default_branch()) {
            (Some(branch), _) => branch.clone(),
            (None, Some(branch)) => branch,
            (None, None) => repository
                .current_branch()?
                .and_then(|branch| branch.parse().ok())
                .ok_or_else(|| PushError::NoBranch { remote: name.to_string() })?,
        };
        let remote = Self { repository, name: name.clone(), branch };
        let tip = refs.id_of(&remote.branch.full())?;
        Ok((remote, tip))
    }

    /// Brings the commit and what it holds into the local object store; no ref is touched. The
    /// depth of the clone stays as it is, because the next `git pull` of the user counts on it.
    pub(crate) fn fetch(&self, commit: &ObjectId) -> Result<(), PushError> {
        let call = self.repository.git.call("fetch");
        let call = call.args([
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-show-forced-updates",
            "--",
        ]);
        let finished = call.args([self.name.as_str(), commit.as_str()]).finish()?;
        match finished.status.success() {
            true => Ok(()),
            false => Err(self.unreachable("fetch", &finished)),
        }
    }

    /// Moves the branch to the commit if that is a step forward; never by force.
    pub(crate) fn push(&self, commit: &ObjectId) -> Result<PushAnswer, PushError> {
        let call = self.repository.git.call("push");
        let call = call.args([
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-signed",
            "--recurse-submodules=no",
            "--",
        ]);
        let refspec = format!("{commit}:{}", self.branch.full());
        let finished = call.args([self.name.as_str(), &refspec]).finish()?;
        if finished.status.success() {
            return Ok(PushAnswer::Taken);
        }
        let stdout = String::from_utf8_lossy(&finished.stdout);
        match rejection(&stdout) {
            Some(reason) if is_moved(reason) => Ok(PushAnswer::Moved),
            Some(reason) => {
                let said = repeatable(&finished.stderr);
                let detail = format!("{}; {said}", repeatable(reason.as_bytes()));
                Err(PushError::Refused {
                    remote: self.name.to_string(),
                    branch: self.branch.to_string(),
                    detail: detail.trim_end_matches("; ").to_owned(),
                })
            }
            None => Err(self.unreachable("push", &finished)),
        }
    }

    fn unreachable(&self, command: &'static str, finished: &Finished) -> PushError {
        unreachable(&self.name, command, finished)
    }
}

fn unreachable(remote: &RemoteName, command: &'static str, finished: &Finished) -> PushError {
    let detail = repeatable(&finished.stderr);
    PushError::Unreachable { remote: remote.to_string(), command, detail }
}

/// The reason in the line `!\t<from>:<to>\t[remote rejected] (<reason>)` of `--porcelain`.
fn rejection(stdout: &str) -> Option<&str> {
    let line = stdout.lines().find(|line| line.starts_with("!\t"))?;
    line.rsplit('\t').next()
}

/// Whether the next try may succeed. Everything else is a "no": a hook, a protected branch, a rule.
fn is_moved(reason: &str) -> bool {
    let is_ours = reason.starts_with("[rejected]");
    const RACES: [&str; 8] = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "cannot lock ref",
        "failed to update ref",
        "incorrect old value",
        "reference already exists",
        "remote ref updated",
    ];
    let is_race = RACES.iter().any(|race| reason.contains(race));
    let is_verdict = reason.contains("declined") || reason.contains("protected");
    (is_ours || is_race) && !is_verdict
}

/// What `git ls-remote` lists.
struct Refs(Vec<(String, String)>);

impl Refs {
    fn of(
        repository: &Repository,
        name: &RemoteName,
        branch: Option<&BranchName>,
    ) -> Result<Self, PushError> {
        let call = repository.git.call("ls-remote").args(["--quiet", "--symref", "--"]);
        let mut call = call.args([name.as_str(), "HEAD"]);
        // Without a branch the default one is listed too, under whatever name.
        call = call.arg(branch.map_or_else(|| "refs/heads/*".to_owned(), BranchName::full));
        let finished = call.finish()?;
        if !finished.status.success() {
            return Err(unreachable(name, "ls-remote", &finished));
        }
        let text = String::from_utf8_lossy(&finished.stdout);
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        Ok(Self(pairs.map(|(value, name)| (name.to_owned(), value.to_owned())).collect()))
    }

    /// `ref: refs/heads/main\tHEAD`.
    fn default_branch(&self) -> Option<BranchName> {
        let heads = self.0.iter().filter(|(name, _)| name == "HEAD");
        let mut targets = heads.filter_map(|(_, value)| value.strip_prefix("ref: refs/heads/"));
        targets.next()?.parse().ok()
    }

    fn id_of(&self, full: &str) -> Result<Option<ObjectId>, PushError> {
        let line = self.0.iter().find(|(name, _)| name == full);
        line.map(|(_, value)| ObjectId::read("ls-remote", value.as_bytes())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_branch_is_tried_again_and_a_no_is_not() {
        for moved in [
            "[rejected] (fetch first)",
            "[rejected] (non-fast-forward)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
            "[remote rejected] (failed to update ref)",
            "[remote rejected] (incorrect old value provided)",
        ] {
            assert!(is_moved(moved), "{moved}");
        }
        for no in [
            "[remote rejected] (pre-receive hook declined)",
            "[remote rejected] (protected branch hook declined)",
            "[remote rejected] (push declined due to repository rule violations)",
            "[remote rejected] (branch is currently checked out)",
            "[remote rejected] (unpacker error)",
        ] {
            assert!(!is_moved(no), "{no}");
        }
        let said = "To /x\n!\tabc:refs/heads/main\t[remote rejected] (no)\nDone\n";
        assert_eq!(rejection(said), Some("[remote rejected] (no)"));
        assert_eq!(rejection("To /x\nDone\n"), None);
    }
}
