//! The trusted roots in force.

use crate::error::ControlError;
use provost_trust::{embedded_roots, roots_from_file};
use provost_verify::root::Root;
use std::path::Path;

/// The roots of that file, or, without one, those built into the program.
///
/// # Errors
/// [`ControlError::Trust`] for a file that cannot be used.
pub fn trusted_roots(file: Option<&Path>) -> Result<Vec<Root>, ControlError> {
    match file {
        Some(path) => Ok(roots_from_file(path)?),
        None => embedded_roots().map_err(|fault| ControlError::Internal(fault.to_string())),
    }
}
