//! A line that a caller adds to the commit.

use std::fmt;
use thiserror::Error;

/// Longest value, in bytes.
const MAX_VALUE: usize = 200;

/// A trailer of the commit, such as `Provost-Seal: 5 sha256:…`. It holds what other parts of the
/// program want to find again in the history; nothing of a release is ever in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitTrailer {
    token: &'static str,
    value: String,
}

/// A text that no trailer can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a trailer's value is one line of 1 to {MAX_VALUE} printable ASCII characters")]
pub struct InvalidTrailer;

impl CommitTrailer {
    /// `token` is the word before the colon.
    ///
    /// # Errors
    /// [`InvalidTrailer`] for a value that would be more than the rest of one line.
    pub fn new(token: &'static str, value: &str) -> Result<Self, InvalidTrailer> {
        let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        let is_line = !value.is_empty() && value.len() <= MAX_VALUE && value.trim() == value;
        match is_line && value.bytes().all(is_plain) {
            true => Ok(Self { token, value: value.to_owned() }),
            false => Err(InvalidTrailer),
        }
    }
}

impl fmt::Display for CommitTrailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.token, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_is_one_line() {
        let trailer = CommitTrailer::new("Provost-Seal", "5 sha256:ab");
        assert_eq!(trailer.map(|it| it.to_string()), Ok("Provost-Seal: 5 sha256:ab".into()));
        let long = "x".repeat(MAX_VALUE + 1);
        for wrong in ["", " ", "a\nCo-authored-by: b", "a\r", "\u{e4}", "a ", " a", &long] {
            assert_eq!(CommitTrailer::new("Provost-Seal", wrong), Err(InvalidTrailer), "{wrong}");
        }
    }
}
