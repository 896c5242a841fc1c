//! The visible form of an untrusted string: one line, every character seen, none an order.

/// Marks that a letter may carry; more of them run into the lines above and below.
const MARKS: usize = 4;

/// Printable by category, blank or ignored on the screen all the same (Unicode,
/// `DerivedCoreProperties.txt`, `Default_Ignorable_Code_Point`, and letters drawn as nothing).
const BLANK: [(char, char); 12] = [
    ('\u{34f}', '\u{34f}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fffc}', '\u{fffc}'),
    ('\u{16fe4}', '\u{16fe4}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{e0100}', '\u{e01ef}'),
];

/// `value` with everything unprintable as `\u{hex}`, at most `limit` characters, the last one `…`
/// where more was there. A `limit` of 0 counts as 1.
///
/// Two values of one visible form do not exist below the limit: a backslash that would look like
/// the start of an escape is one itself. The two ways to give the GitHub runner a command are
/// broken too: `::` at the start, and `##[` anywhere in a line (actions/runner,
/// `ActionCommand.cs`).
pub fn visible(value: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    let mut cut = 0;
    let mut previous = Previous::Start;
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        let after = rest.as_str();
        let kept = match c {
            '\\' => !after.starts_with("u{"),
            ':' => previous != Previous::Start || !after.starts_with(':'),
            // The end of the value too: the next text may begin with the bracket.
            '#' => previous != Previous::Hash || !(after.is_empty() || after.starts_with('[')),
            ' '..='~' => true,
            _ if is_mark(c) => matches!(previous, Previous::Letter(marks) if marks < MARKS),
            _ => is_printable(c),
        };
        if kept {
            shown.push(c);
            length += 1;
        } else {
            shown.extend(c.escape_unicode());
            length += c.escape_unicode().len();
        }
        if length < limit {
            cut = shown.len();
        } else if length > limit {
            shown.truncate(cut);
            shown.push('…');
            break;
        }
        previous = previous.then(c, kept);
    }
    shown
}

/// What stands before a character, as far as it decides on it.
#[derive(Clone, Copy, PartialEq)]
enum Previous {
    /// Nothing, or spaces only: the runner trims them.
    Start,
    /// `#`.
    Hash,
    /// A letter or digit, and the number of marks on it.
    Letter(usize),
    /// Something else.
    Other,
}

impl Previous {
    fn then(self, c: char, kept: bool) -> Self {
        match (self, c) {
            _ if !kept => Self::Other,
            (Self::Start, ' ') => Self::Start,
            (_, '#') => Self::Hash,
            (Self::Letter(marks), _) if is_mark(c) => Self::Letter(marks + 1),
            _ if c.is_alphanumeric() => Self::Letter(0),
            _ => Self::Other,
        }
    }
}

/// Seen by itself. The standard library escapes the categories C, Zl, Zp and Zs, and marks.
fn is_printable(c: char) -> bool {
    c.escape_debug().len() == 1 && !is_blank(c)
}

/// Seen on the character before it: `str::escape_debug` escapes a mark at the start only.
fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && c.escape_debug().len() > 1
        && String::from_iter(['x', c]).escape_debug().count() == 2
        && !is_blank(c)
}

fn is_blank(c: char) -> bool {
    BLANK.iter().any(|&(first, last)| (first..=last).contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Unicode 17, `DerivedCoreProperties.txt`, `Default_Ignorable_Code_Point`.
    const IGNORABLE: [(u32, u32); 17] = [
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x202a, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfff8),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];

    fn escaped(c: char) -> bool {
        visible(&format!("a{c}b"), 99) == format!("a{}b", c.escape_unicode())
    }

    #[test]
    fn every_control_space_and_ignorable_character_is_escaped() {
        let ignorable = IGNORABLE.iter().flat_map(|&(first, last)| first..=last);
        let orders = (0..0x20)
            .chain(0x7f..0xa1)
            .chain(0x2000..0x2010)
            .chain([0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xe000, 0xf8ff, 0xffff])
            .chain([0x2800, 0xfff9, 0xfffa, 0xfffb, 0xfffc, 0x1d159, 0x16fe4, 0x10_ffff]);
        for c in ignorable.chain(orders).filter_map(char::from_u32) {
            assert!(escaped(c), "U+{:04X}", u32::from(c));
        }
        for c in "ä漢🚀Ωйא한~!\u{fffd}".chars() {
            assert!(!escaped(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_mark_stays_on_its_letter_and_nowhere_else() {
        assert_eq!(visible("u\u{308}ber", 99), "u\u{308}ber");
        assert_eq!(visible("किताब", 99), "किताब");
        assert_eq!(visible("\u{308}a", 99), "\\u{308}a");
        assert_eq!(visible("a \u{308}", 99), "a \\u{308}");
        assert_eq!(visible("/\u{338}", 99), "/\\u{338}");
        assert_eq!(visible("\u{7}\u{308}", 99), "\\u{7}\\u{308}");
        assert_eq!(visible("\u{3164}\u{301}", 99), "\\u{3164}\\u{301}");
        let pile = "\u{301}".repeat(5);
        assert_eq!(visible(&format!("a{pile}"), 99), "a\u{301}\u{301}\u{301}\u{301}\\u{301}");
    }

    #[test]
    fn the_forms_of_different_values_differ() {
        let mut seen = BTreeMap::new();
        let pieces = ["", "\\", "u", "{", "1b", "}", "\u{1b}", "\\u{1b}", "#", "[", ":", " "];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let value = [first, second, third].concat();
                    let shown = visible(&value, 99);
                    let other = seen.insert(shown, value.clone());
                    assert!(other.is_none_or(|other| other == value), "{value:?}");
                }
            }
        }
        assert_eq!(visible("\\u{1b}", 99), "\\u{5c}u{1b}");
        assert_eq!(visible(r"C:\users", 99), r"C:\users");
    }

    #[test]
    fn commands_of_the_runner_are_broken_and_look_alikes_are_not() {
        assert_eq!(visible("::error::x", 99), "\\u{3a}:error::x");
        assert_eq!(visible("  ::error::x", 99), "  \\u{3a}:error::x");
        assert_eq!(visible("a ##[group]", 99), "a #\\u{23}[group]");
        assert_eq!(visible("###[group]", 99), "##\\u{23}[group]");
        assert_eq!(visible("a##", 99), "a#\\u{23}");
        for plain in ["a::b", ":target", "## Heading", "a#[b]", "# [x]", "#"] {
            assert_eq!(visible(plain, 99), plain);
        }
    }

    #[test]
    fn the_limit_is_in_characters_and_never_splits_an_escape() {
        assert_eq!(visible("äöü", 3), "äöü");
        assert_eq!(visible("äöüß", 3), "äö…");
        assert_eq!(visible("ab\u{1b}", 8), "ab\\u{1b}");
        assert_eq!(visible("ab\u{1b}", 7), "ab…");
        assert_eq!(visible("ab", 0), "…");
        assert_eq!(visible("", 0), "");
        assert_eq!(visible(&"x".repeat(1 << 20), 1000).chars().count(), 1000);
    }
}
