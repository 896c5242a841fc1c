//! Test support: a virtual Sigstore that makes any bundle at any time, and a fake GitHub.
//!
//! [`VirtualSigstore`] is one private Sigstore instance: certificate authority, certificate
//! transparency log, two transparency logs (Rekor v1 and v2) and a timestamp authority, with a
//! trusted root that names them. It signs what a [`SigningRequest`] asks for, also nonsense: the
//! crate makes evidence and judges none. Every part of the answer ([`SignedAttestation`]) and of
//! the trusted root can be edited, so that a test changes exactly one thing.
//!
//! [`github::FakeGithub`] is a server that answers as GitHub's REST API and holds every request and
//! answer against GitHub's own description.
//!
//! Reading order: `instance`, `request`, `identity`, `attestation`, `statement`; then the
//! authorities `certificate_authority`, `ct_log`, `transparency_log`, `timestamp_authority`.
//!
//! ```
//! use provost_testkit::{BundleShape, SigningRequest, VirtualSigstore, WorkflowIdentity};
//! use provost_testkit::{WorkflowRun, statement};
//!
//! let sigstore = VirtualSigstore::new();
//! let identity = WorkflowIdentity::github_actions(WorkflowRun::example());
//! let statement = statement::actions_attest(&identity, &[statement::subject("a.txt", b"hello")]);
//! let request = SigningRequest::new(&statement, identity, "2026-03-01T12:00:00Z")
//!     .shape(BundleShape::V03RekorV1);
//! let bundle: String = sigstore.sign(&request).bundle_json();
//! let trusted_root: String = sigstore.trusted_root_json();
//! # assert!(bundle.contains("dsseEnvelope") && trusted_root.contains("tlogs"));
//! ```
//!
//! [`deno`] serves the Edge functions of `supabase/functions` with a real Deno.
//! [`postgres`] is a private PostgreSQL, also with Supabase's roles, and PgBouncer before it.
//!
//! Beside it stand [`hostile`], the values that every output must survive, and [`scripted_server`],
//! a far side that says what a test tells it to say.
//!
//! [`workflow::Hosted`] is a repository on that fake GitHub whose workflows really run.
//!
//! Nothing here is for production: failures inside the kit are panics that name their invariant.

mod attestation;
mod certificate;
mod certificate_authority;
mod ct_log;
pub mod deno;
pub mod github;
pub mod hostile;
mod identity;
mod instance;
mod key;
mod log_entry;
mod merkle_tree;
pub mod postgres;
mod request;
pub mod scripted_server;
pub mod statement;
mod time;
mod timestamp_authority;
mod transparency_log;
mod trusted_root;
pub mod workflow;

pub use attestation::{Envelope, EnvelopeSignature, KeyMaterial, SignedAttestation};
pub use certificate::{CertificateExtension, CertificateProfile, KeyPurpose};
pub use identity::{ExtensionEdit, ExtensionValue, SubjectName, WorkflowIdentity, WorkflowRun};
pub use instance::{InstanceOptions, VirtualSigstore};
pub use key::{ManagedKey, SignatureAlgorithm};
pub use log_entry::{EntryKind, InclusionProof, LogEntry};
pub use request::{BundleShape, SigningRequest};
pub use time::{Validity, instant};
