//! HTTP/1.1 as this server speaks it: bounded in every direction.

mod accept;
mod body;
mod headers;
mod peers;
mod problem;
mod steady;

pub(crate) use accept::{Accepting, accept, stopped};
pub(crate) use body::{BodyMemory, ReadBody};
pub(crate) use headers::secured;
pub(crate) use problem::{Problem, json, method_not_allowed};
