//! The text of a manifest commit.
//!
//! Tags are anyone's text, so they appear as `<enc>` only: letters, digits and `._+-%`. No line
//! begins with anything but our own word, none has the form of a trailer (`Token: value`), and none
//! can hold an instruction such as `[skip ci]`. The one trailer is the caller's,
//! and holds nothing of a release.
//!
//! We add no `[skip ci]` of our own either. A push with the workflow's token starts no workflow
//! anyway; and where another token is used the mark would do harm: a release tag set on such a
//! commit would start no workflow, and the release would have no provenance.

use crate::entry::EntryKey;
use crate::push::CommitTrailer;
use provost_record::{Status, encoded_tag};

/// How many entries a message lists.
const LISTED: usize = 50;

/// `provenance: record v1.2.3 (run 77): success`; several entries are counted in the title and
/// listed below it. A trailer stands last, after an empty line.
pub(crate) fn message(entries: &[(EntryKey, Status)], trailer: Option<&CommitTrailer>) -> String {
    let text = body(entries);
    match trailer {
        Some(trailer) => format!("{text}\n{trailer}\n"),
        None => text,
    }
}

fn body(entries: &[(EntryKey, Status)]) -> String {
    if let [only] = entries {
        return format!("provenance: record {}\n", words(only));
    }
    let mut text = format!("provenance: record {} entries\n\n", entries.len());
    for entry in entries.iter().take(LISTED) {
        text.push_str(&format!("record {}\n", words(entry)));
    }
    if entries.len() > LISTED {
        text.push_str(&format!("and {} more\n", entries.len() - LISTED));
    }
    text
}

fn words((key, status): &(EntryKey, Status)) -> String {
    format!("{} (run {}): {}", encoded_tag(&key.tag, false), key.run, status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: u64, tag: &str) -> (EntryKey, Status) {
        (EntryKey { run, tag: tag.parse().expect(tag) }, Status::Success)
    }

    #[test]
    fn one_entry_is_the_title_and_several_are_listed() {
        let one = message(&[entry(77, "v1.2.3")], None);
        assert_eq!(one, "provenance: record v1.2.3 (run 77): success\n");
        let two = message(&[entry(77, "v1"), entry(78, "v2")], None);
        let wanted = "provenance: record 2 entries\n\nrecord v1 (run 77): success\nrecord v2 (run 78): success\n";
        assert_eq!(two, wanted);
        let many: Vec<_> = (0..60).map(|run| entry(run, "v1")).collect();
        assert!(message(&many, None).ends_with("and 10 more\n"));
        assert_eq!(message(&many, None).lines().count(), 2 + LISTED + 1);
    }

    #[test]
    fn a_trailer_stands_last_in_either_form() {
        let trailer = CommitTrailer::new("Provost-Seal", "5 sha256:ab").expect("trailer");
        for entries in [vec![entry(77, "v1")], vec![entry(77, "v1"), entry(78, "v2")]] {
            let text = message(&entries, Some(&trailer));
            let wanted = format!("{}\n\nProvost-Seal: 5 sha256:ab\n", body(&entries).trim_end());
            assert_eq!(text, wanted);
        }
    }

    #[test]
    fn no_tag_writes_into_the_message() {
        for tag in [
            "#1",
            "]skip-ci",
            "Co-authored-by",
            "skip-checks",
            "closes#1",
            "@everyone",
            "$(id)",
            "\u{202e}x",
            "v1\u{2028}x",
        ] {
            for text in [body(&[entry(1, tag)]), body(&[entry(1, tag), entry(2, tag)])] {
                let safe =
                    |byte: u8| byte.is_ascii_alphanumeric() || b" ._+-%:()\n".contains(&byte);
                assert!(text.bytes().all(safe), "{text}");
                for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
                    assert!(line.starts_with("record "), "{text}");
                    // A trailer's token holds no blank.
                    assert!(line.split(':').next().is_some_and(|token| token.contains(' ')));
                }
            }
        }
    }
}
