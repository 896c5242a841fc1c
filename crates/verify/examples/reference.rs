//! The reference of the benchmarks: a program that checks nothing but the signature.
//!
//! `reference BUNDLE ARTIFACT`; exit code 0 when `sigstore-verify` accepts.

use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_types::Bundle;
use sigstore_verify::{VerificationPolicy, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(bundle), Some(artifact)) = (arguments.next(), arguments.next()) else {
        return Err("reference BUNDLE ARTIFACT".into());
    };
    let bundle = Bundle::from_json(&std::fs::read_to_string(bundle)?)?;
    let root = TrustedRoot::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT)?;
    let policy = VerificationPolicy::any_identity();
    Verifier::new(&root)?.verify_reader(std::fs::File::open(artifact)?, &bundle, &policy)?;
    Ok(())
}
