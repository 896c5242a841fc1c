//! Names and order of the columns, which dashboards and queries of others rely on.

use super::database;
use crate::sample::Place;
use provost_testkit::postgres::{Database, Flavour};

fn columns(database: &Database, relation: &str) -> Vec<String> {
    let query = format!(
        "select attname from pg_attribute where attrelid = 'public.{relation}'::regclass
           and attnum > 0 and not attisdropped order by attnum"
    );
    database.owner().execute(&query).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_log_has_its_columns_in_their_order() {
    let Some(database) = database(Flavour::Plain) else { return };
    let expected = "id run_id tag release_url artifact_path status failure_reason created_at \
        repository event event_key occurred_at attempt validated_at commit_sha builder_id \
        slsa_build_level decision manifest_sha256 actor seq";
    assert_eq!(columns(&database, "provenance_audit_log").join(" "), expected);
    let types = database
        .owner()
        .execute(
            "select string_agg(format_type(atttypid, atttypmod), ' ' order by attnum)
             from pg_attribute where attrelid = 'provenance_audit_log'::regclass and attnum <= 8
               and attnum > 0",
        )
        .unwrap();
    let expected = "uuid bigint text text text text text timestamp with time zone";
    assert_eq!(types, expected);
}

#[test]
fn views_have_the_columns_that_they_have_in_sqlite() {
    let Some(database) = database(Flavour::Plain) else { return };
    let place = Place::new();
    drop(place.log());
    for view in [
        "provenance_latest",
        "provenance_kpi",
        "provenance_incidents",
        "provenance_open_incidents",
        "provenance_kpi_daily",
    ] {
        let query = format!("select group_concat(name, ' ') from pragma_table_info('{view}')");
        let sqlite = place.value(&query).unwrap();
        assert_eq!(columns(&database, view).join(" "), sqlite, "{view}");
    }
    assert_eq!(
        columns(&database, "provenance_kpi")[..5],
        ["tag", "run_id", "status", "created_at", "release_url"]
    );
    assert_eq!(
        columns(&database, "provenance_incidents")[..4],
        ["tag", "run_id", "failure_reason", "created_at"]
    );
}

#[test]
fn views_read_with_the_rights_of_their_reader() {
    let Some(database) = database(Flavour::Plain) else { return };
    let others = "select count(*) from pg_class where relkind = 'v'
        and relnamespace = 'public'::regnamespace
        and not coalesce('security_invoker=true' = any (reloptions), false)";
    assert_eq!(database.owner().execute(others).unwrap(), "0");
}

#[test]
fn the_view_for_dashboards_and_the_query_are_those_of_the_migration() {
    let Some(database) = database(Flavour::Plain) else { return };
    let definition = "select pg_get_viewdef('public.provenance_kpi'::regclass)";
    let before = database.owner().execute(definition).unwrap();
    let view = include_str!("../../../../../supabase/views/provenance_kpi.sql");
    database.owner().execute(view).unwrap();
    assert_eq!(database.owner().execute(definition).unwrap(), before);
    let query = include_str!("../../../../../supabase/queries/provenance_kpi.sql");
    assert_eq!(query.trim(), "select * from provenance_kpi limit 5;");
    assert_eq!(database.owner().execute(query).unwrap(), "");
}
