//! The examples, through the program itself: each is accepted, a repeat changes nothing, and with
//! one thing changed it is refused for the right reason.

use crate::cargo;
use crate::example::{Example, changed};
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

const ACCEPTED: i32 = 0;
const REFUSED: i32 = 10;

/// An example with one thing changed.
struct Sister {
    /// What was changed.
    name: &'static str,
    /// Changes it, or gives the arguments that do.
    change: fn(&Example) -> Result<Vec<String>>,
    /// The checks of which one must fail for it.
    fails: &'static [&'static str],
}

const SISTERS: [Sister; 4] = [
    Sister {
        name: "one byte of an artifact changed",
        change: change_a_byte,
        fails: &["subject-digest"],
    },
    Sister {
        name: "another tag",
        change: |_| Ok(vec!["--tag".into(), "v9.9.9".into()]),
        fails: &["source-ref", "package-version"],
    },
    Sister { name: "another source", change: name_a_source, fails: &["source-repository"] },
    Sister { name: "another builder", change: name_a_builder, fails: &["builder-id"] },
];

pub(crate) fn run(workspace: &Workspace) -> Result<Report> {
    let origins = origins(&workspace.path("examples"))?;
    let provost = cargo::provost(workspace)?;
    for origin in &origins {
        let here = || format!("{}", origin.display());
        is_accepted_and_then_repeated(&provost, origin).with_context(here)?;
        for sister in &SISTERS {
            is_refused(&provost, origin, sister)
                .with_context(|| format!("with {}", sister.name))
                .with_context(here)?;
        }
    }
    Ok(Report::checked(format!(
        "{} examples accepted, repeated, and refused in {} ways each",
        origins.len(),
        SISTERS.len()
    )))
}

/// The folders of the examples. One without a configuration would be an example of nothing.
fn origins(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut origins = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if !path.join("provost.toml").is_file() {
            bail!("{} holds no provost.toml", path.display());
        }
        origins.push(path);
    }
    if origins.is_empty() {
        bail!("{} holds no example", folder.display());
    }
    origins.sort();
    Ok(origins)
}

fn is_accepted_and_then_repeated(provost: &Path, origin: &Path) -> Result<()> {
    let example = Example::copy_of(origin)?;
    expect_code(ACCEPTED, &example.gate(provost, &[])?)?;
    expect_recorded("accepted", &example)?;
    let first = example.files()?;
    expect_code(ACCEPTED, &example.gate(provost, &[])?).context("the second time")?;
    let changed = changed(&first, &example.files()?);
    if !changed.is_empty() {
        bail!("a repeat changed {}", changed.join(", "));
    }
    Ok(())
}

fn is_refused(provost: &Path, origin: &Path, sister: &Sister) -> Result<()> {
    let example = Example::copy_of(origin)?;
    let mut arguments = (sister.change)(&example)?;
    arguments.extend(["--format".to_owned(), "json".to_owned()]);
    let output = example.gate(provost, &arguments)?;
    expect_code(REFUSED, &output)?;
    let report = serde_json::from_slice(&output.stdout).context("its report is no JSON")?;
    let failed = failed_checks(&report);
    if !failed.iter().any(|id| sister.fails.contains(id)) {
        bail!("{} should have failed, and {failed:?} did", sister.fails.join(" or "));
    }
    expect_recorded("refused", &example)
}

fn expect_code(code: i32, output: &Output) -> Result<()> {
    if output.status.code() == Some(code) {
        return Ok(());
    }
    bail!(
        "{}{}`provost gate` ended with {}, and not with exit code {code}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status,
    )
}

/// The manifest must hold this decision and no other.
fn expect_recorded(decision: &str, example: &Example) -> Result<()> {
    let recorded = example.recorded_decisions()?;
    if recorded.as_slice() != [decision] {
        bail!("the manifest should record [{decision}], and records {recorded:?}");
    }
    Ok(())
}

/// The ids of the failed checks in a report, whichever artifact they are about.
fn failed_checks(report: &Value) -> Vec<&str> {
    let decisions = report.get("decisions").and_then(Value::as_array).into_iter().flatten();
    decisions
        .filter_map(|decision| decision.get("checks")?.as_array())
        .flatten()
        .filter(|check| check.get("outcome").and_then(Value::as_str) == Some("failed"))
        .filter_map(|check| check.get("id")?.as_str())
        .collect()
}

fn change_a_byte(example: &Example) -> Result<Vec<String>> {
    let path = example.artifact()?;
    let mut bytes = std::fs::read(&path)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).context("the artifact is empty")? ^= 1;
    std::fs::write(path, bytes)?;
    Ok(Vec::new())
}

fn name_a_source(example: &Example) -> Result<Vec<String>> {
    example.edit_config(|config| {
        if let Some(source) = config.get_mut("source").and_then(toml::Value::as_table_mut) {
            source.insert("repository".into(), "github.com/somebody/else".into());
        }
    })?;
    Ok(Vec::new())
}

fn name_a_builder(example: &Example) -> Result<Vec<String>> {
    let other = "https://github.com/somebody/else/.github/workflows/build.yml";
    example.edit_config(|config| {
        let builders =
            config.get_mut("policy").and_then(|policy| policy.get_mut("builder")?.as_array_mut());
        for builder in builders.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
            builder.insert("id".into(), other.into());
        }
    })?;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn failed_checks_are_collected_over_all_artifacts() {
        let check = |id: &str, outcome: &str| json!({"id": id, "outcome": outcome});
        let report = json!({"decisions": [
            {"checks": [check("a", "failed"), check("b", "passed"), check("c", "not-run")]},
            {"checks": [check("d", "failed")]},
        ]});
        assert_eq!(failed_checks(&report), ["a", "d"]);
        assert!(failed_checks(&json!({"decisions": []})).is_empty());
        assert!(failed_checks(&json!({"error": {"code": "io"}})).is_empty());
    }

    #[test]
    fn a_folder_without_examples_is_no_success() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(origins(folder.path()).is_err());
        std::fs::create_dir(folder.path().join("empty")).expect("a folder");
        assert!(origins(folder.path()).is_err());
        std::fs::write(folder.path().join("empty/provost.toml"), "").expect("a file");
        assert_eq!(origins(folder.path()).expect("one").len(), 1);
    }
}
