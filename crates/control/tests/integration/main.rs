//! The verdict, from the bytes of a bundle to the decision: what is honest is accepted, and every
//! dishonest sister, one thing changed, is refused by the check that is there for it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(clippy::print_stderr, reason = "a test says what it could not run")]

mod consistency;
mod identity;
mod level;
mod selection;
mod shapes;
mod splices;
mod vectors;
mod world;
