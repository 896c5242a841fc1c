//! Who signs: the claims that Fulcio writes into the certificate of a GitHub Actions job.
//!
//! Source: Fulcio's `docs/oid-info.md`. A claim is named here by its last arc under
//! `1.3.6.1.4.1.57264.1`, so 14 is the source repository's ref.

use const_oid::ObjectIdentifier;
use der::asn1::{Ia5String, Utf8StringRef};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::certificate::{encoded, extension, extension_of_bytes};

/// Issuer of the identity tokens of GitHub Actions.
const GITHUB_ACTIONS_ISSUER: &str = "https://token.actions.githubusercontent.com";
const FULCIO_ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");
/// Arcs up to this one hold bare text; later ones a DER `UTF8String`.
const LAST_BARE_ARC: u32 = 6;

/// One run of a workflow: what was built, from where, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkflowRun {
    /// `owner/name`.
    pub repository: String,
    /// GitHub's number of the repository, in decimal digits.
    pub repository_id: String,
    /// GitHub's number of the owner, in decimal digits.
    pub owner_id: String,
    /// Path of the workflow that was triggered, such as `.github/workflows/release.yml`.
    pub workflow_path: String,
    /// Full ref, such as `refs/tags/v1.2.3`.
    pub git_ref: String,
    /// 40 hexadecimal digits.
    pub commit: String,
    /// Name of the triggering event, such as `push`.
    pub event: String,
    /// Number of the run, in decimal digits.
    pub run_id: String,
    /// Number of the attempt, in decimal digits, from 1.
    pub attempt: String,
}

impl WorkflowRun {
    /// A push of the tag `v1.2.3` to `example-org/artifact`: start of most tests.
    pub fn example() -> Self {
        Self {
            repository: "example-org/artifact".into(),
            repository_id: "486325809".into(),
            owner_id: "80431187".into(),
            workflow_path: ".github/workflows/release.yml".into(),
            git_ref: "refs/tags/v1.2.3".into(),
            commit: "693130cb6cb840a7bc9cb18c6510d536a95dc7e6".into(),
            event: "push".into(),
            run_id: "14095611671".into(),
            attempt: "1".into(),
        }
    }

    /// `https://github.com/OWNER/NAME`.
    pub fn repository_uri(&self) -> String {
        format!("https://github.com/{}", self.repository)
    }

    /// `git+https://github.com/OWNER/NAME@REF`, how provenance names the source.
    pub fn source_uri(&self) -> String {
        format!("git+{}@{}", self.repository_uri(), self.git_ref)
    }

    /// `OWNER/NAME/PATH@REF`, as in `GITHUB_WORKFLOW_REF`.
    pub fn workflow_ref(&self) -> String {
        format!("{}/{}@{}", self.repository, self.workflow_path, self.git_ref)
    }

    /// `https://github.com/OWNER/NAME/PATH@REF`.
    pub fn workflow_uri(&self) -> String {
        format!("https://github.com/{}", self.workflow_ref())
    }

    /// `https://github.com/OWNER/NAME/actions/runs/ID/attempts/N`.
    pub fn invocation_uri(&self) -> String {
        let (run, attempt) = (&self.run_id, &self.attempt);
        format!("{}/actions/runs/{run}/attempts/{attempt}", self.repository_uri())
    }

    /// The part of [`Self::repository`] before the slash.
    pub fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }
}

/// The claims of one certificate.
///
/// Fields hold what is claimed, each once; a claim that Fulcio writes twice (old and new arc)
/// follows its field. [`Self::with`], [`Self::without`] and the like change one arc alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkflowIdentity {
    /// Subject alternative names; Fulcio writes exactly one URI.
    pub subject_names: Vec<SubjectName>,
    /// OpenID Connect issuer (1 and 8).
    pub issuer: String,
    /// The triggered run (2, 3, 5, 6, 12 to 21).
    pub run: WorkflowRun,
    /// Display name of the workflow (4).
    pub workflow_name: String,
    /// URI of the workflow that signs, with its ref (9).
    pub signer_uri: String,
    /// Commit of the workflow that signs (10).
    pub signer_digest: String,
    /// `github-hosted` or `self-hosted` (11).
    pub runner_environment: String,
    /// `public`, `private` or `internal` (22).
    pub visibility: String,
    /// Deployment environment (23), absent in most certificates.
    pub deployment_environment: Option<String>,
    /// The token's `sub` (24), absent in older certificates.
    pub token_subject: Option<String>,
    /// Changes to single extensions, applied in order when the certificate is made.
    pub edits: Vec<ExtensionEdit>,
}

/// A subject alternative name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SubjectName {
    /// `dNSName`.
    Dns(String),
    /// `rfc822Name`.
    Email(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
}

/// One change to the list of Fulcio extensions; the number is the arc.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtensionEdit {
    /// Adds an extension, also beside one of the same arc.
    Append(u32, ExtensionValue),
    /// Leaves the extension out.
    Omit(u32),
    /// Puts another value in its place; adds the extension if there is none.
    Replace(u32, ExtensionValue),
}

/// The bytes of an extension.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtensionValue {
    /// The bytes as they are, for bare text and for malformed DER.
    Bytes(Vec<u8>),
    /// A DER `UTF8String`.
    Utf8String(String),
}

impl WorkflowIdentity {
    /// The certificate of a job that belongs to the triggered workflow itself.
    pub fn github_actions(run: WorkflowRun) -> Self {
        Self {
            subject_names: vec![SubjectName::Uri(run.workflow_uri())],
            issuer: GITHUB_ACTIONS_ISSUER.into(),
            workflow_name: "Release".into(),
            signer_uri: run.workflow_uri(),
            signer_digest: run.commit.clone(),
            runner_environment: "github-hosted".into(),
            visibility: "public".into(),
            deployment_environment: None,
            token_subject: None,
            edits: Vec::new(),
            run,
        }
    }

    /// The same run, signed by a job of the reusable workflow `OWNER/NAME/PATH` at `git_ref`,
    /// which is `commit`.
    #[must_use]
    pub fn reusable(mut self, workflow: &str, git_ref: &str, commit: &str) -> Self {
        self.signer_uri = format!("https://github.com/{workflow}@{git_ref}");
        self.signer_digest = commit.into();
        self.subject_names = vec![SubjectName::Uri(self.signer_uri.clone())];
        self
    }

    /// Claim `arc` alone says `text`, encoded as that arc is.
    #[must_use]
    pub fn with(self, arc: u32, text: &str) -> Self {
        self.edited(ExtensionEdit::Replace(arc, claim(arc, text)))
    }

    /// Extension `arc` alone holds `value`.
    #[must_use]
    pub fn with_value(self, arc: u32, value: ExtensionValue) -> Self {
        self.edited(ExtensionEdit::Replace(arc, value))
    }

    /// A second extension `arc` says `text`.
    #[must_use]
    pub fn with_another(self, arc: u32, text: &str) -> Self {
        self.edited(ExtensionEdit::Append(arc, claim(arc, text)))
    }

    /// Extension `arc` is absent.
    #[must_use]
    pub fn without(self, arc: u32) -> Self {
        self.edited(ExtensionEdit::Omit(arc))
    }

    /// The first subject alternative name as text, empty if there is none.
    pub fn san(&self) -> &str {
        match self.subject_names.first() {
            Some(SubjectName::Dns(name) | SubjectName::Email(name) | SubjectName::Uri(name)) => {
                name
            }
            None => "",
        }
    }

    fn edited(mut self, edit: ExtensionEdit) -> Self {
        self.edits.push(edit);
        self
    }

    /// The subject alternative name (critical, for the subject is empty) and Fulcio's extensions.
    pub(crate) fn extensions(&self) -> Vec<Extension> {
        let mut values = self.claims();
        for edit in &self.edits {
            apply(edit, &mut values);
        }
        let mut extensions: Vec<_> = self.subject_extension().into_iter().collect();
        extensions.extend(values.iter().map(|(arc, value)| fulcio_extension(*arc, value)));
        extensions
    }

    fn subject_extension(&self) -> Option<Extension> {
        let names: Vec<_> = self.subject_names.iter().map(SubjectName::to_general_name).collect();
        let oid = const_oid::db::rfc5912::ID_CE_SUBJECT_ALT_NAME;
        (!names.is_empty()).then(|| extension(oid, true, &SubjectAltName(names)))
    }

    fn claims(&self) -> Vec<(u32, ExtensionValue)> {
        let run = &self.run;
        let owner_uri = format!("https://github.com/{}", run.owner());
        let mut claims = vec![
            (1, self.issuer.clone()),
            (2, run.event.clone()),
            (3, run.commit.clone()),
            (4, self.workflow_name.clone()),
            (5, run.repository.clone()),
            (6, run.git_ref.clone()),
            (8, self.issuer.clone()),
            (9, self.signer_uri.clone()),
            (10, self.signer_digest.clone()),
            (11, self.runner_environment.clone()),
            (12, run.repository_uri()),
            (13, run.commit.clone()),
            (14, run.git_ref.clone()),
            (15, run.repository_id.clone()),
            (16, owner_uri),
            (17, run.owner_id.clone()),
            (18, run.workflow_uri()),
            (19, run.commit.clone()),
            (20, run.event.clone()),
            (21, run.invocation_uri()),
            (22, self.visibility.clone()),
        ];
        claims.extend(self.deployment_environment.clone().map(|text| (23, text)));
        claims.extend(self.token_subject.clone().map(|text| (24, text)));
        claims.into_iter().map(|(arc, text)| (arc, claim(arc, &text))).collect()
    }
}

impl SubjectName {
    fn to_general_name(&self) -> GeneralName {
        let text = |name| Ia5String::new(name).expect("a subject name is ASCII");
        match self {
            Self::Dns(name) => GeneralName::DnsName(text(name)),
            Self::Email(name) => GeneralName::Rfc822Name(text(name)),
            Self::Uri(name) => GeneralName::UniformResourceIdentifier(text(name)),
        }
    }
}

fn apply(edit: &ExtensionEdit, values: &mut Vec<(u32, ExtensionValue)>) {
    match edit {
        ExtensionEdit::Append(arc, value) => values.push((*arc, value.clone())),
        ExtensionEdit::Omit(arc) => values.retain(|(present, _)| present != arc),
        ExtensionEdit::Replace(arc, value) => {
            match values.iter_mut().find(|(present, _)| present == arc) {
                Some(present) => present.1 = value.clone(),
                None => values.push((*arc, value.clone())),
            }
        }
    }
}

fn claim(arc: u32, text: &str) -> ExtensionValue {
    if arc <= LAST_BARE_ARC {
        ExtensionValue::Bytes(text.as_bytes().to_vec())
    } else {
        ExtensionValue::Utf8String(text.to_owned())
    }
}

fn fulcio_extension(arc: u32, value: &ExtensionValue) -> Extension {
    let oid = FULCIO_ARC.push_arc(arc).expect("the arc fits");
    match value {
        ExtensionValue::Bytes(bytes) => extension_of_bytes(oid, false, bytes),
        ExtensionValue::Utf8String(text) => {
            let text = Utf8StringRef::new(text).expect("a claim is short");
            extension_of_bytes(oid, false, &encoded(&text))
        }
    }
}
