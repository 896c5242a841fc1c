//! The snippets of `docs/supabase.md` do what they say.

use super::world::{WRITER, functions, world};
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../../../docs/supabase.md");

/// The fenced blocks of the page in one language.
fn blocks(language: &str) -> Vec<&'static str> {
    PAGE.split(&format!("\n```{language}\n"))
        .skip(1)
        .filter_map(|it| it.split("\n```").next())
        .collect()
}

#[test]
fn the_sql_of_the_page_runs() {
    let Some(world) = world() else { return };
    let blocks = blocks("sql");
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        let printed = world.database.owner().execute(block).unwrap();
        if block.contains("ingest_provenance_manifest") {
            assert!(["0|inserted|∅", "0|duplicate|∅"].contains(&printed.as_str()), "{printed}");
        }
    }
    let file = functions().join("../queries/provenance_kpi.sql");
    world.database.owner().execute(&std::fs::read_to_string(file).unwrap()).unwrap();
}

#[test]
fn the_typescript_of_the_page_runs() {
    let Some(world) = world() else { return };
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks("ts");
    assert_eq!(blocks.len(), 3);
    for (number, block) in blocks.into_iter().enumerate() {
        let path = folder.path().join(format!("{number}.ts"));
        std::fs::write(&path, block).unwrap();
        let function = match block.contains("provenance-validate") {
            true => &world.validate,
            false => &world.telemetry,
        };
        let output = world
            .deno
            .command()
            .args(["run", "--check", "--no-config", "--cached-only", "--no-prompt"])
            .args(["--allow-env", "--allow-net=127.0.0.1"])
            .arg(&path)
            .env("SUPABASE_DB_URL", world.database.url(true))
            .env("FUNCTIONS_URL", function.url())
            .env("PROVOST_STORE_TOKEN", WRITER)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}\n{said}");
        let printed = String::from_utf8_lossy(&output.stdout);
        if block.contains("FUNCTIONS_URL") {
            assert!(printed.starts_with("200 "), "{printed}");
        }
    }
}

#[test]
fn the_documented_repositories_are_taken() {
    let Some(world) = world() else { return };
    let indented = PAGE.split("\n   ```json\n").nth(1).unwrap().split("\n   ```").next().unwrap();
    let repositories: Value = serde_json::from_str(indented).unwrap();
    assert_eq!(repositories[0]["repository"], "acme/app");
    let variables = world.variables().with("PROVOST_REPOSITORIES", indented);
    let function = world.own_telemetry(&variables);
    let tag = super::world::tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let body = json!([super::world::entry_of(&tag)]);
    assert_eq!(super::world::post(&function, &token, &body).status, 200);
}
