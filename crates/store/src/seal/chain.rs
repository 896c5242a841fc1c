//! One seal of the chain.

use super::anchor::Anchor;
use super::row::{Leaf, sha256};
use jiff::Timestamp;
use uuid::Uuid;

/// At most so many rows go under one seal.
pub(crate) const BATCH: u32 = 4096;

/// Bytes of a leaf: an id and a hash.
pub(super) const LEAF_BYTES: usize = 48;

/// What the first seal continues.
const BEGINNING: [u8; 32] = [0; 32];

/// A row of `provenance_seal`, as it stands there: nothing in it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) seal: i64,
    pub(crate) first_id: Uuid,
    pub(crate) last_id: Uuid,
    pub(crate) first_seq: i64,
    pub(crate) last_seq: i64,
    pub(crate) rows: i64,
    pub(crate) leaves: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) previous: Vec<u8>,
    pub(crate) sealed_at: Timestamp,
}

impl Seal {
    /// The seal that goes onto the chain for these rows, given in order with their numbers; `None`
    /// when there is none.
    pub(crate) fn of_rows(
        before: Option<&Anchor>,
        rows: &[(i64, Leaf)],
        sealed_at: Timestamp,
    ) -> Option<Self> {
        let ((first_seq, first), (last_seq, last)) = (rows.first()?, rows.last()?);
        let previous = before.map_or(BEGINNING, |anchor| anchor.hash);
        let leaves = bytes_of(rows.iter().map(|(_, leaf)| leaf));
        Some(Self {
            seal: before.map_or(0, |anchor| anchor.seal as i64) + 1,
            first_id: first.id,
            last_id: last.id,
            first_seq: *first_seq,
            last_seq: *last_seq,
            rows: rows.len() as i64,
            hash: hash_of(&previous, &leaves).to_vec(),
            leaves,
            previous: previous.to_vec(),
            sealed_at,
        })
    }

    /// The hash that previous and leaves make.
    pub(crate) fn computed(&self) -> [u8; 32] {
        hash_of(&self.previous, &self.leaves)
    }

    /// The hash that these rows would make in the place of the leaves.
    pub(crate) fn computed_of<'a>(&self, rows: impl Iterator<Item = &'a Leaf>) -> [u8; 32] {
        hash_of(&self.previous, &bytes_of(rows))
    }

    /// Whether it continues the seal before it.
    pub(crate) fn continues(&self, before: Option<&Anchor>) -> bool {
        self.previous == before.map_or(BEGINNING, |anchor| anchor.hash)
    }

    /// The leaves; `None` when the bytes are no whole number of them.
    pub(crate) fn leaves(&self) -> Option<Vec<Leaf>> {
        let (leaves, rest) = self.leaves.as_chunks::<LEAF_BYTES>();
        rest.is_empty().then(|| leaves.iter().map(Leaf::from).collect())
    }

    /// Number and hash, when the hash is one.
    pub(crate) fn anchor(&self) -> Option<Anchor> {
        let hash = self.hash.as_slice().try_into().ok()?;
        Some(Anchor { seal: self.seal.try_into().ok()?, hash })
    }
}

impl From<&[u8; LEAF_BYTES]> for Leaf {
    fn from(bytes: &[u8; LEAF_BYTES]) -> Self {
        let (mut id, mut hash) = ([0; 16], [0; 32]);
        id.copy_from_slice(&bytes[..16]);
        hash.copy_from_slice(&bytes[16..]);
        Self { id: Uuid::from_bytes(id), hash }
    }
}

fn bytes_of<'a>(leaves: impl Iterator<Item = &'a Leaf>) -> Vec<u8> {
    leaves.flat_map(|leaf| [leaf.id.as_bytes().as_slice(), &leaf.hash].concat()).collect()
}

fn hash_of(previous: &[u8], leaves: &[u8]) -> [u8; 32] {
    sha256(&[previous, leaves].concat())
}
