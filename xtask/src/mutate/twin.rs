//! The other half of an ECDSA signature: for every valid (r, s), (r, n - s) is valid too.

use super::der_tree::{self, Node};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use der::asn1::UintRef;
use der::{Encode, Tag};
use num_bigint::BigUint;

/// Orders of the groups P-256 and P-384 (NIST SP 800-186, 3.2.1.3 and 3.2.1.4), hex.
const ORDERS: [&[u8]; 2] = [
    b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    b"ffffffffffffffffffffffffffffffffffffffffffffffff\
      c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
];

/// Every ECDSA signature in DER bytes, twinned: its path in the tree, and the bytes with it.
pub(super) fn in_der(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Some(tree) = der_tree::read(bytes) else { return Vec::new() };
    let mut twins = Vec::new();
    for (path, node) in tree.all() {
        let Some(content) = twin_content(bytes, node) else { continue };
        let Ok(twin) = tree.with_content(bytes, &path, &content) else { continue };
        let steps: String = path.iter().map(|index| format!(".{index}")).collect();
        twins.push((if steps.is_empty() { ".".to_owned() } else { steps }, twin));
    }
    twins
}

/// Every ECDSA signature of a signed note (C2SP signed-note), twinned. A line of it is an em dash,
/// a name, and base64 of four bytes of key hash and the signature.
pub(super) fn in_note(note: &str) -> Vec<(String, Vec<u8>)> {
    let mut twins = Vec::new();
    for (number, line) in note.lines().enumerate() {
        let Some((head, encoded)) =
            line.strip_prefix("\u{2014} ").and_then(|_| line.rsplit_once(' '))
        else {
            continue;
        };
        let Ok(bytes) = BASE64_STANDARD.decode(encoded) else { continue };
        let Some((hint, signature)) = bytes.split_at_checked(4) else { continue };
        for (_, twin) in in_der(signature) {
            let encoded = BASE64_STANDARD.encode([hint, &twin].concat());
            let changed = note.replacen(line, &format!("{head} {encoded}"), 1);
            twins.push((format!("line {}", number + 1), changed.into_bytes()));
        }
    }
    twins
}

/// The content of `SEQUENCE { INTEGER r, INTEGER n - s }` when the node is an ECDSA signature.
fn twin_content(bytes: &[u8], node: &Node) -> Option<Vec<u8>> {
    let [r, s] = node.children.as_slice() else { return None };
    if node.tag != Tag::Sequence || r.tag != Tag::Integer || s.tag != Tag::Integer {
        return None;
    }
    let number = |node: &Node| BigUint::from_bytes_be(&bytes[node.content.clone()]);
    let (r, s) = (number(r), number(s));
    let order = order_above(r.bits().max(s.bits()))?;
    if r >= order || s >= order || s == BigUint::ZERO {
        return None;
    }
    let encode = |number: BigUint| UintRef::new(&number.to_bytes_be()).ok()?.to_der().ok();
    Some([encode(r)?, encode(order - s)?].concat())
}

/// The order of the smaller group that numbers of so many bits can belong to. Both halves of a
/// signature are as long as the order but for chance, so short numbers are something else.
fn order_above(bits: u64) -> Option<BigUint> {
    let orders = ORDERS.iter().filter_map(|hex| BigUint::parse_bytes(hex, 16));
    orders.into_iter().find(|order| (order.bits() - 32..=order.bits()).contains(&bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::{BundleShape, SigningRequest, VirtualSigstore};
    use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};

    fn attestation() -> provost_testkit::SignedAttestation {
        let identity = WorkflowIdentity::github_actions(WorkflowRun::example());
        let statement = statement::actions_attest(&identity, &[statement::subject("a", b"a")]);
        let request = SigningRequest::new(&statement, identity, "2026-03-01T12:00:00Z");
        VirtualSigstore::new().sign(&request.shape(BundleShape::V03RekorV1AndTsa))
    }

    #[test]
    fn the_twin_of_the_twin_is_the_signature() {
        let attestation = attestation();
        let certificate = attestation.key_material.certificate().expect("a certificate");
        for original in [attestation.signature(), certificate] {
            let twins = in_der(original);
            assert_eq!(twins.len(), 1, "one signature");
            assert_ne!(twins[0].1, original);
            assert_eq!(in_der(&twins[0].1)[0].1, original);
        }
    }

    #[test]
    fn a_note_and_a_token_have_theirs() {
        let attestation = attestation();
        let proof = attestation.log_entries[0].inclusion_proof.as_ref().expect("a proof");
        let note = proof.checkpoint.as_ref().expect("a checkpoint");
        let twins = in_note(note);
        assert_eq!(twins.len(), 1);
        let twin = String::from_utf8(twins[0].1.clone()).expect("text");
        assert_eq!(in_note(&twin)[0].1, note.as_bytes());
        assert!(!in_der(&attestation.timestamps[0]).is_empty());
        assert!(in_der(b"\x30\x06\x02\x01\x05\x02\x01\x07").is_empty(), "small numbers");
    }
}
