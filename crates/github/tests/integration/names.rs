use crate::world::{BELOW, World, of};
use provost_github::Inputs;
use std::collections::BTreeSet;

const HOSTILE: [&str; 20] = [
    "..",
    ".",
    "a/../../../b",
    "../../user",
    "..%2f..%2fuser",
    "%2e%2e",
    "a%2Fb",
    "v1?draft=true",
    "v1#fragment",
    "v1;x",
    "v1&per_page=1",
    "a b",
    ".\n.",
    ".\t.",
    "v1\r\nx-admin: 1",
    "a\\..\\b",
    "\u{202e}",
    "//evil.example/x",
    "https://evil.example/",
    "v1@{u}",
];

/// The path that a name gives as one segment, or `None` when it has to be in pieces.
fn is_one_segment(path: &str, before: &str) -> bool {
    let rest = path.strip_prefix(BELOW).and_then(|rest| rest.strip_prefix(before));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
}

#[test]
fn a_name_never_leaves_its_place_in_the_path() {
    let world = World::new();
    let client = world.client();
    let repository = of(&client);
    for name in HOSTILE {
        // What they answer is not the question here.
        drop(repository.release_of(name));
        drop(repository.peeled_tag(name));
        drop(repository.attestations(name));
        drop(repository.has_workflow_at(name, name));
        drop(repository.dispatch(name, name, &Inputs::new()));
        drop(repository.runs_of(name, Some(name), jiff::Timestamp::UNIX_EPOCH));
        drop(repository.required_checks(name));
        drop(repository.issues(name));
    }
    // Names that no operation can hold are what the fake has to complain about.
    world.fake.violations();
    for request in world.fake.requests() {
        let path = &request.path;
        let in_place = match path {
            path if path.starts_with(&format!("{BELOW}/git/ref/tags/")) => true,
            path if path.ends_with("/dispatches") => {
                let start = path.trim_end_matches("/dispatches");
                is_one_segment(start, "/actions/workflows/")
            }
            path if path.ends_with("/runs") => {
                is_one_segment(path.trim_end_matches("/runs"), "/actions/workflows/")
            }
            path if *path == format!("{BELOW}/releases") => true,
            path if *path == format!("{BELOW}/issues") => true,
            path => [
                "/releases/tags/",
                "/attestations/",
                "/contents/.github/workflows/",
                "/rules/branches/",
            ]
            .iter()
            .any(|before| is_one_segment(path, before)),
        };
        assert!(in_place, "{request:?}");
        let is_dot = |segment: &str| {
            matches!(segment.to_lowercase().as_str(), "." | ".." | "%2e" | "%2e%2e" | ".%2e")
        };
        assert!(!path.split('/').any(is_dot), "{request:?}");
        assert!(request.header("x-admin").is_none());
        let known = BTreeSet::from(["per_page", "ref", "created", "event", "labels", "state"]);
        let keys: Vec<&str> = request.query.iter().map(|(key, _)| key.as_str()).collect();
        assert!(keys.iter().all(|key| known.contains(key)), "{request:?}");
    }
    assert!(world.fake.requests().len() >= 8 * HOSTILE.len());
}

#[test]
fn a_name_in_a_query_arrives_as_it_is() {
    let world = World::new();
    let client = world.client();
    for label in ["a b", "a&state=open", "a#b", "a+b", "100%", "\u{e4}"] {
        assert!(of(&client).issues(label).expect(label).is_empty());
        let request = world.fake.requests().pop().expect("request");
        assert_eq!(request.query("labels"), Some(label));
        assert_eq!(request.query("state"), Some("all"));
    }
}
