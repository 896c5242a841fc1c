//! The client against a fake GitHub, and the archive reader against zips made byte by byte.

mod archive_bombs;
mod archive_entries;
mod archive_layout;
mod archive_names;
mod zip_bytes;
