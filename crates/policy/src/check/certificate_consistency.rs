//! `certificate-consistency`

mod certificate;
mod predicate;

use super::Context;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("certificate-consistency");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Do certificate and provenance tell the same story?",
    meaning: "The certificate was issued by GitHub's word, the predicate written by the workflow. \
        Every fact that both state must be equal: repository, ref, commit, event, workflow path, \
        repository and owner ids, run and attempt, runner. Within the certificate the old and the \
        new form of a claim must agree, and a current certificate must name repository, commit, \
        ref, event and run. A workflow that writes another story into its provenance than GitHub \
        told is refused.",
    mend: "Nothing on the verifying side: the provenance was made by a faulty or hostile \
        workflow. Look at the run that signed it.",
};

/// One fact that two sides state.
pub(super) struct Pair {
    /// What the fact is, and where both sides stand.
    pub(super) what: &'static str,
    /// What the certificate says.
    pub(super) certificate: Option<String>,
    /// What the other side says.
    pub(super) other: Option<String>,
    /// GitHub names are equal in any case.
    pub(super) ignore_case: bool,
}

impl Pair {
    fn differs(&self) -> bool {
        match (&self.certificate, &self.other) {
            (Some(certificate), Some(other)) if self.ignore_case => {
                !certificate.eq_ignore_ascii_case(other)
            }
            (Some(certificate), Some(other)) => certificate != other,
            _ => false,
        }
    }
}

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(claims) = context.facts.claims() else {
        return Check::skipped(ID, "signed with a managed key");
    };
    if let Err((expected, found)) = certificate::check(context.facts, claims) {
        return Check::failed(ID, expected, found);
    }
    let pairs = match predicate::pairs(context, claims) {
        Ok(pairs) => pairs,
        Err((expected, found)) => return Check::failed(ID, expected, found),
    };
    let differing: Vec<&Pair> = pairs.iter().filter(|pair| pair.differs()).collect();
    if differing.is_empty() {
        let compared =
            pairs.iter().filter(|pair| pair.certificate.is_some() && pair.other.is_some()).count();
        let found = format!("{compared} facts stated by both are equal");
        return Check::passed(ID, "no fact stated differently", found);
    }
    let side = |value: &Option<String>| value.clone().unwrap_or_default();
    let join = |text: fn(&Pair) -> &Option<String>| {
        let parts: Vec<String> =
            differing.iter().map(|pair| format!("{} {}", pair.what, side(text(pair)))).collect();
        parts.join("; ")
    };
    Check::failed(ID, join(|pair| &pair.certificate), join(|pair| &pair.other))
}
