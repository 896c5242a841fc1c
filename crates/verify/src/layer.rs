//! The checks of the signature layer, in the order in which they run.
//!
//! The first failure ends the layer: what comes after it would rest on unproven bytes, so it stays
//! `not-run`.

use crate::check::{CheckId, CheckInfo};

/// `bundle-format`
pub const BUNDLE_FORMAT: CheckId = CheckId::new("bundle-format");
/// `envelope`
pub const ENVELOPE: CheckId = CheckId::new("envelope");
/// `timestamp`
pub const TIMESTAMP: CheckId = CheckId::new("timestamp");
/// `certificate-chain`
pub const CERTIFICATE_CHAIN: CheckId = CheckId::new("certificate-chain");
/// `certificate-transparency`
pub const CERTIFICATE_TRANSPARENCY: CheckId = CheckId::new("certificate-transparency");
/// `transparency-log`
pub const TRANSPARENCY_LOG: CheckId = CheckId::new("transparency-log");
/// `signature`
pub const SIGNATURE: CheckId = CheckId::new("signature");

/// What each check of the layer wants, as a report puts it beside what was found.
pub(crate) fn expected(id: CheckId) -> &'static str {
    match id {
        BUNDLE_FORMAT => "a Sigstore bundle that reads in one way only",
        ENVELOPE => "an in-toto statement in a DSSE envelope",
        TIMESTAMP => "a trusted time of signing",
        CERTIFICATE_CHAIN => "a certificate by an authority of the trusted root",
        CERTIFICATE_TRANSPARENCY => "a timestamp by a CT log of the trusted root",
        TRANSPARENCY_LOG => "this signature in a log of the trusted root",
        _ => "a signature by the signing key",
    }
}

/// All of them with their meaning, in the order in which they run.
pub const CHECKS: [CheckInfo; 7] = [
    CheckInfo {
        id: BUNDLE_FORMAT,
        question: "Is the file a Sigstore bundle that can be read in one way only?",
        meaning: "The bundle must be strict JSON (no duplicate keys, no trailing bytes, depth at \
            most 64, at most 16 MiB), of version 0.1, 0.2 or 0.3, without unknown members, with \
            canonical base64 and exactly one DSSE signature. Versions 0.2 and 0.3 must carry an \
            inclusion proof with every log entry; version 0.1 may carry a signed entry timestamp \
            instead. No log entry or timestamp may be listed twice. Two readers that read one file \
            differently are two verifiers with two verdicts.",
        mend: "Take the bundle as the signing tool wrote it, without editing or re-encoding it. A \
            plain DSSE file of old builders holds no log entry and cannot be decided offline.",
    },
    CheckInfo {
        id: ENVELOPE,
        question: "Does the DSSE envelope carry an in-toto statement?",
        meaning: "The payload type must be exactly `application/vnd.in-toto+json`, and the payload \
            a statement in strict JSON with at least one subject. The signature covers type and \
            payload together, so a statement signed under another type proves nothing.",
        mend: "Sign with a tool that makes in-toto attestations. If it does, the file was altered \
            after signing.",
    },
    CheckInfo {
        id: TIMESTAMP,
        question: "Is there a trusted time at which the signature existed?",
        meaning: "A signing certificate lives for minutes, so the signature needs a witness of \
            its time: the log's signed entry timestamp or an RFC 3161 timestamp of an authority \
            in the trusted root. Every timestamp that is present must verify, lie within its \
            authority's validity and not lie in the future of the clock in use. Unsigned times in \
            the bundle count for nothing.",
        mend: "If the clock of this machine is wrong, set it. Else the bundle lacks its time \
            evidence or was spliced together: fetch it again from where it was published.",
    },
    CheckInfo {
        id: CERTIFICATE_CHAIN,
        question: "Was the signing certificate issued by an authority of the trusted root?",
        meaning: "The certificate must lead to a certificate authority of the trusted root, be \
            valid together with its whole chain at every trusted time, allow code signing, and \
            carry well-formed Fulcio extensions and exactly one URI as its name. That it has \
            expired since is normal and no fault.",
        mend: "Use the trusted root of the Sigstore instance that signed (`--trusted-root`), and \
            a current one: an authority may be newer than the root built into this program.",
    },
    CheckInfo {
        id: CERTIFICATE_TRANSPARENCY,
        question: "Was the signing certificate published in a certificate transparency log?",
        meaning: "The certificate must embed a signed certificate timestamp by a log of the \
            trusted root, so that an authority cannot issue a certificate in secret. Skipped only \
            for a trusted root that knows no such log, such as GitHub's private instance.",
        mend: "Use the trusted root of the instance that signed. A certificate without the \
            timestamp from a public instance is a forgery or a misissue: report it.",
    },
    CheckInfo {
        id: TRANSPARENCY_LOG,
        question: "Is this very signature in a transparency log?",
        meaning: "Each log entry must be included under a checkpoint or entry timestamp signed by \
            a log of the trusted root, and must name this bundle's certificate, signature and \
            payload. A genuine entry of another signing is refused (CVE-2022-36056). Skipped only \
            for a trusted root that knows no log.",
        mend: "Fetch the bundle again. If it fails as published, its log entry belongs to another \
            signature: treat the release as not attested.",
    },
    CheckInfo {
        id: SIGNATURE,
        question: "Does the signature fit the payload and the signing key?",
        meaning: "The DSSE signature must verify over the exact payload bytes with the key of the \
            certificate (or the key given with `--key`). Everything a statement says is worth \
            nothing before this.",
        mend: "The payload, the signature or the certificate was changed after signing. Fetch the \
            bundle again; never edit one.",
    },
];
