//! Who may do what: `service_role` writes through functions, `authenticated` reads, `anon` nothing.

use super::script::{append, event, ingest, literal};
use super::{database, empty_database};
use provost_testkit::postgres::{Database, Flavour, MIGRATIONS};
use serde_json::json;

const READABLE: [&str; 10] = [
    "provenance_schema",
    "provenance_audit_log",
    "provenance_run",
    "provenance_day",
    "provenance_latest",
    "provenance_kpi",
    "provenance_incidents",
    "provenance_open_incidents",
    "provenance_kpi_daily",
    "provenance_seal",
];

const OF_THE_SERVICE: [&str; 5] = [
    "provenance_token_use",
    "provenance_delivery",
    "provenance_outbox",
    "provenance_expectation",
    "provenance_allowance",
];

fn filled() -> Option<Database> {
    let database = database(Flavour::Supabase)?;
    let failure = json!({"status": "failure", "failure_reason": "refused"});
    let mut failed = event("failed");
    failed.as_object_mut().unwrap().extend(failure.as_object().unwrap().clone());
    failed["tag"] = json!("v2");
    append(&database.supabase_role("service_role"), &json!([event("k"), failed]));
    Some(database)
}

fn count(database: &Database, role: &str, relation: &str) -> Result<String, String> {
    let query = format!("select count(*) from {relation}");
    database.supabase_role(role).execute(&query).map_err(|refused| refused.0)
}

#[test]
fn authenticated_and_the_service_read_everything_of_the_log() {
    let Some(database) = filled() else { return };
    for role in ["authenticated", "service_role"] {
        for relation in READABLE {
            let rows = count(&database, role, relation).unwrap();
            let expected = match relation {
                "provenance_schema" => "5",
                "provenance_audit_log" | "provenance_run" | "provenance_latest" => "2",
                "provenance_seal" => "0",
                _ => "1",
            };
            assert_eq!(rows, expected, "{role} {relation}");
        }
    }
}

#[test]
fn anon_reads_nothing_at_all() {
    let Some(database) = filled() else { return };
    for relation in READABLE.iter().chain(&OF_THE_SERVICE) {
        let refused = count(&database, "anon", relation).unwrap_err();
        assert!(refused.contains("permission denied"), "{relation}: {refused}");
    }
}

#[test]
fn tables_of_the_service_are_the_service_s_alone() {
    let Some(database) = filled() else { return };
    for relation in OF_THE_SERVICE {
        assert_eq!(count(&database, "service_role", relation).unwrap(), "0");
        let refused = count(&database, "authenticated", relation).unwrap_err();
        assert!(refused.contains("permission denied"), "{relation}: {refused}");
    }
}

#[test]
fn nobody_writes_past_the_functions() {
    let Some(database) = filled() else { return };
    let statements = [
        "insert into provenance_audit_log (run_id, tag, status, event, event_key, occurred_at)
           values (1, 'v1', 'success', 'validated', 'forged', now())",
        "insert into provenance_run (repository_key, tag, run_id, first_at) values ('', 'v', 1, now())",
        "update provenance_run set status = 'success'",
        "delete from provenance_run",
        "update provenance_day set runs = 0",
        "insert into provenance_schema (version) values (1)",
        "select setval('provenance_audit_log_seq_seq', 1)",
        "select nextval('provenance_audit_log_seq_seq')",
        "select provenance_append(null, null)",
        "insert into provenance_kpi (tag) values ('v1')",
    ];
    for role in ["service_role", "authenticated", "anon"] {
        for statement in statements {
            let refused = database.supabase_role(role).execute(statement).unwrap_err();
            let known = ["permission denied", "cannot insert into view"];
            assert!(known.iter().any(|it| refused.0.contains(it)), "{role} {statement}: {refused}");
        }
    }
}

#[test]
fn functions_are_for_the_service_alone() {
    let Some(database) = filled() else { return };
    let statements = [
        "select * from append_provenance_events('[]')",
        "select * from ingest_provenance_manifest('[]')",
        "select use_provenance_token('i', 'j', 'b', now())",
        "select lock_provenance_log()",
        "begin; select count_provenance_request('x', 1); rollback",
    ];
    for statement in statements {
        database.supabase_role("service_role").execute(statement).unwrap();
        for role in ["authenticated", "anon"] {
            let refused = database.supabase_role(role).execute(statement).unwrap_err();
            assert!(refused.0.contains("permission denied for function"), "{role}: {refused}");
        }
    }
    let open = "select proname from pg_proc where pronamespace = 'public'::regnamespace
        and (has_function_privilege('anon', oid, 'execute')
          or has_function_privilege('authenticated', oid, 'execute'))";
    assert_eq!(database.superuser().execute(open).unwrap(), "");
}

#[test]
fn default_privileges_of_a_project_give_nothing_away() {
    let Some(database) = empty_database(Flavour::Supabase) else { return };
    for (_, text) in MIGRATIONS {
        database.owner().execute_as_one(text).unwrap();
    }
    // What a project makes beside it still has them: they were there.
    database.owner().execute("create table beside (id int)").unwrap();
    let given = "select string_agg(relname, ' ') from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S')
          and case relkind
            when 'S' then has_sequence_privilege('anon', oid, 'usage, select, update')
            else has_table_privilege('anon', oid,
              'select, insert, update, delete, truncate, references, trigger')
          end";
    assert_eq!(database.superuser().execute(given).unwrap(), "beside");
    let written = "select string_agg(relname, ' ' order by relname) from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
          and has_table_privilege('authenticated', oid,
            'insert, update, delete, truncate, references, trigger')";
    assert_eq!(database.superuser().execute(written).unwrap(), "beside");
}

#[test]
fn row_level_security_is_on_for_every_table() {
    let Some(database) = filled() else { return };
    let without = "select count(*) from pg_class where relnamespace = 'public'::regnamespace
        and relkind = 'r' and not relrowsecurity";
    assert_eq!(database.superuser().execute(without).unwrap(), "0");
    // A grant by mistake shows nothing to those for whom there is no policy.
    database.owner().execute("grant select on all tables in schema public to anon").unwrap();
    for relation in READABLE.iter().chain(&OF_THE_SERVICE) {
        assert_eq!(count(&database, "anon", relation).unwrap(), "0", "{relation}");
    }
}

#[test]
fn another_search_path_leads_no_function_astray() {
    let Some(database) = filled() else { return };
    let trap = "create schema trap;
        grant usage, create on schema trap to service_role;
        create table trap.provenance_audit_log (like public.provenance_audit_log);
        create function trap.now() returns timestamptz language sql as $$ select '1999-01-01'::timestamptz $$;
        create function trap.sha256(bytea) returns bytea language sql as $$ select '\\x00'::bytea $$;
        grant all on all tables in schema trap to service_role;";
    database.superuser().execute(trap).unwrap();
    let service = database.supabase_role("service_role");
    let entries = json!([super::script::entry(5, "v5")]);
    let call = format!(
        "set search_path = trap, public, pg_catalog;
         create temp table provenance_run (like public.provenance_run);
         select outcome, event_key from public.ingest_provenance_manifest({})",
        literal(&entries.to_string())
    );
    let answer = service.execute(&call).unwrap();
    let again = ingest(&service, &entries);
    assert_eq!(again[0].outcome, "duplicate");
    assert_eq!(answer, format!("inserted|{}", again[0].event_key.as_ref().unwrap()));
    let trapped = "select count(*) from trap.provenance_audit_log";
    assert_eq!(database.superuser().execute(trapped).unwrap(), "0");
    let definers = "select count(*) from pg_proc where pronamespace = 'public'::regnamespace
        and prosecdef and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)";
    assert_eq!(database.superuser().execute(definers).unwrap(), "0");
}
