//! The signed statement of a release, read from the repository where this server runs: shown only
//! when the file is byte for byte the bundle that was verified.

use super::decision::Decision;
use crate::app::App;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use provost_attestation::bundle::{Content, parse_documents};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};
use std::sync::Arc;

/// The largest bundle that is read for a page, and the longest statement that is shown.
const BUNDLE_BYTES: u64 = 4 << 20;
const SHOWN_BYTES: usize = 24 << 10;

/// What a page says of the statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Statement {
    /// The one that was verified, in lines, and when the build ended as it says.
    Verified { lines: String, is_cut: bool, built_at: Option<Timestamp> },
    /// It cannot be shown, and why.
    Absent(String),
}

/// The statement of the bundle at `path`, which a decision says it verified.
pub(super) async fn statement(
    app: &Arc<App>,
    path: Option<&str>,
    decisions: &[Decision<'_>],
) -> Statement {
    let hashes: Vec<String> =
        decisions.iter().filter_map(|it| it.text("/bundle_sha256")).map(str::to_owned).collect();
    let Some(path) = path.map(str::to_owned) else {
        return Statement::Absent("the record names no bundle".to_owned());
    };
    let root = app.manifest_root().to_owned();
    let reading = tokio::task::spawn_blocking(move || read(&root, &path, &hashes));
    match reading.await {
        Ok(Ok(statement)) => statement,
        Ok(Err(why)) => Statement::Absent(why),
        Err(_) => Statement::Absent("reading it failed".to_owned()),
    }
}

fn read(root: &Path, path: &str, hashes: &[String]) -> Result<Statement, String> {
    // The path is text of whoever wrote the row.
    let is_below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_below || !path.starts_with("artifacts/") {
        return Err("its bundle does not lie below artifacts/".to_owned());
    }
    let file = root.join(path);
    let there = file.canonicalize().map_err(|_| "its bundle is not in this server's checkout")?;
    let root = root.canonicalize().map_err(|_| "this server has no checkout")?;
    if !there.starts_with(root) {
        return Err("its bundle leads out of this server's checkout".to_owned());
    }
    let cannot = |_| "its bundle cannot be read here".to_owned();
    let mut bytes = Vec::new();
    File::open(&there)
        .and_then(|file| file.take(BUNDLE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(cannot)?;
    if bytes.len() as u64 > BUNDLE_BYTES {
        return Err("its bundle is too large to be shown".to_owned());
    }
    let documents = parse_documents(&bytes).map_err(|error| error.to_string())?;
    for document in &documents {
        let Content::Bundle(bundle) = &document.content else {
            continue;
        };
        let own = hex::encode(digest(&SHA256, bundle.text().as_bytes()));
        if hashes.contains(&own) {
            let value: Value = serde_json::from_slice(bundle.payload())
                .map_err(|_| "its payload is no JSON".to_owned())?;
            return Ok(shown(&value));
        }
    }
    Err("the bundle in this server's checkout is not the one that was verified".to_owned())
}

fn shown(value: &Value) -> Statement {
    let whole = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut lines = String::new();
    let mut is_cut = false;
    for line in whole.lines() {
        if lines.len() + line.len() > SHOWN_BYTES {
            is_cut = true;
            break;
        }
        lines.push_str(&super::text::foreign(line));
        lines.push('\n');
    }
    Statement::Verified { lines, is_cut, built_at: built_at(value) }
}

/// SLSA v1 `runDetails.metadata.finishedOn`, v0.2 `metadata.buildFinishedOn`.
fn built_at(value: &Value) -> Option<Timestamp> {
    let predicate = value.get("predicate")?;
    ["/runDetails/metadata/finishedOn", "/metadata/buildFinishedOn"]
        .into_iter()
        .find_map(|pointer| predicate.pointer(pointer)?.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_lies_below_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repository");
        std::fs::create_dir_all(root.join("artifacts")).unwrap();
        std::fs::write(folder.path().join("outside.json"), "{}").unwrap();
        std::os::unix::fs::symlink(folder.path().join("outside.json"), root.join("artifacts/link"))
            .unwrap();
        for (path, why) in [
            ("../outside.json", "does not lie below"),
            ("/etc/passwd", "does not lie below"),
            ("artifacts/../../outside.json", "does not lie below"),
            ("provost.toml", "does not lie below"),
            ("artifacts/link", "leads out"),
            ("artifacts/none.json", "is not in"),
        ] {
            let refused = read(&root, path, &[]).unwrap_err();
            assert!(refused.contains(why), "{path}: {refused}");
        }
    }

    #[test]
    fn a_long_statement_is_cut_at_a_line() {
        let value = json!({"list": vec!["x".repeat(100); 1000]});
        let Statement::Verified { lines, is_cut, built_at } = shown(&value) else {
            panic!("it is shown");
        };
        assert!(is_cut && lines.len() <= SHOWN_BYTES + 1000 && lines.ends_with(",\n"));
        assert_eq!(built_at, None);
        let v1 = json!({"predicate": {"runDetails": {"metadata": {"finishedOn": "2026-01-02T03:04:05Z"}}}});
        assert!(matches!(shown(&v1), Statement::Verified { built_at: Some(_), is_cut: false, .. }));
    }
}
