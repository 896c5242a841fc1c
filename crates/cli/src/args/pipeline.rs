//! Arguments of the verbs that a release pipeline calls on GitHub.

use super::EXIT_CODES;
use super::records::days;
use clap::{Args, Subcommand};
use std::path::PathBuf;

// Policy and event log, of every verb here that writes to the log.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// Policy file
    #[arg(long, value_name = "FILE", default_value = "provost.toml", env = "PROVOST_CONFIG")]
    pub(crate) config: PathBuf,
    /// Event log, without password; default: PROVOST_STORE_URL, else the policy file's
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost dispatch --tag v1.2.3 --wait \\
      --release-url https://github.com/acme/app/releases/tag/v1.2.3
  The token is read from PROVENANCE_DISPATCH_TOKEN, or from the file that
  PROVENANCE_DISPATCH_TOKEN_FILE names; never from an argument.",
    after_help = EXIT_CODES
)]
pub(crate) struct DispatchArgs {
    /// Tag of the release
    #[arg(long)]
    pub(crate) tag: String,
    /// URL of the release
    #[arg(long, value_name = "URL", default_value = "")]
    pub(crate) release_url: String,
    /// Full ref to run on; default: the tag
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) git_ref: Option<String>,
    /// Another input of the workflow; may be repeated
    #[arg(long, value_name = "K=V", value_parser = key_value)]
    pub(crate) input: Vec<(String, String)>,
    /// Follow the run to its end, and exit by its conclusion
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to follow it, in minutes
    #[arg(long, value_name = "MIN", default_value_t = 60, requires = "wait",
          value_parser = clap::value_parser!(u64).range(1..=2880))]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Say what the dispatch token is, may do, and when it ends
    Check(TokenCheckArgs),
    /// Note in an issue that the token was rotated
    Rotated(TokenRotatedArgs),
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct TokenCheckArgs {
    /// Policy file
    #[arg(long, value_name = "FILE", default_value = "provost.toml", env = "PROVOST_CONFIG")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct TokenRotatedArgs {
    /// Number of the tracking issue; default: `rotation_issue` under [dispatch]
    #[arg(long, value_name = "N")]
    pub(crate) issue: Option<u64>,
    /// Policy file
    #[arg(long, value_name = "FILE", default_value = "provost.toml", env = "PROVOST_CONFIG")]
    pub(crate) config: PathBuf,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is no KEY=VALUE")),
    }
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost reconcile --since 30d --fix",
    after_help = EXIT_CODES
)]
pub(crate) struct ReconcileArgs {
    /// How far to look back, in days
    #[arg(long, value_name = "30d", value_parser = days, default_value = "30d")]
    pub(crate) since: u32,
    /// Repeat what can be repeated: missing rows, deferred decisions
    #[arg(long)]
    pub(crate) fix: bool,
    /// Tell nobody; default: each gap is told once, as by `provost notify`
    #[arg(long)]
    pub(crate) silent: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost recover --tag v1.2.3
  The token is read from PROVENANCE_DISPATCH_TOKEN, as by `provost dispatch`.",
    after_help = EXIT_CODES
)]
pub(crate) struct RecoverArgs {
    /// Tag of the release
    #[arg(long)]
    pub(crate) tag: String,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
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
    /// Event log, without password; default: PROVOST_STORE_URL, else the policy file's
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
}

/// A workflow gives an empty text where no run ever started; that must not cost the alarm.
fn run_or_none(text: &str) -> Result<u64, String> {
    match text {
        "" => Ok(0),
        _ => text.parse().map_err(|_| format!("{text:?} is no run id")),
    }
}
