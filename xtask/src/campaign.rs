//! `cargo xtask campaign …`: what takes minutes and asks a question at full size.

pub(crate) mod push;
