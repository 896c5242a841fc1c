//! `cargo xtask corpus DIR`: real provenance with known verdicts, through our own verdict.
//!
//! A case passes when our verdict is the expected one, and a refusal fails a check that the
//! known error kind maps to. The six listed differences must differ; one that stops differing
//! fails the run.

mod binary;

use crate::cargo;
use crate::program;
use crate::screen::say;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use provost_attestation::digest::ArtifactDigest;
use provost_control::{ArtifactInput, ControlError, Expectations, Judgement, verify};
use provost_policy::Decision;
use provost_trust::roots_from_file;
use provost_verify::Verifier;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the corpus lies when the environment does not say otherwise, seen from the root.
const USUAL_FOLDER: &str = "../shared/corpus";

/// Families that this version verifies.
const FAMILIES: [&str; 7] = [
    "gha_generic",
    "gha_go",
    "gha_maven",
    "gha_delegator",
    "gha_container-based",
    "github_attestation_bcr",
    "bundle_signature_only",
];

/// Cases whose expected verdict is another verifier's, and ours is acceptance on purpose: the
/// spelling `https://github.com/o/r` and the case of names, tags by the certificate's ref.
const ACCEPTED_ON_PURPOSE: [&str; 3] =
    ["gha-generic-1491", "gha-generic-1494", "github-attestation-bcr-0017"];

/// Every so many cases one goes through the program too.
const SAMPLE: usize = 8;

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    family: String,
    verb: String,
    #[serde(default)]
    artifact_paths: Vec<PathBuf>,
    provenance_path: Option<PathBuf>,
    #[serde(default)]
    flags: BTreeMap<String, Value>,
    expect: String,
    expect_plain: Option<String>,
    #[serde(default)]
    kinds: Vec<String>,
}

/// What came out for one case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    Pass,
    Fail(BTreeSet<String>),
    Undecidable,
    BadExpectation,
    Other(String),
}

impl Got {
    fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Undecidable => "undecidable",
            Self::BadExpectation => "fail",
            Self::Other(_) => "error",
        }
    }
}

/// The step: the corpus in `PROVOST_CORPUS`, which must then be there, or in its usual folder,
/// which need not. This program is started once more, so that the table shows only on failure.
pub(crate) fn step(workspace: &Workspace) -> Result<Report> {
    let folder = match std::env::var_os("PROVOST_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => workspace.path(USUAL_FOLDER),
    };
    if !folder.is_dir() {
        if std::env::var_os("PROVOST_CORPUS").is_some() {
            bail!("PROVOST_CORPUS: {} is no folder", folder.display());
        }
        return Ok(Report::not_checked(format!(
            "real verdicts, there is no {USUAL_FOLDER} (PROVOST_CORPUS names another folder)"
        )));
    }
    let output = program::run(Command::new(std::env::current_exe()?).arg("corpus").arg(folder))?;
    Ok(Report::checked(output.lines().last().unwrap_or_default()))
}

/// Runs every case of the families this version verifies and prints family x expected x got.
pub(crate) fn run(corpus: &Path) -> Result<()> {
    let text = std::fs::read_to_string(corpus.join("cases.jsonl"))
        .with_context(|| format!("no corpus in {}", corpus.display()))?;
    let roots = roots_from_file(&corpus.join("trust/trusted_root.json"))?;
    let verifier = Verifier::new(roots);
    let mut table: BTreeMap<(String, String, &'static str), usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    let provost = cargo::provost(&Workspace::here())?;
    let (mut ran, mut sampled) = (0, 0);
    for line in text.lines().filter(|line| !line.is_empty()) {
        let case: Case = serde_json::from_str(line).with_context(|| line.to_owned())?;
        if !FAMILIES.contains(&case.family.as_str()) {
            continue;
        }
        ran += 1;
        let got = judge(&case, corpus, &verifier);
        if ran % SAMPLE == 1 {
            sampled += 1;
            if !binary::agrees(&provost, &case, corpus, &got)? {
                surprises.push(format!("  {}: the program does not agree: {got:?}", case.id));
            }
        }
        let expected = case.expect_plain.as_deref().unwrap_or(&case.expect).to_owned();
        if let Some(surprise) = surprise(&case, &expected, &got) {
            surprises.push(surprise);
        }
        *table.entry((case.family, expected, got.word())).or_default() += 1;
    }
    if ran == 0 {
        bail!("{} holds no case of a known family", corpus.display());
    }
    say!("{:<24} {:<12} {:<12} {:>5}", "family", "expected", "got", "cases");
    for ((family, expected, got), count) in &table {
        say!("{family:<24} {expected:<12} {got:<12} {count:>5}");
    }
    say!(
        "{ran} cases, {sampled} of them through the program too, {} surprises, {} differ on purpose",
        surprises.len(),
        ACCEPTED_ON_PURPOSE.len()
    );
    if !surprises.is_empty() {
        bail!("the verdict surprises:\n{}", surprises.join("\n"));
    }
    Ok(())
}

fn surprise(case: &Case, expected: &str, got: &Got) -> Option<String> {
    let on_purpose = ACCEPTED_ON_PURPOSE.contains(&case.id.as_str());
    let fine = match (expected, got) {
        ("fail", Got::Pass) => on_purpose,
        _ if on_purpose => false,
        ("pass", Got::Pass) | ("undecidable", Got::Undecidable) => true,
        ("fail", Got::BadExpectation) => true,
        ("fail", Got::Fail(checks)) => {
            // A case that fails only without the testing variable has no error kind of its own.
            case.kinds.is_empty() || case.kinds.iter().any(|kind| maps_to(kind, checks))
        }
        _ => false,
    };
    (!fine).then(|| format!("  {}: expected {expected} {:?}, got {got:?}", case.id, case.kinds))
}

/// Whether one of the failed checks is one that the error kind maps to.
fn maps_to(kind: &str, checks: &BTreeSet<String>) -> bool {
    let ours: &[&str] = match kind {
        "InvalidDssePayload" => &[
            "envelope",
            "statement-type",
            "predicate-type",
            "subject-digest",
            "source-ref",
            "certificate-consistency",
            "builder-id",
            "build-input",
            "bundle-format",
        ],
        "InvalidFormat" => &["bundle-format", "builder-id", "run-id", "certificate-consistency"],
        "InvalidBuilderID" | "MismatchBuilderID" | "UntrustedReusableWorkflow" => {
            &["builder-id", "builder-ref", "runner-environment"]
        }
        "InvalidBuildType" | "InvalidRecipe" => &["build-type"],
        "InvalidRef" => &["builder-ref", "source-ref"],
        "InvalidOIDCIssuer" => &["issuer"],
        "MalformedURI" | "MismatchSource" => &["source-repository"],
        "MismatchBranch" | "MismatchTag" | "MismatchVersionedTag" | "InvalidSemver" => {
            &["source-ref"]
        }
        "MismatchWorkflowInputs" => &["build-input", "build-trigger"],
        "MismatchHash" | "InvalidHash" | "MissingSubjectDigest" => &["subject-digest"],
        "InvalidSignature" | "NoValidSignature" | "NoSignatures" => &["signature", "envelope"],
        "InvalidCertificate" | "MissingCertInBundle" => &[
            "certificate-chain",
            "certificate-transparency",
            "issuer",
            "timestamp",
            "bundle-format",
        ],
        "InvalidRekorEntry"
        | "RekorPubKey"
        | "MismatchSignature"
        | "UnequalSignatures"
        | "UnexpectedEntryType"
        | "ParsingEntryBody" => &["transparency-log", "signature", "bundle-format"],
        "UnexpectedBundleContent" | "InvalidEncoding" => &["bundle-format", "envelope"],
        "NotSupported" | "VerifierNotSupported" => return true,
        _ => &[],
    };
    ours.iter().any(|id| checks.contains(*id))
}

fn judge(case: &Case, corpus: &Path, verifier: &Verifier) -> Got {
    let expectations = match expectations(case) {
        Ok(expectations) => expectations,
        Err(problem) => return Got::Other(problem),
    };
    let policy = match expectations.policy(None) {
        Ok(policy) => policy,
        Err(ControlError::Configuration(_) | ControlError::NotSupported(_)) => {
            return Got::BadExpectation;
        }
        Err(error) => return Got::Other(error.to_string()),
    };
    let files = corpus.join("files");
    let artifacts = match artifacts(case, &files) {
        Ok(artifacts) => artifacts,
        Err(problem) => return Got::Other(problem),
    };
    let bundles: Vec<PathBuf> = case.provenance_path.iter().map(|path| files.join(path)).collect();
    let now = jiff::Timestamp::now();
    match verify(&artifacts, &bundles, verifier, &policy, now) {
        Ok(judgements) => worst(judgements),
        Err(error) => Got::Other(error.to_string()),
    }
}

fn worst(judgements: Vec<Judgement>) -> Got {
    let mut failed = BTreeSet::new();
    for judgement in judgements {
        match judgement.result {
            Err(ControlError::Undecidable(_)) => return Got::Undecidable,
            Err(error) => return Got::Other(error.to_string()),
            Ok(judged) if judged.decision.is_accepted() => {}
            Ok(judged) => failed.extend(failed_ids(&judged.decision)),
        }
    }
    if failed.is_empty() { Got::Pass } else { Got::Fail(failed) }
}

fn failed_ids(decision: &Decision) -> Vec<String> {
    decision.failed_checks().map(|check| check.id().to_string()).collect()
}

fn artifacts(case: &Case, files: &Path) -> Result<Vec<ArtifactInput>, String> {
    if let Some(Value::String(digest)) = case.flags.get("_digest") {
        let digest = digest.parse::<ArtifactDigest>().map_err(|error| error.to_string())?;
        return Ok(vec![ArtifactInput::digest(digest)]);
    }
    if case.verb == "verify-bundle-signature" {
        // Only the signature is in question; any digest will do, the subject never matches.
        let digest = format!("sha256:{}", "0".repeat(64));
        let digest = digest.parse::<ArtifactDigest>().map_err(|error| error.to_string())?;
        return Ok(vec![ArtifactInput::digest(digest)]);
    }
    Ok(case.artifact_paths.iter().map(|path| ArtifactInput::File(files.join(path))).collect())
}

fn expectations(case: &Case) -> Result<Expectations, String> {
    let mut wanted = Expectations {
        unsafe_any_source: case.verb == "verify-bundle-signature",
        ..Expectations::default()
    };
    for (flag, value) in &case.flags {
        let text = || value.as_str().map(str::to_owned).ok_or(format!("{flag}: {value}"));
        match flag.as_str() {
            "source-uri" => wanted.source_uri = Some(text()?),
            "source-tag" => wanted.source_tag = Some(text()?),
            "source-versioned-tag" => wanted.source_versioned_tag = Some(text()?),
            "source-branch" => wanted.source_branch = Some(text()?),
            "builder-id" => wanted.builder_id = Some(text()?),
            "build-workflow-input" => {
                let inputs = value.as_object().ok_or(format!("{flag}: {value}"))?;
                wanted.build_workflow_inputs = inputs
                    .iter()
                    .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
                    .collect();
            }
            "_digest" => {}
            other => return Err(format!("unknown flag {other}")),
        }
    }
    Ok(wanted)
}
