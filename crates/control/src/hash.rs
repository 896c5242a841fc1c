//! Hashing artifacts: one pass over the file, whatever its size, in constant memory.

use aws_lc_rs::digest::{Context, SHA256, SHA384, SHA512, digest};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Small enough to stay in the cache of a core and to be had without asking the system for pages.
const BUFFER_BYTES: usize = 64 << 10;

/// Computes the digests of a file with the given algorithms (SHA-256 when none is given).
///
/// The file is opened once and read to its end from that descriptor, so that what is hashed is one
/// file, whatever happens to its name meanwhile.
///
/// # Errors
/// What the system says; a directory is an error of kind `IsADirectory`.
pub fn hash_file(
    path: &Path,
    algorithms: &BTreeSet<DigestAlgorithm>,
) -> std::io::Result<ArtifactDigests> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let mut contexts: Vec<(DigestAlgorithm, Context)> = match algorithms.is_empty() {
        true => vec![context(DigestAlgorithm::Sha256)],
        false => algorithms.iter().map(|algorithm| context(*algorithm)).collect(),
    };
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        for (_, context) in &mut contexts {
            context.update(&buffer[..length]);
        }
    }
    let digests = contexts
        .into_iter()
        .filter_map(|(algorithm, context)| {
            ArtifactDigest::new(algorithm, context.finish().as_ref())
        })
        .collect();
    ArtifactDigests::from_list(digests).ok_or_else(|| std::io::Error::other("no digest computed"))
}

fn context(algorithm: DigestAlgorithm) -> (DigestAlgorithm, Context) {
    let implementation = match algorithm {
        DigestAlgorithm::Sha256 => &SHA256,
        DigestAlgorithm::Sha384 => &SHA384,
        DigestAlgorithm::Sha512 => &SHA512,
    };
    (algorithm, Context::new(implementation))
}

/// SHA-256 of bytes, as lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_gives_all_digests() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"test").expect("write");
        let all: BTreeSet<_> = DigestAlgorithm::ALL.into_iter().collect();
        let digests = hash_file(&path, &all).expect("digests");
        assert_eq!(digests.iter().count(), 3);
        let sha256 = digests.of(DigestAlgorithm::Sha256).map(ArtifactDigest::to_hex);
        assert_eq!(sha256.as_deref(), Some(sha256_hex(b"test").as_str()));
        assert_eq!(
            sha256.as_deref(),
            Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        );
        let default = hash_file(&path, &BTreeSet::new()).expect("digests");
        assert_eq!(default.iter().count(), 1);
        assert!(hash_file(folder.path(), &BTreeSet::new()).is_err());
        assert!(hash_file(&folder.path().join("none"), &BTreeSet::new()).is_err());
    }
}
