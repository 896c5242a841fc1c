//! One example in a folder of its own, where the gate may write.

use anyhow::{Context, Result, bail};
use provost_control::config::LoadedConfig;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// What the gate writes in the example's folder; never part of the example itself.
const WRITTEN: &str = "out";

/// Every file below a folder, by its path.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A copy of an example.
pub(crate) struct Example {
    folder: TempDir,
}

impl Example {
    /// Copies the example at `origin`.
    pub(crate) fn copy_of(origin: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let written = origin.join(WRITTEN);
        for (path, bytes) in files_below(origin)? {
            if path.starts_with(&written) {
                continue;
            }
            let copy = folder.path().join(path.strip_prefix(origin)?);
            if let Some(parent) = copy.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(copy, bytes)?;
        }
        Ok(Self { folder })
    }

    /// Its configuration file.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.folder.path().join("provost.toml")
    }

    /// Its configuration.
    pub(crate) fn config(&self) -> Result<LoadedConfig> {
        LoadedConfig::from_file(&self.config_path()).map_err(anyhow::Error::from)
    }

    /// Changes its configuration.
    pub(crate) fn edit_config(&self, edit: impl FnOnce(&mut toml::Table)) -> Result<()> {
        let mut table = std::fs::read_to_string(self.config_path())?.parse::<toml::Table>()?;
        edit(&mut table);
        std::fs::write(self.config_path(), table.to_string())?;
        Ok(())
    }

    /// One of the artifacts that it releases.
    pub(crate) fn artifact(&self) -> Result<PathBuf> {
        let loaded = self.config()?;
        let artifacts = loaded.config.gate.artifacts.as_deref();
        let folder = loaded.resolve(artifacts.context("[gate].artifacts is not set")?);
        let first = files_below(&folder)?.into_keys().next();
        first.with_context(|| format!("no artifact in {}", folder.display()))
    }

    /// Everything in its folder now.
    pub(crate) fn files(&self) -> Result<Files> {
        files_below(self.folder.path())
    }

    /// Runs the gate on it, as on a developer's terminal: nothing of a CI job's environment, and
    /// no setting of the developer's own, comes through.
    pub(crate) fn gate(&self, provost: &Path, arguments: &[String]) -> Result<Output> {
        let mut command = Command::new(provost);
        command
            .args(["gate", "--config"])
            .arg(self.config_path())
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PROVOST_") || text.starts_with("GITHUB_") {
                command.env_remove(&name);
            }
        }
        command.output().with_context(|| format!("cannot start {}", provost.display()))
    }

    /// The decisions that its manifest records, one word an entry.
    pub(crate) fn recorded_decisions(&self) -> Result<Vec<String>> {
        let mut words = Vec::new();
        for (path, bytes) in self.files()? {
            if path.file_name().is_none_or(|name| name != "manifest.json") {
                continue;
            }
            let entries: Vec<Value> = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no manifest", path.display()))?;
            words.extend(entries.iter().map(|entry| match entry.get("decision") {
                Some(Value::String(word)) => word.clone(),
                _ => "none".to_owned(),
            }));
        }
        Ok(words)
    }
}

/// The files that differ between two looks at a folder.
pub(crate) fn changed(before: &Files, after: &Files) -> Vec<String> {
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let mut paths: Vec<&PathBuf> = before.keys().chain(after.keys()).filter(differs).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().map(|path| path.display().to_string()).collect()
}

/// Every file of a folder and the folders in it; the file itself when it is one.
fn files_below(path: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let here = || format!("cannot read {}", path.display());
        let kind = std::fs::symlink_metadata(&path).with_context(here)?.file_type();
        if kind.is_dir() {
            for entry in std::fs::read_dir(&path).with_context(here)? {
                open.push(entry?.path());
            }
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).with_context(here)?;
            files.insert(path, bytes);
        } else {
            bail!("{} is neither file nor folder", path.display());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> TempDir {
        let origin = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            (
                "provost.toml",
                "[source]\nrepository = \"github.com/o/r\"\n[gate]\nartifacts = \"a\"\n",
            ),
            ("a/one.tgz", "bytes"),
            ("out/docs/reports/2026-01-01/manifest.json", "[{\"decision\": \"accepted\"}]"),
        ] {
            let path = origin.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("a file");
        }
        origin
    }

    #[test]
    fn a_copy_leaves_out_what_the_gate_wrote() {
        let copy = Example::copy_of(origin().path()).expect("a copy");
        assert_eq!(copy.files().expect("files").len(), 2);
        assert_eq!(copy.recorded_decisions().expect("decisions"), Vec::<String>::new());
        assert!(copy.artifact().expect("an artifact").ends_with("a/one.tgz"));
    }

    #[test]
    fn a_changed_a_new_and_a_lost_file_are_all_seen() {
        let copy = Example::copy_of(origin().path()).expect("a copy");
        let before = copy.files().expect("files");
        assert_eq!(changed(&before, &before), Vec::<String>::new());
        std::fs::write(copy.artifact().expect("an artifact"), "Bytes").expect("changed");
        std::fs::remove_file(copy.config_path()).expect("lost");
        std::fs::write(copy.folder.path().join("new"), "").expect("new");
        assert_eq!(changed(&before, &copy.files().expect("files")).len(), 3);
    }

    #[test]
    fn an_edit_reaches_the_configuration() {
        let copy = Example::copy_of(origin().path()).expect("a copy");
        let edit = |table: &mut toml::Table| {
            table.insert("gate".into(), toml::Value::Table(toml::Table::new()));
        };
        copy.edit_config(edit).expect("an edit");
        assert_eq!(copy.config().expect("a configuration").config.gate.artifacts, None);
        assert!(copy.artifact().is_err());
    }
}
