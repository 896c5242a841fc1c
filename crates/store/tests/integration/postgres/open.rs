//! A database as a program of ours: opened, migrated, told apart from others, and what is said when
//! it does not work.

use super::{Program, database, empty_database, unopened};
use crate::sample::accepted;
use provost_store::{KpiFilter, PostgresError, StoreError};
use provost_testkit::postgres::{Flavour, PASSWORD};

#[test]
fn an_empty_database_gets_its_schema_on_first_use() {
    for flavour in [Flavour::Plain, Flavour::Supabase] {
        let Some(database) = empty_database(flavour) else { return };
        let program = Program::open(&database.url(true));
        let event = accepted("v1", 1, 0);
        program.run(async move |it| it.append(&[event]).await).unwrap();
        let schema = program.run(async |it| it.schema().await).unwrap();
        assert_eq!((schema.found, schema.supported), (20_260_501, 20_260_501));
        assert_eq!(database.owner().execute("select count(*) from provenance_kpi").unwrap(), "1");
    }
}

#[test]
fn of_many_programs_that_find_an_empty_database_one_migrates_it() {
    let Some(database) = empty_database(Flavour::Plain) else { return };
    std::thread::scope(|scope| {
        for number in 0..6 {
            let url = database.url(true);
            scope.spawn(move || {
                let event = accepted("v1", number, 0);
                Program::open(&url).run(async move |it| it.append(&[event]).await).unwrap();
            });
        }
    });
    let rows = "select count(*) from provenance_audit_log";
    assert_eq!(database.owner().execute(rows).unwrap(), "6");
}

#[test]
fn an_older_schema_is_migrated_when_asked_and_not_written_before() {
    let Some(database) = database(Flavour::Plain) else { return };
    let older = "delete from provenance_schema where version >= 20260301;
        drop table provenance_token_use, provenance_delivery, provenance_outbox,
          provenance_expectation; drop function use_provenance_token;
        drop table provenance_allowance; drop index provenance_run_releases;";
    database.owner().execute(older).unwrap();
    let program = Program::open(&database.url(true));
    let event = accepted("v1", 1, 0);
    let once_more = event.clone();
    let refused = program.run(async move |it| it.append(&[event]).await).unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, StoreError::OlderSchema { .. }), "{text}");
    for named in ["20260215", "20260501", "provost store migrate"] {
        assert!(text.contains(named), "{text}");
    }
    program.run(async |it| it.migrate().await).unwrap();
    program.run(async move |it| it.append(&[once_more]).await).unwrap();
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let Some(database) = database(Flavour::Plain) else { return };
    database.owner().execute("insert into provenance_schema (version) values (20990101)").unwrap();
    let text = unopened(&database.url(true)).to_string();
    assert!(text.contains("20990101") && text.contains("20260501"), "{text}");
}

#[test]
fn a_table_of_another_program_is_refused_and_left_as_it_is() {
    let Some(database) = empty_database(Flavour::Plain) else { return };
    database.owner().execute("create table provenance_audit_log (mine int)").unwrap();
    let refused = unopened(&database.url(true));
    let StoreError::Postgres(PostgresError::Foreign { object, .. }) = &refused else {
        panic!("{refused}")
    };
    assert_eq!(object, "provenance_audit_log");
    let relations = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
    assert_eq!(database.owner().execute(relations).unwrap(), "1");
}

#[test]
fn a_log_without_its_append_only_trigger_is_not_trusted() {
    for statement in [
        "drop trigger provenance_audit_log_append_only on provenance_audit_log",
        "alter table provenance_audit_log disable trigger provenance_audit_log_append_only",
    ] {
        let Some(database) = database(Flavour::Plain) else { return };
        database.owner().execute(statement).unwrap();
        let refused = unopened(&database.url(true));
        assert!(matches!(refused, StoreError::SchemaAltered { .. }), "{refused}");
    }
}

#[test]
fn every_failure_says_what_it_is_and_never_the_password() {
    let Some(database) = database(Flavour::Plain) else { return };
    let url = database.url(true);
    let port = format!(":{}/", database.cluster().port());
    let name = format!("/{}", database.name());
    let cases = [
        (url.replace(PASSWORD, "canary-that-is-wrong"), "PROVOST_STORE_PASSWORD"),
        (url.replace("//provost:", "//nobody:"), "PROVOST_STORE_PASSWORD"),
        (url.replace(&name, "/no_such_database"), "no database"),
        // Port 1 is a service that nobody runs.
        (url.replace(&port, ":1/"), "cannot reach"),
        (format!("{url}?sslmode=require"), "protected"),
    ];
    for (url, words) in cases {
        let refused = unopened(&url);
        let mut said = format!("{refused} {refused:?}");
        let mut source = std::error::Error::source(&refused);
        while let Some(error) = source {
            said += &format!(" {error} {error:?}");
            source = error.source();
        }
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn what_the_server_does_not_permit_is_named() {
    let Some(database) = database(Flavour::Plain) else { return };
    let read_only =
        format!("alter database {} set default_transaction_read_only = on", database.name());
    database.owner().execute(&read_only).unwrap();
    let program = Program::open(&database.url(true));
    let event = accepted("v1", 1, 0);
    let refused = program.run(async move |it| it.append(&[event]).await).unwrap_err();
    let is_read_only = matches!(refused, StoreError::Postgres(PostgresError::ReadOnly { .. }));
    assert!(is_read_only, "{refused}");

    let name = format!("stranger_{}", database.name());
    let stranger = format!(
        "set default_transaction_read_only = off; create role {name} login password '{PASSWORD}'"
    );
    database.superuser().execute(&stranger).unwrap();
    let refused = unopened(&database.url(true).replace("//provost:", &format!("//{name}:")));
    let gone = format!("set default_transaction_read_only = off; drop role {name}");
    database.superuser().execute(&gone).unwrap();
    let forbidden = matches!(refused, StoreError::Postgres(PostgresError::Forbidden { .. }));
    assert!(forbidden, "{refused}");
}

#[test]
fn a_statement_that_takes_too_long_ends() {
    let Some(database) = database(Flavour::Plain) else { return };
    let program = Program::open(&format!("{}?statement_timeout=200ms", database.url(true)));
    let held = "begin; lock table provenance_audit_log in exclusive mode;
        do $$ begin for try in 1..2000 loop
          exit when exists (select 1 from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock');
          perform pg_sleep(0.005); perform pg_stat_clear_snapshot();
        end loop; perform pg_sleep(1); end $$; rollback;";
    let refused = std::thread::scope(|scope| {
        let session = database.owner();
        let holder = scope.spawn(move || session.execute(held).unwrap());
        let is_held = "select count(*) from pg_locks join pg_class on relation = pg_class.oid
            where relname = 'provenance_audit_log' and mode = 'ExclusiveLock' and granted";
        while database.owner().execute(is_held).unwrap() == "0" {}
        let event = accepted("v1", 1, 0);
        let refused = program.run(async move |it| it.append(&[event]).await).unwrap_err();
        holder.join().unwrap();
        refused
    });
    let is_timeout = matches!(refused, StoreError::Postgres(PostgresError::Timeout { .. }));
    assert!(is_timeout, "{refused}");
    let event = accepted("v1", 1, 0);
    program.run(async move |it| it.append(&[event]).await).unwrap();
}

#[test]
fn a_member_of_service_role_can_do_all_that_a_service_does() {
    let Some(database) = database(Flavour::Supabase) else { return };
    let name = format!("service_{}", database.name());
    let role =
        format!("create role {name} login inherit password '{PASSWORD}' in role service_role");
    database.superuser().execute(&role).unwrap();
    let program = Program::open(&database.url(true).replace("//postgres:", &format!("//{name}:")));
    super::pooled::everything_of_a_service(&program);
    let kpi = program.run(async |it| it.kpi(&KpiFilter::default()).await).unwrap();
    assert!(!kpi.is_empty());
    program.close();
    let drop = format!("drop role {name}");
    database.superuser().execute(&drop).unwrap();
}
