//! A JSON document for a terminal or the log of a job, which both read it before any parser does.

use provost_sink::visible;
use std::borrow::Cow;
use std::fmt::Write;

/// The same document, with every character that is an order to a screen or cannot be seen as
/// `\u…`, and without `##[`, which the runner of GitHub Actions obeys anywhere in a line. All of
/// these stand inside strings alone, so a parser reads what it read before.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    if document.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'"' | b'$'..=b'~')) {
        return Cow::Borrowed(document);
    }
    let mut shown = String::with_capacity(document.len() + document.len() / 8);
    let mut units = [0; 2];
    let mut one = [0; 4];
    for c in document.chars() {
        let kept = match c {
            '[' => !shown.ends_with("##"),
            '\n' | ' '..='~' => true,
            _ => visible(c.encode_utf8(&mut one), 2).chars().eq([c]),
        };
        if kept {
            shown.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            // Writing to a text cannot fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::hostile;
    use serde_json::{Value, json as document};

    #[test]
    fn no_byte_of_a_hostile_value_is_an_order_and_all_of_it_is_read() {
        for (name, value) in hostile::values() {
            let whole = document!({ "v": value.clone(), &value: [value.clone()] });
            for text in [whole.to_string(), format!("{whole:#}")] {
                let shown = json(&text);
                let lines = shown.replace('\n', "");
                assert_eq!(hostile::order_in(&lines), None, "{name}: {shown:?}");
                for line in shown.lines() {
                    assert_eq!(hostile::runner_command(line), None, "{name}: {line:?}");
                }
                let read: Value = serde_json::from_str(&shown).expect(name);
                assert_eq!(read, whole, "{name}");
            }
        }
    }

    #[test]
    fn ordinary_values_stay_as_they_are() {
        for value in hostile::ORDINARY.into_iter().filter(|value| !value.contains('\u{308}')) {
            let text = document!({ "v": value, "list": [["##", "#"]] }).to_string();
            assert_eq!(json(&text), text);
        }
    }
}
