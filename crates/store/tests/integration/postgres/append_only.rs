//! What is in the log stays there as it is, whoever asks.

use super::database;
use super::script::{append, event};
use provost_testkit::postgres::{Database, Flavour, Session};
use serde_json::json;

/// Everything that would change a row, or take it away.
const CHANGES: [&str; 7] = [
    "update provenance_audit_log set status = 'success'",
    "update provenance_audit_log set status = 'success' where false",
    "delete from provenance_audit_log",
    "delete from provenance_audit_log where false",
    "truncate provenance_audit_log",
    "truncate provenance_audit_log cascade",
    "insert into provenance_audit_log (run_id, tag, status, event, event_key, occurred_at)
       values (1, 'v1', 'failure', 'validated', 'k', now())
     on conflict (event_key) do update set status = 'failure'",
];

fn filled(flavour: Flavour) -> Option<Database> {
    let database = database(flavour)?;
    let answers = append(&database.owner(), &json!([event("k")]));
    assert_eq!(answers[0].outcome, "inserted");
    Some(database)
}

fn refuses_every_change(database: &Database, session: &Session, words: &str) {
    let rows = "select count(*), max(status) from provenance_audit_log";
    for change in CHANGES {
        let refused = session.execute(change).unwrap_err();
        assert!(refused.0.contains(words), "{change}: {refused}");
        assert_eq!(database.superuser().execute(rows).unwrap(), "1|success", "{change}");
    }
}

#[test]
fn the_owner_and_a_superuser_cannot_change_the_log() {
    for flavour in [Flavour::Plain, Flavour::Supabase] {
        let Some(database) = filled(flavour) else { return };
        refuses_every_change(&database, &database.owner(), "append-only");
        refuses_every_change(&database, &database.superuser(), "append-only");
    }
}

#[test]
fn no_role_of_supabase_can_change_the_log() {
    let Some(database) = filled(Flavour::Supabase) else { return };
    for role in ["service_role", "authenticated", "anon"] {
        refuses_every_change(&database, &database.supabase_role(role), "permission denied");
    }
}

#[test]
fn a_role_with_every_right_on_the_log_meets_the_trigger() {
    let Some(database) = filled(Flavour::Supabase) else { return };
    database.owner().execute("grant all on provenance_audit_log to service_role").unwrap();
    let service = database.supabase_role("service_role");
    refuses_every_change(&database, &service, "append-only");
}

#[test]
fn replica_mode_does_not_switch_the_trigger_off() {
    let Some(database) = filled(Flavour::Plain) else { return };
    let statement = "set session_replication_role = replica; delete from provenance_audit_log";
    let refused = database.superuser().execute(statement).unwrap_err();
    assert!(refused.0.contains("append-only"), "{refused}");
}

#[test]
fn a_merge_changes_nothing_either() {
    let Some(database) = filled(Flavour::Plain) else { return };
    for action in ["update set status = 'failure'", "delete"] {
        let statement = format!(
            "merge into provenance_audit_log as log using (values ('k')) as other (k)
               on other.k = log.event_key when matched then {action}"
        );
        let refused = database.superuser().execute(&statement).unwrap_err();
        assert!(refused.0.contains("append-only"), "{refused}");
    }
}

#[test]
fn seals_are_append_only_too() {
    let Some(database) = filled(Flavour::Supabase) else { return };
    let seal = "insert into provenance_seal (seal, first_id, last_id, first_seq, last_seq, rows,
          leaves, hash, previous)
        select 1, id, id, seq, seq, 1, repeat('x', 48)::bytea, repeat('y', 32)::bytea,
          repeat('z', 32)::bytea from provenance_audit_log";
    database.supabase_role("authenticated").execute(seal).unwrap_err();
    database.supabase_role("service_role").execute(seal).unwrap();
    for change in [
        "update provenance_seal set sealed_at = now()",
        "delete from provenance_seal",
        "truncate provenance_seal",
    ] {
        for session in [database.owner(), database.superuser()] {
            let refused = session.execute(change).unwrap_err();
            assert!(refused.0.contains("append-only"), "{refused}");
        }
        database.supabase_role("service_role").execute(change).unwrap_err();
    }
}
