//! Every route answers what GitHub's description allows: a violation would end the test.

use provost_testkit::github::{Artifact, Attestation, Issue, Job, Release, Ruleset, Run, Workflow};
use serde_json::json;

use super::client::{COMMIT, REPOSITORY, World};

const NEWER: &[(&str, &str)] = &[("x-github-api-version", "2026-03-10")];

/// Asks in both API versions; 200 in both.
fn reads(world: &World, path: &str) -> serde_json::Value {
    let newer = world.send("GET", path, None, NEWER).unwrap();
    assert_eq!(newer.status, 200, "{path}: {}", newer.message());
    let older = world.get(path);
    assert_eq!(older.status, 200, "{path}: {}", older.message());
    older.json()
}

#[test]
fn the_account_and_the_limits_are_told() {
    let world = World::new();
    assert_eq!(reads(&world, "/user")["login"], "release-bot");
    assert_eq!(reads(&world, "/rate_limit")["rate"]["limit"], 5000);
    let newer = world.send("GET", "/rate_limit", None, NEWER).unwrap().json();
    assert_eq!(newer.get("rate"), None);
}

#[test]
fn a_repository_is_told_with_its_numbers() {
    let world = World::new();
    let told = reads(&world, REPOSITORY);
    assert_eq!(told["id"], world.repository.id());
    assert_eq!(told["owner"]["id"], world.repository.owner_id());
    assert_eq!(world.get("/repos/example-org/elsewhere").status, 404);
}

#[test]
fn refs_tags_and_commits_are_told() {
    let world = World::new();
    let tag = world.repository.annotated_tag("v2", COMMIT, "Version 2");
    let told = reads(&world, &format!("{REPOSITORY}/git/ref/tags/v2"));
    assert_eq!((&told["object"]["type"], &told["object"]["sha"]), (&json!("tag"), &json!(tag)));
    let told = reads(&world, &format!("{REPOSITORY}/git/tags/{tag}"));
    assert_eq!(told["object"]["sha"], COMMIT);
    let told = reads(&world, &format!("{REPOSITORY}/git/ref/tags/v1"));
    assert_eq!(told["object"]["type"], "commit");
    assert_eq!(reads(&world, &format!("{REPOSITORY}/commits/v2"))["sha"], COMMIT);
    let listed = reads(&world, &format!("{REPOSITORY}/tags"));
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&json!("v2"), &json!("v1")));
    let matching = reads(&world, &format!("{REPOSITORY}/git/matching-refs/tags/v"));
    assert_eq!(matching.as_array().unwrap().len(), 2);

    assert_eq!(world.get(&format!("{REPOSITORY}/git/ref/tags/v")).status, 404);
    assert_eq!(world.get(&format!("{REPOSITORY}/git/tags/{COMMIT}")).status, 404);
    assert_eq!(world.get(&format!("{REPOSITORY}/commits/v3")).status, 422);
}

#[test]
fn files_are_read_and_written() {
    let world = World::new();
    world.repository.file("main", "docs/a.txt", b"hello");
    let told = reads(&world, &format!("{REPOSITORY}/contents/docs/a.txt?ref=v1"));
    assert_eq!(told["content"], "aGVsbG8=\n");
    let listed = reads(&world, &format!("{REPOSITORY}/contents/docs"));
    assert_eq!(listed[0]["path"], "docs/a.txt");
    assert_eq!(world.get(&format!("{REPOSITORY}/contents/docs/b.txt")).status, 404);
    assert_eq!(world.get(&format!("{REPOSITORY}/contents/docs/a.txt?ref=v9")).status, 404);

    let path = format!("{REPOSITORY}/contents/docs/a.txt");
    let blind = json!({ "message": "Change", "content": "eA==" });
    assert_eq!(world.call("PUT", &path, Some(&blind)).status, 422);
    let stale = json!({ "message": "Change", "content": "eA==", "sha": COMMIT });
    assert_eq!(world.call("PUT", &path, Some(&stale)).status, 409);
    let informed = json!({ "message": "Change", "content": "eA==", "sha": told["sha"] });
    let changed = world.call("PUT", &path, Some(&informed));
    assert_eq!(changed.status, 200, "{}", changed.message());
    let told = reads(&world, &path);
    assert_eq!(told["content"], "eA==\n");
    let gone = json!({ "message": "Remove", "sha": told["sha"] });
    assert_eq!(world.call("DELETE", &path, Some(&gone)).status, 200);
    assert_eq!(world.get(&path).status, 404);
}

#[test]
fn a_draft_is_listed_and_published_and_never_found_by_tag_before() {
    let world = World::new();
    let wish = json!({ "tag_name": "v1", "draft": true, "name": "One" });
    let created = world.post(&format!("{REPOSITORY}/releases"), &wish);
    assert_eq!(created.status, 201, "{}", created.message());
    let id = created.json()["id"].as_u64().unwrap();
    let by_tag = format!("{REPOSITORY}/releases/tags/v1");
    assert_eq!(world.get(&by_tag).status, 404);
    assert_eq!(reads(&world, &format!("{REPOSITORY}/releases"))[0]["draft"], true);
    let seen = world.anonymously("GET", &format!("{REPOSITORY}/releases"), None);
    assert_eq!(seen.json(), json!([]));

    let release = format!("{REPOSITORY}/releases/{id}");
    assert_eq!(reads(&world, &release)["published_at"], json!(null));
    assert_eq!(world.patch(&release, &json!({ "draft": false })).status, 200);
    assert_eq!(reads(&world, &by_tag)["id"], id);
}

#[test]
fn assets_are_uploaded_listed_and_fetched_from_the_other_host() {
    let world = World::new();
    let release = world.repository.release(Release::new("v1").draft());
    let told = world.get(&format!("{REPOSITORY}/releases/{}", release.id())).json();
    let upload = told["upload_url"].as_str().unwrap().replace("{?name,label}", "?name=a.json");
    let uploaded = world.send("POST", &upload, Some(&json!({ "a": 1 })), &[]).unwrap();
    assert_eq!(uploaded.status, 201, "{}", uploaded.message());
    let digest = uploaded.json()["digest"].as_str().unwrap().to_owned();
    assert!(digest.starts_with("sha256:"));
    let twice = world.send("POST", &upload, Some(&json!({ "a": 2 })), &[]).unwrap();
    assert_eq!(twice.status, 422);

    let listed = reads(&world, &format!("{REPOSITORY}/releases/{}/assets", release.id()));
    let asset = format!("{REPOSITORY}/releases/assets/{}", listed[0]["id"]);
    assert_eq!(reads(&world, &asset)["digest"], digest);
    let octets = [("accept", "application/octet-stream")];
    let redirect = world.send("GET", &asset, None, &octets).unwrap();
    assert_eq!(redirect.status, 302);
    assert!(redirect.header("location").unwrap().starts_with(world.github.blob_url()));
    assert_eq!(world.call("DELETE", &asset, None).status, 204);
    assert_eq!(world.get(&asset).status, 404);
}

#[test]
fn an_immutable_release_takes_no_more_assets() {
    let world = World::new();
    let release = world.repository.release(Release::new("v1").immutable().asset("a", b"a"));
    let told = world.get(&format!("{REPOSITORY}/releases/{}", release.id())).json();
    assert_eq!(told["immutable"], true);
    let upload = format!("{REPOSITORY}/releases/{}/assets?name=b", release.id());
    assert_eq!(world.post(&upload, &json!({})).status, 422);
    let asset = format!("{REPOSITORY}/releases/assets/{}", told["assets"][0]["id"]);
    assert_eq!(world.call("DELETE", &asset, None).status, 422);
    let path = format!("{REPOSITORY}/releases/{}", release.id());
    assert_eq!(world.patch(&path, &json!({ "tag_name": "v2" })).status, 422);
    assert_eq!(world.patch(&path, &json!({ "body": "notes" })).status, 200);
    let kept = release.get().unwrap();
    assert_eq!((kept.assets.len(), kept.tag.as_str()), (1, "v1"));
    assert_eq!(kept.body.as_deref(), Some("notes"));
}

#[test]
fn runs_attempts_and_jobs_are_told() {
    let world = World::new();
    world.repository.workflow(Workflow::new(".github/workflows/release.yml"));
    let run =
        world.repository.run(Run::new(".github/workflows/release.yml", "refs/tags/v1", COMMIT));
    run.job(Job::new("build").conclusion("failure"));
    run.job(Job::new("build").attempt(2));
    let path = format!("{REPOSITORY}/actions/runs/{}", run.id());
    let told = reads(&world, &path);
    assert_eq!((&told["head_branch"], &told["event"]), (&json!("v1"), &json!("push")));
    assert_eq!(world.post(&format!("{path}/rerun"), &json!({})).status, 201);
    assert_eq!(world.post(&format!("{path}/rerun"), &json!({})).status, 403);
    assert_eq!(reads(&world, &path)["run_attempt"], 2);
    let first = reads(&world, &format!("{path}/attempts/1"));
    assert_eq!(first["conclusion"], "failure");
    assert_eq!(world.get(&format!("{path}/attempts/3")).status, 404);
    let jobs = reads(&world, &format!("{path}/attempts/1/jobs"));
    assert_eq!((&jobs["total_count"], &jobs["jobs"][0]["run_attempt"]), (&json!(1), &json!(1)));
    assert_eq!(reads(&world, &format!("{path}/jobs"))["jobs"][0]["run_attempt"], 2);
    assert_eq!(reads(&world, &format!("{path}/jobs?filter=all"))["total_count"], 2);
    let workflow = reads(&world, &format!("{REPOSITORY}/actions/workflows/release.yml"));
    assert_eq!(workflow["path"], ".github/workflows/release.yml");
    let of_workflow = format!("{REPOSITORY}/actions/workflows/{}/runs", workflow["id"]);
    assert_eq!(reads(&world, &of_workflow)["total_count"], 1);
    assert_eq!(world.call("DELETE", &path, None).status, 204);
    assert_eq!(world.get(&path).status, 404);
}

#[test]
fn artifacts_of_a_run_are_listed() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    run.artifact(Artifact::of("provenance", &[("a.json", b"{}")]).without_digest());
    let path = format!("{REPOSITORY}/actions/runs/{}/artifacts", run.id());
    let told = reads(&world, &path);
    assert_eq!(told["artifacts"][0]["digest"], json!(null));
    assert_eq!(told["artifacts"][0]["workflow_run"]["id"], run.id());
    assert_eq!(reads(&world, &format!("{path}?name=other"))["total_count"], 0);
}

#[test]
fn attestations_are_listed_by_digest() {
    let world = World::new();
    world.repository.attestation(Attestation::decoy("sha256:aa", 1));
    let told = reads(&world, &format!("{REPOSITORY}/attestations/sha256:aa"));
    assert!(told["attestations"][0]["bundle"].is_object());
    let none = reads(&world, &format!("{REPOSITORY}/attestations/sha256:bb"));
    assert_eq!(none, json!({ "attestations": [] }));
}

#[test]
fn issues_comments_and_labels_go_round() {
    let world = World::new();
    world.repository.issue(Issue::new("somebody", "A pull").pull_request());
    let wish = json!({ "title": "Release failed", "body": "v1", "labels": ["provenance"] });
    let created = world.post(&format!("{REPOSITORY}/issues"), &wish);
    assert_eq!(created.status, 201, "{}", created.message());
    let path = format!("{REPOSITORY}/issues/2");
    assert_eq!(reads(&world, &path)["labels"][0]["name"], "provenance");
    let comments = format!("{path}/comments");
    assert_eq!(world.post(&comments, &json!({ "body": "again" })).status, 201);
    assert_eq!(reads(&world, &comments)[0]["user"]["login"], "release-bot");
    let labels = format!("{path}/labels");
    assert_eq!(world.post(&labels, &json!({ "labels": ["urgent"] })).status, 200);
    assert_eq!(reads(&world, &labels).as_array().unwrap().len(), 2);
    let only = json!({ "labels": ["urgent"] });
    assert_eq!(world.call("PUT", &labels, Some(&only)).status, 200);
    assert_eq!(reads(&world, &format!("{REPOSITORY}/labels")).as_array().unwrap().len(), 2);
    let label = json!({ "name": "new", "color": "ff0000" });
    assert_eq!(world.post(&format!("{REPOSITORY}/labels"), &label).status, 201);
    assert_eq!(world.post(&format!("{REPOSITORY}/labels"), &label).status, 422);
    assert_eq!(world.call("DELETE", &labels, None).status, 204);

    let all = format!("{REPOSITORY}/issues");
    assert_eq!(reads(&world, &all).as_array().unwrap().len(), 2);
    assert_eq!(reads(&world, &format!("{all}?labels=provenance")), json!([]));
    assert_eq!(world.patch(&path, &json!({ "state": "closed" })).status, 200);
    assert_eq!(reads(&world, &all).as_array().unwrap().len(), 1);
    let closed = reads(&world, &format!("{all}?state=closed&creator=release-bot"));
    assert_eq!(closed[0]["state_reason"], "completed");
    assert_eq!(world.repository.issues()[1].comments[0].body, "again");
}

#[test]
fn rulesets_bind_the_branches_they_name() {
    let world = World::new();
    world.repository.ruleset(Ruleset::for_branches("main").rule("non_fast_forward"));
    world.repository.ruleset(Ruleset::for_branches("off").rule("deletion").disabled());
    let wish = json!({
        "name": "tags", "target": "tag", "enforcement": "active",
        "conditions": { "ref_name": { "include": ["refs/tags/v*"], "exclude": [] } },
        "rules": [{ "type": "deletion" }],
    });
    let created = world.post(&format!("{REPOSITORY}/rulesets"), &wish);
    assert_eq!(created.status, 201, "{}", created.message());
    assert_eq!(reads(&world, &format!("{REPOSITORY}/rulesets")).as_array().unwrap().len(), 3);
    let bound = reads(&world, &format!("{REPOSITORY}/rules/branches/main"));
    assert_eq!(bound.as_array().unwrap().len(), 1);
    assert_eq!(bound[0]["type"], "non_fast_forward");
    assert_eq!(reads(&world, &format!("{REPOSITORY}/rules/branches/topic/x")), json!([]));
}

#[test]
fn a_setting_of_the_repository_changes() {
    let world = World::new();
    world.repository.branch("next", COMMIT);
    let changed = world.patch(REPOSITORY, &json!({ "default_branch": "next" }));
    assert_eq!(changed.json()["default_branch"], "next");
    assert_eq!(world.patch(REPOSITORY, &json!({ "default_branch": "no" })).status, 422);
}
