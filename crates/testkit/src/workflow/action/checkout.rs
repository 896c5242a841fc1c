//! `actions/checkout`: a real clone of the repository on disk.

use super::super::git::{MAY_WRITE, git, said};
use super::{Action, Done, Trouble};

/// Fetches what the run is about, or `ref`, to the depth asked for, and checks it out. The
/// credentials stay only where they are asked to, and may then do what the token may.
pub(super) fn perform(action: &Action<'_>) -> Result<Done, Trouble> {
    action.needs("contents", "read")?;
    let stage = action.run.stage;
    let work = action.job.workspace.work();
    let remote = format!("file://{}", stage.remote().display());
    let run = |words: &[&str]| match git(&work, words) {
        output if output.status.success() => Ok(()),
        output => Err(Trouble::Failed(String::from_utf8_lossy(&output.stderr).into_owned())),
    };
    run(&["init", "--quiet"])?;
    run(&["remote", "add", "origin", &remote])?;
    let (git_ref, commit) = wanted(action)?;
    let depth = match action.input("fetch-depth") {
        "" => "1",
        depth => depth,
    };
    match depth {
        "0" => run(&[
            "fetch",
            "--quiet",
            "--prune",
            "--tags",
            "origin",
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/tags/*:refs/tags/*",
        ])?,
        depth => {
            let tags = if action.flag("fetch-tags", false)? { "--tags" } else { "--no-tags" };
            let kept = match git_ref.strip_prefix("refs/heads/") {
                Some(branch) => format!("refs/remotes/origin/{branch}"),
                None if git_ref.is_empty() => "refs/remotes/origin/commit".to_owned(),
                None => git_ref.clone(),
            };
            let depth = format!("--depth={depth}");
            run(&["fetch", "--quiet", tags, &depth, "origin", &format!("+{commit}:{kept}")])?;
        }
    }
    match git_ref.strip_prefix("refs/heads/") {
        Some(branch) => {
            run(&["update-ref", &format!("refs/remotes/origin/{branch}"), &commit])?;
            let upstream = format!("refs/remotes/origin/{branch}");
            run(&["checkout", "--quiet", "--force", "-B", branch, &upstream])?;
        }
        None => run(&["checkout", "--quiet", "--force", "--detach", &commit])?,
    }
    if action.flag("persist-credentials", true)? && action.job.may("contents", "write") {
        let receive = format!("env {MAY_WRITE}=1 git receive-pack");
        run(&["config", "remote.origin.receivepack", &receive])?;
    }
    Ok(Done { log: format!("{git_ref} at {commit}"), ..Done::default() })
}

/// The full ref, empty for a bare commit, and the commit.
fn wanted(action: &Action<'_>) -> Result<(String, String), Trouble> {
    let (run, asked) = (action.run, action.input("ref"));
    if asked.is_empty() || asked == run.commit {
        return Ok((run.event.git_ref.clone(), run.commit.clone()));
    }
    let remote = run.stage.remote();
    for git_ref in [format!("refs/heads/{asked}"), format!("refs/tags/{asked}")] {
        let name = format!("{git_ref}^{{commit}}");
        if let Some(commit) = said(&remote, &["rev-parse", "--verify", "--quiet", &name]) {
            return Ok((git_ref, commit.trim_end().to_owned()));
        }
    }
    Err(Trouble::Failed(format!("a branch or tag with the name {asked:?} could not be found")))
}
