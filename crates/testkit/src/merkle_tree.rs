//! An append-only Merkle tree with audit paths (RFC 6962 section 2.1).

use crate::key::sha256;

pub(crate) type Hash = [u8; 32];

/// Appending costs one hash on average, a path a logarithmic number: test runs sign by thousands.
#[derive(Default)]
pub(crate) struct MerkleTree {
    /// `levels[k][i]` is the hash of the complete subtree over leaves `i * 2^k ..`.
    levels: Vec<Vec<Hash>>,
}

impl MerkleTree {
    /// Number of leaves.
    pub(crate) fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Adds a leaf and returns its index.
    pub(crate) fn append(&mut self, leaf: &[u8]) -> usize {
        let index = self.size();
        let mut hash = sha256(&[&[0], leaf].concat());
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            match hashes.as_slice() {
                [.., left, right] if hashes.len().is_multiple_of(2) => hash = node(left, right),
                _ => break,
            }
        }
        index
    }

    /// Root of the whole tree, which must not be empty.
    pub(crate) fn root(&self) -> Hash {
        self.subtree(0, self.size())
    }

    /// Siblings of leaf `index`, from the leaf upward.
    pub(crate) fn audit_path(&self, index: usize) -> Vec<Hash> {
        let (mut start, mut end) = (0, self.size());
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.subtree(middle, end));
                end = middle;
            } else {
                path.push(self.subtree(start, middle));
                start = middle;
            }
        }
        path.reverse();
        path
    }

    fn subtree(&self, start: usize, end: usize) -> Hash {
        let size = end - start;
        if size.is_power_of_two() {
            return self.levels[size.trailing_zeros() as usize][start / size];
        }
        let middle = start + split(size);
        node(&self.subtree(start, middle), &self.subtree(middle, end))
    }
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left.as_slice(), right.as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, without a cache.
    fn definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [leaf] => sha256(&[&[0], leaf.as_slice()].concat()),
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node(&definition(left), &definition(right))
            }
        }
    }

    #[test]
    fn roots_follow_the_definition_at_every_size() {
        let mut tree = MerkleTree::default();
        let mut leaves = Vec::new();
        for number in 0..70u8 {
            let index = tree.append(&[number]);
            leaves.push(vec![number]);
            assert_eq!(index, usize::from(number));
            assert_eq!(tree.root(), definition(&leaves), "size {}", leaves.len());
        }
    }

    #[test]
    fn a_path_of_a_tree_of_seven_has_the_siblings_of_the_rfc() {
        let leaves: Vec<Vec<u8>> = (0..7).map(|number| vec![number]).collect();
        let mut tree = MerkleTree::default();
        for leaf in &leaves {
            tree.append(leaf);
        }
        let expected = [definition(&leaves[4..6]), definition(&leaves[..4])];
        assert_eq!(tree.audit_path(6), expected);
    }
}
