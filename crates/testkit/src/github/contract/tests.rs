//! The judgement of answers, each beside the one that is accepted.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::{Contract, Edition, Matched};

fn judged(edition: Edition, method: &str, path: &str, answer: &Answer) -> Vec<String> {
    let contract = Contract::of(edition);
    let matched: Matched = contract.find(method, path).expect("the call is described");
    contract.judge_answer(&matched, answer)
}

fn refused(method: &str, path: &str, answer: &Answer) -> bool {
    !judged(Edition::V20221128, method, path, answer).is_empty()
}

fn git_ref() -> Value {
    json!({
        "ref": "refs/tags/v1", "node_id": "x", "url": "https://api.example.org/ref",
        "object": {
            "type": "commit", "sha": "693130cb6cb840a7bc9cb18c6510d536a95dc7e6",
            "url": "https://api.example.org/commit",
        },
    })
}

#[test]
fn an_answer_is_held_against_its_schema() {
    let judge =
        |value: &Value| refused("GET", "/repos/o/r/git/ref/tags/v1", &Answer::json(200, value));
    assert!(!judge(&git_ref()));
    for (pointer, value) in [
        ("/ref", json!(1)),
        ("/url", json!("no address")),
        ("/object/sha", json!("693130cb")),
        ("/object", json!(null)),
    ] {
        let mut changed = git_ref();
        *changed.pointer_mut(pointer).expect("the place exists") = value;
        assert!(judge(&changed), "{pointer}");
    }
    let mut shorter = git_ref();
    shorter.as_object_mut().expect("it is an object").remove("node_id");
    assert!(judge(&shorter));
}

#[test]
fn null_is_allowed_where_the_description_says_nullable_and_nowhere_else() {
    let artifact = |key: &str, value: Value| {
        let mut artifact = json!({
            "id": 1, "node_id": "x", "name": "a", "size_in_bytes": 1, "url": "u",
            "archive_download_url": "u", "expired": false, "created_at": null,
            "updated_at": null, "expires_at": null, "digest": "sha256:aa",
        });
        artifact[key] = value;
        let body = json!({ "total_count": 1, "artifacts": [artifact] });
        refused("GET", "/repos/o/r/actions/runs/1/artifacts", &Answer::json(200, &body))
    };
    assert!(!artifact("digest", json!("sha256:aa")));
    assert!(!artifact("digest", json!(null)));
    assert!(artifact("digest", json!(5)));
    assert!(artifact("name", json!(null)));
    assert!(artifact("created_at", json!("yesterday")));
}

#[test]
fn a_status_and_a_body_must_belong_together() {
    let dispatch = "/repos/o/r/actions/workflows/w.yml/dispatches";
    assert!(!refused("POST", dispatch, &Answer::empty(204)));
    assert!(refused("POST", dispatch, &Answer::json(204, &json!({}))));
    assert!(refused("POST", dispatch, &Answer::empty(200)));
    assert!(refused("POST", dispatch, &Answer::empty(202)));
    assert!(!refused("POST", dispatch, &Answer::error(422, "No ref found for: v9")));
    assert!(refused("POST", dispatch, &Answer::json(422, &json!({ "error": "no" }))));
    assert!(refused("POST", dispatch, &Answer::text(422, "no")));
}

#[test]
fn what_a_version_removed_is_refused_in_that_version() {
    let limit = json!({ "limit": 1, "remaining": 1, "reset": 1, "used": 0 });
    let old = json!({ "rate": limit, "resources": { "core": limit, "search": limit } });
    let mut new = old.clone();
    new.as_object_mut().expect("it is an object").remove("rate");
    let accepted =
        |edition, body| judged(edition, "GET", "/rate_limit", &Answer::json(200, body)).is_empty();
    assert!(accepted(Edition::V20221128, &old) && !accepted(Edition::V20221128, &new));
    assert!(!accepted(Edition::V20260310, &old) && accepted(Edition::V20260310, &new));
}

#[test]
fn of_two_paths_that_fit_the_closer_is_meant() {
    let contract = Contract::of(Edition::V20221128);
    let found = |path: &str| contract.find("GET", path).map(|matched| matched.id);
    assert_eq!(found("/repos/o/r/releases/tags/v1"), Ok("repos/get-release-by-tag".into()));
    assert_eq!(found("/repos/o/r/releases/tags/assets"), Ok("repos/get-release-by-tag".into()));
    assert_eq!(found("/repos/o/r/releases/1/assets"), Ok("repos/list-release-assets".into()));
    assert_eq!(found("/repos/o/r/commits/heads/main"), Ok("repos/get-commit".into()));
    let pulls = "repos/list-pull-requests-associated-with-commit";
    assert_eq!(found("/repos/o/r/commits/heads/main/pulls"), Ok(pulls.into()));
}

#[test]
fn every_schema_of_the_description_compiles() {
    for edition in [Edition::V20221128, Edition::V20260310] {
        let contract = Contract::of(edition);
        for operation in &contract.operations {
            for pointer in operation.pointers() {
                contract.validators.problems(&pointer, &Value::Null);
            }
        }
    }
}
