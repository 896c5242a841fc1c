//! The entries of a manifest file, or of all manifests below a folder.

use crate::error::ControlError;
use provost_manifest::{DayFile, Entry, Manifests, Standing};
use std::path::Path;

/// Reads them, in the order of days and files.
pub(crate) fn manifest_entries(path: &Path) -> Result<Vec<Entry>, ControlError> {
    if path.is_dir() {
        // The folder of the reports itself is meant as often as the one that holds it.
        let root = match path.canonicalize() {
            Ok(real) if real.ends_with("docs/reports") => {
                real.ancestors().nth(2).map_or_else(|| path.to_owned(), Path::to_owned)
            }
            _ => path.to_owned(),
        };
        let standing = Manifests::at(&root).entries()?;
        return Ok(standing.into_iter().map(|Standing { entry, .. }| entry).collect());
    }
    let unreadable = |source| ControlError::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let file = DayFile::parse(&path.display().to_string(), &bytes)?;
    Ok(file.entries().cloned().collect())
}
