//! Why the server does not start, or ends.

use provost_control::ControlError;
use provost_outbound::{OutboundError, SecretError};
use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;

/// A server that cannot be. The operator can mend all of these.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; is another program there? name another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Rows would be shown to everybody.
    #[error(
        "{address} is no loopback address and reads are unprotected: set protect_reads = true \
         under [server] and give the readers a [[server.token]] with the scope \"read\", or listen \
         on 127.0.0.1"
    )]
    UnprotectedReads {
        /// The address.
        address: SocketAddr,
    },
    /// The file of keys cannot be used.
    #[error("[server].jwks_file: {path} is no usable key set: {why}")]
    KeySetFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A URL or client for calls to others cannot be made.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// A secret is set and cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A policy cannot be used.
    #[error("[[server.policy]] {name}")]
    Policy {
        /// Its name.
        name: String,
        /// What is wrong.
        source: ControlError,
    },
    /// Another part of the configuration cannot be used.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A fault of this program.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl ServerError {
    /// The exit code: 2 for what the configuration says, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Listen { .. } | Self::Internal(_) => 1,
            Self::Control(error) => error.exit_code(),
            Self::Policy { source, .. } => source.exit_code(),
            _ => 2,
        }
    }
}
