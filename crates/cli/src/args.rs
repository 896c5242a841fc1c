//! Arguments: verbs and flags, and nothing about what they do.

mod pipeline;

pub(crate) use pipeline::{
    DispatchArgs, ReconcileArgs, RecoverArgs, TokenCheckArgs, TokenRotatedArgs, TokenVerb,
};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use provost_control::init::{ActionRef, ArtifactGlob, BuildCommand, RunnerLabel};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0   accepted, done, nothing found
  1   could not do it (file, network, database, GitHub), or decided but not recorded
  2   bad arguments or configuration
  3   nothing to check: no bundle, no artifact, no attestation; never a pass
  10  refused: verification or policy failed
  11  findings (manifest lint, token check, reconcile, init)";

/// Release provenance, verified before it counts.
#[derive(Debug, Parser)]
#[command(
    name = "provost",
    version,
    styles = STYLES,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = false,
    after_help = EXIT_CODES
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl Cli {
    /// Whether stdout is for the provenance alone.
    pub(crate) fn prints_provenance(&self) -> bool {
        match &self.verb {
            Some(Verb::Verify(args)) => args.print_provenance,
            Some(Verb::Gate(args)) => args.print_provenance,
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Verify artifacts or digests against bundles and expectations
    Verify(Box<VerifyArgs>),
    /// Decide about a release, and record the decision
    Gate(Box<GateArgs>),
    /// Start the provenance workflow for a tag, with a token of its own
    Dispatch(Box<DispatchArgs>),
    /// Look at the dispatch token, and note its rotations
    #[command(subcommand)]
    Token(TokenVerb),
    /// Record a failure and tell it: Slack, or a GitHub issue
    Notify(Box<NotifyArgs>),
    /// Compare manifest, event log and GitHub, and tell what does not fit
    Reconcile(Box<ReconcileArgs>),
    /// Make the provenance of a tag whose run failed
    Recover(Box<RecoverArgs>),
    /// Read, check and push the git-kept manifest
    #[command(subcommand)]
    Manifest(ManifestVerb),
    /// Bring manifests into the event log
    Ingest(IngestArgs),
    /// Show which releases have accepted provenance, and what is open
    Kpi(KpiArgs),
    /// Write workflows, provost.toml and documents into a repository
    Init(Box<InitArgs>),
    /// Say what a check means and how to mend it
    Explain(ExplainArgs),
    /// Print completions for a shell
    #[command(hide = true)]
    Completions { shell: clap_complete::Shell },
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man { folder: PathBuf },
}

/// How results are shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// How to show the result; default: `github` inside GitHub Actions, else `text`
    #[arg(long, global = true, value_enum, help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Also write the JSON report to FILE
    #[arg(short, long, global = true, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Show every check
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Show nothing but the result
    #[arg(short, long, global = true, help_heading = "Output", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON report, on every outcome
    Json,
    /// Annotations and step summary of GitHub Actions
    Github,
}

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
    /// Event log instead of the policy's
    #[arg(long, value_name = "URL", env = "PROVOST_STORE_URL", hide_env_values = true)]
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

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost notify --tag v1.2.3 --run 14095611671 --reason 'the provenance run was cancelled'

Secrets come from the environment: OPS_NOTIFY_TOKEN for [notify].slack_function_url, or
SLACK_WEBHOOK_URL; or from files that OPS_NOTIFY_TOKEN_FILE and SLACK_WEBHOOK_URL_FILE name.",
    after_help = EXIT_CODES
)]
pub(crate) struct NotifyArgs {
    /// Tag of the release
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: String,
    /// Run that failed; 0 or nothing when none ever started
    #[arg(long, value_name = "ID", value_parser = run_or_none)]
    pub(crate) run: u64,
    /// Why it failed
    #[arg(long, value_name = "TEXT", required_unless_present = "recovered")]
    pub(crate) reason: Option<String>,
    /// URL of the release
    #[arg(long, value_name = "URL")]
    pub(crate) release_url: Option<String>,
    /// Close the issues of this tag instead: the manifest holds a success of this run
    #[arg(long, conflicts_with_all = ["reason", "release_url"])]
    pub(crate) recovered: bool,
    /// Policy file; default: provost.toml, when there is one
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Folder that holds docs/reports and artifacts/slsa, instead of the policy file's
    #[arg(long, value_name = "DIR", env = "PROVOST_MANIFEST_ROOT")]
    pub(crate) root: Option<PathBuf>,
    /// Event log instead of the policy file's
    #[arg(long, value_name = "URL", env = "PROVOST_STORE_URL", hide_env_values = true)]
    pub(crate) store: Option<String>,
}

/// A workflow gives an empty text where no run ever started; that must not cost the alarm.
fn run_or_none(text: &str) -> Result<u64, String> {
    match text {
        "" => Ok(0),
        _ => text.parse().map_err(|_| format!("{text:?} is no run id")),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ManifestVerb {
    /// Add or update one entry
    Add(ManifestAddArgs),
    /// Show entries
    Show(ManifestShowArgs),
    /// Refuse manifests that are not as they must be
    Lint(ManifestLintArgs),
    /// Bring what was recorded to a branch of the remote
    Push(ManifestPushArgs),
    /// Bring what waits in the queue to the remote
    Flush(ManifestFlushArgs),
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost manifest push --branch main",
    after_help = EXIT_CODES
)]
pub(crate) struct ManifestPushArgs {
    #[command(flatten)]
    pub(crate) to: PushToArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost manifest flush --from provenance-queue",
    after_help = EXIT_CODES
)]
pub(crate) struct ManifestFlushArgs {
    /// Queue from elsewhere: a file, or every *.jsonl below a folder; it is left as it is
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) to: PushToArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PushToArgs {
    /// Folder that holds docs/reports and artifacts/slsa; default: the configuration's, or .
    #[arg(long, value_name = "DIR", env = "PROVOST_MANIFEST_ROOT")]
    pub(crate) root: Option<PathBuf>,
    /// Configuration; default: provost.toml where it is there
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Branch of the remote; default: the configuration's, or the remote's default branch
    #[arg(long, value_name = "BRANCH", env = "PROVOST_MANIFEST_BRANCH")]
    pub(crate) branch: Option<String>,
    /// Name of the git remote; default: the configuration's, or origin
    #[arg(long, value_name = "REMOTE", env = "PROVOST_MANIFEST_REMOTE")]
    pub(crate) remote: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestAddArgs {
    /// Folder that holds docs/reports and artifacts/slsa
    #[arg(long, value_name = "DIR", default_value = ".", env = "PROVOST_MANIFEST_ROOT")]
    pub(crate) root: PathBuf,
    /// Run of the provenance workflow; 0 when none ever started
    #[arg(long, value_name = "ID")]
    pub(crate) run: u64,
    /// Tag of the release
    #[arg(long)]
    pub(crate) tag: String,
    /// How the provenance run ended
    #[arg(long, value_enum)]
    pub(crate) status: StatusArg,
    /// Why it failed; required with `--status failure`
    #[arg(long, value_name = "TEXT", required_if_eq("status", "failure"))]
    pub(crate) failure_reason: Option<String>,
    /// Path of the bundle in the repository
    #[arg(long, value_name = "PATH", default_value = "")]
    pub(crate) artifact: String,
    /// URL of the release
    #[arg(long, value_name = "URL", default_value = "")]
    pub(crate) release_url: String,
    /// Attempt of the run
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u32>,
    /// OWNER/REPO
    #[arg(long, value_name = "SLUG", env = "GITHUB_REPOSITORY")]
    pub(crate) repository: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusArg {
    Success,
    Failure,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestShowArgs {
    /// Folder that holds docs/reports
    #[arg(long, value_name = "DIR", default_value = ".", env = "PROVOST_MANIFEST_ROOT")]
    pub(crate) root: PathBuf,
    /// Only this tag
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Only this run
    #[arg(long)]
    pub(crate) run: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestLintArgs {
    /// Folder that holds docs/reports, or manifest files
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct IngestArgs {
    /// A manifest file, or a folder that holds docs/reports
    pub(crate) path: PathBuf,
    /// Policy file that names the event log
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Event log
    #[arg(long, value_name = "URL", env = "PROVOST_STORE_URL", hide_env_values = true)]
    pub(crate) store: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost kpi --since 90d",
    after_help = EXIT_CODES
)]
pub(crate) struct KpiArgs {
    /// How far to look back, in days
    #[arg(long, value_name = "90d", value_parser = days)]
    pub(crate) since: Option<u32>,
    /// Only this OWNER/REPO
    #[arg(long, value_name = "SLUG")]
    pub(crate) repository: Option<String>,
    /// How many releases to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Policy file that names the event log
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Event log
    #[arg(long, value_name = "URL", env = "PROVOST_STORE_URL", hide_env_values = true)]
    pub(crate) store: Option<String>,
}

pub(crate) fn days(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    match number.parse() {
        Ok(days) if (1..=36_500).contains(&days) => Ok(days),
        _ => Err(format!("{text:?} is no number of days such as 90d")),
    }
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost init --build 'make dist' --artifacts 'dist/*' --dry-run",
    after_help = EXIT_CODES
)]
pub(crate) struct InitArgs {
    /// Folder in the repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) root: PathBuf,
    /// Overwrite files that differ
    #[arg(long)]
    pub(crate) force: bool,
    /// Put jobs into release.yml, security-audit.yml and ci-weekly-report.yml that are there
    /// in them
    #[arg(long)]
    pub(crate) patch: bool,
    /// Write nothing; show what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Bash that builds a release in a clean checkout
    #[arg(long, value_name = "COMMAND", help_heading = "Build")]
    pub(crate) build: Option<BuildCommand>,
    /// Files to release, relative to the checkout; `**` means any folders; may be repeated
    #[arg(long, value_name = "GLOB", num_args = 1.., help_heading = "Build")]
    pub(crate) artifacts: Vec<ArtifactGlob>,
    /// Hosted runner to build on; may be repeated
    #[arg(long, value_name = "LABEL", help_heading = "Build")]
    pub(crate) runner: Vec<RunnerLabel>,
    /// Action that installs provost, as OWNER/REPO@COMMIT or 'OWNER/REPO@COMMIT # VERSION'
    #[arg(long, value_name = "ACTION", help_heading = "Build")]
    pub(crate) action: Option<ActionRef>,

    /// Bundle of a release that is known to be good, to read the policy off
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(crate) from_bundle: Option<PathBuf>,
    /// Trusted root file for that bundle instead of the embedded ones
    #[arg(long, value_name = "FILE", requires = "from_bundle", help_heading = "Policy")]
    pub(crate) trusted_root: Option<PathBuf>,

    /// Also write the files for Supabase
    #[arg(long, help_heading = "Event log")]
    pub(crate) supabase: bool,

    /// Print the ruleset that makes provenance-validate a required check, and write nothing else
    #[arg(
        long,
        help_heading = "Ruleset",
        conflicts_with_all = [
            "force", "patch", "build", "artifacts", "runner", "action", "from_bundle", "supabase",
        ]
    )]
    pub(crate) ruleset: bool,
    /// Create it in the repository of provost.toml; GITHUB_TOKEN or GH_TOKEN must have
    /// `administration: write`, which that of a job never has
    #[arg(long, requires = "ruleset", help_heading = "Ruleset")]
    pub(crate) apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Id of a check, such as source-ref; none lists them all
    pub(crate) code: Option<String>,
}
