//! The rules about where requests go and when they are repeated, against servers on loopback.

mod follow;
mod retry;
