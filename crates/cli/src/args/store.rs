//! Arguments of the verbs about the event log: `store`, `ingest`, `kpi`.

use super::EXIT_CODES;
use super::records::days;
use clap::{Args, Subcommand};
use provost_store::Anchor;
use std::path::PathBuf;

// Which event log is meant, of every verb that needs no policy beside it.
#[derive(Debug, Clone, Args)]
pub(crate) struct EventLogArgs {
    /// Policy file that names the event log; default: provost.toml where it is there
    #[arg(long, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Event log, without password; default: PROVOST_STORE_URL, else the policy file's
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Bring the schema to the version of this program
    Migrate(StoreMigrateArgs),
    /// Compare the log with its seals, and name the first row that is not as it was sealed
    Verify(StoreVerifyArgs),
    /// Put the rows that are under no seal yet under one
    Seal(StoreSealArgs),
    /// Write all events as lines of JSON
    Export(StoreExportArgs),
    /// Take in the lines that an export wrote
    Import(StoreImportArgs),
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  PROVOST_STORE_PASSWORD_FILE=password provost store migrate \\
      --store postgres://provost@db.example.com/provost",
    after_help = EXIT_CODES
)]
pub(crate) struct StoreMigrateArgs {
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost store verify --git",
    after_help = EXIT_CODES
)]
pub(crate) struct StoreVerifyArgs {
    /// A seal that was noted elsewhere and must be there; may be repeated
    #[arg(long, value_name = "N:HEX", value_parser = anchor)]
    pub(crate) anchor: Vec<Anchor>,
    /// The seals that the manifest's commits remember must be there as well
    #[arg(long)]
    pub(crate) git: bool,
    /// Folder that holds docs/reports, for --git; default: the configuration's, or .
    #[arg(long, value_name = "DIR", env = "PROVOST_MANIFEST_ROOT", requires = "git")]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost store seal",
    after_help = EXIT_CODES
)]
pub(crate) struct StoreSealArgs {
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost store export events.ndjson",
    after_help = EXIT_CODES
)]
pub(crate) struct StoreExportArgs {
    /// Where to; default: stdout
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost store import events.ndjson --store sqlite:copy.db",
    after_help = EXIT_CODES
)]
pub(crate) struct StoreImportArgs {
    /// What an export wrote; `-`: stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost ingest .
  provost ingest --rebuild --into sqlite:rebuilt.db",
    after_help = EXIT_CODES
)]
pub(crate) struct IngestArgs {
    /// A manifest or failure.json as file or https:// URL, or a folder that holds docs/reports
    #[arg(value_name = "PATH|URL", required_unless_present = "rebuild")]
    pub(crate) source: Option<String>,
    /// Fill another event log, which must be empty, and say how the present one differs from it
    #[arg(long, requires = "into")]
    pub(crate) rebuild: bool,
    /// The event log to fill, without password
    #[arg(long, value_name = "URL", requires = "rebuild")]
    pub(crate) into: Option<String>,
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
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
    #[command(flatten)]
    pub(crate) event_log: EventLogArgs,
}

/// A seal in one word, or as it stands in a commit.
fn anchor(text: &str) -> Result<Anchor, String> {
    let written = match text.split_once(':') {
        Some((number, hash)) if !text.contains(' ') => format!("{number} sha256:{hash}"),
        _ => text.to_owned(),
    };
    written.parse().map_err(|_| format!("{text:?} is no seal such as 5:HEX, with 64 hex digits"))
}
