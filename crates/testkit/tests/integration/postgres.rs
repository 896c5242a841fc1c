//! The private PostgreSQL: a database a test, Supabase's roles, a pool, and nothing left behind.

use provost_testkit::postgres::{
    Cluster, Contents, Database, Flavour, PASSWORD, Pool, Settings, database, empty_database,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The value, or `None` after saying why there is none.
fn here<T, E: std::fmt::Display>(what: &str, found: Result<T, E>) -> Option<T> {
    found.inspect_err(|reason| println!("not checked here: {what} ({reason})")).ok()
}

#[test]
fn a_database_holds_the_migrations_and_is_shared_with_nobody() {
    for flavour in [Flavour::Plain, Flavour::Supabase] {
        let Some(first) = here("a private database", database(flavour)) else { return };
        let second = database(flavour).expect("as the first");
        let insert = "insert into provenance_schema (version) values (1)";
        first.owner().execute(insert).expect("the owner writes");
        let count = "select count(*) from provenance_schema";
        assert_eq!(first.owner().execute(count).expect("count"), "6");
        assert_eq!(second.owner().execute(count).expect("count"), "5");
        let superuser = "select rolsuper from pg_roles where rolname = current_user";
        assert_eq!(first.owner().execute(superuser).expect("role"), "f");
        assert_eq!(first.superuser().execute(superuser).expect("role"), "t");
    }
}

#[test]
fn an_empty_database_is_empty_and_a_dropped_one_is_gone() {
    let Some(empty) = here("a private database", empty_database(Flavour::Plain)) else { return };
    let relations = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
    assert_eq!(empty.owner().execute(relations).expect("count"), "0");
    let cluster = Arc::clone(empty.cluster());
    let known = format!("select count(*) from pg_database where datname = '{}'", empty.name());
    let known = || cluster.superuser("postgres").execute(&known).expect("databases");
    assert_eq!(known(), "1");
    drop(empty);
    assert_eq!(known(), "0");
}

#[test]
fn roles_act_as_those_of_supabase_do() {
    let Some(empty) = here("a private database", empty_database(Flavour::Supabase)) else { return };
    empty
        .owner()
        .execute("create table things (id int); insert into things values (7)")
        .expect("made");
    for role in ["anon", "authenticated", "service_role"] {
        let session = empty.supabase_role(role);
        // What the default privileges of a project give to whatever is made.
        assert_eq!(session.execute("select id from things").expect("readable"), "7");
        assert_eq!(session.execute("select current_user").expect("role"), role);
    }
    let claims = "set request.jwt.claims = '{\"role\": \"anon\"}'; select auth.role()";
    assert_eq!(empty.supabase_role("anon").execute(claims).expect("claims"), "anon");
    let refused =
        empty.supabase_role("anon").execute("create table mine (id int)").expect_err("no");
    assert!(refused.0.contains("permission denied"), "{refused}");
}

#[test]
fn what_is_committed_survives_a_crash() {
    let settings = Settings::default();
    let Some(cluster) = here("a private cluster", Cluster::start(&settings)) else { return };
    let cluster = Arc::new(cluster);
    let database = Database::of(&cluster, Contents::Empty).expect("a database");
    database
        .owner()
        .execute("create table kept (id int); insert into kept values (1)")
        .expect("made");
    cluster.crash();
    database.owner().execute("select 1").expect_err("the server is gone");
    cluster.start_again();
    assert_eq!(database.owner().execute("select id from kept").expect("kept"), "1");
    let folder = cluster.socket_folder().to_owned();
    let server = cluster.process_id().expect("a server");
    drop(database);
    drop(cluster);
    assert!(!folder.exists());
    // `pg_ctl` waits for the server's file, which goes a moment before the process does.
    let deadline = Instant::now() + Duration::from_secs(20);
    while is_running(server) {
        assert!(Instant::now() < deadline, "the server {server} outlived its cluster");
        std::thread::yield_now();
    }
}

/// Whether a process is there and not only waiting to be reaped, which is its parent's work: an
/// orphan's parent is whatever the machine runs first.
fn is_running(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

#[test]
fn a_pool_by_transaction_stands_before_a_cluster_and_asks_for_the_password() {
    let Some(database) = here("a pool", database(Flavour::Plain)) else { return };
    let Some(pool) = here("a pool", Pool::start(database.cluster(), 3)) else { return };
    let run = |url: String| {
        let arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password"];
        let count = "select count(*) from provenance_audit_log";
        let mut psql = std::process::Command::new("psql");
        psql.args(arguments).args(["--command", count]).arg(url).output().expect("psql")
    };
    let counted = run(pool.url("provost", database.name(), true));
    assert_eq!(String::from_utf8_lossy(&counted.stdout).trim(), "0", "{counted:?}");
    let refused = run(pool.url("provost", database.name(), false));
    assert!(!refused.status.success());
    assert!(pool.url("provost", database.name(), true).contains(PASSWORD));
}
