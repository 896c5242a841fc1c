//! The bare repository, and what must be in it at the end.

use anyhow::{Context, Result, bail};
use provost_manifest::DayFile;
use std::path::Path;
use std::process::Command;

/// Makes a bare repository with one commit.
pub(super) fn make(bare: &Path) -> Result<()> {
    let folder = bare.parent().context("a folder")?;
    let path = bare.to_string_lossy();
    git(folder, &["init", "--quiet", "--bare", "--initial-branch=main", &path])?;
    let tree = git(bare, &["hash-object", "-t", "tree", "-w", "/dev/null"])?;
    let commit = git(bare, &["commit-tree", "-m", "begin", &tree])?;
    git(bare, &["update-ref", "refs/heads/main", &commit]).map(drop)
}

/// Every tag's entry exactly once with its bundle, in a linear history: the number of commits.
pub(super) fn judge(bare: &Path, tags: u64) -> Result<u64> {
    let listed = git(bare, &["ls-tree", "-r", "--name-only", "main"])?;
    let (mut runs, mut bundles) = (Vec::new(), 0);
    for path in listed.lines() {
        let text = git(bare, &["cat-file", "blob", &format!("main:{path}")])?;
        if path.ends_with("/manifest.json") {
            let file = DayFile::parse(path, text.as_bytes())?;
            runs.extend(file.entries().map(|entry| entry.run));
        } else {
            let tag = path.rsplit_once("provenance-v1.0.").context("a file of no tag")?.1;
            let tag = tag.strip_suffix(".json").context("no bundle")?;
            if text != format!("{{\"bundle\":{tag}}}") {
                bail!("{path} has other bytes: {text}");
            }
            bundles += 1;
        }
    }
    runs.sort_unstable();
    if runs != (1..=tags).collect::<Vec<_>>() || bundles != tags {
        bail!("{} entries and {bundles} bundles for {tags} tags", runs.len());
    }
    if !git(bare, &["rev-list", "--merges", "main"])?.is_empty() {
        bail!("there are merge commits");
    }
    git(bare, &["fsck", "--strict", "--no-dangling"])?;
    Ok(git(bare, &["rev-list", "--count", "main"])?.parse()?)
}

/// Runs git, which must succeed, and gives what it printed.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=campaign", "-c", "user.email=c@localhost"]);
    let output = command.args(arguments).output().context("cannot start git")?;
    if !output.status.success() {
        bail!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
