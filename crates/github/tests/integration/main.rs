//! The client against a fake GitHub, and the archive reader against zips made byte by byte.

mod archive_bombs;
mod archive_entries;
mod archive_layout;
mod archive_names;
mod artifacts;
mod attestations;
mod dispatches;
mod faults;
mod issues;
mod names;
mod other_repository;
mod pages;
mod releases;
mod rules;
mod tags;
mod tokens;
mod world;
mod zip_bytes;
