//! The parts of a bundle: every text in it, decoded when it is base64, and where it stands.

use super::der_tree::{self, Node};
use super::note;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

/// Members whose text is base64.
const ENCODED: [&str; 7] = [
    "rawBytes",
    "payload",
    "sig",
    "keyId",
    "signedEntryTimestamp",
    "canonicalizedBody",
    "signedTimestamp",
];
/// Members with digests, which are base64 too.
const DIGESTS: [&str; 2] = ["rootHash", "hashes"];

/// One part of a bundle.
pub(super) struct Part {
    /// Where it stands, as a JSON pointer.
    pub(super) pointer: String,
    /// Its bytes, decoded.
    pub(super) bytes: Vec<u8>,
    /// Its values, when it is DER.
    tree: Option<Node>,
    is_encoded: bool,
    before: String,
    after: String,
}

/// The parts of a bundle in the order of its text.
pub(super) fn parts(bundle: &Value) -> Vec<Part> {
    let mut pointers = Vec::new();
    texts(bundle, String::new(), &mut pointers);
    pointers.into_iter().filter_map(|pointer| Part::at(bundle, pointer)).collect()
}

fn texts(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                texts(member, format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

impl Part {
    /// The part at a pointer of a bundle; `None` when no text stands there.
    pub(super) fn at(bundle: &Value, pointer: String) -> Option<Self> {
        let text = bundle.pointer(&pointer)?.as_str()?;
        let is_encoded = is_encoded(&pointer);
        let bytes = match is_encoded {
            true => BASE64_STANDARD.decode(text).ok()?,
            false => text.as_bytes().to_vec(),
        };
        let mut marked = bundle.clone();
        // No text of a bundle holds this character.
        *marked.pointer_mut(&pointer)? = json!("\u{e000}");
        let marked = marked.to_string();
        let (before, after) = marked.split_once("\"\u{e000}\"")?;
        Some(Self {
            tree: is_encoded.then(|| der_tree::read(&bytes)).flatten(),
            before: before.to_owned(),
            after: after.to_owned(),
            pointer,
            bytes,
            is_encoded,
        })
    }

    /// The bundle with other bytes in the place of this part.
    pub(super) fn replaced(&self, bytes: &[u8]) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.before.len() + bytes.len() * 2 + self.after.len());
        file.extend_from_slice(self.before.as_bytes());
        file.push(b'"');
        match self.is_encoded {
            true => file.extend_from_slice(BASE64_STANDARD.encode(bytes).as_bytes()),
            false => bytes.iter().for_each(|byte| escape(*byte, &mut file)),
        }
        file.push(b'"');
        file.extend_from_slice(self.after.as_bytes());
        file
    }

    /// Where in the part a byte is: its place in DER or in a signed note, else nothing.
    pub(super) fn place(&self, byte: usize) -> String {
        match (&self.tree, std::str::from_utf8(&self.bytes)) {
            (Some(tree), _) => tree.place(byte),
            (None, Ok(text)) if self.is_note() => note::place(text, byte),
            _ => String::new(),
        }
    }

    /// Whether it is a checkpoint.
    pub(super) fn is_note(&self) -> bool {
        self.pointer.ends_with("/checkpoint/envelope")
    }
}

/// One byte of a JSON string. Bytes outside ASCII stay as they are: what is no UTF-8 must be
/// refused, not mended here.
fn escape(byte: u8, file: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => file.extend([b'\\', byte]),
        0..0x20 => file.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        _ => file.push(byte),
    }
}

fn is_encoded(pointer: &str) -> bool {
    let mut names = pointer.rsplit('/').filter(|name| name.parse::<usize>().is_err());
    names.next().is_some_and(|name| ENCODED.contains(&name) || DIGESTS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_put_back_is_the_bundle() {
        let bundle = json!({"a": [{"rawBytes": "AQID"}], "envelope": "x\n\u{2014} \"y\"", "n": 1});
        let parts = parts(&bundle);
        let pointers: Vec<&str> = parts.iter().map(|part| part.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a/0/rawBytes", "/envelope"]);
        assert_eq!(parts[0].bytes, [1, 2, 3]);
        for part in &parts {
            let again: Value = serde_json::from_slice(&part.replaced(&part.bytes)).expect("JSON");
            assert_eq!(again, bundle);
        }
        let changed: Value = serde_json::from_slice(&parts[0].replaced(&[9])).expect("JSON");
        assert_eq!(changed["a"][0]["rawBytes"], "CQ==");
        assert!(serde_json::from_slice::<Value>(&parts[1].replaced(b"\xff")).is_err());
    }
}
