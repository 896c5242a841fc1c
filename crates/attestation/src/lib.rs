//! The formats of the field: digest, git ref, builder id, in-toto statement, SLSA provenance, VSA,
//! Sigstore bundle.
//!
//! Everything here turns untrusted bytes into typed values, or says what is wrong and where. It
//! does no I/O, reads no clock and checks no signature: what it returns is *claimed*, not verified.
//!
//! Reading order: [`json`] (strict scan), [`bundle`] (files), [`statement`] and [`subject`],
//! [`provenance`], then the small vocabulary ([`digest`], [`git_ref`], [`repository`],
//! [`builder_id`], [`version`], [`package_url`]), and [`vsa`], the one thing we write.

pub mod builder_id;
pub mod bundle;
pub mod digest;
pub mod git_ref;
pub mod json;
pub mod package_url;
pub mod provenance;
pub mod repository;
pub mod statement;
pub mod subject;
pub mod version;
pub mod vsa;
