//! Acknowledged is there, and there once.

use super::{Acknowledged, Broken};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// A row of the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) run_id: String,
}

impl Row {
    /// Id, tag and run, in this order.
    pub(super) fn of(fields: &mut impl Iterator<Item = String>) -> Option<Self> {
        Some(Self { id: fields.next()?, tag: fields.next()?, run_id: fields.next()? })
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// Events that were acknowledged, each in the log once.
    pub acknowledged: usize,
    /// Rows of the log; those that nobody was told of are more.
    pub rows: usize,
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, rows } = self;
        write!(f, "{acknowledged} events acknowledged, {rows} rows, 0 lost, 0 doubled, seals hold")
    }
}

/// Holds the acknowledgements against the rows.
pub(super) fn judge(acknowledged: &[Acknowledged], rows: &[Row]) -> Result<Judgement, Broken> {
    let ids: HashMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let runs: HashSet<(&str, &str)> =
        rows.iter().map(|row| (row.tag.as_str(), row.run_id.as_str())).collect();
    let mut problems = Vec::new();
    if ids.len() < rows.len() || runs.len() < rows.len() {
        let doubled = rows.len() - ids.len().min(runs.len());
        problems.push(format!("{doubled} rows stand there twice"));
    }
    let is_there = |it: &&Acknowledged| {
        let (tag, run_id) = (it.release.tag(), it.release.run_id().to_string());
        ids.get(it.id.as_str()).is_some_and(|row| row.tag == tag && row.run_id == run_id)
    };
    let lost: Vec<&Acknowledged> = acknowledged.iter().filter(|it| !is_there(it)).collect();
    if let Some(first) = lost.first() {
        let (number, tag) = (lost.len(), first.release.tag());
        problems.push(format!("{number} acknowledged events are lost, among them {tag}"));
    }
    match problems.is_empty() {
        true => Ok(Judgement { acknowledged: acknowledged.len(), rows: rows.len() }),
        false => Err(Broken(format!(
            "{} of {} acknowledged events and {} rows",
            problems.join("; "),
            acknowledged.len(),
            rows.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Release;

    fn row(number: u64) -> Row {
        let release = Release(number);
        let id = format!("id-{number}");
        Row { id, tag: release.tag(), run_id: release.run_id().to_string() }
    }

    fn acknowledged(number: u64) -> Acknowledged {
        Acknowledged { release: Release(number), id: format!("id-{number}") }
    }

    #[test]
    fn what_was_acknowledged_is_there_once_and_more_may_be_there() {
        let found = judge(&[acknowledged(1)], &[row(1), row(2)]).expect("all is well");
        assert_eq!(found, Judgement { acknowledged: 1, rows: 2 });
    }

    #[test]
    fn what_is_missing_or_stands_there_under_another_id_is_lost() {
        let lost = judge(&[acknowledged(1), acknowledged(2)], &[row(1)]).expect_err("lost");
        assert!(lost.0.contains("1 acknowledged events are lost, among them v1.2"), "{lost}");
        let other = Row { id: "other".to_owned(), ..row(1) };
        assert!(judge(&[acknowledged(1)], &[other]).is_err());
        let other = Row { run_id: "9".to_owned(), ..row(1) };
        assert!(judge(&[acknowledged(1)], &[other]).is_err());
    }

    #[test]
    fn a_run_that_stands_there_twice_is_doubled() {
        let twice = Row { id: "other".to_owned(), ..row(1) };
        let doubled = judge(&[acknowledged(1)], &[row(1), twice]).expect_err("doubled");
        assert!(doubled.0.contains("1 rows stand there twice"), "{doubled}");
    }
}
