//! Arguments of `workflows`.

use super::EXIT_CODES;
use clap::{Args, Subcommand, ValueEnum};
use provost_workflow_audit::Severity;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowsVerb {
    /// Say whether this pipeline makes, checks and records provenance, with the least rights
    Audit(AuditArgs),
    /// Print what starts, calls, waits for and feeds what, as a Mermaid diagram
    Diagram(DiagramArgs),
    /// Print what every workflow is for, may do and leaves behind, as a Markdown table
    Summary(RootArgs),
    /// Write diagram, table, index and runbook into docs/ops
    Docs(RootArgs),
    /// Compare docs/ops with the workflows, and show the difference
    Check(RootArgs),
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RootArgs {
    /// Root of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DiagramArgs {
    /// Root of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Draw a picture with mermaid-cli instead, into docs/ops
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) render: Option<Picture>,
    /// File for the picture instead
    #[arg(long, value_name = "FILE", requires = "render")]
    pub(crate) to: Option<PathBuf>,
    /// Configuration of the browser that mermaid-cli draws with
    #[arg(long, value_name = "FILE", requires = "render")]
    pub(crate) puppeteer_config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// Scalable
    Svg,
    /// Of pixels
    Png,
}

#[derive(Debug, Args)]
#[command(
    before_help = "\
Example:
  provost workflows audit
  provost workflows audit --secret PROVENANCE_DISPATCH_TOKEN",
    after_help = EXIT_CODES
)]
pub(crate) struct AuditArgs {
    /// Root of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Least severity that is a finding for the exit code
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error")]
    pub(crate) fail_on: SeverityArg,
    /// Folder with checkouts of actions of others, each at OWNER/NAME below it
    #[arg(long, value_name = "DIR")]
    pub(crate) actions_dir: Option<PathBuf>,
    /// Also list every step that can read this secret, and by which way
    #[arg(long, value_name = "NAME")]
    pub(crate) secret: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Everything
    Note,
    /// What weakens the pipeline, and worse
    Warning,
    /// What keeps provenance from being made, checked, recorded or trusted
    Error,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Self {
        match severity {
            SeverityArg::Note => Self::Note,
            SeverityArg::Warning => Self::Warning,
            SeverityArg::Error => Self::Error,
        }
    }
}
