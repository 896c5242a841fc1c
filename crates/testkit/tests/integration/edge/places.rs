//! Where the functions run: behind a pool, without Supabase's roles, without a database, inside of
//! a function that a project has.

use super::world::{WRITER, World, entry_of, functions, not_checked, post, tag, world};
use provost_testkit::postgres::{Flavour, PASSWORD, Pool, database};
use serde_json::json;
use std::path::Path;

fn writes(world: &World, url: &str) -> u16 {
    let tag = tag();
    let function = world.own_telemetry(&world.variables().with("SUPABASE_DB_URL", url));
    for _ in 0..3 {
        let reply = post(&function, WRITER, &json!([entry_of(&tag)]));
        if reply.status != 200 {
            assert_eq!(reply.code(), "unavailable", "{reply:?}");
            assert!(!function.log().contains(PASSWORD), "{}", function.log());
            return reply.status;
        }
    }
    200
}

#[test]
fn a_transaction_pooler_is_no_obstacle() {
    let Some(world) = world() else { return };
    let pool = match Pool::start(world.database.cluster(), 2) {
        Ok(pool) => pool,
        Err(why) => return not_checked(&why),
    };
    for role in ["postgres", "authenticator"] {
        assert_eq!(writes(world, &pool.url(role, world.database.name(), true)), 200, "{role}");
    }
}

#[test]
fn a_role_that_may_become_service_role_suffices_and_another_does_not() {
    let Some(world) = world() else { return };
    let cluster = world.database.cluster();
    assert_eq!(writes(world, &cluster.url("authenticator", world.database.name(), true)), 200);
    let stranger = format!("create role edge_stranger login password '{PASSWORD}';");
    cluster.superuser("postgres").execute(&stranger).unwrap();
    assert_eq!(writes(world, &cluster.url("edge_stranger", world.database.name(), true)), 503);
}

#[test]
fn a_plain_postgresql_serves_as_well() {
    let Some(world) = world() else { return };
    match database(Flavour::Plain) {
        Ok(database) => assert_eq!(writes(world, &database.url(true)), 200),
        Err(why) => not_checked(&why),
    }
}

#[test]
fn without_its_database_or_settings_it_says_so_and_no_more() {
    let Some(world) = world() else { return };
    let nowhere = format!("postgres://postgres:{PASSWORD}@127.0.0.1:1/x");
    assert_eq!(writes(world, &nowhere), 503);
    for (name, value) in [
        ("SUPABASE_DB_URL", ""),
        ("PROVOST_OIDC_ISSUER", "http://issuer.example.com/canary"),
        ("PROVOST_OIDC_AUDIENCE", ""),
        ("PROVOST_REPOSITORIES", "canary"),
        ("PROVOST_REPOSITORIES", "[{\"repository\":\"canary\"}]"),
        ("PROVOST_TOKENS", "[{\"name\":\"a\",\"token\":\"canary\",\"scopes\":[\"ingest\"]}]"),
        ("PROVOST_TOKENS", "{}"),
        ("PROVOST_DOCS_BASE_URL", "https://user:canary@docs.example.com/"),
    ] {
        let function = world.own_telemetry(&world.variables().with(name, value));
        let reply = post(&function, WRITER, &json!([]));
        assert_eq!((reply.status, reply.code()), (503, "unavailable"), "{name}={value}: {reply:?}");
        let log = function.log();
        assert!(log.contains(name) && !log.contains("canary"), "{name}: {log}");
        assert!(!reply.body.to_string().contains("canary"));
    }
}

#[test]
fn a_function_that_a_project_has_hands_over_what_is_for_provost() {
    let Some(world) = world() else { return };
    let folder = tempfile::tempdir().unwrap();
    copy(&functions().join("_shared"), &folder.path().join("_shared"));
    let entry = folder.path().join("telemetry/index.ts");
    std::fs::create_dir_all(entry.parent().unwrap()).unwrap();
    let text = "import { isProvenance, telemetry } from \"../_shared/provost/telemetry.ts\";\n\
                Deno.serve(async (req) => {\n  \
                if (await isProvenance(req)) return await telemetry(req);\n  \
                return Response.json({ own: await req.json() });\n});\n";
    std::fs::write(&entry, text).unwrap();
    let function = world.deno.run(&entry, &world.variables().pairs());
    let tag = tag();
    let reply = post(&function, WRITER, &json!([entry_of(&tag)]));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(1)), "{reply:?}");
    assert_eq!(post(&function, "nobody", &json!({ "events": [] })).status, 401);
    for own in [json!({"temperature": 21}), json!([]), json!([{"run": 1}]), json!("x")] {
        assert_eq!(post(&function, "nobody", &own).body, json!({ "own": own }));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &place),
            false => drop(std::fs::copy(&path, &place).unwrap()),
        }
    }
}
