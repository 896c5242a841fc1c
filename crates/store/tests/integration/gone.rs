//! A log whose file is deleted, moved or replaced while it is open: nothing is acknowledged into a
//! file that nobody finds.

use crate::sample::{Place, accepted};
use provost_store::{EventLog, KpiFilter, Outcome, StoreError};
use std::fs;
use std::path::PathBuf;

fn beside(place: &Place, suffix: &str) -> PathBuf {
    place.path().with_file_name(format!("events.db{suffix}"))
}

fn is_gone<T: std::fmt::Debug>(result: Result<T, StoreError>, place: &Place) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Gone { .. }), "{error:?}");
    assert!(error.to_string().contains(&place.path().display().to_string()), "{error}");
}

fn written(log: &EventLog, run: u64) -> Outcome {
    log.append(&[accepted("v1", run, 0)]).unwrap()[0].outcome
}

#[test]
fn nothing_is_written_into_a_file_that_was_deleted() {
    for suffixes in [&["", "-wal", "-shm"][..], &[""]] {
        let place = Place::new();
        let log = place.log();
        assert_eq!(written(&log, 1), Outcome::Inserted);
        for suffix in suffixes {
            fs::remove_file(beside(&place, suffix)).unwrap();
        }
        // The first finds the open file gone, the others find none to open.
        for run in 2..4 {
            is_gone(log.append(&[accepted("v1", run, 0)]), &place);
        }
        // A duplicate is an acknowledgement too.
        is_gone(log.append(&[accepted("v1", 1, 0)]), &place);
        is_gone(log.kpi(&KpiFilter::default()), &place);
        assert!(!place.path().exists(), "a log in use is not made anew");
    }
}

#[test]
fn a_file_that_comes_back_is_used_again() {
    let place = Place::new();
    let log = place.log();
    assert_eq!(written(&log, 1), Outcome::Inserted);
    let away = beside(&place, ".away");
    fs::rename(place.path(), &away).unwrap();
    is_gone(log.append(&[accepted("v1", 2, 0)]), &place);
    is_gone(log.kpi(&KpiFilter::default()), &place);
    fs::rename(&away, place.path()).unwrap();
    written(&log, 2);
    assert_eq!(written(&log, 1), Outcome::Duplicate);
    assert_eq!(place.keys().len(), 2);
}

#[test]
fn a_file_that_was_replaced_is_told_once_and_then_used() {
    let place = Place::new();
    let log = place.log();
    assert_eq!(written(&log, 1), Outcome::Inserted);
    let other = Place::new();
    drop(other.log());
    fs::rename(other.path(), place.path()).unwrap();
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(&place, suffix)).unwrap();
    }
    is_gone(log.append(&[accepted("v1", 2, 0)]), &place);
    for run in [1, 2] {
        assert_eq!(written(&log, run), Outcome::Inserted, "{run}");
    }
    assert_eq!(place.keys().len(), 2);
}

#[test]
fn nothing_is_written_into_a_write_ahead_log_that_was_deleted() {
    let place = Place::new();
    let log = place.log();
    assert_eq!(written(&log, 1), Outcome::Inserted);
    fs::remove_file(beside(&place, "-wal")).unwrap();
    is_gone(log.append(&[accepted("v1", 2, 0)]), &place);
    written(&log, 2);
    assert_eq!(written(&log, 2), Outcome::Duplicate);
    drop(log);
    assert!(place.keys().contains(&accepted("v1", 2, 0).key.as_str().to_owned()));
}

#[test]
fn a_log_that_others_use_too_stays_where_it_is() {
    let place = Place::new();
    let log = place.log();
    for run in 0..3 {
        assert_eq!(written(&log, run), Outcome::Inserted);
        let other = place.log();
        assert_eq!(written(&other, 10 + run), Outcome::Inserted);
        drop(other);
        place.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
    assert_eq!(place.keys().len(), 6);
}
