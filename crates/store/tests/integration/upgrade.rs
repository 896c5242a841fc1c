//! A log of an older version of the program is brought up to date, whole or not at all.

use crate::helper::{accepted_of, process};
use crate::sample::{Place, accepted, at};
use provost_store::{EventLog, KpiFilter, Outcome, StoreError};

/// The schema of the first version.
pub(crate) const FIRST: &str =
    include_str!("../../migrations/sqlite/20260201_provenance_audit.sql");

/// A log as the first version left it, with these rows.
pub(crate) fn of_the_first_version(rows: u64) -> Place {
    let place = Place::new();
    std::fs::create_dir(place.path().parent().unwrap()).unwrap();
    place.execute("pragma journal_mode = wal").unwrap();
    place
        .execute(&format!(
            "{FIRST}; pragma application_id = 0x50726f76; pragma user_version = 20260201;"
        ))
        .unwrap();
    for run in 1..=rows {
        let event = accepted(&format!("v{run}"), run, 0);
        let key = event.key.as_str();
        place
            .execute(&format!(
                "insert into provenance_audit_log
                   (id, run_id, tag, status, repository, event, event_key, occurred_at)
                 values ('0190a000-0000-7000-8000-{:012}', {run}, 'v{run}', 'success', 'acme/app',
                   'validated', '{key}', '2026-11-23T12:00:00.000000Z')",
                rows - run
            ))
            .unwrap();
    }
    place
}

fn version(place: &Place) -> Option<String> {
    place.value("select user_version from pragma_user_version")
}

#[test]
fn rows_and_their_order_are_kept() {
    let place = of_the_first_version(3);
    let log = place.log();
    assert_eq!(version(&place).as_deref(), Some("20260401"));
    assert_eq!(log.latest(&KpiFilter::default()).unwrap().len(), 3);
    // Ids grow with time, so their order is the order of writing.
    let order = "select group_concat(seq || ':' || substr(id, 36), ' ') from provenance_order";
    assert_eq!(place.value(order).as_deref(), Some("1:0 2:1 3:2"));
    assert_eq!(log.append(&[accepted("v1", 1, 0)]).unwrap()[0].outcome, Outcome::Duplicate);
    assert_eq!(log.append(&[accepted("v4", 4, 0)]).unwrap()[0].outcome, Outcome::Inserted);
    assert_eq!(log.seal(at(0)).unwrap().rows, 4);
    drop(log);
    // A second opening finds nothing to do.
    assert_eq!(place.log().verify(&[]).unwrap().rows, 4);
}

#[test]
fn an_altered_log_of_the_first_version_is_refused_as_it_is() {
    let place = of_the_first_version(1);
    place.execute("drop trigger provenance_audit_log_no_delete").unwrap();
    match EventLog::open(&place.url()) {
        Err(StoreError::SchemaAltered { object, .. }) => {
            assert_eq!(object, "provenance_audit_log_no_delete");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(version(&place).as_deref(), Some("20260201"));
}

#[test]
fn a_database_that_has_something_else_of_a_new_name_is_left_at_its_version() {
    let place = of_the_first_version(1);
    place.execute("create table provenance_outbox (other text)").unwrap();
    let refused = EventLog::open(&place.url()).unwrap_err();
    assert!(matches!(refused, StoreError::Sql { .. }), "{refused:?}");
    assert_eq!(version(&place).as_deref(), Some("20260201"));
    let seals = "select count(*) from sqlite_schema where name = 'provenance_seal'";
    assert_eq!(place.value(seals).as_deref(), Some("0"));
}

#[test]
fn many_may_bring_it_up_to_date_at_once() {
    let place = of_the_first_version(3);
    let children: Vec<_> = (11..=16).map(|run| process(&place, [run]).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(place.log().append(&[accepted_of(11)]).unwrap()[0].outcome, Outcome::Duplicate);
    assert_eq!(place.value("select count(*) from provenance_order").as_deref(), Some("9"));
    assert_eq!(place.integrity(), "ok");
}
