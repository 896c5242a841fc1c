//! A gap: something that one side says and another does not.

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GapKind {
    /// A published release whose tag has no success in the manifest.
    ReleaseWithoutProvenance,
    /// A run was started, and GitHub does not know it.
    DispatchWithoutRun,
    /// A run was started and ended, and nothing was recorded.
    RunWithoutEntry,
    /// A run is still going on after the deadline.
    RunPending,
    /// The run of a success did not succeed.
    RunFailed,
    /// A success that no gate ever decided about.
    NotDecided,
    /// The provenance of such a success is gone from its run.
    ArtifactExpired,
    /// The tag leads to another commit than the one that was recorded.
    TagMoved,
    /// The tag is gone.
    TagGone,
    /// The bundle of an accepted release is not in the repository.
    BundleMissing,
    /// The bundle no longer proves what was accepted.
    BundleAltered,
    /// An asset has other bytes than those that were accepted.
    AssetAltered,
    /// An asset that was accepted is no longer on the release.
    AssetMissing,
    /// An asset beside those that were accepted.
    AssetUnattested,
    /// An entry that the event log does not have.
    EntryWithoutRow,
    /// A row that the manifest does not have.
    RowWithoutEntry,
}

impl GapKind {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReleaseWithoutProvenance => "release-without-provenance",
            Self::DispatchWithoutRun => "dispatch-without-run",
            Self::RunWithoutEntry => "run-without-entry",
            Self::RunPending => "run-pending",
            Self::RunFailed => "run-failed",
            Self::NotDecided => "not-decided",
            Self::ArtifactExpired => "artifact-expired",
            Self::TagMoved => "tag-moved",
            Self::TagGone => "tag-gone",
            Self::BundleMissing => "bundle-missing",
            Self::BundleAltered => "bundle-altered",
            Self::AssetAltered => "asset-altered",
            Self::AssetMissing => "asset-missing",
            Self::AssetUnattested => "asset-unattested",
            Self::EntryWithoutRow => "entry-without-row",
            Self::RowWithoutEntry => "row-without-entry",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ReleaseWithoutProvenance
            | Self::DispatchWithoutRun
            | Self::RunWithoutEntry
            | Self::ArtifactExpired => "make its provenance with `provost recover --tag TAG`",
            Self::RunPending => "look at the run; cancel and repeat it when it hangs",
            Self::RunFailed => "look at the run: what it attested must not be released",
            Self::NotDecided => "decide with `provost gate --tag TAG --run RUN`, or with --fix",
            Self::TagMoved | Self::TagGone => {
                "find out who changed the tag, and put it back or withdraw the release"
            }
            Self::BundleMissing | Self::BundleAltered => {
                "restore the file from git's history, and find out who changed it"
            }
            Self::AssetAltered | Self::AssetMissing | Self::AssetUnattested => {
                "find out who changed the release, and withdraw it if need be"
            }
            Self::EntryWithoutRow => {
                "bring the manifest into the log with `provost ingest`, or --fix"
            }
            Self::RowWithoutEntry => {
                "find out who wrote the row; the manifest is what counts for a release"
            }
        }
    }

    /// Whether it is about the event log alone, which is a projection of the manifest.
    pub(super) fn is_of_log(self) -> bool {
        matches!(self, Self::EntryWithoutRow | Self::RowWithoutEntry)
    }
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The tag.
    pub tag: String,
    /// The run; 0 when there is none.
    pub run: u64,
    /// What does not fit.
    pub kind: GapKind,
    /// What was found, in one line.
    pub detail: String,
    /// How it was mended; `None` while it is open.
    pub mended: Option<String>,
    /// Whether it was told to somebody, now or before; `None` when nobody was to be told.
    pub is_told: Option<bool>,
}

impl Gap {
    pub(super) fn new(kind: GapKind, tag: &str, run: u64, detail: impl Into<String>) -> Self {
        let (tag, detail) = (tag.to_owned(), detail.into());
        Self { tag, run, kind, detail, mended: None, is_told: None }
    }
}
