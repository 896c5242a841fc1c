//! How an audit is shown.

mod excerpt;
mod text;

pub use text::{Paint, text};
