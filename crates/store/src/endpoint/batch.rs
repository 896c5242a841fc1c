//! How much goes into one request.

use serde_json::Value;

/// Entries of one request at most.
const MAX_ENTRIES: usize = 500;
/// Bytes of one request, unless one entry alone has more.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// One entry, with the key by which it is known and its size.
pub(super) struct Weighed {
    key: String,
    value: Value,
    bytes: usize,
}

/// What one request holds.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The key of each entry.
    pub(super) keys: Vec<String>,
    /// The entries.
    pub(super) values: Vec<Value>,
    bytes: usize,
}

impl Weighed {
    pub(super) fn new(key: &str, value: Value) -> Self {
        let bytes = value.to_string().len();
        Self { key: key.to_owned(), value, bytes }
    }
}

impl Batch {
    fn has_room_for(&self, entry: &Weighed) -> bool {
        let fits = self.bytes + entry.bytes < MAX_BYTES;
        self.keys.is_empty() || (fits && self.keys.len() < MAX_ENTRIES)
    }

    fn push(&mut self, entry: Weighed) {
        // And a comma.
        self.bytes += entry.bytes + 1;
        self.keys.push(entry.key);
        self.values.push(entry.value);
    }
}

/// The entries in requests, in the same order.
pub(super) fn batches(entries: impl Iterator<Item = Weighed>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for entry in entries {
        match batches.last_mut().filter(|batch| batch.has_room_for(&entry)) {
            Some(batch) => batch.push(entry),
            None => {
                let mut batch = Batch::default();
                batch.push(entry);
                batches.push(batch);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bytes: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let entries = bytes.into_iter().map(|bytes| Weighed::new("k", "x".repeat(bytes).into()));
        batches(entries).iter().map(|batch| batch.keys.len()).collect()
    }

    #[test]
    fn a_request_holds_no_more_than_it_may() {
        assert_eq!(sizes([]), [0; 0]);
        assert_eq!(sizes([1]), [1]);
        assert_eq!(sizes(vec![1; 500]), [500]);
        assert_eq!(sizes(vec![1; 501]), [500, 1]);
        assert_eq!(sizes(vec![200_000; 5]), [2, 2, 1]);
    }

    #[test]
    fn an_entry_that_is_larger_than_a_request_goes_alone() {
        assert_eq!(sizes([1, MAX_BYTES, 1]), [1, 1, 1]);
    }
}
