//! YAML as GitHub reads it, with the place of everything.
//!
//! Stricter than most readers, because GitHub is: one document, no key twice in a mapping
//! (whatever its case), no merge keys. What is refused is refused with a place; anchors are
//! followed within a budget, so that no file costs more than its size allows.

mod cause;
mod node;
mod problem;
mod read;

pub(crate) use cause::likely_cause;
pub(crate) use node::{Entry, Node, Scalar, Style, Value};
pub(crate) use problem::YamlProblem;
pub(crate) use read::read;
