//! Signing keys: the authorities', a signer's ephemeral one, and a managed one.

use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_SHA_256, ID_SHA_384};
use const_oid::db::rfc8410::ID_ED_25519;
use der::pem::{self, LineEnding};
use x509_cert::der::Decode;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// Key type and hash, as one choice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384Sha384,
    /// Ed25519, which hashes by itself.
    Ed25519,
}

/// A private key with the algorithm it signs by.
pub(crate) struct SigningKey {
    algorithm: SignatureAlgorithm,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// A fresh random key.
    pub(crate) fn generate(algorithm: SignatureAlgorithm) -> Self {
        let ecdsa = |scheme| EcdsaKeyPair::generate(scheme).expect("the random source works");
        let pair = match algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => {
                Pair::Ecdsa(ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING))
            }
            SignatureAlgorithm::EcdsaP384Sha384 => {
                Pair::Ecdsa(ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING))
            }
            SignatureAlgorithm::Ed25519 => {
                Pair::Ed25519(Ed25519KeyPair::generate().expect("the random source works"))
            }
        };
        Self { algorithm, pair }
    }

    /// The signature over `message`: ASN.1 DER for ECDSA, 64 bytes for Ed25519.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.expect("a generated key signs").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The hash that goes with the key; SHA-256 for Ed25519, where a separate hash is wanted.
    pub(crate) fn digest(&self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self.algorithm {
            SignatureAlgorithm::EcdsaP384Sha384 => &SHA384,
            _ => &SHA256,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }

    /// Object identifier of [`Self::digest`].
    pub(crate) fn digest_algorithm(&self) -> AlgorithmIdentifierOwned {
        without_parameters(match self.algorithm {
            SignatureAlgorithm::EcdsaP384Sha384 => ID_SHA_384,
            _ => ID_SHA_256,
        })
    }

    /// How X.509 and CMS name the signatures of this key (RFC 5758 section 3.2, RFC 8410).
    pub(crate) fn signature_algorithm(&self) -> AlgorithmIdentifierOwned {
        without_parameters(match self.algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => ECDSA_WITH_SHA_256,
            SignatureAlgorithm::EcdsaP384Sha384 => ECDSA_WITH_SHA_384,
            SignatureAlgorithm::Ed25519 => ID_ED_25519,
        })
    }

    /// How Sigstore's protobuf enum `PublicKeyDetails` names the key.
    pub(crate) fn key_details(&self) -> &'static str {
        match self.algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => "PKIX_ECDSA_P256_SHA_256",
            SignatureAlgorithm::EcdsaP384Sha384 => "PKIX_ECDSA_P384_SHA_384",
            SignatureAlgorithm::Ed25519 => "PKIX_ED25519",
        }
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    pub(crate) fn spki_der(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'_>, _> = match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_der(),
            Pair::Ed25519(pair) => pair.public_key().as_der(),
        };
        der.expect("a generated key has an encoding").as_ref().to_vec()
    }

    /// [`Self::spki_der`] as a value that a certificate can hold.
    pub(crate) fn spki(&self) -> SubjectPublicKeyInfoOwned {
        SubjectPublicKeyInfoOwned::from_der(&self.spki_der()).expect("the encoding is DER")
    }

    /// The public key as PEM with a final newline.
    pub(crate) fn public_key_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki_der())
    }

    /// The bare public key bytes, without algorithm.
    pub(crate) fn raw_public_key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }
}

/// A long-lived key kept by its owner, known to verifiers by a hint instead of a certificate.
#[derive(Clone)]
pub struct ManagedKey {
    pub(crate) key: Arc<SigningKey>,
    /// What the bundle calls the key (`publicKey.hint`, also the envelope's `keyid`).
    pub hint: String,
}

impl ManagedKey {
    /// A fresh key of the given algorithm under the name `hint`.
    pub fn generate(algorithm: SignatureAlgorithm, hint: impl Into<String>) -> Self {
        Self { key: Arc::new(SigningKey::generate(algorithm)), hint: hint.into() }
    }

    /// The public key as PEM `PUBLIC KEY` with a final newline.
    pub fn public_key_pem(&self) -> String {
        self.key.public_key_pem()
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    pub fn public_key_der(&self) -> Vec<u8> {
        self.key.spki_der()
    }
}

/// SHA-256 of `data`, 32 bytes.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&SHA256, data);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// SHA-512 of `data`, 64 bytes.
pub(crate) fn sha512(data: &[u8]) -> Vec<u8> {
    digest::digest(&SHA512, data).as_ref().to_vec()
}

/// `der` as PEM with 64-column lines and a final newline.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    pem::encode_string(label, LineEnding::LF, der).expect("the label is valid")
}

fn without_parameters(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}
