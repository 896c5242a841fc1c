//! `subject-digest`

use crate::facts::Facts;
use crate::policy::Policy;
use provost_attestation::subject::Subject;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("subject-digest");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Does the statement name this very artifact?",
    meaning: "One subject must carry a SHA-256, SHA-384 or SHA-512 digest equal to the artifact's, \
        and no strong digest that differs. Names decide nothing, and a name that two subjects \
        with different digests share is refused. Weak digests (`sha1`, `md5`) never match. The \
        gate also asks the other way round: every attested subject must be among the artifacts, \
        and every artifact among the subjects.",
    mend: "Check that the file was downloaded whole and is the one released. If it was rebuilt or \
        repacked after signing, sign what is released.",
};

pub(crate) fn run(facts: &Facts<'_>, _policy: &Policy) -> Check {
    let subjects = &facts.verified.statement().subjects;
    let expected = facts.artifact.digests.to_string();
    let Some(subject) = facts.subject else {
        return Check::failed(ID, expected, described(subjects))
            .with_hint("the bundle attests other bytes than those of this artifact");
    };
    if let Some(name) = twin_name(subject, subjects) {
        let found = format!("two subjects named {name:?} with different digests");
        return Check::failed(ID, expected, found);
    }
    let name = subject.name().unwrap_or("a subject without name");
    Check::passed(ID, expected, name)
}

/// The name that this subject shares with another one of other bytes.
fn twin_name<'a>(subject: &'a Subject, subjects: &[Subject]) -> Option<&'a str> {
    let name = subject.name().filter(|name| !name.is_empty())?;
    subjects
        .iter()
        .any(|other| {
            other.name() == Some(name) && !other.strong_digests().eq(subject.strong_digests())
        })
        .then_some(name)
}

fn described(subjects: &[Subject]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = subjects
        .iter()
        .take(SHOWN)
        .map(|subject| {
            let digest = subject.strong_digests().next();
            let digest = digest.map_or("no strong digest".to_owned(), |digest| digest.to_string());
            format!("{} {digest}", subject.name().unwrap_or("(no name)"))
        })
        .collect();
    match subjects.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
