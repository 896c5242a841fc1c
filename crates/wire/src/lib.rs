//! Version 1 of every JSON document that leaves the program.
//!
//! Own structs, and `From<&domain>` into them: a change inside never changes the documents that
//! others read. Members are added, never renamed or removed; a breaking change is `v2`.

pub mod sarif;
pub mod v1;
