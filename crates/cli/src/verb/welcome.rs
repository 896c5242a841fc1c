//! `provost` alone.

use crate::exit::Exit;
use crate::output::{Output, Shown};

const WELCOME: &str = "\
provost: release provenance, verified before it counts

  verify     verify        artifacts against bundles and expectations, offline
  release    dispatch      start the provenance workflow for a tag
             gate          decide about a release, and record the decision
             notify        tell a failure: Slack, or a GitHub issue
             recover       make the provenance of a tag whose run failed
  record     manifest      add, show, lint and push the git-kept manifest
             ingest        bring manifests into the event log
             reconcile     manifest, event log and GitHub against each other
             kpi           which releases have accepted provenance, what is open
             store         migrate, verify, seal, export and import the event log
             serve         take in and answer over HTTP, in front of one event log
  pipeline   init          workflows, provost.toml and documents for a repository
             token         look at the dispatch token, note its rotations
  help       explain       what a check means and how to mend it

Try first:
  provost verify FILE --bundle FILE.sigstore.json --source-uri github.com/OWNER/REPO
  provost gate --config provost.toml

`provost VERB --help` says more.
";

pub(crate) fn run(output: &Output) -> Shown {
    output.print(WELCOME)?;
    Ok(Exit::Fine)
}
