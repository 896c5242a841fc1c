//! Scripts for the shell, read with a grammar of bash.
//!
//! Entry point: [`Shell::read`]. Out come the commands that the script may run, with their words
//! as far as they are known, and with whether the script goes on as if nothing had happened when
//! one of them fails. Here-documents are text and no commands; what a function holds counts where
//! the function is called.

mod command;
mod harmless;
mod insist;
mod read;
mod variables;
mod word;

pub(crate) use command::{Command, How, Redirect, Swallowed};
pub(crate) use insist::Equal;
pub(crate) use read::Shell;
pub(crate) use variables::Variables;
pub(crate) use word::Word;
