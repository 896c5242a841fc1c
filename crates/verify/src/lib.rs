//! Bundle + digest + trusted root + time -> [`VerifiedStatement`] or [`Rejection`].
//!
//! This crate says what a signature proves, and nothing about whether that is wanted: that is
//! policy. It does no I/O, opens no connection and reads no clock of its own; `now` is passed in.
//! (The signature library below it reads the system clock for one purpose: to refuse a log time in
//! the future. The same comparison is made here against the `now` that was passed.)
//!
//! Reading order: [`Verifier::verify`], then [`layer`] for the checks it runs in order, [`claims`]
//! for what the certificate says, [`root`] for whom it trusts.

pub mod check;
pub mod claims;
pub mod fault;
pub mod layer;
pub mod root;

mod evidence;
mod rejection;
mod verified;
mod verifier;

pub use rejection::Rejection;
pub use verified::{Signer, VerifiedStatement};
pub use verifier::{ManagedKey, Verifier};
