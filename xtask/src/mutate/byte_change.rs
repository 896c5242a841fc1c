//! Changes to one byte of one part: each bit flipped, the byte deleted, the byte doubled.

use std::fmt;

/// Changes that one byte allows.
const PER_BYTE: usize = 10;

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteChange {
    /// Which byte.
    pub(super) byte: usize,
    /// What becomes of it.
    pub(super) kind: Kind,
}

/// What becomes of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// This bit is flipped, 0 the lowest.
    Flipped(u8),
    /// It is gone.
    Deleted,
    /// It is there twice.
    Doubled,
}

/// How many changes a part of that length has.
pub(super) fn count(length: usize) -> usize {
    length * PER_BYTE
}

/// The change of that number, below [`count`].
pub(super) fn nth(number: usize) -> ByteChange {
    let byte = number / PER_BYTE;
    // Every byte begins with another kind (by the golden ratio's digits, evenly spread), so that a
    // slice that takes every tenth or hundredth change meets all kinds.
    let first = (byte.wrapping_mul(0x9E37_79B1) >> 16) % PER_BYTE;
    let kind = match (number + first) % PER_BYTE {
        8 => Kind::Deleted,
        9 => Kind::Doubled,
        bit => Kind::Flipped(u8::try_from(bit).expect("below 8")),
    };
    ByteChange { byte, kind }
}

impl ByteChange {
    /// The part with the change made.
    pub(super) fn apply(self, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        match self.kind {
            Kind::Flipped(bit) => bytes[self.byte] ^= 1 << bit,
            Kind::Deleted => {
                bytes.remove(self.byte);
            }
            Kind::Doubled => bytes.insert(self.byte, original[self.byte]),
        }
        bytes
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flipped(_) => f.write_str("bit flipped"),
            Self::Deleted => f.write_str("byte deleted"),
            Self::Doubled => f.write_str("byte doubled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_byte_meets_every_change_once() {
        let original = [0x00, 0x5a, 0xff];
        let changed: Vec<Vec<u8>> =
            (0..count(original.len())).map(|number| nth(number).apply(&original)).collect();
        let different: BTreeSet<&Vec<u8>> = changed.iter().collect();
        assert_eq!(changed.len(), 30);
        assert_eq!(different.len(), 30, "no two changes are the same");
        assert!(!different.contains(&original.to_vec()), "every change changes something");
        let one_bit = |bytes: &&Vec<u8>| bytes.len() == 3;
        assert_eq!(changed.iter().filter(one_bit).count(), 24);
    }

    #[test]
    fn a_slice_meets_every_kind() {
        for stride in [10, 100, 200, 1000] {
            let kind = |step: usize| format!("{:?}", nth(7 + step * stride).kind);
            let kinds: BTreeSet<String> = (0..100).map(kind).collect();
            assert_eq!(kinds.len(), 10, "every {stride}th");
        }
    }
}
