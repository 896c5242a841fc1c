//! The verdict, from the bytes of a bundle to the decision: what is honest is accepted, and every
//! dishonest sister, one thing changed, is refused by the check that is there for it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(clippy::print_stderr, reason = "a test says what it could not run")]

mod authorities;
mod builders;
mod certificates;
mod claims;
mod consistency;
mod encoding;
mod expectations;
mod identity;
mod init;
mod level;
mod notify;
mod notify_crash;
mod notify_recovery;
mod notify_world;
mod runs;
mod selection;
mod shapes;
mod source;
mod splices;
mod statements;
mod times;
mod vectors;
mod world;
