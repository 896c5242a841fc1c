//! X.509 certificates: what a leaf may look like, and the one place where a body gets signed.

use aws_lc_rs::rand;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_KP_CODE_SIGNING, ID_KP_SERVER_AUTH, ID_KP_TIME_STAMPING};
use const_oid::db::rfc5912::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE,
    ID_CE_SUBJECT_KEY_IDENTIFIER,
};
use der::Encode;
use der::asn1::{BitString, OctetString};
use der::flagset::FlagSet;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::key::{SigningKey, sha256};
use crate::time::Validity;

/// Everything about a leaf certificate that is not the workflow's identity.
///
/// The default is what Fulcio issues: ten minutes from the signing time, code signing, one SCT.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateProfile {
    /// Validity; `None` is ten minutes from the signing time.
    pub validity: Option<Validity>,
    /// Extended key usages; empty leaves the extension out.
    pub purposes: Vec<KeyPurpose>,
    /// How many SCTs of the instance's log are embedded; 0 leaves the extension out.
    pub sct_count: usize,
    /// Extensions appended as they are, after Fulcio's.
    pub extra_extensions: Vec<CertificateExtension>,
}

impl Default for CertificateProfile {
    fn default() -> Self {
        Self {
            validity: None,
            purposes: vec![KeyPurpose::CodeSigning],
            sct_count: 1,
            extra_extensions: Vec::new(),
        }
    }
}

/// An extended key usage (RFC 5280 section 4.2.1.12).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyPurpose {
    /// `id-kp-codeSigning`.
    CodeSigning,
    /// `id-kp-serverAuth`.
    ServerAuth,
    /// `id-kp-timeStamping`.
    TimeStamping,
}

impl KeyPurpose {
    fn oid(self) -> ObjectIdentifier {
        match self {
            Self::CodeSigning => ID_KP_CODE_SIGNING,
            Self::ServerAuth => ID_KP_SERVER_AUTH,
            Self::TimeStamping => ID_KP_TIME_STAMPING,
        }
    }
}

/// One extension by number and bytes, for what the kit has no word for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateExtension {
    /// Dotted object identifier.
    pub oid: String,
    /// Whether a verifier that does not know the extension must refuse.
    pub critical: bool,
    /// The bytes inside the `OCTET STRING`.
    pub value: Vec<u8>,
}

impl CertificateExtension {
    pub(crate) fn to_extension(&self) -> Extension {
        let oid = ObjectIdentifier::new(&self.oid).expect("the object identifier is dotted");
        extension_of_bytes(oid, self.critical, &self.value)
    }
}

/// A certificate before its signature.
pub(crate) struct Body {
    pub(crate) subject: Name,
    pub(crate) public_key: SubjectPublicKeyInfoOwned,
    pub(crate) validity: Validity,
    pub(crate) extensions: Vec<Extension>,
}

/// Who signs: name and key. A root signs itself.
pub(crate) struct Issuer<'a> {
    pub(crate) name: &'a Name,
    pub(crate) key: &'a SigningKey,
}

impl Issuer<'_> {
    /// The to-be-signed part, so that a CT log can sign it before the issuer does.
    pub(crate) fn to_be_signed(&self, body: Body) -> TbsCertificate {
        TbsCertificate {
            version: Version::V3,
            serial_number: random_serial(),
            signature: self.key.signature_algorithm(),
            issuer: self.name.clone(),
            validity: body.validity.to_certificate(),
            subject: body.subject,
            subject_public_key_info: body.public_key,
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: Some(body.extensions),
        }
    }

    /// The certificate.
    pub(crate) fn sign(&self, tbs_certificate: TbsCertificate) -> Certificate {
        let signature = self.key.sign(&encoded(&tbs_certificate));
        Certificate {
            tbs_certificate,
            signature_algorithm: self.key.signature_algorithm(),
            signature: BitString::from_bytes(&signature).expect("a signature is short"),
        }
    }
}

/// The extensions of a certificate that may issue others, `below` levels deep.
pub(crate) fn authority_extensions(
    key: &SigningKey,
    issuer: &SigningKey,
    below: Option<u8>,
) -> Vec<Extension> {
    let constraints = BasicConstraints { ca: true, path_len_constraint: below };
    let mut extensions = vec![
        key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
        extension(ID_CE_BASIC_CONSTRAINTS, true, &constraints),
    ];
    extensions.extend(key_identifiers(&key.spki(), issuer));
    extensions
}

/// The extensions of a certificate that signs data for `purposes`.
pub(crate) fn leaf_extensions(
    public_key: &SubjectPublicKeyInfoOwned,
    issuer: &SigningKey,
    purposes: &[KeyPurpose],
    purposes_critical: bool,
) -> Vec<Extension> {
    let mut extensions = vec![key_usage(KeyUsages::DigitalSignature.into())];
    extensions.extend(extended_key_usage(purposes, purposes_critical));
    extensions.extend(key_identifiers(public_key, issuer));
    extensions
}

/// The extension that names `purposes`; none for an empty list, which X.509 cannot say.
pub(crate) fn extended_key_usage(purposes: &[KeyPurpose], critical: bool) -> Option<Extension> {
    let usage = ExtendedKeyUsage(purposes.iter().map(|purpose| purpose.oid()).collect());
    (!purposes.is_empty()).then(|| extension(ID_CE_EXT_KEY_USAGE, critical, &usage))
}

/// An extension holding the DER of `value`.
pub(crate) fn extension(oid: ObjectIdentifier, critical: bool, value: &impl Encode) -> Extension {
    extension_of_bytes(oid, critical, &encoded(value))
}

/// An extension holding `value` as it is, DER or not.
pub(crate) fn extension_of_bytes(oid: ObjectIdentifier, critical: bool, value: &[u8]) -> Extension {
    let extn_value = OctetString::new(value).expect("an extension is short");
    Extension { extn_id: oid, critical, extn_value }
}

/// DER of a value that the kit built itself.
pub(crate) fn encoded(value: &impl Encode) -> Vec<u8> {
    value.to_der().expect("values of the kit have an encoding")
}

/// 20 random bytes, positive (RFC 5280 section 4.1.2.2).
pub(crate) fn random_serial() -> SerialNumber {
    let mut bytes = [0; 20];
    rand::fill(&mut bytes).expect("the random source works");
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::new(&bytes).expect("20 bytes are allowed")
}

fn key_usage(usages: FlagSet<KeyUsages>) -> Extension {
    extension(ID_CE_KEY_USAGE, true, &KeyUsage(usages))
}

fn key_identifiers(public_key: &SubjectPublicKeyInfoOwned, issuer: &SigningKey) -> [Extension; 2] {
    let subject = SubjectKeyIdentifier(key_identifier(public_key));
    let authority = AuthorityKeyIdentifier {
        key_identifier: Some(key_identifier(&issuer.spki())),
        ..AuthorityKeyIdentifier::default()
    };
    [
        extension(ID_CE_SUBJECT_KEY_IDENTIFIER, false, &subject),
        extension(ID_CE_AUTHORITY_KEY_IDENTIFIER, false, &authority),
    ]
}

/// RFC 7093 section 2 method 1: the first 160 bits of SHA-256 over the key bits.
fn key_identifier(public_key: &SubjectPublicKeyInfoOwned) -> OctetString {
    let digest = sha256(public_key.subject_public_key.raw_bytes());
    OctetString::new(&digest[..20]).expect("20 bytes fit")
}
