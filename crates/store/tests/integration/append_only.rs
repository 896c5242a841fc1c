//! No statement changes or removes a row, whichever program runs it.

use crate::sample::{Place, accepted, refused};
use provost_store::{EventLog, StoreError};

/// The row that must not change, as text.
fn row(place: &Place) -> Option<String> {
    place.value(
        "select json_array(id, run_id, tag, status, event_key, occurred_at, created_at, decision)
         from provenance_audit_log",
    )
}

#[test]
fn every_way_of_changing_a_row_is_refused() {
    let place = Place::new();
    let sent = accepted("v1", 1, 0);
    let id = place.log().append(std::slice::from_ref(&sent)).unwrap()[0].id;
    let key = sent.key.as_str();
    let before = row(&place);
    assert!(before.is_some());

    let columns = "(id, run_id, tag, status, event, event_key, occurred_at)";
    let rest = "2, 'v2', 'failure', 'validated'";
    let time = "'2026-11-23T12:00:00.000000Z'";
    let other_id = "00000000-0000-7000-8000-000000000000";
    let same_key = format!("{columns} values ('{other_id}', {rest}, '{key}', {time})");
    let same_id = format!("{columns} values ('{id}', {rest}, 'other', {time})");
    let table = "provenance_audit_log";
    for statement in [
        format!("update {table} set status = 'failure'"),
        format!("update {table} set actor = actor"),
        format!("update or ignore {table} set tag = 'v2'"),
        format!("update or replace {table} set event_key = '{key}'"),
        format!("delete from {table}"),
        format!("delete from {table} where id = '{id}'"),
        format!("insert into {table} {same_key}"),
        format!("insert or ignore into {table} {same_key}"),
        format!("insert or replace into {table} {same_key}"),
        format!("replace into {table} {same_id}"),
        format!("replace into {table} {same_key}"),
        format!("insert or rollback into {table} {same_id}"),
        format!("insert into {table} {same_key} on conflict do update set tag = excluded.tag"),
        format!("insert into {table} {same_key} on conflict do nothing"),
        format!("pragma recursive_triggers = on; replace into {table} {same_key}"),
        format!("pragma recursive_triggers = off; replace into {table} {same_id}"),
        format!("update {table} set rowid = 2"),
    ] {
        let refused = place.execute(&statement);
        let text = refused.expect_err(&statement).to_string();
        let named = text.contains("append-only") || text.contains("no such column: rowid");
        assert!(named, "{statement}: {text}");
        assert_eq!(row(&place), before, "{statement}");
    }
    // There is no row number that REPLACE could take a row away by.
    let by_rowid = format!("insert or replace into {table} (rowid) values (1)");
    assert!(place.execute(&by_rowid).is_err());
    assert_eq!(row(&place), before);
}

#[test]
fn rows_that_the_program_would_not_write_are_refused() {
    let place = Place::new();
    drop(place.log());
    let insert = |change: (&str, &str)| {
        let mut columns = vec![
            ("id", "'00000000-0000-7000-8000-000000000000'"),
            ("run_id", "1"),
            ("tag", "'v1'"),
            ("status", "'success'"),
            ("event", "'validated'"),
            ("event_key", "'k'"),
            ("occurred_at", "'2026-11-23T12:00:00.000000Z'"),
        ];
        columns.retain(|(column, _)| *column != change.0);
        columns.push(change);
        let (names, values): (Vec<&str>, Vec<&str>) = columns.into_iter().unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        place.execute(&format!("insert into provenance_audit_log ({names}) values ({values})"))
    };
    for change in [
        ("id", "null"),
        ("id", "'short'"),
        ("run_id", "null"),
        ("run_id", "-1"),
        ("run_id", "'x'"),
        ("run_id", "1.5"),
        ("tag", "null"),
        ("status", "'ok'"),
        ("status", "null"),
        ("event", "'deleted'"),
        ("event_key", "''"),
        ("event_key", "null"),
        ("occurred_at", "'2026-11-23T12:00:00Z'"),
        ("occurred_at", "'yesterday'"),
        ("created_at", "'2026'"),
        ("validated_at", "'2026'"),
        ("attempt", "-1"),
        ("attempt", "'x'"),
        ("slsa_build_level", "256"),
        ("decision", "'{'"),
    ] {
        let refused = insert(change).expect_err(&format!("{change:?}")).to_string();
        assert!(refused.contains("constraint failed"), "{change:?}: {refused}");
    }
    assert_eq!(place.keys(), [""; 0]);
    insert(("decision", "'{}'")).unwrap();
    assert_eq!(place.keys(), ["k"]);
}

#[test]
fn a_log_without_its_guards_is_refused() {
    for (object, statement) in [
        ("provenance_audit_log_no_delete", "drop trigger provenance_audit_log_no_delete"),
        (
            "provenance_audit_log_no_update",
            "drop trigger provenance_audit_log_no_update;
             create trigger provenance_audit_log_no_update before update on provenance_audit_log
             when false begin select raise(abort, 'no'); end",
        ),
        (
            "provenance_kpi",
            "drop view provenance_kpi;
             create view provenance_kpi as select * from provenance_latest",
        ),
    ] {
        let place = Place::new();
        place.log().append(&[refused("v1", 1, 0)]).unwrap();
        place.execute(statement).unwrap();
        match EventLog::open(&place.url()) {
            Err(StoreError::SchemaAltered { object: found, .. }) => assert_eq!(found, object),
            other => panic!("{statement}: {other:?}"),
        }
    }
}

#[test]
fn views_of_one_s_own_may_stand_beside() {
    let place = Place::new();
    place.log().append(&[accepted("v1", 1, 0)]).unwrap();
    place.execute("create view mine as select tag from provenance_kpi").unwrap();
    assert_eq!(place.log().kpi(&Default::default()).unwrap().len(), 1);
}
