//! Untrusted text in a command that somebody may copy.

use crate::visible;

/// The longest word that is written into a command.
const LONGEST: usize = 1024;

/// `text` as one word of a POSIX shell (IEEE 1003.1, 2.2). What cannot be seen is written as what it
/// is, so that the command does nothing but fail.
pub fn shell_word(text: &str) -> String {
    let shown = visible(text, LONGEST);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    // A word that begins with a hyphen could be taken for an option, quoted or not: it stays
    // visible, and its reader decides.
    match !shown.is_empty() && shown.bytes().all(is_plain) {
        true => shown,
        false => format!("'{}'", shown.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(shell_word("v1.2.3+build"), "v1.2.3+build");
        for (text, word) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("$(id)", "'$(id)'"),
            ("`id`;", "'`id`;'"),
            ("it's", "'it'\\''s'"),
            ("a\nrm -rf x", "'a\\u{a}rm -rf x'"),
            ("~root", "'~root'"),
            ("v1\u{202e}", "'v1\\u{202e}'"),
        ] {
            assert_eq!(shell_word(text), word, "{text:?}");
        }
    }
}
