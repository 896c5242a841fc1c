//! What comparing the log with its seals came to.

use super::anchor::Anchor;
use std::fmt;
use uuid::Uuid;

/// What sealing came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sealed {
    /// How many seals are new.
    pub seals: u64,
    /// How many rows went under them.
    pub rows: u64,
    /// The newest seal there is.
    pub newest: Option<Anchor>,
}

/// What comparing the log with its seals came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many seals were found good.
    pub seals: u64,
    /// How many rows under them.
    pub rows: u64,
    /// How many rows are under no seal yet: nothing is known about them.
    pub unsealed: u64,
    /// The newest seal that was found good.
    pub newest: Option<Anchor>,
    /// The first thing that is not as it was sealed; the walk ends there.
    pub fault: Option<Fault>,
}

/// Something that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A row.
    Row {
        /// What is wrong with it.
        fault: RowFault,
        /// Its id.
        id: Uuid,
        /// Its number in the log; `None` when nothing tells it any more.
        seq: Option<i64>,
        /// The seal that it is under, or whose rows it stands among; `None` when it is under none.
        seal: Option<u64>,
    },
    /// A seal.
    Seal {
        /// What is wrong with it.
        fault: SealFault,
        /// Its number.
        seal: u64,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// A column has another value than when it was sealed.
    Altered,
    /// It is gone.
    Missing,
    /// It stands where another row was sealed.
    Reordered,
    /// It was not there when the rows around it were sealed.
    SlippedIn,
}

/// What is wrong with a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealFault {
    /// It is not the seal that an anchor names.
    Anchor,
    /// First, last or number of its rows are not those of its leaves.
    Bounds,
    /// Its hash is not that of its leaves.
    Hash,
    /// Its leaves are not those that were hashed.
    Leaves,
    /// It is gone.
    Missing,
    /// It does not continue the seal before it.
    Previous,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { fault, id, seq, seal } => {
                write!(f, "row {id}")?;
                if let Some(seq) = seq {
                    write!(f, " (number {seq})")?;
                }
                match seal {
                    Some(seal) => write!(f, " of seal {seal} {fault}"),
                    None => write!(f, " {fault}"),
                }
            }
            Self::Seal { fault, seal } => write!(f, "seal {seal} {fault}"),
        }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Altered => "was altered",
            Self::Missing => "is missing",
            Self::Reordered => "stands where another row was sealed",
            Self::SlippedIn => "was slipped in",
        })
    }
}

impl fmt::Display for SealFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anchor => "is not the one that the anchor names",
            Self::Bounds => "names another beginning, end or number of rows than its leaves",
            Self::Hash => "has another hash than its leaves make",
            Self::Leaves => "has other leaves than were hashed",
            Self::Missing => "is missing",
            Self::Previous => "does not continue the seal before it",
        })
    }
}
