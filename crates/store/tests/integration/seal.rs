//! Whoever changes sealed rows past the program is found out, and the first such place is named.

use crate::sample::{accepted, at};
use crate::target::{Target, on_every_store};
use provost_store::{Anchor, EventLog, Fault, RowFault, SealFault};
use uuid::Uuid;

/// Two seals of three rows each, and a row under none. The ids, in order.
fn sealed(target: &Target) -> (EventLog, Vec<Uuid>, [Anchor; 2]) {
    let log = target.log();
    let mut ids = Vec::new();
    let mut append = |runs: std::ops::Range<u64>| {
        for run in runs {
            let event = accepted(&format!("v{run}"), run, run as i64);
            ids.push(log.append(&[event]).unwrap()[0].id);
        }
    };
    append(1..4);
    let first = log.seal(at(0)).unwrap();
    assert_eq!((first.seals, first.rows), (1, 3));
    append(4..7);
    let second = log.seal(at(1)).unwrap().newest.unwrap();
    append(7..8);
    (log, ids, [first.newest.unwrap(), second])
}

/// Runs statements with everything that guards the tables out of the way.
fn tamper(target: &Target, statements: &str) {
    let unguarded = match target {
        Target::Sqlite(_) | Target::Endpoint(_) => {
            let triggers = [
                "audit_log_no_update",
                "audit_log_no_delete",
                "audit_log_no_replace",
                "order_no_update",
                "order_no_delete",
                "order_no_replace",
                "seal_no_update",
                "seal_no_delete",
                "seal_no_replace",
            ];
            let definitions: Vec<String> = triggers
                .iter()
                .map(|trigger| {
                    let name = format!("provenance_{trigger}");
                    let query = format!("select sql from sqlite_schema where name = '{name}'");
                    format!("{};", target.value(&query).unwrap())
                })
                .collect();
            let drops: String =
                triggers.map(|trigger| format!("drop trigger provenance_{trigger};")).concat();
            // Put back, since a log without its guards is refused as such.
            format!(
                "pragma ignore_check_constraints = on; {drops} {statements}; {}",
                definitions.concat()
            )
        }
        Target::Postgres(_) => {
            let tables = ["provenance_audit_log", "provenance_seal"];
            let disable = tables.map(|table| format!("alter table {table} disable trigger user;"));
            let enable = tables.map(|table| {
                format!("alter table {table} enable always trigger {table}_append_only;")
            });
            format!("{} {statements}; {}", disable.concat(), enable.concat())
        }
    };
    target.execute(&unguarded).unwrap_or_else(|error| panic!("{statements}: {error}"));
}

fn row(fault: RowFault, id: Uuid, seq: Option<i64>, seal: Option<u64>) -> Option<Fault> {
    Some(Fault::Row { fault, id, seq, seal })
}

fn seal(fault: SealFault, seal: u64) -> Option<Fault> {
    Some(Fault::Seal { fault, seal })
}

/// What is found after statements, which may name the ids by `{1}` to `{7}`.
fn found_after(target: &Target, ids: &[Uuid], statements: &str) -> Option<Fault> {
    let mut named = statements.to_owned();
    for (index, id) in ids.iter().enumerate() {
        named = named.replace(&format!("{{{}}}", index + 1), &id.to_string());
    }
    tamper(target, &named);
    target.log().verify(&[]).unwrap().fault
}

#[test]
fn a_sealed_log_is_as_it_was() {
    on_every_store(|target| {
        let (log, _, anchors) = sealed(target);
        let verification = log.verify(&anchors).unwrap();
        assert_eq!(verification.fault, None);
        assert_eq!((verification.seals, verification.rows, verification.unsealed), (2, 6, 1));
        assert_eq!(verification.newest, Some(anchors[1]));
        assert_eq!(log.newest_seal().unwrap(), Some(anchors[1]));
        // Another seal takes in the rest, one more has nothing to do.
        assert_eq!((log.seal(at(2)).unwrap().seals, log.seal(at(3)).unwrap().seals), (1, 0));
        let verification = log.verify(&anchors).unwrap();
        assert_eq!((verification.seals, verification.unsealed, verification.fault), (3, 0, None));
    });
}

#[test]
fn an_empty_log_has_nothing_to_seal() {
    on_every_store(|target| {
        let log = target.log();
        let sealed = log.seal(at(0)).unwrap();
        assert_eq!((sealed.seals, sealed.rows, sealed.newest), (0, 0, None));
        let verification = log.verify(&[]).unwrap();
        assert_eq!((verification.seals, verification.fault), (0, None));
    });
}

#[test]
fn many_rows_go_under_several_seals() {
    on_every_store(|target| {
        let log = target.log();
        let events: Vec<_> = (1..=2_500).map(|run| accepted("v1", run, run as i64)).collect();
        log.append(&events).unwrap();
        let sealed = log.seal(at(0)).unwrap();
        assert_eq!((sealed.seals, sealed.rows), (3, 2_500));
        let verification = log.verify(&[]).unwrap();
        assert_eq!(
            (verification.rows, verification.unsealed, verification.fault),
            (2_500, 0, None)
        );
    });
}

#[test]
fn an_altered_row_is_named_whatever_column_it_is() {
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let table = "provenance_audit_log";
        let time = "'2020-01-01T00:00:00.000000Z'";
        for (column, value) in [
            ("run_id", "999"),
            ("tag", "'other'"),
            ("release_url", "null"),
            ("artifact_path", "''"),
            ("status", "'failure'"),
            ("failure_reason", "''"),
            ("created_at", time),
            ("repository", "'acme/other'"),
            ("event", "'provenance'"),
            ("event_key", "'other'"),
            ("occurred_at", time),
            ("attempt", "null"),
            ("validated_at", time),
            ("commit_sha", "'other'"),
            ("builder_id", "'other'"),
            ("slsa_build_level", "1"),
            ("decision", r#"'{"outcome":"other"}'"#),
            ("manifest_sha256", "'other'"),
            ("actor", "'other'"),
        ] {
            let before =
                target.value(&format!("select {column} from {table} where id = '{}'", ids[4]));
            let before = before.map_or("null".to_owned(), |text| format!("'{text}'"));
            let change = format!("update {table} set {column} = {value} where id = '{{5}}'");
            let found = found_after(target, &ids, &change);
            assert_eq!(found, row(RowFault::Altered, ids[4], Some(5), Some(2)), "{column}");
            let undo = match column {
                "run_id" | "attempt" | "slsa_build_level" => before.replace('\'', ""),
                _ => before,
            };
            let undo = format!("update {table} set {column} = {undo} where id = '{{5}}'");
            assert_eq!(found_after(target, &ids, &undo), None, "{column}");
        }
    });
}

#[test]
fn a_row_that_is_gone_is_named() {
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let found = found_after(target, &ids, "delete from provenance_audit_log where id = '{2}'");
        // Where the order of the rows is kept apart from them, it still tells the number.
        let seq = matches!(target, Target::Sqlite(_)).then_some(2);
        assert_eq!(found, row(RowFault::Missing, ids[1], seq, Some(1)));
    });
}

#[test]
fn the_last_rows_of_a_seal_are_missed_too() {
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let gone = match target {
            Target::Sqlite(_) | Target::Endpoint(_) => {
                "delete from provenance_audit_log where id in ('{6}', '{7}');
                 delete from provenance_order where seq > 5"
            }
            Target::Postgres(_) => "delete from provenance_audit_log where id in ('{6}', '{7}')",
        };
        assert_eq!(found_after(target, &ids, gone), row(RowFault::Missing, ids[5], None, Some(2)));
    });
}

/// Statements that give the rows at these two numbers each other's.
fn swap(target: &Target, one: i64, other: i64) -> String {
    let (table, set) = match target {
        Target::Sqlite(_) | Target::Endpoint(_) => ("provenance_order", ""),
        Target::Postgres(_) => (
            "provenance_audit_log",
            "alter table provenance_audit_log alter column seq set generated by default;",
        ),
    };
    format!(
        "{set} update {table} set seq = 1000000 where seq = {one};
         update {table} set seq = {one} where seq = {other};
         update {table} set seq = {other} where seq = 1000000"
    )
}

#[test]
fn rows_that_changed_places_are_named() {
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let within = swap(target, 2, 3);
        assert_eq!(
            found_after(target, &ids, &within),
            row(RowFault::Reordered, ids[2], Some(2), Some(1))
        );
        assert_eq!(found_after(target, &ids, &within), None);
        let across = swap(target, 3, 5);
        assert_eq!(
            found_after(target, &ids, &across),
            row(RowFault::Reordered, ids[4], Some(3), Some(1))
        );
    });
}

#[test]
fn a_row_slipped_in_is_named() {
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        // The row that is under no seal takes a place among those that are.
        let slip = match target {
            Target::Sqlite(_) | Target::Endpoint(_) => {
                "update provenance_order set seq = seq + 1000 where seq > 4;
                 update provenance_order set seq = 5 where seq = 1007;
                 update provenance_order set seq = seq - 999 where seq > 1000"
            }
            Target::Postgres(_) => {
                "alter table provenance_audit_log alter column seq set generated by default;
                 update provenance_audit_log set seq = seq + 1000 where seq > 4;
                 update provenance_audit_log set seq = 5 where seq = 1007;
                 update provenance_audit_log set seq = seq - 999 where seq > 1000"
            }
        };
        assert_eq!(
            found_after(target, &ids, slip),
            row(RowFault::SlippedIn, ids[6], Some(5), Some(2))
        );
    });
}

#[test]
fn an_altered_seal_is_named_with_what_is_wrong_with_it() {
    let hex = |byte: &str| byte.repeat(32);
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let blob = |hex: &str| match target {
            Target::Sqlite(_) | Target::Endpoint(_) => format!("x'{hex}'"),
            Target::Postgres(_) => format!("'\\x{hex}'::bytea"),
        };
        let other = blob(&hex("ab"));
        let leaves = blob(&hex("cd").repeat(9)[..288]);
        for (change, fault, number) in [
            (format!("hash = {other}"), SealFault::Hash, 1),
            (format!("leaves = {leaves}"), SealFault::Leaves, 1),
            (format!("previous = {other}"), SealFault::Previous, 1),
            (format!("previous = {other}"), SealFault::Previous, 2),
            (format!("hash = {other}"), SealFault::Hash, 2),
            ("first_id = last_id".to_owned(), SealFault::Bounds, 1),
            ("last_id = first_id".to_owned(), SealFault::Bounds, 2),
            ("first_seq = first_seq + 1".to_owned(), SealFault::Bounds, 2),
            ("last_seq = last_seq - 1".to_owned(), SealFault::Bounds, 1),
        ] {
            let keep = "create table kept as select * from provenance_seal";
            let change =
                format!("{keep}; update provenance_seal set {change} where seal = {number}");
            assert_eq!(found_after(target, &ids, &change), seal(fault, number), "{change}");
            let undo = "delete from provenance_seal;
                        insert into provenance_seal select * from kept; drop table kept";
            assert_eq!(found_after(target, &ids, undo), None, "{change}");
        }
    });
}

#[test]
fn a_seal_that_is_gone_is_named() {
    on_every_store(|target| {
        let (_log, ids, anchors) = sealed(target);
        // Without the newest, its rows look as if they had not been sealed yet; an anchor knows.
        let newest = "delete from provenance_seal where seal = 2";
        assert_eq!(found_after(target, &ids, newest), None);
        let verification = target.log().verify(&anchors).unwrap();
        assert_eq!((verification.unsealed, verification.fault), (4, seal(SealFault::Missing, 2)));
    });
    on_every_store(|target| {
        let (_log, ids, _) = sealed(target);
        let first = "delete from provenance_seal where seal = 1";
        assert_eq!(found_after(target, &ids, first), seal(SealFault::Missing, 1));
    });
}

#[test]
fn a_log_that_was_sealed_anew_is_not_the_one_of_the_anchor() {
    on_every_store(|target| {
        let (log, ids, anchors) = sealed(target);
        let anew = "update provenance_audit_log set actor = 'other' where id = '{2}';
                    delete from provenance_seal";
        assert_eq!(found_after(target, &ids, anew), None);
        log.seal(at(9)).unwrap();
        assert_eq!(log.verify(&[]).unwrap().fault, None);
        assert_eq!(log.verify(&anchors[..1]).unwrap().fault, seal(SealFault::Anchor, 1));
    });
}

#[test]
fn a_fault_says_in_one_line_what_and_where() {
    let id = Uuid::from_u128(7);
    let fault = |fault, seq, seal| Fault::Row { fault, id, seq, seal }.to_string();
    assert_eq!(
        fault(RowFault::Altered, Some(5), Some(2)),
        "row 00000000-0000-0000-0000-000000000007 (number 5) of seal 2 was altered"
    );
    assert_eq!(
        fault(RowFault::Missing, None, None),
        "row 00000000-0000-0000-0000-000000000007 is missing"
    );
    let seal = Fault::Seal { fault: SealFault::Previous, seal: 3 };
    assert_eq!(seal.to_string(), "seal 3 does not continue the seal before it");
}
