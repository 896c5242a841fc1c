//! Seals: a chain of hashes over the rows of the log, from which altering, removing, reordering or
//! slipping in a sealed row is seen.
//!
//! Sealing is a step of its own, not part of writing: it hashes a batch of rows that are committed
//! onto the chain. [`walk`](self::walk) compares the log with its seals. What removes the newest
//! seals together with the rows under them is seen by an [`Anchor`] that is kept elsewhere, such as
//! in a commit.

mod anchor;
mod chain;
mod row;
mod verification;
pub(crate) mod walk;

pub use anchor::{Anchor, InvalidAnchor};
pub(crate) use chain::{BATCH, Seal};
pub(crate) use row::{COLUMNS, Leaf, RowTexts};
pub use verification::{Fault, RowFault, SealFault, Sealed, Verification};
