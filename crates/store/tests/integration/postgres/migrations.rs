//! Applying the files: twice, beside other things, with and without Supabase's roles.

use super::empty_database;
use super::script::{append, event};
use provost_testkit::postgres::{Database, Flavour, MIGRATIONS};
use serde_json::json;

fn apply(database: &Database) -> Result<(), String> {
    for (_, text) in MIGRATIONS {
        database.owner().execute_as_one(text).map_err(|refused| refused.0)?;
    }
    Ok(())
}

/// Everything that the catalogue knows of the schema, its rights included.
fn catalogue(database: &Database) -> String {
    let query = "
        select 'class', relname, relkind, relacl, reloptions, relrowsecurity from pg_class
          where relnamespace = 'public'::regnamespace order by 2;
        select 'column', attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull
          from pg_attribute join pg_class on pg_class.oid = attrelid
          where relnamespace = 'public'::regnamespace and attnum > 0 order by 2, 3;
        select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
          where connamespace = 'public'::regnamespace order by 2, 3;
        select 'function', proname, proacl, prosecdef, proconfig, prosrc, prosqlbody is null
          from pg_proc where pronamespace = 'public'::regnamespace order by 2;
        select 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid)
          from pg_trigger order by 2, 3;
        select 'policy', tablename, policyname, roles, cmd, qual, with_check from pg_policies
          order by 2, 3;
        select 'view', viewname, definition from pg_views where schemaname = 'public' order by 2;
        select 'version', version, applied_at from provenance_schema order by 2;";
    database.superuser().execute(query).unwrap()
}

#[test]
fn a_second_run_changes_nothing() {
    for flavour in [Flavour::Plain, Flavour::Supabase] {
        let Some(database) = empty_database(flavour) else { return };
        apply(&database).unwrap();
        append(&database.owner(), &json!([event("k")]));
        let before = catalogue(&database);
        apply(&database).unwrap();
        assert_eq!(catalogue(&database), before);
        let rows = "select count(*) from provenance_kpi";
        assert_eq!(database.owner().execute(rows).unwrap(), "1");
        let versions =
            "select string_agg(version::text, ' ' order by version) from provenance_schema";
        let versions = database.owner().execute(versions).unwrap();
        assert_eq!(versions, "20260201 20260215 20260301 20260401 20260501");
    }
}

#[test]
fn statements_may_also_be_run_one_by_one() {
    let Some(database) = empty_database(Flavour::Supabase) else { return };
    for (_, text) in MIGRATIONS {
        database.owner().execute(text).unwrap();
    }
    assert_eq!(append(&database.owner(), &json!([event("k")]))[0].outcome, "inserted");
}

#[test]
fn the_tables_of_a_project_beside_them_are_left_alone() {
    let Some(database) = empty_database(Flavour::Supabase) else { return };
    let project = "create table releases (id int primary key, tag text);
        alter table releases enable row level security;
        create policy everybody on releases for select to anon using (true);
        create view provenance_of_mine as select tag from releases;
        create function kpi() returns int language sql as 'select 1';
        insert into releases values (1, 'v1');";
    database.owner().execute(project).unwrap();
    apply(&database).unwrap();
    let anon = database.supabase_role("anon");
    assert_eq!(anon.execute("select tag from releases").unwrap(), "v1");
    assert_eq!(anon.execute("select tag from provenance_of_mine; select kpi()").unwrap(), "v1\n1");
}

#[test]
fn a_table_of_somebody_else_is_refused_by_name_and_left_as_it_is() {
    for (name, definition) in [
        ("provenance_audit_log", "table provenance_audit_log (id int)"),
        ("provenance_kpi", "view provenance_kpi as select 1 as mine"),
    ] {
        let Some(database) = empty_database(Flavour::Plain) else { return };
        database.owner().execute(&format!("create {definition}")).unwrap();
        let refused = apply(&database).unwrap_err();
        assert!(refused.contains(&format!("public.{name} is there already")), "{refused}");
        let relations = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
        assert_eq!(database.owner().execute(relations).unwrap(), "1");
    }
}

#[test]
fn roles_that_are_made_later_get_their_rights_by_another_run() {
    let Some(database) = empty_database(Flavour::Supabase) else { return };
    apply(&database).unwrap();
    let revoked = "revoke all on all tables in schema public from authenticated, service_role;
        drop policy provenance_read_authenticated on provenance_audit_log;";
    database.owner().execute(revoked).unwrap();
    let reader = database.supabase_role("authenticated");
    reader.execute("select * from provenance_kpi").unwrap_err();
    apply(&database).unwrap();
    append(&database.owner(), &json!([event("k")]));
    assert_eq!(reader.execute("select count(*) from provenance_incidents").unwrap(), "0");
    assert_eq!(reader.execute("select count(*) from provenance_audit_log").unwrap(), "1");
}
