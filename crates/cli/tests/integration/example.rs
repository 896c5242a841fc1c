//! An example of the project in a folder of its own, where the gate may write.

use crate::event_rows::{EventRow, event_rows};
use crate::program::Provost;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The real release: an npm package and the provenance that the npm CLI signed.
pub(crate) const NPM: &str = "sigstore-js-2.0.0";
/// Two files by a reusable workflow, signed in a virtual instance.
pub(crate) const LEVEL3: &str = "reusable-workflow-1.4.0";

/// What the gate writes below the example's folder.
const WRITTEN: &str = "out";

/// A copy of an example.
pub(crate) struct Example {
    folder: TempDir,
    origin: PathBuf,
}

impl Example {
    /// A fresh copy without anything that a gate wrote.
    pub(crate) fn copy(name: &str) -> Self {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let example = Self { folder: tempfile::tempdir().unwrap(), origin };
        std::fs::create_dir_all(example.root()).unwrap();
        example.restore();
        example
    }

    /// Puts every file of the example back and takes away what was added; what the gate wrote
    /// stays.
    pub(crate) fn restore(&self) {
        for (path, _) in self.files() {
            if !path.starts_with(WRITTEN) {
                std::fs::remove_file(self.path(path)).unwrap();
            }
        }
        for (path, bytes) in files_below(&self.origin) {
            if !path.starts_with(WRITTEN) {
                let copy = self.path(path);
                std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
                std::fs::write(copy, bytes).unwrap();
            }
        }
    }

    /// The gate on it.
    pub(crate) fn gate(&self) -> Provost {
        Provost::new(["gate", "--config", "provost.toml"]).cwd(&self.root())
    }

    /// `provost VERB ...` in its folder.
    pub(crate) fn provost<const N: usize>(&self, arguments: [&str; N]) -> Provost {
        Provost::new(arguments).cwd(&self.root())
    }

    /// Its folder, which lies deep enough that a way out of it would be seen.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("deep/down")
    }

    /// Every file beside its folder.
    pub(crate) fn files_outside(&self) -> Vec<PathBuf> {
        let is_outside = |path: &PathBuf| !path.starts_with("deep/down");
        files_below(self.folder.path()).into_keys().filter(is_outside).collect()
    }

    /// A path in it.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root().join(path)
    }

    /// Its only bundle.
    pub(crate) fn bundle(&self) -> PathBuf {
        let is_bundle = |path: &PathBuf| path.to_string_lossy().ends_with(".sigstore.json");
        let mut bundles = self.files().into_keys().filter(is_bundle);
        let bundle = self.path(bundles.next().unwrap());
        assert_eq!(bundles.next(), None);
        bundle
    }

    /// Replaces the only occurrence of a text in a file.
    pub(crate) fn edit(&self, path: impl AsRef<Path>, from: &str, to: &str) {
        let path = self.path(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {}", path.display());
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Replaces the only occurrence of a text in its configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        self.edit("provost.toml", from, to);
    }

    /// Changes the JSON of its bundle.
    pub(crate) fn edit_bundle(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.bundle();
        let mut bundle: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        edit(&mut bundle);
        std::fs::write(path, bundle.to_string()).unwrap();
    }

    /// Every file in its folder now.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files_below(&self.root())
    }

    /// The only manifest, by its path below the manifest's root.
    pub(crate) fn manifest(&self) -> String {
        let mut manifests = self.files().into_keys().filter_map(|path| {
            let below = path.strip_prefix(WRITTEN).ok()?.to_str()?;
            below.ends_with("/manifest.json").then(|| below.to_owned())
        });
        let manifest = manifests.next().expect("a manifest");
        assert_eq!(manifests.next(), None);
        manifest
    }

    /// The entries of the only manifest.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let bytes = std::fs::read(self.path(WRITTEN).join(self.manifest())).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// A JSON file below the manifest's root.
    pub(crate) fn written(&self, path: &str) -> Value {
        let bytes = std::fs::read(self.path(WRITTEN).join(path)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The rows of its event log.
    pub(crate) fn events(&self) -> Vec<EventRow> {
        event_rows(&self.path("out/.provost/events.db"))
    }
}

/// Every file below a folder, by its path relative to it.
pub(crate) fn files_below(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}
