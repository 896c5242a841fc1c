//! The timestamp authority (RFC 3161).

use cmpv2::status::{PkiStatus, PkiStatusInfo};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME};
use const_oid::db::rfc5912::ID_SHA_256;
use der::asn1::{Int, OctetString, SetOfVec};
use der::{Any, Encode, Sequence};
use jiff::Timestamp;
use serde_json::{Value, json};
use x509_cert::attr::Attribute;
use x509_cert::certificate::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_tsp::{Accuracy, MessageImprint, TimeStampResp, TspVersion, TstInfo};

use crate::certificate::{
    Body, Issuer, authority_extensions, encoded, leaf_extensions, random_serial,
};
use crate::certificate_authority::name;
use crate::instance::InstanceOptions;
use crate::key::{SigningKey, sha256};
use crate::time::{Validity, certificate_time, generalized_time};
use crate::trusted_root::authority_json;

const ROOT_NAME: &str = "CN=virtual-tsa-root,O=virtual.example";
const LEAF_NAME: &str = "CN=virtual-tsa,O=virtual.example";
/// `id-ct-TSTInfo` (RFC 3161 section 2.4.2).
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// `id-aa-signingCertificateV2` (RFC 5035 section 3).
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// Policy that Sigstore's authority states.
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.2");

pub(crate) struct TimestampAuthority {
    root: Certificate,
    leaf: Certificate,
    key: SigningKey,
}

/// `SigningCertificateV2` with the defaults of RFC 5035 (SHA-256, no policies).
#[derive(Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
}

/// `ESSCertIDv2` whose hash algorithm is the default.
#[derive(Sequence)]
struct EssCertIdV2 {
    cert_hash: OctetString,
}

impl TimestampAuthority {
    pub(crate) fn new(options: &InstanceOptions) -> Self {
        let root_key = SigningKey::generate(options.timestamp_algorithm);
        let key = SigningKey::generate(options.timestamp_algorithm);
        let root_name = name(ROOT_NAME);
        let issuer = Issuer { name: &root_name, key: &root_key };
        let root = Body {
            subject: root_name.clone(),
            public_key: root_key.spki(),
            validity: options.timestamp_root,
            extensions: authority_extensions(&root_key, &root_key, Some(0)),
        };
        let purposes = &options.timestamp_purposes;
        let leaf = Body {
            subject: name(LEAF_NAME),
            public_key: key.spki(),
            validity: options.timestamp_leaf,
            extensions: leaf_extensions(&key.spki(), &root_key, purposes, true),
        };
        Self {
            root: issuer.sign(issuer.to_be_signed(root)),
            leaf: issuer.sign(issuer.to_be_signed(leaf)),
            key,
        }
    }

    /// The granted response over `data` at `time` (whole seconds), in DER.
    pub(crate) fn confirm(&self, data: &[u8], time: Timestamp) -> Vec<u8> {
        let signed_data = self.signed_data(&encoded(&self.token_info(data, time)), time);
        encoded(&TimeStampResp {
            status: PkiStatusInfo {
                status: PkiStatus::Accepted,
                status_string: None,
                fail_info: None,
            },
            time_stamp_token: Some(ContentInfo {
                content_type: ID_SIGNED_DATA,
                content: any(&signed_data),
            }),
        })
    }

    /// Entry of a trusted root's `timestampAuthorities`.
    pub(crate) fn to_json(&self, validity: Validity) -> Value {
        let subject = json!({ "organization": "virtual.example", "commonName": "virtual-tsa" });
        let chain = [encoded(&self.leaf), encoded(&self.root)];
        authority_json("https://timestamp.virtual.example", subject, &chain, validity)
    }

    fn token_info(&self, data: &[u8], time: Timestamp) -> TstInfo {
        let serial = random_serial();
        TstInfo {
            version: TspVersion::V1,
            policy: POLICY,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifierOwned {
                    oid: ID_SHA_256,
                    parameters: Some(Any::null()),
                },
                hashed_message: octets(&sha256(data)),
            },
            serial_number: Int::new(serial.as_bytes()).expect("a serial number is an integer"),
            gen_time: generalized_time(time),
            accuracy: Some(Accuracy { seconds: Some(1), millis: None, micros: None }),
            ordering: false,
            nonce: None,
            tsa: None,
            extensions: None,
        }
    }

    fn signed_data(&self, token_info: &[u8], time: Timestamp) -> SignedData {
        let certificate = CertificateChoices::Certificate(self.leaf.clone());
        let content = EncapsulatedContentInfo {
            econtent_type: TST_INFO,
            econtent: Some(any(&octets(token_info))),
        };
        SignedData {
            version: CmsVersion::V3,
            digest_algorithms: set_of(vec![self.key.digest_algorithm()]),
            encap_content_info: content,
            certificates: Some(CertificateSet(set_of(vec![certificate]))),
            crls: None,
            signer_infos: SignerInfos(set_of(vec![self.signer_info(token_info, time)])),
        }
    }

    fn signer_info(&self, token_info: &[u8], time: Timestamp) -> SignerInfo {
        let attributes = set_of(vec![
            attribute(ID_CONTENT_TYPE, &TST_INFO),
            attribute(ID_SIGNING_TIME, &certificate_time(time)),
            attribute(ID_MESSAGE_DIGEST, &octets(&self.key.digest(token_info))),
            attribute(SIGNING_CERTIFICATE_V2, &self.signing_certificate()),
        ]);
        let identifier = IssuerAndSerialNumber {
            issuer: self.leaf.tbs_certificate.issuer.clone(),
            serial_number: self.leaf.tbs_certificate.serial_number.clone(),
        };
        SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(identifier),
            digest_alg: self.key.digest_algorithm(),
            signature_algorithm: self.key.signature_algorithm(),
            signature: octets(&self.key.sign(&encoded(&attributes))),
            signed_attrs: Some(attributes),
            unsigned_attrs: None,
        }
    }

    fn signing_certificate(&self) -> SigningCertificateV2 {
        let hash = sha256(&encoded(&self.leaf));
        SigningCertificateV2 { certs: vec![EssCertIdV2 { cert_hash: octets(&hash) }] }
    }
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> Attribute {
    Attribute { oid, values: set_of(vec![any(value)]) }
}

fn any(value: &impl Encode) -> Any {
    use der::Decode as _;
    Any::from_der(&encoded(value)).expect("an encoding decodes")
}

fn octets(bytes: &[u8]) -> OctetString {
    OctetString::new(bytes).expect("octets of the kit are short")
}

fn set_of<T: der::DerOrd>(members: Vec<T>) -> SetOfVec<T> {
    SetOfVec::try_from(members).expect("members of the kit differ")
}
