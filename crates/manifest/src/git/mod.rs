//! The program `git`, and of it only the plumbing: no shell, no working tree, no index but our own.
//!
//! Reading order: [`Repository`] (where, and how git is called), [`Remote`] (the branch elsewhere),
//! [`TreeState`] (what a commit holds of ours), [`objects`] (making a commit), [`message`].

mod error;
mod message;
mod names;
mod objects;
mod process;
mod program;
mod remote;
mod repository;
mod tree_state;
mod words;

pub use error::PushError;
pub use names::{BranchName, InvalidGitName, RemoteName};

pub(crate) use message::message;
pub(crate) use objects::{Change, ObjectId};
pub(crate) use remote::{PushAnswer, Remote};
pub(crate) use repository::Repository;
pub(crate) use tree_state::{TreeState, Unreadable};
