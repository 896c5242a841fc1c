//! Trusted roots from a file.

use provost_verify::root::{InvalidRoot, Root};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest trusted root file that is read: 4 MiB.
const MAX_BYTES: u64 = 4 << 20;

/// Why a file gives no trusted roots.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file cannot be read.
    #[error("cannot read the trusted root {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is larger than any trusted root.
    #[error("the trusted root {} is larger than {} MiB", .0.display(), MAX_BYTES >> 20)]
    TooLarge(PathBuf),
    /// The file is no trusted root.
    #[error("{}{}: {fault}", .path.display(), on_line(*.line))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line it starts on, for a file of several roots.
        line: usize,
        /// What is wrong.
        fault: InvalidRoot,
    },
}

fn on_line(line: usize) -> String {
    if line == 0 { String::new() } else { format!(" line {line}") }
}

/// Reads one `trusted_root.json`, or several, one a line, as `gh attestation trusted-root` prints
/// them.
///
/// # Errors
/// [`TrustError`].
pub fn roots_from_file(path: &Path) -> Result<Vec<Root>, TrustError> {
    let unreadable = |source| TrustError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(TrustError::TooLarge(path.to_owned()));
    }
    let invalid = |line, fault| TrustError::Invalid { path: path.to_owned(), line, fault };
    let whole = Root::from_json(&text);
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    match whole {
        Ok(root) => prepared(root).map(|root| vec![root]).map_err(|fault| invalid(0, fault)),
        Err(fault) if lines.len() < 2 || !lines[0].1.trim_end().ends_with('}') => {
            Err(invalid(0, fault))
        }
        Err(_) => lines
            .into_iter()
            .map(|(index, line)| {
                Root::from_json(line).and_then(prepared).map_err(|fault| invalid(index + 1, fault))
            })
            .collect(),
    }
}

fn prepared(root: Root) -> Result<Root, InvalidRoot> {
    root.prepare()?;
    Ok(root)
}
