//! Arguments: verbs and flags, and nothing about what they do.

mod init;
mod pipeline;
mod records;
mod release;
mod serve;
mod store;
mod workflows;

pub(crate) use init::InitArgs;
pub(crate) use pipeline::{
    DispatchArgs, NotifyArgs, PolicyArgs, ReconcileArgs, RecoverArgs, TokenCheckArgs,
    TokenRotatedArgs, TokenVerb,
};
pub(crate) use records::{
    ManifestAddArgs, ManifestFlushArgs, ManifestLintArgs, ManifestPublishArgs, ManifestPushArgs,
    ManifestShowArgs, ManifestVerb, PushToArgs, StatusArg,
};
pub(crate) use release::{GateArgs, VerifyArgs};
pub(crate) use serve::ServeArgs;
pub(crate) use store::{
    EventLogArgs, IngestArgs, KpiArgs, StoreExportArgs, StoreImportArgs, StoreVerb, StoreVerifyArgs,
};
pub(crate) use workflows::{AuditArgs, DiagramArgs, Picture, RootArgs, WorkflowsVerb};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
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
  11  findings (manifest lint, ingest, store verify, token check, reconcile, init, workflows)";

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

impl Cli {
    /// Whether the verb has results that SARIF has words for.
    pub(crate) fn speaks_sarif(&self) -> bool {
        matches!(&self.verb, Some(Verb::Workflows(WorkflowsVerb::Audit(_))))
    }
}

/// The refusal of `--format sarif` by every other verb.
pub(crate) fn sarif_elsewhere() -> clap::Error {
    let detail = "--format sarif: only `provost workflows audit` has results for it\n";
    Cli::command().error(clap::error::ErrorKind::InvalidValue, detail)
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
    /// Migrate, verify, seal, export and import the event log
    #[command(subcommand)]
    Store(StoreVerb),
    /// Take in and answer over HTTP, in front of one event log
    Serve(ServeArgs),
    /// Write workflows, provost.toml and documents into a repository
    Init(Box<InitArgs>),
    /// Audit the workflows, and keep their diagram and table
    #[command(subcommand)]
    Workflows(WorkflowsVerb),
    /// Say what a check or a finding means and how to mend it
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
    /// For code scanning; `workflows audit` alone
    Sarif,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Id of a check or a rule, such as source-ref; none lists them all
    pub(crate) code: Option<String>,
}
