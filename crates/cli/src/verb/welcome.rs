//! `provost` alone.

use crate::exit::Exit;
use crate::output::{Output, Shown};

const WELCOME: &str = "\
provost: release provenance, verified before it counts

  verify     verify        artifacts against bundles and expectations, offline
  release    dispatch      start the provenance workflow for a tag
             gate          decide about a release, and record the decision
             token         look at the dispatch token, note its rotations
  record     manifest      add, show and lint the git-kept manifest
             ingest        bring manifests into the event log
             kpi           which releases have accepted provenance, what is open
  pipeline   init          workflows, provost.toml and documents for a repository
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
