//! What must hold for every input, one function a fuzz target.
//!
//! Each function takes any bytes and returns; a promise that is broken is a panic. They are plain
//! functions, so that a test replays their seeds (`tests/replay.rs`) without a fuzzer. To fuzz:
//! `cargo +nightly fuzz run --features libfuzzer bundle fuzz/corpus/bundle fuzz/seeds/bundle`,
//! which needs cargo-fuzz and a C++ compiler.
//!
//! The seeds are made by the virtual Sigstore and by hand: `cargo run -p provost-fuzz --example
//! seeds` writes them anew, with fresh keys.

mod archive;
mod bundle;
mod certificate;
mod config;
mod manifest;
mod provenance;
mod statement;
mod workflow;

pub use archive::archive;
pub use bundle::bundle;
pub use certificate::certificate;
pub use config::config;
pub use manifest::manifest;
pub use provenance::provenance;
pub use statement::statement;
pub use workflow::workflow;
