//! Rules for the evidence of a bundle that the signature library leaves open.

use provost_attestation::bundle::Bundle;
use sigstore_rekor::body::RekorEntryBody;
use sigstore_types::bundle::{
    TransparencyLogEntry, VerificationMaterial, VerificationMaterialContent,
};
use sigstore_types::{KindVersion, MediaType};
use std::collections::HashMap;
use std::hash::Hash;

/// Rules of the bundle's version that hold for *every* log entry. The library asks them of any.
pub(crate) fn check_structure(bundle: &Bundle) -> Result<(), String> {
    let material = &bundle.verification_material;
    for (index, entry) in material.tlog_entries.iter().enumerate() {
        let proven = entry.inclusion_proof.is_some();
        let promised = entry.inclusion_promise.is_some();
        let enough = match bundle.media_type() {
            MediaType::Bundle0_1 => promised,
            _ => proven,
        };
        if !enough {
            let lacks = match bundle.media_type() {
                MediaType::Bundle0_1 => "signed entry timestamp",
                _ => "inclusion proof",
            };
            let version = bundle.media_type();
            return Err(format!("{version}: log entry {index} has no {lacks}"));
        }
    }
    check_doubles(material)?;
    match &material.content {
        VerificationMaterialContent::X509CertificateChain { certificates }
            if certificates.is_empty() =>
        {
            Err("the certificate chain is empty".into())
        }
        _ => Ok(()),
    }
}

/// One witness is one witness, however often the bundle lists it. The library verifies a repeated
/// log entry or timestamp twice and counts two; sigstore-go refuses both, and so does this.
fn check_doubles(material: &VerificationMaterial) -> Result<(), String> {
    let entries = material.tlog_entries.iter();
    let bodies =
        entries.map(|entry| (entry.log_id.key_id.as_bytes(), entry.canonicalized_body.as_bytes()));
    if let Some((first, second)) = double(bodies) {
        return Err(format!("log entry {second} is log entry {first} again"));
    }
    let timestamps = material.timestamp_verification_data.rfc3161_timestamps.iter();
    match double(timestamps.map(|timestamp| timestamp.signed_timestamp.as_bytes())) {
        Some((first, second)) => Err(format!("timestamp {second} is timestamp {first} again")),
        None => Ok(()),
    }
}

/// The first thing that was there before, and where.
fn double<T: Hash + Eq>(things: impl Iterator<Item = T>) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    things.enumerate().find_map(|(index, thing)| Some((seen.insert(thing, index)?, index)))
}

/// Every `intoto` log entry must hold the certificate that the bundle shows, byte for byte.
///
/// The library compares the keys only, and a key may have two certificates: with another
/// identity's, the public log would tell of one signer and the bundle of another. For the other
/// kinds of entry it compares the certificates itself.
pub(crate) fn check_logged_certificates(bundle: &Bundle) -> Result<(), String> {
    let Some(certificate) = bundle.signing_certificate() else { return Ok(()) };
    for (index, entry) in bundle.verification_material.tlog_entries.iter().enumerate() {
        if entry.kind_version != KindVersion::IntotoV002 {
            continue;
        }
        if logged_certificate(entry)? != certificate.as_bytes() {
            return Err(format!("log entry {index} is of another certificate"));
        }
    }
    Ok(())
}

/// The certificate in DER that an `intoto` 0.0.2 entry holds.
fn logged_certificate(entry: &TransparencyLogEntry) -> Result<Vec<u8>, String> {
    let body = RekorEntryBody::parse(&entry.canonicalized_body, entry.kind_version)
        .map_err(|error| error.to_string())?;
    let RekorEntryBody::IntotoV002(body) = &body else {
        return Err("the log entry's body is of another kind than it says".into());
    };
    match body.spec.content.envelope.signatures.as_slice() {
        [signature] => match signature.parse_certificate() {
            Ok(certificate) => Ok(certificate.as_bytes().to_vec()),
            Err(error) => Err(format!("the log entry holds no certificate: {error}")),
        },
        other => Err(format!("the log entry has {} signatures, not one", other.len())),
    }
}
