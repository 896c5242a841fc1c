//! The exact shape of a Sigstore bundle: no unknown member, one spelling of every value.
//!
//! `sigstore_types::Bundle` reads leniently, as protobuf's JSON mapping asks: unknown members are
//! skipped and base64 may be URL-safe or unpadded. A verifier that records which bytes it judged
//! wants one form, so this refuses the others before the lenient parser runs.
//! Source: sigstore/protobuf-specs, `sigstore_bundle.proto`.

use crate::json::JsonProblem;
use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny};
use sigstore_types::{Bundle, SignatureContent};
use std::borrow::Cow;

/// Why a document is no acceptable bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleFault {
    /// Not strict JSON.
    #[error("not strict JSON: {0}")]
    Json(#[from] JsonProblem),
    /// Lines end with CR LF.
    #[error("lines end with a carriage return; JSON lines end with a line feed alone")]
    CarriageReturn,
    /// Neither a bundle nor any other attestation that is known here.
    #[error("neither a Sigstore bundle nor any other known attestation")]
    UnknownDocument,
    /// A bundle whose members are not those of the specification.
    #[error("malformed Sigstore bundle: {0}")]
    Shape(String),
    /// A bundle around a plain signature instead of a DSSE envelope.
    #[error("the bundle holds a message signature and no attestation")]
    NoAttestation,
}

/// Whether the document means to be a bundle, by the members that only a bundle has.
pub(super) fn is_bundle(text: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Probe {
        media_type: Option<IgnoredAny>,
        verification_material: Option<IgnoredAny>,
        dsse_envelope: Option<IgnoredAny>,
    }
    serde_json::from_str::<Probe>(text).is_ok_and(|probe| {
        probe.verification_material.is_some()
            || (probe.media_type.is_some() && probe.dsse_envelope.is_some())
    })
}

/// Parses a bundle whose text was scanned before.
pub(super) fn parse(text: &str) -> Result<Bundle, BundleFault> {
    let shape = |error: String| BundleFault::Shape(error);
    let wire: WireBundle<'_> =
        serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
    if wire._message_signature.is_some() {
        return Err(BundleFault::NoAttestation);
    }
    let material = &wire.material;
    let members =
        [material.certificate.is_some(), material.chain.is_some(), material.public_key.is_some()];
    if members.into_iter().filter(|is_there| *is_there).count() != 1 {
        let names = "`certificate`, `x509CertificateChain` and `publicKey`";
        return Err(shape(format!("verificationMaterial must hold exactly one of {names}")));
    }
    let bundle = Bundle::from_json(text).map_err(|error| shape(error.to_string()))?;
    match &bundle.content {
        SignatureContent::DsseEnvelope(_) => Ok(bundle),
        _ => Err(BundleFault::NoAttestation),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireBundle<'a> {
    #[serde(rename = "mediaType")]
    _media_type: IgnoredAny,
    #[serde(rename = "verificationMaterial", borrow)]
    material: Material<'a>,
    #[serde(rename = "dsseEnvelope", borrow)]
    _envelope: Option<Envelope<'a>>,
    _message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material<'a> {
    #[serde(borrow)]
    certificate: Option<Certificate<'a>>,
    #[serde(rename = "x509CertificateChain", borrow)]
    chain: Option<Chain<'a>>,
    public_key: Option<PublicKey>,
    #[serde(rename = "tlogEntries", borrow)]
    _entries: Option<Vec<LogEntry<'a>>>,
    #[serde(rename = "timestampVerificationData", borrow)]
    _timestamps: Option<Timestamps<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Certificate<'a> {
    #[serde(rename = "rawBytes", borrow)]
    _raw_bytes: Base64<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain<'a> {
    #[serde(rename = "certificates", borrow)]
    _certificates: Vec<Certificate<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    #[serde(rename = "hint")]
    _hint: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogEntry<'a> {
    #[serde(rename = "logIndex", borrow)]
    _log_index: Option<Int64<'a>>,
    #[serde(rename = "logId", borrow)]
    _log_id: LogId<'a>,
    #[serde(rename = "kindVersion")]
    _kind_version: KindVersion,
    #[serde(rename = "integratedTime", borrow)]
    _integrated_time: Option<Int64<'a>>,
    #[serde(rename = "inclusionPromise", borrow)]
    _promise: Option<Promise<'a>>,
    #[serde(rename = "inclusionProof", borrow)]
    _proof: Option<Proof<'a>>,
    #[serde(rename = "canonicalizedBody", borrow)]
    _body: Base64<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogId<'a> {
    #[serde(rename = "keyId", borrow)]
    _key_id: Base64<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindVersion {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "version")]
    _version: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise<'a> {
    #[serde(rename = "signedEntryTimestamp", borrow)]
    _set: Base64<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof<'a> {
    #[serde(rename = "logIndex", borrow)]
    _log_index: Option<Int64<'a>>,
    #[serde(rename = "rootHash", borrow)]
    _root_hash: Base64<'a>,
    #[serde(rename = "treeSize", borrow)]
    _tree_size: Int64<'a>,
    #[serde(rename = "hashes", borrow)]
    _hashes: Option<Vec<Base64<'a>>>,
    #[serde(rename = "checkpoint")]
    _checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    #[serde(rename = "envelope")]
    _envelope: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timestamps<'a> {
    #[serde(rename = "rfc3161Timestamps", borrow)]
    _timestamps: Option<Vec<Timestamp<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timestamp<'a> {
    #[serde(rename = "signedTimestamp", borrow)]
    _signed_timestamp: Base64<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(rename = "payloadType")]
    _payload_type: IgnoredAny,
    #[serde(rename = "payload", borrow)]
    _payload: Base64<'a>,
    #[serde(rename = "signatures", borrow)]
    _signatures: Vec<Signature<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature<'a> {
    #[serde(rename = "sig", borrow)]
    _sig: Base64<'a>,
    #[serde(rename = "keyid")]
    _key_id: Option<IgnoredAny>,
}

/// Standard base64 with padding. The lenient parser decodes it afterwards and refuses foreign
/// letters and stray trailing bits; what it would forgive is forbidden here.
struct Base64<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Deserialize<'de> for Base64<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = BorrowedText::deserialize(deserializer)?.0;
        if text.is_empty() {
            return Err(D::Error::custom("empty base64"));
        }
        // 64 hex digits are also base64; the lenient parser would take them for a hash.
        let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !text.len().is_multiple_of(4) || hex || text.contains(['-', '_']) {
            return Err(D::Error::custom("base64 must be of the standard alphabet and padded"));
        }
        Ok(Self(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct BorrowedText<'a>(#[serde(borrow)] Cow<'a, str>);

/// An int64 of protobuf's JSON: decimal digits in a string, or a JSON integer. Never negative in
/// a bundle.
struct Int64<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Deserialize<'de> for Int64<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire<'a> {
            Number(i64),
            Text(#[serde(borrow)] Cow<'a, str>),
        }
        let canonical = match Wire::deserialize(deserializer)? {
            Wire::Number(number) => number >= 0,
            Wire::Text(text) => {
                text.parse::<i64>().is_ok_and(|number| number >= 0 && number.to_string() == *text)
            }
        };
        if !canonical {
            return Err(D::Error::custom("expected a non-negative 64-bit integer in decimal"));
        }
        Ok(Self(std::marker::PhantomData))
    }
}
