//! DER as a tree of tags and lengths: to name the place of a byte, and to exchange one value.
//!
//! Reads headers and nothing else; OCTET STRING and BIT STRING are opened when DER is inside.

use der::{Decode, Encode, Header, Reader, SliceReader, Tag};
use std::ops::Range;

/// One value with the values in it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) tag: Tag,
    /// Tag, length and content.
    pub(super) whole: Range<usize>,
    /// The content, without what a BIT STRING says of unused bits.
    pub(super) content: Range<usize>,
    pub(super) children: Vec<Node>,
}

/// Reads one value that fills `bytes`; `None` when it is no DER.
pub(super) fn read(bytes: &[u8]) -> Option<Node> {
    let mut nodes = siblings(bytes, 0..bytes.len())?;
    (nodes.len() == 1).then(|| nodes.remove(0))
}

fn siblings(bytes: &[u8], within: Range<usize>) -> Option<Vec<Node>> {
    let mut reader = SliceReader::new(bytes.get(within.clone())?).ok()?;
    let mut nodes = Vec::new();
    while !reader.is_finished() {
        let start = within.start + usize::try_from(reader.position()).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        let content = within.start + usize::try_from(reader.position()).ok()?;
        let length = reader.read_slice(header.length).ok()?.len();
        nodes.push(node(bytes, header.tag, start, content..content + length)?);
    }
    Some(nodes)
}

fn node(bytes: &[u8], tag: Tag, start: usize, content: Range<usize>) -> Option<Node> {
    let whole = start..content.end;
    let content = match tag {
        Tag::BitString => content.start + 1..content.end,
        _ => content,
    };
    let children = match tag {
        Tag::OctetString | Tag::BitString if !content.is_empty() => {
            siblings(bytes, content.clone()).filter(|nodes| nodes.len() == 1).unwrap_or_default()
        }
        _ if tag.is_constructed() => siblings(bytes, content.clone())?,
        _ => Vec::new(),
    };
    Some(Node { tag, whole, content, children })
}

impl Node {
    /// The place of a byte: the indexes of the values around it, `.` between them, and whether it
    /// is in the innermost one's header or content.
    pub(super) fn place(&self, byte: usize) -> String {
        let mut path = String::new();
        let mut node = self;
        while let Some((index, child)) =
            node.children.iter().enumerate().find(|(_, child)| child.whole.contains(&byte))
        {
            path.push_str(&format!(".{index}"));
            node = child;
        }
        let part = if byte < node.content.start { "header" } else { "content" };
        format!("{} {part}", if path.is_empty() { "." } else { &path })
    }

    /// Every value of the tree with its path, outermost first.
    pub(super) fn all(&self) -> Vec<(Vec<usize>, &Node)> {
        let mut found = vec![(Vec::new(), self)];
        for (index, child) in self.children.iter().enumerate() {
            found.extend(child.all().into_iter().map(|(mut path, node)| {
                path.insert(0, index);
                (path, node)
            }));
        }
        found
    }

    /// The tree's bytes with the content of the value at `path` exchanged and every length around
    /// it set right.
    pub(super) fn with_content(
        &self,
        bytes: &[u8],
        path: &[usize],
        new: &[u8],
    ) -> der::Result<Vec<u8>> {
        let mut content = match self.tag {
            Tag::BitString => vec![0],
            _ => Vec::new(),
        };
        match path.split_first() {
            None => content.extend_from_slice(new),
            Some((wanted, rest)) => {
                for (index, child) in self.children.iter().enumerate() {
                    if index == *wanted {
                        content.extend(child.with_content(bytes, rest, new)?);
                    } else {
                        content.extend_from_slice(&bytes[child.whole.clone()]);
                    }
                }
            }
        }
        let mut out = Header::new(self.tag, content.len())?.to_der()?;
        out.extend(content);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SEQUENCE { INTEGER 5, OCTET STRING { SEQUENCE { NULL } }, BIT STRING { INTEGER 7 } }
    const BYTES: [u8; 16] = [0x30, 14, 2, 1, 5, 4, 4, 0x30, 2, 5, 0, 3, 3, 0, 2, 1];

    fn bytes() -> Vec<u8> {
        // The last INTEGER has one byte of content.
        let mut bytes = BYTES.to_vec();
        bytes[1] = 15;
        bytes[12] = 4;
        bytes.push(7);
        bytes
    }

    #[test]
    fn a_byte_has_its_place() {
        let bytes = bytes();
        let tree = read(&bytes).expect("DER");
        for (byte, place) in [
            (0, ". header"),
            (4, ".0 content"),
            (7, ".1.0 header"),
            (9, ".1.0.0 header"),
            (13, ".2 header"),
            (16, ".2.0 content"),
        ] {
            assert_eq!(tree.place(byte), place, "{byte}");
        }
        assert!(read(&bytes[..16]).is_none() && read(&[&bytes[..], &[0]].concat()).is_none());
    }

    #[test]
    fn an_exchanged_value_moves_the_lengths_around_it() {
        let bytes = bytes();
        let tree = read(&bytes).expect("DER");
        let changed = tree.with_content(&bytes, &[2, 0], &[1, 2, 3]).expect("DER");
        let again = read(&changed).expect("still DER");
        assert_eq!(&changed[again.children[2].children[0].content.clone()], [1, 2, 3]);
        assert_eq!(changed.len(), bytes.len() + 2);
        assert_eq!(tree.with_content(&bytes, &[2, 0], &[7]).expect("DER"), bytes);
    }
}
