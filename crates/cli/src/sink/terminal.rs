//! Text for a person at a terminal, or for the log of a job.

use provost_sink::visible;
use std::fmt;

/// Longer values would push the verdict off the screen.
const MAX_CHARS: usize = 4096;

/// An untrusted value, displayed on one line without control, bidirectional, invisible or
/// command characters; those stand as `\u{1b}`. Printable Unicode stays.
///
/// Width, fill and alignment work as for a `str`, counted in characters. A precision shortens the
/// value: `{:.12}` is at most 12 characters, the last one `…`. Without it, at most 4,096.
///
/// Right-to-left letters stay, and may still draw digits beside them in another order.
#[derive(Clone, Copy)]
pub(crate) struct Terminal<'a>(pub(crate) &'a str);

/// [`Terminal`] of `value`.
pub(crate) fn terminal(value: &str) -> Terminal<'_> {
    Terminal(value)
}

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = f.precision().unwrap_or(MAX_CHARS).clamp(1, MAX_CHARS);
        f.pad(&visible(self.0, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::hostile;

    #[test]
    fn no_byte_of_a_hostile_value_is_an_order() {
        for (name, value) in hostile::values() {
            let shown = terminal(&value).to_string();
            assert_eq!(hostile::order_in(&shown), None, "{name}: {shown:?}");
            assert!(shown.chars().count() <= MAX_CHARS, "{name}");
            assert_eq!(shown.is_empty(), value.is_empty(), "{name}");
            for line in [shown.clone(), format!("  {shown}"), format!("found  {shown}[x]y")] {
                assert_eq!(hostile::runner_command(&line), None, "{name}: {line:?}");
            }
        }
    }

    #[test]
    fn ordinary_values_stay_as_they_are() {
        for value in hostile::ORDINARY {
            assert_eq!(terminal(value).to_string(), value);
        }
    }

    #[test]
    fn escapes_are_spelt_in_hexadecimal() {
        let link = "\u{1b}]8;;https://evil\u{7}ok\u{1b}]8;;\u{7}";
        let shown = "\\u{1b}]8;;https://evil\\u{7}ok\\u{1b}]8;;\\u{7}";
        assert_eq!(terminal(link).to_string(), shown);
        assert_eq!(
            terminal("a\r\nb\u{202e}c\u{200b}").to_string(),
            "a\\u{d}\\u{a}b\\u{202e}c\\u{200b}"
        );
        assert_eq!(
            terminal("\u{9b}31m\u{feff}\u{2028}").to_string(),
            "\\u{9b}31m\\u{feff}\\u{2028}"
        );
    }

    #[test]
    fn columns_are_padded_and_shortened() {
        assert_eq!(format!("{:<8}|", terminal("v1.2.3")), "v1.2.3  |");
        assert_eq!(format!("{:>8}|", terminal("ä\n")), "  ä\\u{a}|");
        assert_eq!(format!("{:<6.4}|", terminal("sha512:46d4")), "sha…  |");
        assert_eq!(format!("{:.5}", terminal("abc\u{1b}")), "abc…");
        assert_eq!(terminal(&"x".repeat(MAX_CHARS)).to_string(), "x".repeat(MAX_CHARS));
        assert!(terminal(&"x".repeat(MAX_CHARS + 1)).to_string().ends_with("x…"));
        let long = "x".repeat(MAX_CHARS + 1);
        assert_eq!(format!("{:.9999}", terminal(&long)), terminal(&long).to_string());
    }
}
