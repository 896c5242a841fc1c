//! Arguments of the verbs about records: `manifest`, `ingest`, `kpi`.

use super::EXIT_CODES;
use clap::{Args, Subcommand, ValueEnum};
use provost_manifest::Day;
use std::path::PathBuf;

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
    /// Upload the manifest's files to the docs bucket
    Publish(ManifestPublishArgs),
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost manifest publish",
    after_help = EXIT_CODES
)]
pub(crate) struct ManifestPublishArgs {
    /// Folder that holds docs/reports; default: the configuration's
    #[arg(long, value_name = "DIR", env = "PROVOST_MANIFEST_ROOT")]
    pub(crate) root: Option<PathBuf>,
    /// Configuration that names the bucket; default: provost.toml
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Upload the file of this day, whatever the bucket holds; may be repeated
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) day: Vec<Day>,
    /// Upload every file, whatever the bucket holds
    #[arg(long, conflicts_with = "day")]
    pub(crate) all: bool,
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

fn day(text: &str) -> Result<Day, String> {
    Day::from_folder(text).ok_or_else(|| format!("{text:?} is no date such as 2026-11-23"))
}
