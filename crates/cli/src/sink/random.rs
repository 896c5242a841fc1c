//! Words that nobody could have written beforehand.

use std::fmt::Write;
use std::io;

/// A source of 128 random bits.
pub(crate) type Random<'a> = dyn FnMut() -> io::Result<[u8; 16]> + 'a;

/// Draws before the source is held to be broken.
const DRAWS: usize = 4;

/// 128 bits from the operating system.
///
/// Errors: it gives none.
pub(crate) fn system() -> io::Result<[u8; 16]> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bits)
}

/// `provost_` and 32 hexadecimal digits, in no letter case a part of `text`.
///
/// Errors: `random` fails, or gives only words that `text` has.
pub(super) fn word_absent_from(text: &str, random: &mut Random<'_>) -> io::Result<String> {
    // The runner compares without regard to case.
    let text = text.to_ascii_lowercase();
    for _ in 0..DRAWS {
        let mut word = "provost_".to_owned();
        for byte in random()? {
            write!(word, "{byte:02x}").map_err(io::Error::other)?;
        }
        if !text.contains(&word) {
            return Ok(word);
        }
    }
    Err(io::Error::other("the random delimiter is part of the text: the random source is broken"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;

    const ZEROS: &str = "provost_00000000000000000000000000000000";

    #[test]
    fn a_word_of_the_text_is_drawn_again() {
        let mut draws = [[0; 16], [1; 16]].into_iter();
        let mut random = || Ok(draws.next().unwrap());
        let word = word_absent_from(&format!("a\n{}", ZEROS.to_uppercase()), &mut random).unwrap();
        assert_eq!(word, "provost_01010101010101010101010101010101");
        assert_eq!(word_absent_from("a", &mut || Ok([0; 16])).unwrap(), ZEROS);
    }

    #[test]
    fn a_broken_source_is_an_error() {
        assert!(word_absent_from(ZEROS, &mut || Ok([0; 16])).is_err());
        let failed = word_absent_from("a", &mut || Err(io::Error::other("no entropy")));
        assert_eq!(failed.unwrap_err().to_string(), "no entropy");
    }

    #[test]
    fn the_system_gives_different_bits() {
        assert_ne!(system().unwrap(), system().unwrap());
    }
}
