//! Arguments of `init`.

use super::EXIT_CODES;
use clap::Args;
use provost_control::init::{ActionRef, ArtifactGlob, BuildCommand, RunnerLabel};
use std::path::PathBuf;

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
    /// Put jobs into release.yml, security-audit.yml and ci-weekly-report.yml that are there,
    /// and a hand-over into the Supabase function telemetry
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

    /// Also write the migrations, queries and Edge functions for Supabase
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
