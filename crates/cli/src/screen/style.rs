//! Colours: each has one meaning, and every line reads without them.

use anstyle::{AnsiColor, Style};

/// An acceptance.
pub(crate) const ACCEPTED: Style = AnsiColor::Green.on_default().bold();
/// A refusal, or an error.
pub(crate) const REFUSED: Style = AnsiColor::Red.on_default().bold();
/// The words `expected` and `found`.
pub(crate) const SIDE: Style = AnsiColor::Cyan.on_default();
/// Names of rows.
pub(crate) const LABEL: Style = Style::new().dimmed();

/// Columns of a screen.
pub(crate) const WIDTH: usize = 92;
