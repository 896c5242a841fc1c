//! Static bearer tokens: known by their hash.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use provost_control::config::{TokenScope, TokenSection};

/// A sender that is no job of GitHub Actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    /// What the log calls it.
    pub(crate) name: String,
    pub(crate) scopes: Vec<TokenScope>,
}

/// The senders by the hashes of their tokens.
#[derive(Debug)]
pub(crate) struct Senders(Vec<([u8; 32], Sender)>);

impl Senders {
    /// Those of `[[server.token]]`, whose hashes the configuration checked.
    pub(crate) fn new(sections: &[TokenSection]) -> Self {
        let sender = |section: &TokenSection| {
            let mut hash = [0; 32];
            hex::decode_to_slice(&section.sha256, &mut hash).ok()?;
            let (name, scopes) = (section.name.clone(), section.scopes.clone());
            Some((hash, Sender { name, scopes }))
        };
        Self(sections.iter().filter_map(sender).collect())
    }

    /// The sender of that token. Every hash is compared, and none faster than another.
    pub(crate) fn find(&self, token: &str) -> Option<&Sender> {
        let hash = digest(&SHA256, token.as_bytes());
        let mut found = None;
        for (own, sender) in &self.0 {
            if verify_slices_are_equal(own, hash.as_ref()).is_ok() {
                found = Some(sender);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_by_the_hash_of_its_token() {
        let section = |name: &str, token: &str| TokenSection {
            name: name.to_owned(),
            sha256: hex::encode(digest(&SHA256, token.as_bytes())),
            scopes: vec![TokenScope::Ingest],
        };
        let senders = Senders::new(&[section("one", "first"), section("two", "second")]);
        assert_eq!(senders.find("second").map(|sender| sender.name.as_str()), Some("two"));
        let hash = hex::encode(digest(&SHA256, b"first"));
        for wrong in ["", "First", "first ", "third", hash.as_str()] {
            assert_eq!(senders.find(wrong), None, "{wrong}");
        }
    }
}
