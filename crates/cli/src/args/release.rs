//! Arguments of `verify` and `gate`.

use super::EXIT_CODES;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost verify app.tar.gz --bundle app.tar.gz.sigstore.json \\
      --source-uri github.com/acme/app --source-tag v1.2.3",
    after_help = EXIT_CODES
)]
pub(crate) struct VerifyArgs {
    /// Files, or digests as sha256:HEX or sha512:HEX
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifacts: Vec<String>,
    /// Bundle file, or a folder of bundles; may be repeated
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) bundle: Vec<PathBuf>,

    /// Repository it must be built from, such as github.com/OWNER/REPO
    #[arg(long, value_name = "URI", help_heading = "Source")]
    pub(crate) source_uri: Option<String>,
    /// Accept any source repository
    #[arg(long, help_heading = "Source", conflicts_with = "source_uri")]
    pub(crate) unsafe_any_source: bool,
    /// Tag it must be built from
    #[arg(long, value_name = "TAG", help_heading = "Source")]
    pub(crate) source_tag: Option<String>,
    /// Version line its tag must be of: v1, v1.2 or v1.2.3
    #[arg(long, value_name = "V", help_heading = "Source", conflicts_with = "source_tag")]
    pub(crate) source_versioned_tag: Option<String>,
    /// Branch it must be built from
    #[arg(long, value_name = "BRANCH", help_heading = "Source")]
    pub(crate) source_branch: Option<String>,
    /// Commit it must be built from
    #[arg(long, value_name = "SHA", help_heading = "Source")]
    pub(crate) source_digest: Option<String>,

    /// Builder that must have built it, as ID or ID@REF
    #[arg(long, value_name = "ID[@REF]", help_heading = "Builder")]
    pub(crate) builder_id: Option<String>,
    /// Workflow that must have signed it, as OWNER/REPO/.github/workflows/x.yml
    #[arg(long, value_name = "WORKFLOW", help_heading = "Builder")]
    pub(crate) signer_workflow: Option<String>,
    /// Commit of the signing workflow
    #[arg(long, value_name = "SHA", help_heading = "Builder")]
    pub(crate) signer_digest: Option<String>,
    /// Input that the dispatched run must have had; may be repeated
    #[arg(long, value_name = "K=V", help_heading = "Builder")]
    pub(crate) build_workflow_input: Vec<String>,
    /// Refuse builds on self-hosted runners
    #[arg(long, help_heading = "Builder")]
    pub(crate) deny_self_hosted_runners: bool,
    /// Least SLSA Build level
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3), help_heading = "Builder")]
    pub(crate) min_level: Option<u8>,
    /// Predicate type that counts; default: SLSA provenance v0.2 and v1
    #[arg(long, value_name = "URI", help_heading = "Builder")]
    pub(crate) predicate_type: Vec<String>,

    /// Exact name in the signing certificate
    #[arg(long, value_name = "ID", requires = "certificate_oidc_issuer", help_heading = "Trust")]
    pub(crate) certificate_identity: Option<String>,
    /// OIDC issuer in the signing certificate
    #[arg(long, value_name = "URL", help_heading = "Trust")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// Public key that must have signed, instead of a certificate
    #[arg(long, value_name = "PEM", help_heading = "Trust")]
    pub(crate) key: Option<PathBuf>,
    /// Trusted root file instead of the embedded ones
    #[arg(long, value_name = "FILE", env = "PROVOST_TRUSTED_ROOT", help_heading = "Trust")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// Policy file; flags replace what it says
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub(crate) config: Option<PathBuf>,

    /// Print the provenance of accepted artifacts on stdout, the report on stderr
    #[arg(long, help_heading = "Output")]
    pub(crate) print_provenance: bool,
    /// Write an (unsigned) verification summary attestation to FILE
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) vsa_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost gate --config provost.toml --tag v1.2.3 \\
      --bundle dist/provenance.json --artifacts dist/files
  provost gate --tag v1.2.3 --run 77 --publish       (the rest is found on GitHub)",
    after_help = EXIT_CODES
)]
pub(crate) struct GateArgs {
    /// Policy file
    #[arg(long, value_name = "FILE", default_value = "provost.toml", env = "PROVOST_CONFIG")]
    pub(crate) config: PathBuf,
    /// Gate the entries of a manifest file, or of all below a folder
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["tag", "bundle", "release_url"])]
    pub(crate) manifest: Option<PathBuf>,
    /// Bundle file, or a folder of bundles; may be repeated
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) bundle: Vec<PathBuf>,
    /// Folder of the released artifacts; exactly its files must be attested
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Tag of the release
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Run that must have made the provenance
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<u64>,
    /// URL of the release
    #[arg(long, value_name = "URL")]
    pub(crate) release_url: Option<String>,
    /// Repository it must be built from, instead of the policy's
    #[arg(long, value_name = "URI")]
    pub(crate) source_uri: Option<String>,
    /// Commit that the tag peels to
    #[arg(long, value_name = "SHA")]
    pub(crate) source_digest: Option<String>,
    /// Builder that must have built it, instead of the policy's
    #[arg(long, value_name = "ID[@REF]")]
    pub(crate) builder_id: Option<String>,
    /// Least SLSA Build level; never lowers the policy's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) min_level: Option<u8>,
    /// Trusted root file instead of the policy's
    #[arg(long, value_name = "FILE", env = "PROVOST_TRUSTED_ROOT")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// Event log, without password; default: PROVOST_STORE_URL, else the policy file's
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// Also write the (unsigned) verification summary attestation to FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) vsa_out: Option<PathBuf>,
    /// Print the provenance of accepted artifacts on stdout, the report on stderr
    #[arg(long, help_heading = "Output")]
    pub(crate) print_provenance: bool,

    /// Ask GitHub even when bundle and artifacts are given; default inside GitHub Actions with a token
    #[arg(long, help_heading = "GitHub")]
    pub(crate) online: bool,
    /// Never ask GitHub
    #[arg(long, help_heading = "GitHub", conflicts_with = "online")]
    pub(crate) offline: bool,
    /// With --manifest: only entries that differ from this revision, and the newest release
    #[arg(long, value_name = "REV", requires = "manifest", help_heading = "GitHub")]
    pub(crate) changed_since: Option<String>,
    /// With --manifest: a repository without any release is fine, and not an acceptance
    #[arg(long, requires = "manifest", help_heading = "GitHub")]
    pub(crate) allow_no_release: bool,
    /// Judge every past release by today's policy, and record nothing
    #[arg(long, conflicts_with_all = ["tag", "manifest", "bundle", "artifacts", "run", "publish",
          "online"])]
    pub(crate) all: bool,
    /// Publish the draft release once it is accepted and recorded
    #[arg(long, help_heading = "GitHub", conflicts_with_all = ["offline", "manifest"])]
    pub(crate) publish: bool,
}
