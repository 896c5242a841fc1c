//! The pieces of a trusted root file
//! (`application/vnd.dev.sigstore.trustedroot+json;version=0.1`, protobuf-specs).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::key::SigningKey;
use crate::time::Validity;

/// Entry of `tlogs` or `ctlogs`.
pub(crate) fn log_json(
    base_url: &str,
    key: &SigningKey,
    log_id: &[u8],
    validity: Validity,
) -> Value {
    json!({
        "baseUrl": base_url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": BASE64_STANDARD.encode(key.spki_der()),
            "keyDetails": key.key_details(),
            "validFor": validity.to_json(),
        },
        "logId": { "keyId": BASE64_STANDARD.encode(log_id) },
    })
}

/// Entry of `certificateAuthorities` or `timestampAuthorities`; the chain starts at the leaf.
pub(crate) fn authority_json(
    uri: &str,
    subject: Value,
    chain: &[Vec<u8>],
    validity: Validity,
) -> Value {
    let certificates: Vec<_> =
        chain.iter().map(|der| json!({ "rawBytes": BASE64_STANDARD.encode(der) })).collect();
    json!({
        "subject": subject,
        "uri": uri,
        "certChain": { "certificates": certificates },
        "validFor": validity.to_json(),
    })
}
