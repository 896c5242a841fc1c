//! The formats of the field: digest, DSSE envelope, in-toto statement, SLSA provenance, VSA and Sigstore bundle.
