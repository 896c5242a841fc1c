//! A bundle is written in one way: members, base64, integers, keys, bytes, depth and size.

use crate::shapes::{
    ENVELOPE, FORMAT, assert_malformed, honest_text, judge_json, judge_text, scene,
};
use crate::world::{SIGSTORE, assert_accepted, assert_rejected, layer_after};
use base64_edits::{EDITS, FIELDS};
use provost_attestation::bundle::MAX_BUNDLE_BYTES;
use provost_testkit::BundleShape;
use serde_json::{Value, json};

#[test]
fn an_unknown_member_is_refused_at_every_level() {
    let places = [
        "",
        "/verificationMaterial",
        "/verificationMaterial/certificate",
        "/verificationMaterial/timestampVerificationData",
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0",
        "/verificationMaterial/tlogEntries/0",
        "/verificationMaterial/tlogEntries/0/logId",
        "/verificationMaterial/tlogEntries/0/kindVersion",
        "/verificationMaterial/tlogEntries/0/inclusionPromise",
        "/verificationMaterial/tlogEntries/0/inclusionProof",
        "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint",
        "/dsseEnvelope",
        "/dsseEnvelope/signatures/0",
    ];
    let scene = scene(BundleShape::V03RekorV1AndTsa);
    let honest = SIGSTORE.sign(&scene.request()).bundle();
    assert_accepted(&judge_text(honest.to_string().as_bytes()));
    for place in places {
        let mut bundle = honest.clone();
        bundle.pointer_mut(place).unwrap()["note"] = json!("x");
        assert_malformed(&judge_text(bundle.to_string().as_bytes()), "note");
    }
    let decision =
        judge_text(honest.to_string().replacen("\"payloadType\"", "\"PayloadType\"", 1).as_bytes());
    assert_malformed(&decision, "PayloadType");
}

/// Second spellings of base64, and the fields that hold some.
mod base64_edits {
    pub(super) const FIELDS: [&str; 9] = [
        "/verificationMaterial/certificate/rawBytes",
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp",
        "/verificationMaterial/tlogEntries/0/logId/keyId",
        "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
        "/verificationMaterial/tlogEntries/0/inclusionProof/rootHash",
        "/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0",
        "/verificationMaterial/tlogEntries/0/canonicalizedBody",
        "/dsseEnvelope/payload",
        "/dsseEnvelope/signatures/0/sig",
    ];

    /// A second spelling of canonical base64; `None` where this text has none of that kind.
    pub(super) type Edit = fn(&str) -> Option<String>;

    pub(super) const EDITS: [(&str, Edit); 10] = [
        ("url-safe", |text| {
            let edited = text.replace('+', "-").replace('/', "_");
            (edited != text).then_some(edited)
        }),
        ("unpadded", |text| {
            let edited = text.trim_end_matches('=');
            (edited != text).then(|| edited.to_owned())
        }),
        ("padded twice", |text| Some(format!("{text}===="))),
        ("trailing bits", trailing_bits),
        ("a line feed inside", |text| Some(format!("{}\n{}", &text[..4], &text[4..]))),
        ("a line feed behind", |text| Some(format!("{text}\n"))),
        ("a space before", |text| Some(format!(" {text}"))),
        ("hex", |text| Some(hex_of(text))),
        ("a foreign letter", |text| Some(format!("*{}", &text[1..]))),
        ("empty", |_| Some(String::new())),
    ];

    /// Sets a bit that padding leaves without meaning.
    fn trailing_bits(text: &str) -> Option<String> {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let body = text.trim_end_matches('=');
        if body.len() == text.len() {
            return None;
        }
        let (rest, last) = body.split_at(body.len() - 1);
        let value = LETTERS.find(last)?;
        let edited = LETTERS.get(value + 1..value + 2)?;
        Some(format!("{rest}{edited}{}", &text[body.len()..]))
    }

    /// Hexadecimal digits of the text itself: of a hash's length where the text is a hash.
    fn hex_of(text: &str) -> String {
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        digits.chars().take(64).collect()
    }
}

#[test]
fn base64_has_one_spelling() {
    let scene = scene(BundleShape::V03RekorV1AndTsa);
    let honest = SIGSTORE.sign(&scene.request()).bundle();
    let mut count = 0;
    for (name, edit) in EDITS {
        let mut of_this = 0;
        for field in FIELDS {
            let mut bundle = honest.clone();
            let Some(text) = bundle.pointer(field).and_then(Value::as_str) else {
                continue;
            };
            let Some(edited) = edit(text) else { continue };
            assert_ne!(edited, text);
            *bundle.pointer_mut(field).unwrap() = json!(edited);
            let decision = judge_text(bundle.to_string().as_bytes());
            assert!(!decision.is_accepted(), "{name} {field}");
            let (id, detail) = decision.rejection().unwrap();
            assert_eq!(id.as_str(), FORMAT, "{name} {field}: {detail}");
            of_this += 1;
        }
        assert!(of_this > 0, "{name} was never tried");
        count += of_this;
    }
    assert!(count >= 60, "{count} spellings only");
}

#[test]
fn integers_have_one_spelling() {
    let places = [
        "/verificationMaterial/tlogEntries/0/logIndex",
        "/verificationMaterial/tlogEntries/0/integratedTime",
        "/verificationMaterial/tlogEntries/0/inclusionProof/logIndex",
        "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
    ];
    for place in places {
        let as_number = judge_json(|bundle| {
            let value = bundle.pointer_mut(place).unwrap();
            *value = json!(value.as_str().unwrap().parse::<u64>().unwrap());
        });
        assert_accepted(&as_number);
        for edit in [
            |text: &str| json!(format!("-{text}")),
            |text: &str| json!(format!("+{text}")),
            |text: &str| json!(format!("0{text}")),
            |text: &str| json!(format!("{text}.0")),
            |text: &str| json!(format!(" {text}")),
            |_: &str| json!("99999999999999999999"),
            |_: &str| json!(-1),
            |_: &str| json!(1.5),
            |_: &str| json!(9_007_199_254_740_993_u64),
            |_: &str| json!(true),
        ] {
            let decision = judge_json(|bundle| {
                let value = bundle.pointer_mut(place).unwrap();
                *value = edit(value.as_str().unwrap());
            });
            assert_malformed(&decision, "");
        }
    }
}

#[test]
fn a_key_stands_once_at_every_level() {
    let honest = honest_text();
    assert_accepted(&judge_text(honest.as_bytes()));
    for key in [
        "mediaType",
        "verificationMaterial",
        "certificate",
        "rawBytes",
        "tlogEntries",
        "logIndex",
        "keyId",
        "kind",
        "inclusionPromise",
        "signedEntryTimestamp",
        "rootHash",
        "checkpoint",
        "envelope",
        "dsseEnvelope",
        "payloadType",
        "payload",
        "signatures",
        "sig",
    ] {
        let member = format!("\"{key}\":");
        assert!(honest.contains(&member), "{key}");
        let plain = honest.replacen(&member, &format!("{member}null,{member}"), 1);
        assert_malformed(&judge_text(plain.as_bytes()), "duplicate key");
        let escaped = format!("\"\\u{:04x}{}\":", u32::from(key.as_bytes()[0]), &key[1..]);
        let twin = honest.replacen(&member, &format!("{escaped}null,{member}"), 1);
        assert_malformed(&judge_text(twin.as_bytes()), "duplicate key");
    }
}

#[test]
fn a_document_is_one_value_of_valid_utf_8() {
    let honest = honest_text();
    let pretty = format!("{:#}", serde_json::from_str::<Value>(&honest).unwrap());
    for good in [format!("{honest}\n"), format!(" \n\t{honest}\n\n"), pretty] {
        assert_accepted(&judge_text(good.as_bytes()));
    }
    let marked = [b"\xef\xbb\xbf", honest.as_bytes()].concat();
    let invalid = honest.replacen("\"mediaType\"", "\"mediaType\u{1}\"", 1);
    let mut bytes = honest.clone().into_bytes();
    *bytes.iter_mut().find(|byte| **byte == b'v').unwrap() = 0xff;
    for (bad, reason) in [
        (format!("{honest}x").into_bytes(), "trailing bytes"),
        (format!("{honest}{{}}").into_bytes(), "trailing bytes"),
        (format!("{honest} {honest}").into_bytes(), "trailing bytes"),
        (format!("{honest}\0").into_bytes(), "trailing bytes"),
        (format!("{honest}\r\n{honest}\r\n").into_bytes(), "carriage return"),
        (format!("{honest}\nx").into_bytes(), "line 2"),
        (marked, "byte order mark"),
        (invalid.into_bytes(), "control character"),
        (bytes, "UTF-8"),
        (honest.replacen("\"mediaType\"", "\"\\ud800mediaType\"", 1).into_bytes(), "surrogate"),
        (honest[..honest.len() - 1].to_owned().into_bytes(), "unexpected end"),
    ] {
        assert_malformed(&judge_text(&bad), reason);
    }
}

#[test]
fn nesting_has_a_limit() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let honest = honest_text();
    let member = "\"mediaType\":";
    let edited = honest.replacen(member, &format!("\"x\":{deep},{member}"), 1);
    assert_malformed(&judge_text(edited.as_bytes()), "nesting deeper than 64");
    assert_malformed(&judge_text(("{\"mediaType\":".to_owned() + &deep).as_bytes()), "nesting");

    // In the payload: statement, predicate, buildDefinition, externalParameters, then arrays.
    let nested = |levels: usize| {
        let scene = scene(BundleShape::V03RekorV1);
        let value = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        scene.stating("/predicate/buildDefinition/externalParameters/deep", value).judge()
    };
    assert_accepted(&nested(60));
    assert_rejected(&nested(61), ENVELOPE, "nesting deeper than 64", &layer_after(ENVELOPE));
}

#[test]
fn size_has_a_limit() {
    let mut bundle = honest_text().into_bytes();
    bundle.resize(MAX_BUNDLE_BYTES, b' ');
    assert_accepted(&judge_text(&bundle));
    bundle.push(b' ');
    assert_malformed(&judge_text(&bundle), "larger than 16 MiB");
}
