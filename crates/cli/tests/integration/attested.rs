//! A file and its bundle, signed as a test wants it by a virtual Sigstore.

use crate::program::Provost;
use provost_testkit::{SigningRequest, VirtualSigstore, WorkflowIdentity, WorkflowRun, statement};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Bytes of the artifact.
pub(crate) const BYTES: &[u8] = b"app 1.2.3\n";
/// When everything is signed unless a test says otherwise.
pub(crate) const SIGNED_AT: &str = "2026-03-01T12:00:00Z";
/// Commit of the signing workflow.
pub(crate) const BUILDER_COMMIT: &str = "1b2d77aa01c4f0e8c2f7f0b7c9a0f9bd3b6f1e52";

/// A folder with an artifact, its bundle and the trusted root.
pub(crate) struct Attested {
    pub(crate) folder: TempDir,
    pub(crate) sigstore: VirtualSigstore,
}

/// Who signs by default: a reusable workflow at a tag, for a run at the tag v1.2.3.
pub(crate) fn identity() -> WorkflowIdentity {
    identity_of(WorkflowRun::example())
}

/// The same for another run.
pub(crate) fn identity_of(run: WorkflowRun) -> WorkflowIdentity {
    WorkflowIdentity::github_actions(run).reusable(
        "example-org/builders/.github/workflows/build.yml",
        "refs/tags/v2.1.0",
        BUILDER_COMMIT,
    )
}

/// The statement of `actions/attest` about `app.txt`.
pub(crate) fn statement_of(identity: &WorkflowIdentity) -> Value {
    statement::actions_attest(identity, &[statement::subject("app.txt", BYTES)])
}

impl Attested {
    /// Signed by [`identity`].
    pub(crate) fn new() -> Self {
        Self::by(identity())
    }

    /// Signed by this identity, with the statement that goes with it.
    pub(crate) fn by(identity: WorkflowIdentity) -> Self {
        let statement = statement_of(&identity);
        Self::request(&SigningRequest::new(&statement, identity, SIGNED_AT))
    }

    /// Signed as requested.
    pub(crate) fn request(request: &SigningRequest) -> Self {
        let attested =
            Self { folder: tempfile::tempdir().unwrap(), sigstore: VirtualSigstore::new() };
        attested.write("app.txt", BYTES);
        attested.write("root.json", attested.sigstore.trusted_root_json());
        attested.write("app.json", attested.sigstore.sign(request).bundle_json());
        attested
    }

    /// Its folder.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file in its folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// `provost verify` with what every acceptance here needs; the builder is not named.
    pub(crate) fn verify_any_builder<const N: usize>(&self, artifacts: [&str; N]) -> Provost {
        Provost::new(["verify"])
            .args(artifacts)
            .args(["--bundle", "app.json", "--trusted-root", "root.json"])
            .args(["--source-uri", "github.com/example-org/artifact"])
            .cwd(self.root())
    }

    /// The same with the builder.
    pub(crate) fn verify<const N: usize>(&self, artifacts: [&str; N]) -> Provost {
        self.verify_any_builder(artifacts)
            .args(["--signer-workflow", "example-org/builders/.github/workflows/build.yml"])
    }
}
