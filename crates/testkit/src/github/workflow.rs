//! Workflows: files with the trigger `workflow_dispatch`, at the refs where they exist.

use std::sync::Arc;

use super::run_handle::RunHandle;

/// What a test does with a dispatched run.
pub(crate) type OnRun = Arc<dyn Fn(&RunHandle) + Send + Sync>;

/// A workflow to be added with [`RepositoryHandle::workflow`](super::RepositoryHandle::workflow).
#[derive(Clone)]
pub struct Workflow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) enabled: bool,
    pub(crate) dispatchable: bool,
    /// Declared inputs; absent to take any.
    pub(crate) inputs: Option<Vec<Input>>,
    /// Template of the run's title, with `${{ inputs.NAME }}`.
    pub(crate) run_name: Option<String>,
    /// Refs at which the file exists; absent for every ref.
    pub(crate) refs: Option<Vec<String>>,
    pub(crate) reply: DispatchReply,
    /// How many listings a dispatched run stays out of.
    pub(crate) hidden_listings: usize,
    pub(crate) on_run: Option<OnRun>,
}

/// An input of `workflow_dispatch`.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) required: bool,
}

/// How a dispatch under the older API version is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DispatchReply {
    /// 200 when `return_run_details` is set, else 204.
    WhenAsked,
    /// 204 always.
    Never,
}

impl Workflow {
    /// The workflow of this file, such as `.github/workflows/provenance.yml`, enabled, with the
    /// trigger `workflow_dispatch` and any inputs, present at every ref; if git backs the
    /// repository, where git has the file.
    pub fn new(path: &str) -> Self {
        Self {
            id: 0,
            path: path.to_owned(),
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            enabled: true,
            dispatchable: true,
            inputs: None,
            run_name: None,
            refs: None,
            reply: DispatchReply::WhenAsked,
            hidden_listings: 0,
            on_run: None,
        }
    }

    /// Its `name:`.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Declares an input; once one is declared, others are refused.
    #[must_use]
    pub fn input(mut self, name: &str, required: bool) -> Self {
        let input = Input { name: name.to_owned(), required };
        self.inputs.get_or_insert_default().push(input);
        self
    }

    /// Its `run-name:`; `${{ inputs.NAME }}` is filled in.
    #[must_use]
    pub fn run_name(mut self, template: &str) -> Self {
        self.run_name = Some(template.to_owned());
        self
    }

    /// The file exists at these full refs only.
    #[must_use]
    pub fn only_at(mut self, refs: &[&str]) -> Self {
        self.refs = Some(refs.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// Disabled by hand.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// Without the trigger `workflow_dispatch`.
    #[must_use]
    pub fn not_dispatchable(mut self) -> Self {
        self.dispatchable = false;
        self
    }

    /// A dispatch is answered with 204 whatever is asked, as by an older server.
    #[must_use]
    pub fn without_run_details(mut self) -> Self {
        self.reply = DispatchReply::Never;
        self
    }

    /// A dispatched run is missing in the first so many listings of runs.
    #[must_use]
    pub fn runs_appear_after(mut self, listings: usize) -> Self {
        self.hidden_listings = listings;
        self
    }

    /// Called for each dispatched run before the dispatch is answered: here a test finishes the
    /// run and gives it artifacts. It runs on the server's thread, so it must not call the fake
    /// over HTTP.
    #[must_use]
    pub fn on_run(mut self, then: impl Fn(&RunHandle) + Send + Sync + 'static) -> Self {
        self.on_run = Some(Arc::new(then));
        self
    }

    pub(crate) fn numbered(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Is it the one that a path parameter names: its number, its path or its file name?
    pub(crate) fn is(&self, name: &str) -> bool {
        let file = self.path.rsplit('/').next();
        self.id.to_string() == name || self.path == name || file == Some(name)
    }

    pub(crate) fn exists_at(&self, full_ref: &str) -> bool {
        self.refs.as_ref().is_none_or(|refs| refs.iter().any(|own| own == full_ref))
    }
}
