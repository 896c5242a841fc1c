//! The stand-ins for actions: one table, and a module each.

mod artifact;
mod attest;
mod checkout;
mod draft_release;

use super::job::JobRun;
use super::run::RunContext;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The action that brings the program onto a runner.
pub(super) const INSTALL: &str =
    "provost-dev/provost@1234567890123456789012345678901234567890 # v1.0.0";

/// Every action that a workflow may use, with the inputs that its stand-in understands.
const STAND_INS: [StandIn; 6] = [
    StandIn {
        action: "actions/checkout",
        inputs: &["ref", "fetch-depth", "fetch-tags", "persist-credentials"],
        perform: checkout::perform,
    },
    StandIn {
        action: "actions/upload-artifact",
        inputs: &["name", "path", "if-no-files-found", "overwrite", "retention-days"],
        perform: artifact::upload,
    },
    StandIn {
        action: "actions/download-artifact",
        inputs: &["name", "pattern", "path", "run-id", "github-token"],
        perform: artifact::download,
    },
    StandIn { action: "actions/attest", inputs: &["subject-path"], perform: attest::perform },
    StandIn {
        action: "softprops/action-gh-release",
        inputs: &["tag_name", "draft", "generate_release_notes"],
        perform: draft_release::perform,
    },
    StandIn { action: "provost-dev/provost", inputs: &[], perform: install },
];

struct StandIn {
    action: &'static str,
    inputs: &'static [&'static str],
    perform: fn(&Action<'_>) -> Result<Done, Trouble>,
}

/// An action in a job.
pub(super) struct Action<'a> {
    pub(super) job: &'a JobRun<'a>,
    pub(super) run: &'a RunContext<'a>,
    pub(super) inputs: BTreeMap<String, String>,
}

/// What an action leaves behind.
#[derive(Default)]
pub(super) struct Done {
    pub(super) log: String,
    pub(super) outputs: BTreeMap<String, String>,
    /// Folders that later steps find programs in.
    pub(super) path: Vec<PathBuf>,
}

/// Why an action did not do it.
pub(super) enum Trouble {
    /// As the real one would: the step fails.
    Failed(String),
    /// It is not known what the real one would do: the test fails.
    Refused(String),
}

impl From<String> for Trouble {
    fn from(problem: String) -> Self {
        Self::Refused(problem)
    }
}

/// Does what the action would do.
pub(super) fn perform(uses: &str, action: &Action<'_>) -> Result<Done, Trouble> {
    let (name, commit) = uses.split_once('@').ok_or(format!("{uses} names no commit"))?;
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let stand_in = STAND_INS.iter().find(|stand_in| stand_in.action == name && is_commit);
    let stand_in = stand_in.ok_or(format!("there is no stand-in for the action {uses}"))?;
    let unknown = |input: &&String| !stand_in.inputs.contains(&input.as_str());
    if let Some(input) = action.inputs.keys().find(unknown) {
        return Err(Trouble::Refused(format!("the input {input} of {name} is not known")));
    }
    (stand_in.perform)(action)
}

impl Action<'_> {
    /// An input; empty when it is not given.
    fn input(&self, name: &str) -> &str {
        self.inputs.get(name).map_or("", String::as_str)
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, Trouble> {
        match self.input(name) {
            "" => Ok(default),
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(Trouble::Refused(format!("{name} is {other:?}"))),
        }
    }

    /// Fails as GitHub does when the job's token may not do it.
    fn needs(&self, permission: &str, level: &str) -> Result<(), Trouble> {
        match self.job.may(permission, level) {
            true => Ok(()),
            false => Err(Trouble::Failed(format!(
                "Resource not accessible by integration (403): {permission}: {level}"
            ))),
        }
    }
}

/// The program under test instead of a download.
fn install(action: &Action<'_>) -> Result<Done, Trouble> {
    let folder = action.job.workspace.temp().join("provost-bin");
    std::fs::create_dir_all(&folder).expect("a folder is made");
    let program = &action.run.stage.provost;
    std::os::unix::fs::symlink(program, folder.join("provost")).expect("a link is made");
    Ok(Done { path: vec![folder], ..Done::default() })
}
