//! The use case *init*: what a repository needs to release through provost, written into it.
//!
//! Reading order: [`init`], [`WorkflowSettings`] (what may be chosen), `workflows` (the
//! templates), `policy_file` (the `provost.toml`), `known_release` (a policy read off a release),
//! `supabase` (the files for Supabase).

mod error;
mod file;
mod function_patch;
mod git;
mod known_release;
mod origin;
mod patch;
mod policy_file;
mod settings;
mod supabase;
mod template;
mod workflows;

pub use error::InitError;
pub use file::{FileReport, FileState};
pub use origin::{InvalidOrigin, Origin};
pub use settings::{ActionRef, ArtifactGlob, BuildCommand, Install, InvalidSetting, RunnerLabel};
pub use workflows::{Rendered, WorkflowSettings};

use file::Target;
use git::Repository;
use jiff::Timestamp;
use known_release::KnownRelease;
use patch::PATCHES;
use std::path::{Path, PathBuf};
use workflows::render_workflows;

/// The documents index, as it is written.
const DOCS_INDEX: &str = include_str!("../../../../templates/docs/README.md");

/// What is asked of [`init`].
#[derive(Debug, Clone)]
pub struct InitRequest {
    /// A folder in the repository.
    pub folder: PathBuf,
    /// How a release is built. `None` keeps what an earlier call wrote, or else writes a command
    /// that fails and says what is missing.
    pub build: Option<BuildCommand>,
    /// Which files are released. `None` keeps what an earlier call wrote, or else `dist/*`.
    pub artifacts: Option<Vec<ArtifactGlob>>,
    /// Where it is built. `None` keeps what an earlier call wrote, or else one hosted runner.
    pub runners: Option<Vec<RunnerLabel>>,
    /// The action that installs provost. `None` keeps what an earlier call wrote, or else a place
    /// that has to be filled in.
    pub action: Option<ActionRef>,
    /// A bundle of a release that is known to be good, to read the policy off.
    pub from_bundle: Option<PathBuf>,
    /// Trusted root for that bundle, instead of the embedded ones.
    pub trusted_root: Option<PathBuf>,
    /// Overwrite files that differ.
    pub force: bool,
    /// Put jobs into workflows that are there already, and a hand-over into the function
    /// `telemetry`, instead of comparing them as a whole.
    pub patch: bool,
    /// Write the files for Supabase as well.
    pub supabase: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// What [`init`] did.
#[derive(Debug, Clone)]
pub struct InitReport {
    /// The repository, by its remote `origin`.
    pub origin: Origin,
    /// Every file, in the order written.
    pub files: Vec<FileReport>,
    /// What is left for a person to do, one sentence each.
    pub notes: Vec<String>,
}

impl InitReport {
    /// Whether a file was left alone because it differs or cannot be patched.
    pub fn has_findings(&self) -> bool {
        let is_finding = |state| matches!(state, FileState::Differs | FileState::Refused);
        self.files.iter().any(|file| is_finding(file.state))
    }
}

/// Writes the workflows, `provost.toml`, the documents index and, when asked for, the files for
/// Supabase into the repository that `request.folder` lies in. A file that differs is left alone unless `force` is set; nothing is
/// written before every text is ready and every path was looked at. `now` is the clock.
///
/// # Errors
/// [`InitError`]: no repository, no usable `origin`, a bundle that is not accepted, or a file that
/// cannot be read or written.
pub fn init(request: &InitRequest, now: Timestamp) -> Result<InitReport, InitError> {
    let repository = Repository::around(&request.folder)?;
    let origin = Origin::parse(&repository.origin_url()?)?;
    let settings = WorkflowSettings::for_repository(request, &repository)?;
    let known = match &request.from_bundle {
        Some(bundle) => {
            let root = request.trusted_root.as_deref();
            let mut known = KnownRelease::verify(bundle, root, &origin, now)?;
            known.trusted_root = root.and_then(|root| repository.relative(root));
            Some(known)
        }
        None => None,
    };
    let mut targets = Vec::new();
    for rendered in files_of(&origin, known.as_ref(), &settings)? {
        targets.push(Target::look_at(repository.root(), rendered)?);
    }
    if request.patch {
        patch_those_that_exist(&mut targets, repository.root(), &settings)?;
    }
    if request.supabase {
        targets.extend(supabase::targets(request, repository.root())?);
    }
    let mut files = Vec::new();
    for target in targets {
        files.push(target.settle(request.force, request.dry_run)?);
    }
    let mut notes = notes(request, known.as_ref(), &settings);
    if request.supabase {
        notes.extend(supabase::notes(repository.root())?);
    }
    Ok(InitReport { origin, files, notes })
}

/// Puts the jobs into the workflows that are there. A workflow that is not there is written as a
/// whole, when it is one of ours.
fn patch_those_that_exist(
    targets: &mut Vec<Target>,
    root: &Path,
    settings: &WorkflowSettings,
) -> Result<(), InitError> {
    for patch in &PATCHES {
        let Some(there) = file::read(root, patch.path)? else { continue };
        let patched = settings.with_values(|values| patch.apply(&there, values));
        let target = Target::patched(root, patch.path, there, patched);
        match targets.iter_mut().find(|target| target.is(patch.path)) {
            Some(place) => *place = target,
            None => targets.push(target),
        }
    }
    Ok(())
}

/// Every file that [`init`] writes into a fresh repository.
///
/// # Errors
/// [`InitError::Control`] for a fault of this program.
pub fn render_repository(
    origin: &Origin,
    settings: &WorkflowSettings,
) -> Result<Vec<Rendered>, InitError> {
    files_of(origin, None, settings)
}

fn files_of(
    origin: &Origin,
    known: Option<&KnownRelease>,
    settings: &WorkflowSettings,
) -> Result<Vec<Rendered>, InitError> {
    let policy = policy_file::text(origin, known)?;
    let mut files = vec![Rendered { path: "provost.toml".to_owned(), text: policy }];
    files.extend(render_workflows(settings));
    files.push(Rendered { path: "docs/ops/README.md".to_owned(), text: DOCS_INDEX.to_owned() });
    Ok(files)
}

fn notes(
    request: &InitRequest,
    known: Option<&KnownRelease>,
    settings: &WorkflowSettings,
) -> Vec<String> {
    let mut notes = Vec::new();
    if request.trusted_root.is_some() && known.is_some_and(|known| known.trusted_root.is_none()) {
        notes.push(
            "the trusted root lies outside of the repository, so provost.toml does not name it; \
             copy it in and set `[policy].trusted_root`"
                .to_owned(),
        );
    }
    if settings.build.is_missing() {
        notes.push(
            "no build command is known: give `--build COMMAND --artifacts GLOB`, with --force \
             where slsa-builder.yml is there already"
                .to_owned(),
        );
    }
    if settings.install.is_open() {
        notes.push(
            "the action that installs provost is not pinned yet: give `--action \
             OWNER/REPO@COMMIT`"
                .to_owned(),
        );
    }
    notes
}
