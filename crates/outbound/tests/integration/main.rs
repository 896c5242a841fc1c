//! The rules about where requests go and when they are repeated, against servers on loopback.

mod follow;
mod limits;
mod proxy;
mod retry;
