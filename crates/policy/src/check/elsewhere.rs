//! Checks that need more than a bundle of provenance: other kinds of input, or GitHub's API.
//!
//! Their ids are fixed and explained here; the code that asks them stands where their facts are
//! read.

use provost_verify::check::{CheckId, CheckInfo};

/// `run-conclusion`
pub const RUN_CONCLUSION: CheckId = CheckId::new("run-conclusion");
/// `run-attempt`
pub const RUN_ATTEMPT: CheckId = CheckId::new("run-attempt");
/// `head-repository`
pub const HEAD_REPOSITORY: CheckId = CheckId::new("head-repository");
/// `tag-commit`
pub const TAG_COMMIT: CheckId = CheckId::new("tag-commit");
/// `unattested-asset`
pub const UNATTESTED_ASSET: CheckId = CheckId::new("unattested-asset");
/// `tag-reuse`
pub const TAG_REUSE: CheckId = CheckId::new("tag-reuse");

/// Checks of verification summaries (VSA) and of the online gate.
pub const CHECKS: [CheckInfo; 9] = [
    CheckInfo {
        id: CheckId::new("verifier-id"),
        question: "Was the verification summary made by the verifier that is wanted?",
        meaning: "A verification summary (VSA) is somebody's verdict. Its `verifier.id` must be \
            the one that the policy names, and the key or certificate that signed must be that \
            verifier's.",
        mend: "Name the verifier whose word counts, or verify the provenance itself.",
    },
    CheckInfo {
        id: CheckId::new("resource-uri"),
        question: "Is the verification summary about this resource?",
        meaning: "`resourceUri` of a verification summary must equal the one expected, so that a \
            verdict about one package is not used for another with the same bytes.",
        mend: "Ask the verifier for a summary of this resource.",
    },
    CheckInfo {
        id: CheckId::new("policy-result"),
        question: "Did the verifier say PASSED?",
        meaning: "`verificationResult` of a verification summary must be `PASSED`. A well-signed \
            summary of a failed verification is a refusal, not a recommendation.",
        mend: "Read the verifier's reasons; the artifact did not meet its policy.",
    },
    CheckInfo {
        id: RUN_CONCLUSION,
        question: "Did the attesting run, or every job it waited for, end with success?",
        meaning: "A poisoned pipeline can sign valid provenance and fail afterwards. Online, the \
            run's conclusion is asked of GitHub; inside the run itself the answer is deferred and \
            completed by `provost reconcile`.",
        mend: "Look at the run. If it failed after signing, do not publish what it attested.",
    },
    CheckInfo {
        id: RUN_ATTEMPT,
        question: "Is the attested attempt the run's latest?",
        meaning: "A run can be repeated; provenance of an earlier attempt may describe other \
            bytes than the ones released now. It is still the run's own word when later attempts \
            repeated only jobs that had not succeeded (\"re-run failed jobs\"): the job that \
            attested had.",
        mend: "Take the bundle of the latest attempt.",
    },
    CheckInfo {
        id: HEAD_REPOSITORY,
        question: "Did the run build this repository, and not a fork?",
        meaning: "A workflow run can be started for the head of a fork. Its artifacts carry the \
            upstream's name, and the fork's content.",
        mend: "Build releases from a ref of this repository only.",
    },
    CheckInfo {
        id: TAG_COMMIT,
        question: "Does the tag still point at the commit that was attested?",
        meaning: "The tag is peeled to its commit online and compared with the certificate's \
            (OID .13). A tag moved after the build names other sources than those that were built.",
        mend: "Find out who moved the tag. Release the new commit under a new tag.",
    },
    CheckInfo {
        id: TAG_REUSE,
        question: "Was this tag released before with other bytes?",
        meaning: "A second release under one tag replaces what people already trusted. The \
            manifest keeps the digests of each tag, and a difference is refused.",
        mend: "Release under a new tag; if the first release was withdrawn, say so in the manifest.",
    },
    CheckInfo {
        id: UNATTESTED_ASSET,
        question: "Is every asset of the release attested?",
        meaning: "An asset beside the attested ones reaches users with the same authority and \
            none of the proof.",
        mend: "Attest the asset in the build, or remove it from the release.",
    },
];
