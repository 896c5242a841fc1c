//! How an audit is shown.

mod excerpt;
mod markdown;
mod text;

pub use markdown::markdown;
pub use text::{Paint, text};
