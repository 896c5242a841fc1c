//! Test support: a virtual Sigstore that makes any bundle at any time.
