//! The audit: files in, everything that is to be said of them out.

use crate::docs::{Document, diagrams, table};
use crate::finding::{Finding, Severity, Spot};
use crate::input::{Files, Input, TABLE};
use crate::model;
use crate::permission::{Balance, Granted};
use crate::place::Place;
use crate::rule::{Findings, run_all, spot};
use crate::scope::{Access, Scope};
use crate::suppression::{Suppressed, apply};
use crate::verdict::{Verdict, verdict};
use crate::world::World;

/// What the audit has to say.
#[derive(Debug)]
pub struct Audit {
    /// Every file, by path.
    pub files: Vec<FileReport>,
    /// Every job of every workflow that can be read, in the order of the files.
    pub jobs: Vec<JobReport>,
    /// What was found, by file and place.
    pub findings: Vec<Finding>,
    /// What was found and is left as it is for a reason.
    pub suppressed: Vec<Suppressed>,
    /// The whole in one sentence, and why.
    pub verdict: Verdict,
    pub(crate) world: World,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The path, relative to the root.
    pub path: String,
    /// What came of reading it.
    pub verdict: FileVerdict,
}

/// What came of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileVerdict {
    /// GitHub would load it.
    Parsed,
    /// GitHub would not load it, which is a finding of `unparseable-workflow`.
    Unparseable,
    /// It holds too much to be read, and nothing is known of it.
    TooLarge {
        /// Where there is too much.
        place: Place,
        /// Of what, in one sentence.
        reason: String,
    },
}

impl FileVerdict {
    /// The word in every output.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Parsed => "parsed",
            Self::Unparseable => "unparseable-workflow",
            Self::TooLarge { .. } => "too-large",
        }
    }

    fn of(file: &model::File) -> Self {
        match &file.document {
            model::Document::Broken(_) => Self::Unparseable,
            model::Document::TooLarge(problem) => {
                Self::TooLarge { place: file.place(problem.span), reason: problem.what.clone() }
            }
            _ => Self::Parsed,
        }
    }
}

/// The permissions of a job, from both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobReport {
    /// The workflow's path.
    pub file: String,
    /// The job's id.
    pub job: String,
    /// The line of the job.
    pub line: usize,
    /// Where the grant stands.
    pub source: GrantSource,
    /// What is granted; empty when a setting of the repository decides.
    pub granted: Vec<(Scope, Access)>,
    /// What its steps need.
    pub needed: Vec<(Scope, Access)>,
    /// What they need and do not have for sure.
    pub missing: Vec<(Scope, Access)>,
    /// What is granted and not needed.
    pub excess: Vec<(Scope, Access)>,
    /// Actions and commands of which it is not known.
    pub undetermined: Vec<String>,
    /// The block to write into the job.
    pub minimal: String,
}

/// Where a job's permissions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantSource {
    /// In the job.
    Job,
    /// In the workflow.
    Workflow,
    /// In the job that calls the workflow.
    Caller,
    /// Nowhere: a setting of the repository decides.
    Default,
    /// It is called from nowhere here.
    Unknown,
}

impl GrantSource {
    /// The word in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Workflow => "workflow",
            Self::Caller => "caller",
            Self::Default => "default",
            Self::Unknown => "unknown",
        }
    }
}

/// One step, or one call of a workflow, that can read a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReader {
    /// The secret; `*` for all of them.
    pub secret: String,
    /// The job's id.
    pub job: String,
    /// What a person would call the step; `None` for the call of a workflow.
    pub step: Option<String>,
    /// The way, as in [`crate::Way`].
    pub way: &'static str,
    /// Where the way begins.
    pub spot: Spot,
}

/// Looks at everything.
pub fn audit(input: &Input) -> Audit {
    let world = World::of(Files::read(input));
    let mut findings = Findings::new(&world);
    run_all(&world, &mut findings);
    let (mut findings, suppressed) = apply(&world, findings.found);
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    findings.dedup();
    let verdict = verdict(&world, &findings);
    let own = world.files.all().iter().filter(|file| !file.is_foreign);
    let files = own
        .map(|file| FileReport { path: file.path.clone(), verdict: FileVerdict::of(file) })
        .collect();
    let jobs = world.jobs().map(|job| report(&world, job)).collect();
    Audit { files, jobs, findings, suppressed, verdict, world }
}

fn order(finding: &Finding) -> (&str, usize, usize, &str, &str) {
    let spot = &finding.spot;
    (&spot.file, spot.span.start, spot.span.end, finding.rule, &finding.message)
}

fn report(world: &World, job: crate::world::JobView<'_>) -> JobReport {
    let balance = Balance::of(world, job);
    let pairs = |access: &dyn Fn(Scope) -> Access| -> Vec<(Scope, Access)> {
        let scopes = Scope::grantable().map(|scope| (scope, access(scope)));
        scopes.filter(|(_, access)| *access > Access::None).collect()
    };
    JobReport {
        file: job.file.path.clone(),
        job: job.id().to_owned(),
        line: job.file.place(job.job.id.span).line,
        source: match balance.granted {
            Granted::Job(_) => GrantSource::Job,
            Granted::Workflow(_) => GrantSource::Workflow,
            Granted::Caller(_) => GrantSource::Caller,
            Granted::Default => GrantSource::Default,
            Granted::Unknown => GrantSource::Unknown,
        },
        granted: pairs(&|scope| match balance.granted.permissions() {
            Some(permissions) => permissions.access(scope),
            None => Access::None,
        }),
        needed: balance.needed.iter().map(|(scope, needed)| (*scope, needed.access)).collect(),
        missing: balance
            .missing()
            .iter()
            .map(|(scope, needed, _)| (*scope, needed.access))
            .collect(),
        excess: balance.excess().iter().map(|(scope, granted, _)| (*scope, *granted)).collect(),
        undetermined: balance.undetermined.clone(),
        minimal: balance.block(),
    }
}

impl Audit {
    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// How many findings are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The diagram; of a large repository an overview first, then one a workflow.
    pub fn diagrams(&self) -> Vec<Document> {
        diagrams(&self.world)
    }

    /// The table.
    pub fn table(&self) -> Document {
        Document { path: TABLE.to_owned(), text: table(&self.world) }
    }

    /// The text of a file of the audit.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.world.files.own(path).map(|file| file.text.as_str())
    }

    /// Every step that can read a secret, and by which way. A name is compared without case.
    pub fn readers_of(&self, secret: &str) -> Vec<SecretReader> {
        let readers = self.world.readers().iter();
        let of_it = readers
            .filter(|reader| reader.secret == "*" || reader.secret.eq_ignore_ascii_case(secret));
        let reader = |reader: &crate::blast::Reader| {
            let job = self.world.job(reader.job)?;
            let step = reader.step.and_then(|index| Some(job.job.steps.get(index)?.title(index)));
            Some(SecretReader {
                secret: reader.secret.clone(),
                job: job.id().to_owned(),
                step,
                way: reader.way.as_str(),
                spot: spot(&self.world, reader.at, reader.way.as_str()),
            })
        };
        of_it.filter_map(reader).collect()
    }
}
