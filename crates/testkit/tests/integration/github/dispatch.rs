//! Dispatching a workflow, in every form that servers have had.

use provost_testkit::github::{Artifact, Workflow};
use serde_json::{Value, json};

use super::client::{COMMIT, REPOSITORY, Reply, World};

const PATH: &str = ".github/workflows/provenance.yml";
const OTHER_COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn workflow() -> Workflow {
    let workflow = Workflow::new(PATH).name("Provenance").input("tag", true).input("note", false);
    workflow.run_name("Provenance of ${{ inputs.tag }}")
}

fn world(workflow: Workflow) -> World {
    let world = World::new();
    world.repository.workflow(workflow);
    world
}

fn path() -> String {
    format!("{REPOSITORY}/actions/workflows/provenance.yml/dispatches")
}

fn wish() -> Value {
    json!({ "ref": "v1", "inputs": { "tag": "v1" } })
}

fn newer(world: &World, body: &Value) -> Reply {
    world.send("POST", &path(), Some(body), &[("x-github-api-version", "2026-03-10")]).unwrap()
}

#[test]
fn the_newer_version_answers_with_the_run() {
    let world = world(workflow());
    let reply = newer(&world, &wish());
    assert_eq!(reply.status, 200, "{}", reply.message());
    let run = &world.repository.runs()[0];
    assert_eq!(reply.json()["workflow_run_id"], run.id());
    let run = run.get();
    assert_eq!((run.git_ref.as_str(), run.commit.as_str()), ("refs/tags/v1", COMMIT));
    assert_eq!((run.event.as_str(), run.actor.as_str()), ("workflow_dispatch", "release-bot"));
    assert_eq!((run.title.as_str(), run.status.as_str()), ("Provenance of v1", "queued"));
}

#[test]
fn the_newer_version_refuses_the_flag_and_the_older_heeds_it() {
    let world = world(workflow());
    let mut asking = wish();
    asking["return_run_details"] = json!(true);
    let refused = newer(&world, &asking);
    assert_eq!(refused.status, 422);
    assert!(refused.message().contains("return_run_details"));
    assert!(world.repository.runs().is_empty());
    let reply = world.post(&path(), &asking);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["workflow_run_id"], world.repository.runs()[0].id());
    assert_eq!(world.post(&path(), &wish()).status, 204);
}

#[test]
fn an_older_server_answers_without_the_run_which_appears_later() {
    let world = world(workflow().runs_appear_after(2));
    world.github.become_older_server();
    let mut asking = wish();
    asking["return_run_details"] = json!(true);
    assert_eq!(newer(&world, &wish()).status, 400);
    assert_eq!(world.post(&path(), &asking).status, 204);
    let list = format!("{REPOSITORY}/actions/runs?event=workflow_dispatch&branch=v1");
    let total = || world.get(&list).json()["total_count"].clone();
    assert_eq!([total(), total(), total()], [json!(0), json!(0), json!(1)]);
}

#[test]
fn a_server_of_today_may_keep_silent_too() {
    let world = world(workflow().without_run_details());
    let mut asking = wish();
    asking["return_run_details"] = json!(true);
    assert_eq!(world.post(&path(), &asking).status, 204);
    assert_eq!(newer(&world, &wish()).status, 200);
}

#[test]
fn what_cannot_be_dispatched_is_refused() {
    let refused = |workflow: Workflow, body: &Value| {
        let world = world(workflow);
        let reply = newer(&world, body);
        assert!(world.repository.runs().is_empty());
        (reply.status, reply.message())
    };
    let with_ref = |name: &str| json!({ "ref": name, "inputs": { "tag": "v1" } });
    assert_eq!(refused(workflow(), &with_ref("v9")), (422, "No ref found for: v9".into()));
    assert_eq!(refused(workflow(), &with_ref(COMMIT)).0, 422);
    let missing = json!({ "ref": "v1" });
    assert_eq!(refused(workflow(), &missing), (422, "Required input 'tag' not provided".into()));
    let unknown = json!({ "ref": "v1", "inputs": { "tag": "v1", "tga": "v1" } });
    assert_eq!(
        refused(workflow(), &unknown),
        (422, "Unexpected inputs provided: [\"tga\"]".into())
    );
    assert_eq!(refused(workflow().disabled(), &wish()).0, 422);
    assert_eq!(refused(workflow().not_dispatchable(), &wish()).0, 422);
    assert_eq!(refused(workflow().only_at(&["refs/heads/main"]), &wish()).0, 404);
    assert_eq!(refused(Workflow::new(".github/workflows/other.yml"), &wish()).0, 404);
}

#[test]
fn a_branch_wins_over_a_tag_of_the_same_name_and_a_full_ref_decides() {
    let world = world(workflow());
    world.repository.branch("v1", OTHER_COMMIT);
    let run = |name: &str| {
        let body = json!({ "ref": name, "inputs": { "tag": "v1" } });
        assert_eq!(newer(&world, &body).status, 200);
        world.repository.runs().pop().unwrap().get()
    };
    assert_eq!(run("v1").git_ref, "refs/heads/v1");
    let tagged = run("refs/tags/v1");
    assert_eq!((tagged.git_ref.as_str(), tagged.commit.as_str()), ("refs/tags/v1", COMMIT));
}

#[test]
fn an_annotated_tag_peels_to_its_commit_in_run_and_identity() {
    let world = world(workflow());
    world.repository.annotated_tag("v2", OTHER_COMMIT, "Version 2");
    assert_eq!(newer(&world, &json!({ "ref": "v2", "inputs": { "tag": "v1" } })).status, 200);
    let identity = world.repository.runs()[0].identity();
    assert_eq!(identity.run.commit, OTHER_COMMIT);
    // The input names another tag than the ref: the claims follow the ref.
    assert_eq!(identity.run.git_ref, "refs/tags/v2");
    assert_eq!(identity.run.workflow_path, PATH);
    assert_eq!(identity.run.repository_id, world.repository.id().to_string());
    let uri =
        "https://github.com/example-org/artifact/.github/workflows/provenance.yml@refs/tags/v2";
    assert_eq!(identity.san(), uri);
}

#[test]
fn a_test_takes_part_in_the_run_that_it_dispatched() {
    let world = world(workflow().on_run(|run| {
        let tag = run.get().inputs["tag"].as_str().unwrap().to_owned();
        run.artifact(Artifact::of(&format!("provenance-{tag}"), &[]));
        run.complete_after(1, "success");
    }));
    let id = newer(&world, &wish()).json()["workflow_run_id"].clone();
    let look = || world.get(&format!("{REPOSITORY}/actions/runs/{id}")).json();
    assert_eq!(look()["status"], "queued");
    assert_eq!(look()["conclusion"], "success");
    let artifacts = world.get(&format!("{REPOSITORY}/actions/runs/{id}/artifacts")).json();
    assert_eq!(artifacts["artifacts"][0]["name"], "provenance-v1");
}

#[test]
fn runs_are_found_by_every_filter_and_not_by_its_opposite() {
    let world = world(workflow());
    world.github.set_time("2026-03-01T12:00:00Z".parse().unwrap());
    assert_eq!(newer(&world, &wish()).status, 200);
    let total = |filter: &str| {
        world.get(&format!("{REPOSITORY}/actions/runs?{filter}")).json()["total_count"].clone()
    };
    for (found, missed) in [
        ("event=workflow_dispatch", "event=push"),
        ("branch=v1", "branch=main"),
        ("actor=release-bot", "actor=somebody"),
        ("status=queued", "status=success"),
        ("head_sha=693130cb6cb840a7bc9cb18c6510d536a95dc7e6", "head_sha=00"),
        ("created=%3E%3D2026-03-01T12:00:00Z", "created=%3E2026-03-01T12:00:00Z"),
        ("created=%3C%3D2026-03-01T12:00:00Z", "created=%3C2026-03-01T12:00:00Z"),
        ("created=2026-03-01", "created=2026-03-02"),
        ("created=2026-02-01..2026-03-01", "created=2026-01-01..2026-02-01"),
    ] {
        assert_eq!((total(found), total(missed)), (json!(1), json!(0)), "{found}, {missed}");
    }
}
