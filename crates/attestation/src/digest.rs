//! Artifact digests: the only thing that ties an artifact to a statement.

use std::fmt;
use std::str::FromStr;

/// A digest algorithm strong enough to identify an artifact.
///
/// Anything else that a statement may list (`sha1`, `md5`, `gitCommit` …) identifies nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl DigestAlgorithm {
    /// All of them, weakest first.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name that in-toto's DigestSet uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of a digest in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm of that in-toto name, if it is a strong one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One strong digest of an artifact. Shown as `sha256:<lower-case hex>`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArtifactDigest {
    algorithm: DigestAlgorithm,
    bytes: Vec<u8>,
}

impl ArtifactDigest {
    /// Takes the raw bytes of a digest; `None` when their number does not fit the algorithm.
    pub fn new(algorithm: DigestAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.length()).then(|| Self { algorithm, bytes: bytes.to_vec() })
    }

    /// Reads lower-case hex of exactly the algorithm's length; anything else is `None`, because a
    /// second spelling of a digest is a second chance to be misread.
    pub fn from_hex(algorithm: DigestAlgorithm, hex: &str) -> Option<Self> {
        if hex.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        Self::new(algorithm, &hex::decode(hex).ok()?)
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Its raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether `text` is this digest in lower-case hex, without the algorithm.
    pub fn is_hex(&self, text: &str) -> bool {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let pairs = text.as_bytes().chunks(2);
        text.len() == self.bytes.len() * 2
            && pairs.zip(&self.bytes).all(|(pair, byte)| {
                let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                pair == [DIGITS[high], DIGITS[low]]
            })
    }

    /// Its bytes as lower-case hex, without the algorithm.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.bytes)
    }
}

impl fmt::Display for ArtifactDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.to_hex())
    }
}

impl fmt::Debug for ArtifactDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no `sha256:HEX`, `sha384:HEX` or `sha512:HEX`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// No algorithm, or one that identifies no artifact.
    #[error("a digest starts with `sha256:`, `sha384:` or `sha512:`")]
    UnsupportedAlgorithm,
    /// Not lower-case hex of the right length.
    #[error("a {0} digest is {len} lower-case hex digits", len = .0.length() * 2)]
    InvalidHex(DigestAlgorithm),
}

impl FromStr for ArtifactDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let (name, hex) = text.split_once(':').ok_or(InvalidDigest::UnsupportedAlgorithm)?;
        let algorithm =
            DigestAlgorithm::from_name(name).ok_or(InvalidDigest::UnsupportedAlgorithm)?;
        Self::from_hex(algorithm, hex).ok_or(InvalidDigest::InvalidHex(algorithm))
    }
}

/// What is known of one artifact: its digests, at most one an algorithm, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArtifactDigests {
    digests: Vec<ArtifactDigest>,
}

impl ArtifactDigests {
    /// Starts with one digest.
    pub fn new(digest: ArtifactDigest) -> Self {
        Self { digests: vec![digest] }
    }

    /// Takes several digests of the same artifact; `None` for an empty list or a repeated algorithm.
    pub fn from_list(mut digests: Vec<ArtifactDigest>) -> Option<Self> {
        digests.sort();
        let repeated = digests.windows(2).any(|pair| pair[0].algorithm == pair[1].algorithm);
        (!digests.is_empty() && !repeated).then_some(Self { digests })
    }

    /// The digest of that algorithm, if it was computed or given.
    pub fn of(&self, algorithm: DigestAlgorithm) -> Option<&ArtifactDigest> {
        self.digests.iter().find(|digest| digest.algorithm == algorithm)
    }

    /// All of them, in the order of [`DigestAlgorithm::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &ArtifactDigest> {
        self.digests.iter()
    }
}

impl fmt::Display for ArtifactDigests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, digest) in self.digests.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn reads_one_spelling_only() {
        assert_eq!(
            format!("sha256:{HEX}").parse::<ArtifactDigest>().map(|digest| digest.to_hex()),
            Ok(HEX.to_owned())
        );
        for wrong in [
            HEX.to_owned(),
            format!("SHA256:{HEX}"),
            format!("sha256:{}", HEX.to_uppercase()),
            format!("sha256: {HEX}"),
            format!("sha512:{HEX}"),
            format!("sha1:{}", &HEX[..40]),
            "sha256:".to_owned(),
            format!("sha256:{}", &HEX[..62]),
        ] {
            assert!(wrong.parse::<ArtifactDigest>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_digest_is_recognised_in_one_spelling() {
        let digest: ArtifactDigest = format!("sha256:{HEX}").parse().expect("digest");
        assert!(digest.is_hex(HEX));
        let other_last = format!("{}9", &HEX[..63]);
        for wrong in ["", &HEX[..62], &HEX.to_uppercase(), &format!("{HEX}00"), &other_last] {
            assert!(!digest.is_hex(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_list_is_neither_empty_nor_ambiguous() {
        let digest: ArtifactDigest = format!("sha256:{HEX}").parse().expect("digest");
        assert!(ArtifactDigests::from_list(vec![]).is_none());
        assert!(ArtifactDigests::from_list(vec![digest.clone(), digest.clone()]).is_none());
        assert!(ArtifactDigests::from_list(vec![digest]).is_some());
    }
}
