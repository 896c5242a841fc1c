//! The certificate authority in Fulcio's place: root, intermediate, ten-minute leaves.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use x509_cert::certificate::Certificate;
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::certificate::{
    Body, CertificateExtension, CertificateProfile, Issuer, KeyPurpose, authority_extensions,
    encoded, extended_key_usage, leaf_extensions,
};
use crate::ct_log::CtLog;
use crate::identity::WorkflowIdentity;
use crate::instance::InstanceOptions;
use crate::key::{SignatureAlgorithm, SigningKey};
use crate::time::Validity;
use crate::trusted_root::authority_json;

const ROOT_NAME: &str = "CN=virtual-root,O=virtual.example";
const INTERMEDIATE_NAME: &str = "CN=virtual-intermediate,O=virtual.example";
/// How long a certificate of Fulcio lives.
const LEAF_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

pub(crate) struct CertificateAuthority {
    root: Certificate,
    intermediate: Certificate,
    intermediate_key: SigningKey,
}

impl CertificateAuthority {
    pub(crate) fn new(options: &InstanceOptions) -> Self {
        let root_key = SigningKey::generate(SignatureAlgorithm::EcdsaP384Sha384);
        let intermediate_key = SigningKey::generate(SignatureAlgorithm::EcdsaP384Sha384);
        let root_name = name(ROOT_NAME);
        let issuer = Issuer { name: &root_name, key: &root_key };
        let root = Body {
            subject: root_name.clone(),
            public_key: root_key.spki(),
            validity: options.root,
            extensions: authority_extensions(&root_key, &root_key, None),
        };
        let mut extensions = authority_extensions(&intermediate_key, &root_key, Some(0));
        extensions.extend(extended_key_usage(&[KeyPurpose::CodeSigning], false));
        let intermediate = Body {
            subject: name(INTERMEDIATE_NAME),
            public_key: intermediate_key.spki(),
            validity: options.intermediate,
            extensions,
        };
        Self {
            root: issuer.sign(issuer.to_be_signed(root)),
            intermediate: issuer.sign(issuer.to_be_signed(intermediate)),
            intermediate_key,
        }
    }

    /// The leaf certificate of `public_key` for `identity`, in DER.
    pub(crate) fn issue(
        &self,
        identity: &WorkflowIdentity,
        profile: &CertificateProfile,
        public_key: SubjectPublicKeyInfoOwned,
        time: Timestamp,
        ct_log: &CtLog,
    ) -> Vec<u8> {
        let issuer = Issuer { name: &name(INTERMEDIATE_NAME), key: &self.intermediate_key };
        let key = &self.intermediate_key;
        let mut extensions = leaf_extensions(&public_key, key, &profile.purposes, false);
        extensions.extend(identity.extensions());
        extensions.extend(profile.extra_extensions.iter().map(CertificateExtension::to_extension));
        let mut leaf = issuer.to_be_signed(Body {
            subject: Name::default(),
            public_key,
            validity: profile.validity.unwrap_or_else(|| leaf_validity(time)),
            extensions,
        });
        let promises = ct_log.sct_list(&leaf, &key.spki_der(), time, profile.sct_count);
        leaf.extensions.get_or_insert_default().extend(promises);
        encoded(&issuer.sign(leaf))
    }

    /// The intermediate and the root, in DER.
    pub(crate) fn chain(&self) -> [Vec<u8>; 2] {
        [encoded(&self.intermediate), encoded(&self.root)]
    }

    /// Entry of a trusted root's `certificateAuthorities`.
    pub(crate) fn to_json(&self, validity: Validity) -> Value {
        let subject = json!({ "organization": "virtual.example", "commonName": "virtual-root" });
        authority_json("https://fulcio.virtual.example", subject, &self.chain(), validity)
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::from_str(text).expect("names of authorities are well-formed")
}

fn leaf_validity(time: Timestamp) -> Validity {
    Validity { start: time, end: Some(time + LEAF_LIFETIME) }
}
