//! x
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "wip")]
mod expression;
mod model;
mod place;
mod scope;
mod script;
mod shell;
mod yaml;
