//! Tags as path components: `<enc>`.

use aws_lc_rs::digest::{SHA256, digest};
use provost_attestation::git_ref::Tag;

/// Longest encoded tag, in bytes.
const MAX_BYTES: usize = 128;

/// The one form in which a tag becomes a path component.
///
/// Every byte outside `[A-Za-z0-9._+-]` and a leading `.` or `-` is percent-encoded; a tag that
/// would be longer than 128 bytes, contains `..` or ends with `.lock` becomes
/// `h-<sha256 of the tag>`. Tags that differ in case only encode differently in case only: whoever
/// writes to a folder that folds case must look for the twin (see [`encoded_tag`] with
/// `has_case_twin`).
pub fn encoded_tag(tag: &Tag, has_case_twin: bool) -> String {
    let text = tag.as_str();
    let mut encoded = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let safe = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
        if safe && !(index == 0 && matches!(byte, b'.' | b'-')) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let unsafe_form = encoded.len() > MAX_BYTES
        || encoded.contains("..")
        || encoded.to_ascii_lowercase().ends_with(".lock")
        || encoded.to_ascii_lowercase().starts_with("h-");
    if unsafe_form || has_case_twin {
        return format!("h-{}", hex::encode(digest(&SHA256, text.as_bytes())));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enc(tag: &str) -> String {
        encoded_tag(&tag.parse().expect(tag), false)
    }

    #[test]
    fn plain_tags_stay_readable_and_no_tag_becomes_a_path() {
        assert_eq!(enc("v1.2.3-rc.1+b"), "v1.2.3-rc.1+b");
        assert_eq!(enc("@scope/pkg@1.0.0"), "%40scope%2Fpkg%401.0.0");
        assert_eq!(enc("v1;id"), "v1%3Bid");
        assert_eq!(enc("ü"), "%C3%BC");
        assert!(enc(&"a".repeat(129)).starts_with("h-"));
        assert!(enc(&"ü".repeat(22)).starts_with("h-"));
        // A tag cannot take the form of a hashed one.
        assert!(enc("h-0123") != "h-0123" && enc("H-0123") != "H-0123");
        assert_eq!(encoded_tag(&"V1".parse().expect("tag"), true).len(), 2 + 64);
    }
}
