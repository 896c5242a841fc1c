//! Past releases under today's policy, in a terminal.

use super::style::{ACCEPTED, REFUSED};
use super::table::table;
use crate::output::chain;
use provost_control::Again;
use std::fmt::Write;

pub(crate) fn render(all: &[Again]) -> String {
    let failing = all.iter().filter(|again| !again.is_accepted()).count();
    let mut text = match failing {
        0 => format!("{ACCEPTED}all {} releases would be accepted today{ACCEPTED:#}\n", all.len()),
        _ => format!(
            "{REFUSED}{failing} of {} releases would not be accepted today{REFUSED:#}\n",
            all.len()
        ),
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|again| {
            let entry = &again.entry;
            let recorded = entry.decision.map_or("-", |decision| decision.as_str());
            let today = match (&again.judgements, again.is_accepted()) {
                (_, true) => "accepted",
                (Err(_), _) => "not judged",
                (Ok(_), false) => "refused",
            };
            vec![
                entry.tag.to_string(),
                entry.run.to_string(),
                recorded.to_owned(),
                today.to_owned(),
                why(again),
            ]
        })
        .collect();
    let _ = write!(text, "\n{}", table(&["TAG", "RUN", "RECORDED", "TODAY", "WHY"], &rows));
    text
}

/// The failed checks, or the error.
fn why(again: &Again) -> String {
    let judgements = match &again.judgements {
        Err(error) => return chain(error),
        Ok(judgements) => judgements,
    };
    let mut reasons: Vec<String> = judgements
        .iter()
        .flat_map(|judgement| match &judgement.result {
            Err(error) => vec![chain(error)],
            Ok(judged) => {
                judged.decision.failed_checks().map(|check| check.id().to_string()).collect()
            }
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons.join(", ")
}
