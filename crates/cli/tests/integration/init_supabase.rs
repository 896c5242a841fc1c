//! `provost init --supabase`: migrations, queries and functions beside what a project has.

use crate::init::{Checkout, all_are, json, states};
use serde_json::Value;
use std::path::Path;

const MIGRATION: &str = "supabase/migrations/20260201_provenance_audit.sql";
const TELEMETRY: &str = "supabase/functions/telemetry/index.ts";
const SLACK: &str = "supabase/functions/ops-slack-notify/index.ts";
const CONFIG: &str = "supabase/config.toml";
const OPEN: &str = "project_id = \"app\"\n\n[functions.telemetry]\nverify_jwt = false\n\n\
                    [functions.provenance-validate]\nverify_jwt = false\n";
const OWN: &str = "import { json } from \"../_shared/json.ts\";\n\nDeno.serve(async (req) => {\n  \
                   return json(await req.json());\n});\n";

fn checkout() -> Checkout {
    Checkout::of("https://github.com/acme/app")
}

fn supabase(checkout: &Checkout, more: &[&str], code: i32) -> Value {
    let action = ["--action", "o/r@1234567890123456789012345678901234567890"];
    let build = ["--build", "make", "--artifacts", "dist/*", "--supabase"];
    json(checkout.init(&build).args(action).args(more), code)
}

fn state<'a>(report: &'a Value, path: &str) -> &'a str {
    states(report).iter().find(|(name, _)| *name == path).unwrap().1
}

fn field(report: &Value, path: &str, key: &str) -> String {
    let files = report["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["path"] == path).unwrap();
    file[key].as_str().unwrap_or_default().to_owned()
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn a_fresh_repository_gets_the_files_of_this_project_and_a_repeat_changes_nothing() {
    let checkout = checkout();
    checkout.write(CONFIG, OPEN);
    let report = supabase(&checkout, &[], 0);
    assert!(all_are(&report, "new"), "{report}");
    assert_eq!(report["notes"], serde_json::json!([]));
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = checkout.files();
    let written = files.iter().filter(|(name, _)| name.starts_with("supabase/") && name != CONFIG);
    let mut count = 0;
    for (name, text) in written {
        assert_eq!(*text, std::fs::read_to_string(own.join(name)).unwrap(), "{name}");
        count += 1;
    }
    assert!(count > 10, "{files:?}");
    let report = supabase(&checkout, &[], 0);
    assert!(all_are(&report, "unchanged"), "{report}");
    assert!(checkout.files() == files, "a repeat changed a file");
}

#[test]
fn without_the_flag_nothing_of_it_is_written() {
    let checkout = checkout();
    json(checkout.init(&["--build", "make"]), 0);
    assert!(checkout.files().iter().all(|(name, _)| !name.starts_with("supabase")));
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = checkout();
    let report = supabase(&checkout, &["--dry-run"], 0);
    assert_eq!(state(&report, MIGRATION), "new");
    assert!(checkout.files().is_empty());
}

#[test]
fn migrations_stand_beside_those_of_the_project_and_none_is_renumbered() {
    let checkout = checkout();
    checkout.write(CONFIG, OPEN);
    let theirs = ["20250101000000_users.sql", "20270101000000_later.sql"];
    for name in theirs {
        checkout.write(&format!("supabase/migrations/{name}"), "select 1;\n");
    }
    let report = supabase(&checkout, &[], 0);
    assert_eq!(state(&report, MIGRATION), "new");
    assert!(notes(&report).contains("--include-all"), "{report}");
    for name in theirs {
        assert_eq!(checkout.read(&format!("supabase/migrations/{name}")), "select 1;\n");
    }
    let checkout = self::checkout();
    checkout.write(CONFIG, OPEN);
    checkout.write("supabase/migrations/20250101000000_users.sql", "select 1;\n");
    assert!(!notes(&supabase(&checkout, &[], 0)).contains("--include-all"));
}

#[test]
fn a_migration_with_the_same_number_is_in_the_way_also_with_force() {
    for more in [&[][..], &["--force"]] {
        let checkout = checkout();
        checkout.write("supabase/migrations/20260201_ours.sql", "select 1;\n");
        let report = supabase(&checkout, more, 11);
        assert_eq!(state(&report, MIGRATION), "refused");
        assert!(field(&report, MIGRATION, "reason").contains("20260201_ours.sql"), "{report}");
        assert_eq!(state(&report, TELEMETRY), "new", "the rest is written");
        assert!(!checkout.root().join(MIGRATION).exists());
    }
}

#[test]
fn a_changed_file_is_left_alone_until_it_is_forced() {
    let checkout = checkout();
    checkout.write(CONFIG, OPEN);
    supabase(&checkout, &[], 0);
    checkout.write(MIGRATION, "-- ours\n");
    let report = supabase(&checkout, &[], 11);
    assert_eq!(state(&report, MIGRATION), "differs");
    assert!(field(&report, MIGRATION, "diff").contains("\n--- ours\n"), "{report}");
    assert_eq!(checkout.read(MIGRATION), "-- ours\n");
    let report = supabase(&checkout, &["--force"], 0);
    assert_eq!(state(&report, MIGRATION), "overwritten");
    assert!(all_are(&supabase(&checkout, &[], 0), "unchanged"));
}

#[test]
fn functions_of_the_project_are_kept_and_one_is_patched_when_asked_for() {
    let checkout = checkout();
    checkout.write(CONFIG, OPEN);
    checkout.write(TELEMETRY, OWN);
    checkout.write(SLACK, "Deno.serve(() => new Response());\n");
    let report = supabase(&checkout, &[], 11);
    assert_eq!(state(&report, TELEMETRY), "differs");
    assert_eq!(checkout.read(TELEMETRY), OWN);

    let report = supabase(&checkout, &["--patch", "--dry-run"], 0);
    assert_eq!(state(&report, TELEMETRY), "patched");
    let diff = field(&report, TELEMETRY, "diff");
    let added: Vec<&str> = diff.lines().filter(|line| line.starts_with('+')).skip(1).collect();
    assert_eq!(added.len(), 2, "{diff}");
    assert!(!diff.lines().skip(2).any(|line| line.starts_with('-')), "{diff}");
    assert_eq!(checkout.read(TELEMETRY), OWN, "a dry run proposes");

    supabase(&checkout, &["--patch"], 0);
    let patched = checkout.read(TELEMETRY);
    assert!(patched.contains("if (await isProvenance(req)) return await telemetry(req);"));
    assert_eq!(state(&supabase(&checkout, &["--patch"], 0), TELEMETRY), "unchanged");
    assert_eq!(checkout.read(TELEMETRY), patched);
    assert_eq!(checkout.read(SLACK), "Deno.serve(() => new Response());\n");
}

#[test]
fn a_function_that_cannot_be_patched_is_kept_with_what_to_write() {
    let checkout = checkout();
    checkout.write(TELEMETRY, "Deno.serve(handler);\n");
    let report = supabase(&checkout, &["--patch"], 11);
    assert_eq!(state(&report, TELEMETRY), "refused");
    assert!(field(&report, TELEMETRY, "reason").contains("isProvenance"), "{report}");
    assert_eq!(checkout.read(TELEMETRY), "Deno.serve(handler);\n");
}

#[test]
fn a_configuration_that_checks_tokens_itself_is_named() {
    for (config, is_noted) in [
        (None, true),
        (Some(OPEN.to_owned()), false),
        (Some(OPEN.replacen("false", "true", 1)), true),
        (Some(OPEN.replace("provenance-validate", "other")), true),
    ] {
        let checkout = checkout();
        if let Some(config) = &config {
            checkout.write(CONFIG, config);
        }
        let report = supabase(&checkout, &[], 0);
        assert_eq!(notes(&report).contains("verify_jwt"), is_noted, "{config:?}");
    }
}

#[test]
#[cfg(unix)]
fn no_link_leads_out_of_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    let checkout = checkout();
    std::os::unix::fs::symlink(outside.path(), checkout.root().join("supabase")).unwrap();
    let output = checkout.init(&["--supabase"]).run().expect(1);
    assert!(output.stderr.contains("a symbolic link"), "{}", output.stderr);
    assert!(std::fs::read_dir(outside.path()).unwrap().next().is_none());
}
