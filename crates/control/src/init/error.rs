//! Why nothing, or not everything, was written.

use super::{InvalidOrigin, InvalidSetting};
use crate::error::ControlError;
use std::path::PathBuf;

/// What kept [`super::init`] from its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The folder, or what its git says, cannot be used. Exit code 2.
    #[error("{0}")]
    Repository(String),
    /// The remote `origin` names no repository. Exit code 2.
    #[error(transparent)]
    Origin(#[from] InvalidOrigin),
    /// A value cannot be written into a workflow. Exit code 2.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// The bundle of the known release is not accepted. Exit code 10.
    #[error("{}: {reason}; no policy is read off it", .path.display())]
    NotAccepted {
        /// The bundle.
        path: PathBuf,
        /// Which check refused it, and why.
        reason: String,
    },
    /// The bundle is good, and cannot make a policy for this repository. Exit code 2.
    #[error("{}: {reason}", .path.display())]
    Unfit {
        /// The bundle.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file, a folder or git itself is out of reach. Exit code 1.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A place where a file should be written is something else. Exit code 1.
    #[error("{} is {found}; it is left alone: remove it, or run init in another checkout", .path.display())]
    Obstacle {
        /// The place.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// The known release could not be checked.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl InitError {
    /// The exit code (design section 3).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Repository(_) | Self::Origin(_) | Self::Setting(_) | Self::Unfit { .. } => 2,
            Self::NotAccepted { .. } => 10,
            Self::Io { .. } | Self::Obstacle { .. } => 1,
            Self::Control(error) => error.exit_code(),
        }
    }

    /// The stable kebab-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Repository(_) => "repository",
            Self::Origin(_) => "origin",
            Self::Setting(_) => "arguments",
            Self::NotAccepted { .. } => "not-accepted",
            Self::Unfit { .. } => "unfit-bundle",
            Self::Io { .. } => "input-output",
            Self::Obstacle { .. } => "obstacle",
            Self::Control(error) => error.code(),
        }
    }
}
