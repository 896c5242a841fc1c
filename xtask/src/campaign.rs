//! `cargo xtask campaign …`: what takes minutes and asks a question at full size.

pub(crate) mod dashboard;
pub(crate) mod faults;
pub(crate) mod load;
mod program;
pub(crate) mod push;

pub(crate) use program::Choice;
