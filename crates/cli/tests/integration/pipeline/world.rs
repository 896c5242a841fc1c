//! One repository on a fake GitHub, with its configuration in a folder.

use crate::program::Provost;
use provost_testkit::github::{
    Artifact, FakeGithub, Release, Repository, RepositoryHandle, Run, RunHandle, Token, Workflow,
};
use provost_testkit::statement::{actions_attest, subject};
use provost_testkit::{SigningRequest, VirtualSigstore, WorkflowIdentity};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The repository.
pub(crate) const REPOSITORY: &str = "example-org/app";
/// The commit that the tag v1.4.0 leads to.
pub(crate) const COMMIT: &str = "8f70009fde0c94ade6ce2a054b94718c819126ec";
/// A later commit on `main`.
pub(crate) const LATER: &str = "b94ade6ce2a08f7054b970009fde0c94718c8191";
/// The tag.
pub(crate) const TAG: &str = "v1.4.0";
/// The workflow that makes provenance.
pub(crate) const WORKFLOW: &str = ".github/workflows/slsa-provenance.yml";
/// The released file.
pub(crate) const NAME: &str = "app.txt";
/// Its bytes.
pub(crate) const BYTES: &[u8] = b"app 1.4.0\n";

/// A fake GitHub, a virtual Sigstore and a folder.
pub(crate) struct World {
    pub(crate) github: FakeGithub,
    pub(crate) repository: RepositoryHandle,
    pub(crate) sigstore: Arc<VirtualSigstore>,
    folder: TempDir,
    /// The job's own token, which may read and nothing else.
    pub(crate) reader: String,
    /// May start workflows and nothing else.
    pub(crate) dispatcher: String,
}

impl World {
    /// A repository with the tag v1.4.0 and a workflow whose runs make provenance.
    pub(crate) fn new() -> Self {
        Self::ending("success")
    }

    /// The same with runs that end so.
    pub(crate) fn ending(conclusion: &'static str) -> Self {
        let github = FakeGithub::start();
        let repository = github.add(Repository::new(REPOSITORY).ids(1_296_269, 9_919));
        repository.branch("main", LATER);
        repository.annotated_tag(TAG, COMMIT, "Version 1.4.0");
        for commit in [COMMIT, LATER] {
            repository.file(commit, WORKFLOW, b"on: workflow_dispatch");
        }
        let sigstore = Arc::new(VirtualSigstore::new());
        let reader = github.token(Token::of_job(
            REPOSITORY,
            &["contents:read", "actions:read", "attestations:read"],
        ));
        let dispatcher =
            github.token(Token::fine_grained("release-bot", &["actions:write"]).only(REPOSITORY));
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            github,
            repository,
            sigstore,
            reader,
            dispatcher,
        };
        world.repository.workflow(world.workflow(conclusion));
        world.write("root.json", world.sigstore.trusted_root_json());
        world.configure("");
        world
    }

    /// The provenance workflow; its run attests the file for the ref it runs on, and ends.
    fn workflow(&self, conclusion: &'static str) -> Workflow {
        let sigstore = Arc::clone(&self.sigstore);
        Workflow::new(WORKFLOW)
            .input("tag", true)
            .input("release_url", false)
            .input("dispatched_by_run", false)
            .run_name("provenance ${{ inputs.tag }} by ${{ inputs.dispatched_by_run }}")
            .on_run(move |run| {
                run.artifact(artifact(&attest(&sigstore, run.identity(), NAME, BYTES)));
                run.complete(conclusion);
            })
    }

    /// Writes `provost.toml`, with these lines at its end.
    pub(crate) fn configure(&self, more: &str) {
        self.configure_with("tag_binding = \"ref\"", more);
    }

    /// The same with another `tag_binding` line.
    pub(crate) fn configure_with(&self, binding: &str, more: &str) {
        let text = format!(
            r#"
[source]
repository = "github.com/{REPOSITORY}"
repository_id = 1296269
owner_id = 9919
{binding}

[policy]
min_level = 2
trusted_root = "root.json"

[[policy.builder]]
signer_workflow = "{REPOSITORY}/{WORKFLOW}"
refs = ["refs/tags/v*", "refs/heads/main"]

[github]
api_url = "{}"
download_hosts = ["127.0.0.1"]
{more}
"#,
            self.github.api_url()
        );
        self.write("provost.toml", text);
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// `provost …` in the folder, with the job's own token.
    pub(crate) fn provost<const N: usize>(&self, arguments: [&str; N]) -> Provost {
        Provost::new(arguments)
            .cwd(self.root())
            .env("GITHUB_TOKEN", &self.reader)
            .env("PROVOST_TEST_NO_PAUSE", "1")
    }

    /// `provost dispatch` of the tag, with both tokens.
    pub(crate) fn dispatch(&self) -> Provost {
        self.provost(["dispatch", "--tag", TAG])
            .env("PROVENANCE_DISPATCH_TOKEN", &self.dispatcher)
            .env("GITHUB_RUN_ID", "4711")
            .env("GITHUB_ACTOR", "octocat")
    }

    /// `provost gate` of the tag, online.
    pub(crate) fn gate(&self) -> Provost {
        self.provost(["gate", "--tag", TAG])
    }

    /// A published release of the tag with the file. Drafts are seen by writers alone.
    pub(crate) fn release(&self) -> Release {
        Release::new(TAG).asset(NAME, BYTES)
    }

    /// A run of the provenance workflow on the tag, with its provenance as an artifact.
    pub(crate) fn attested_run(&self) -> RunHandle {
        let run = self.run();
        run.artifact(artifact(&self.bundle(&run)));
        run
    }

    /// A successful run of the provenance workflow on the tag.
    pub(crate) fn run(&self) -> RunHandle {
        let git_ref = format!("refs/tags/{TAG}");
        self.repository.run(Run::new(WORKFLOW, &git_ref, COMMIT).event("workflow_dispatch"))
    }

    /// The bundle that the run attests the file with.
    pub(crate) fn bundle(&self, run: &RunHandle) -> String {
        attest(&self.sigstore, run.identity(), NAME, BYTES)
    }

    /// The manifest's only day.
    pub(crate) fn manifest(&self) -> serde_json::Value {
        let days = std::fs::read_dir(self.path("docs/reports")).unwrap();
        let days: Vec<_> = days.map(|day| day.unwrap().path().join("manifest.json")).collect();
        assert_eq!(days.len(), 1, "{days:?}");
        serde_json::from_slice(&std::fs::read(&days[0]).unwrap()).unwrap()
    }

    /// Whether anything stands in the manifest.
    pub(crate) fn has_manifest(&self) -> bool {
        self.path("docs/reports").exists()
    }
}

/// The artifact as the workflow uploads it.
pub(crate) fn artifact(bundle: &str) -> Artifact {
    let path = format!("artifacts/slsa/{TAG}/provenance-{TAG}.json");
    Artifact::of("provenance-v1.4.0", &[(&path, bundle.as_bytes())])
}

/// A bundle of `actions/attest` about one file.
pub(crate) fn attest(
    sigstore: &VirtualSigstore,
    identity: WorkflowIdentity,
    name: &str,
    bytes: &[u8],
) -> String {
    let statement = actions_attest(&identity, &[subject(name, bytes)]);
    let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - 60).unwrap();
    sigstore.sign(&SigningRequest::new(&statement, identity, &now.to_string())).bundle_json()
}
