//! Arguments of `serve`.

use super::EXIT_CODES;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  PROVOST_STORE_URL=postgres://provost@db.example.com/provost \\
  PROVOST_STORE_PASSWORD_FILE=/run/secrets/provost provost serve --listen 127.0.0.1:8080
  provost serve --demo

The dashboard is at the address it prints; `--demo` fills it with made events.
Who may send and read is said under [server] in provost.toml. Secrets come from the environment:
PROVOST_STORE_PASSWORD, PROVOST_WEBHOOK_SECRET, PROVOST_DOCS_KEY, SLACK_WEBHOOK_URL,
OPS_NOTIFY_TOKEN, GITHUB_TOKEN; or from files that these names with _FILE name.",
    after_help = EXIT_CODES
)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", env = "PROVOST_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// Policy file
    #[arg(long, value_name = "FILE", default_value = "provost.toml", env = "PROVOST_CONFIG")]
    pub(crate) config: PathBuf,
    /// Show a year of made events instead of a real log, to look at the dashboard
    #[arg(long, conflicts_with_all = ["store", "config"])]
    pub(crate) demo: bool,
    /// Event log, without password; default: PROVOST_STORE_URL, else the policy file's
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
}
