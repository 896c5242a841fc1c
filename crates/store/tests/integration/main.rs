//! The event log as its users see it: one file a behaviour.

#![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]
#![allow(clippy::print_stdout, reason = "a test that cannot ask its question says so there")]

/// Says something past the capturing of a test's output: what was skipped must not look passed.
macro_rules! tell {
    ($($words:tt)*) => {
        std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("{}\n", format_args!($($words)*)).as_bytes(),
        )
        .unwrap()
    };
}

mod append;
mod append_only;
mod crash;
mod endpoint;
mod every_log;
mod expectations;
mod faults;
mod files;
mod gone;
mod helper;
mod outbox;
mod overview;
mod postgres;
mod processes;
mod projection;
mod releases;
mod sample;
mod scale;
mod seal;
mod served;
mod submit;
mod summary;
mod target;
mod transfer;
mod upgrade;
mod views;
