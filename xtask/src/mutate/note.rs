//! Places in a signed note, the text form of a checkpoint (C2SP signed-note): lines that are
//! signed, an empty line, and signatures as an em dash, a name, and base64 of four bytes of key
//! hash and the signature.

/// Base64 letters that hold bits of the key hash.
const KEY_HASH_LETTERS: usize = 6;

/// The place of a byte.
pub(super) fn place(note: &str, byte: usize) -> String {
    let Some(text) = note.find("\n\n") else { return "no note".to_owned() };
    match byte {
        // One more of either line feed makes another empty line.
        _ if byte == text || byte == text + 1 => return "empty line".to_owned(),
        _ if byte < text => return "signed text".to_owned(),
        _ => {}
    }
    let start =
        note.as_bytes()[..byte].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = note[start..].lines().next().unwrap_or_default();
    let place = match (byte - start, line.rfind(' ')) {
        (at, _) if at >= line.len() => "line end",
        (at, _) if at < "\u{2014} ".len() => "dash",
        (at, Some(space)) if at < space => "name",
        (at, Some(space)) if at == space => "space",
        (at, Some(space)) if at <= space + KEY_HASH_LETTERS => "key hash",
        _ => "signature",
    };
    format!("signature line, {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_place() {
        let note = "log\n1\nAA==\n\n\u{2014} log AAAAAAAAAA==\n";
        let at = |text: &str| place(note, note.find(text).expect("a part of the note"));
        assert_eq!(at("1"), "signed text");
        assert_eq!(at("\n\n"), "empty line");
        assert_eq!(at("\u{2014}"), "signature line, dash");
        assert_eq!(at("log AAAA"), "signature line, name");
        assert_eq!(at(" AAAA"), "signature line, space");
        assert_eq!(at("AAAAAAAAAA"), "signature line, key hash");
        assert_eq!(at("AA==\n\n"), "signed text");
        assert_eq!(place(note, note.len() - 2), "signature line, signature");
        assert_eq!(place(note, note.len() - 1), "signature line, line end");
    }
}
