//! Why a mutant may be accepted all the same. An acceptance that none of this explains is a
//! failure of the run, also when its facts are the same.

use super::space::Place;
use super::specimen::Specimen;

const TWIN: &str = "The other half (r, n - s) of an authority's signature: it signs the same \
    bytes, and nothing further covers it";
const TWIN_OF_CERTIFICATE: &str = "The other half (r, n - s) of the signature on the \
    certificate, in a bundle without a log: a log entry would hold the certificate byte for byte";
const STATUS: &str = "Status of a timestamp's response, outside the signed token: granted, or \
    granted with modifications";
const TOKEN_CERTIFICATES: &str = "Certificates inside a timestamp: the authority's own are taken \
    from the trusted root, these are not looked at";
const TOKEN_FIELDS: &str = "Fields of a timestamp's CMS wrapping that no signature covers and \
    nobody reads: versions, the list of digest algorithms, the content's tag, the name of the \
    signature algorithm";
const NOTE: &str = "Spelling of a checkpoint's signature lines: of these only key hash and \
    signature count, and the text above is signed";
const HINT: &str = "Unsigned hints which key to try: the key comes from certificate or caller";
const REKOR_V2_COPY: &str = "Copies that Rekor v2 repeats outside of the signed checkpoint: the \
    values come from the checkpoint, and the log from the key that signed it";
const TREE_SIZE: &str = "Another tree size beside the signed checkpoint, in which the same path \
    leads from the entry to the signed root";
const NUMBER: &str = "A 64-bit number as JSON text or as JSON number, which protobuf's JSON \
    mapping holds for the same";
const NOTHING: &str = "A list of evidence that is empty, absent, or null: there is none in each";
const PROOF_OR_PROMISE: &str = "The inclusion proof of a v0.1 bundle, which may rest on the \
    signed entry timestamp alone";
const CHAIN: &str = "Certificates after the first of a chain: the authorities are taken from the \
    trusted root, these are not looked at";
const FEWER: &str = "Evidence of one trusted time is gone. What remains suffices alone: another \
    trusted time, or for a managed key, which has no validity, the inclusion proof";

/// Places of a timestamp's tree (RFC 3161 TimeStampResp around RFC 5652 SignedData): version,
/// digestAlgorithms, tag of eContent, and of the signer version and signatureAlgorithm.
const UNREAD_FIELDS: [&str; 5] = [
    ".1.1.0.0 content",
    ".1.1.0.1.0.0 content",
    ".1.1.0.2.1.0 header",
    ".1.1.0.4.0.0 content",
    ".1.1.0.4.0.4.0 content",
];
/// Changes after which nothing of a member is left.
const GONE: [&str; 4] = ["dropped", "`null`", "`{}`", "`[]`"];

/// Why it changes nothing; `None` when nothing here explains it.
pub(super) fn identical(specimen: &Specimen, place: &Place) -> Option<&'static str> {
    let (pointer, inside) = place.path.split_once('!').unwrap_or((&place.path, ""));
    let is = |name: &str| pointer.ends_with(name);
    let change = place.change.as_str();
    let rekor_v2 = specimen.is_rekor_v2();
    if change == "(r, n - s)" {
        return twin(pointer, specimen.has_log());
    }
    if is("/signedTimestamp") && change == "bit flipped" {
        return token(inside);
    }
    if is("/checkpoint/envelope") {
        return note(inside);
    }
    if is("/keyid") || is("/hint") || (is("/publicKey") && change == "`{}`") {
        return Some(HINT);
    }
    let copies = ["/inclusionProof/logIndex", "/rootHash", "/treeSize", "/logId/keyId"];
    if rekor_v2 && copies.iter().any(|name| is(name)) {
        return Some(REKOR_V2_COPY);
    }
    if change == "as a number" && (is("Index") || is("Time") || is("/treeSize")) {
        return Some(NUMBER);
    }
    if is("/treeSize") {
        return Some(TREE_SIZE);
    }
    let gone = GONE.contains(&change);
    let empty = (is("/timestampVerificationData") || is("/rfc3161Timestamps"))
        && !specimen.has_timestamp()
        || is("/tlogEntries") && !specimen.has_log();
    if gone && empty {
        return Some(NOTHING);
    }
    if gone && is("/inclusionProof") && specimen.is_v01() {
        return Some(PROOF_OR_PROMISE);
    }
    (is("/certificates/0") && change == "doubled").then_some(CHAIN)
}

/// Why it may prove the same with fewer witnesses.
pub(super) fn fewer_witnesses(place: &Place) -> Option<&'static str> {
    let times = ["/inclusionPromise", "/timestampVerificationData", "/rfc3161Timestamps"];
    let whole = times.iter().any(|name| place.path.ends_with(name));
    let one = place.path.ends_with("/rfc3161Timestamps/0") && place.change == "dropped";
    ((whole && GONE.contains(&place.change.as_str())) || one).then_some(FEWER)
}

fn twin(pointer: &str, has_log: bool) -> Option<&'static str> {
    let authorities = ["/signedTimestamp", "/signedEntryTimestamp", "/checkpoint/envelope"];
    if authorities.iter().any(|name| pointer.ends_with(name)) {
        return Some(TWIN);
    }
    (pointer.ends_with("/rawBytes") && !has_log).then_some(TWIN_OF_CERTIFICATE)
}

fn token(inside: &str) -> Option<&'static str> {
    if inside == ".0.0 content" {
        Some(STATUS)
    } else if inside.starts_with(".1.1.0.3.") {
        Some(TOKEN_CERTIFICATES)
    } else {
        UNREAD_FIELDS.contains(&inside).then_some(TOKEN_FIELDS)
    }
}

fn note(inside: &str) -> Option<&'static str> {
    let spelling = ["empty line", "dash", "name", "space", "line end"];
    let place = inside.strip_prefix("signature line, ").unwrap_or(inside);
    spelling.contains(&place).then_some(NOTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_has_no_excuse() {
        // TSTInfo, signed attributes and signature of a token.
        for inside in
            [".1.1.0.2.1.0.0 content", ".1.1.0.4.0.3.0.1.0 content", ".1.1.0.4.0.5 header"]
        {
            assert_eq!(token(inside), None, "{inside}");
        }
        for inside in ["signed text", "signature line, key hash", "signature line, signature", ""] {
            assert_eq!(note(inside), None, "{inside}");
        }
        assert_eq!(twin("/dsseEnvelope/signatures/0/sig", false), None);
        assert_eq!(twin("/verificationMaterial/certificate/rawBytes", true), None);
        let place = |path: &str, change: &str| Place {
            group: "JSON of the bundle",
            path: path.to_owned(),
            change: change.to_owned(),
        };
        assert_eq!(fewer_witnesses(&place("/x/inclusionPromise", "doubled")), None);
        assert_eq!(fewer_witnesses(&place("/x/inclusionProof", "dropped")), None);
        assert!(fewer_witnesses(&place("/x/inclusionPromise", "dropped")).is_some());
    }
}
