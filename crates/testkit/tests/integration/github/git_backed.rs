//! A repository on disk: what is pushed with git, the API shows.

use std::path::Path;
use std::process::Command;

use provost_testkit::github::{Repository, Workflow};
use serde_json::json;
use tempfile::TempDir;

use super::client::{REPOSITORY, World};

/// A bare repository, and a clone that pushes to it.
struct Pushed {
    world: World,
    directory: TempDir,
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=Release Engineer", "-c", "user.email=release@example.org"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Pushed {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bare = directory.path().join("bare.git");
        let clone = directory.path().join("clone");
        git(directory.path(), &["init", "--quiet", "--bare", bare.to_str().unwrap()]);
        git(directory.path(), &["init", "--quiet", "--initial-branch=main", "clone"]);
        git(&clone, &["remote", "add", "origin", bare.to_str().unwrap()]);
        let world = World::bare(Repository::new("example-org/artifact").git(&bare));
        Self { world, directory }
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.directory.path().join("clone"), arguments)
    }

    /// Commits a file on `main`, pushes it, and gives the commit.
    fn push(&self, path: &str, text: &str) -> String {
        let file = self.directory.path().join("clone").join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "A change"]);
        self.git(&["push", "--quiet", "origin", "main"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn push_tag(&self, arguments: &[&str]) {
        self.git(&[&["tag"], arguments].concat());
        self.git(&["push", "--quiet", "origin", "--tags"]);
    }
}

#[test]
fn an_empty_repository_has_nothing() {
    let pushed = Pushed::new();
    let world = &pushed.world;
    assert_eq!(world.get(&format!("{REPOSITORY}/git/ref/heads/main")).status, 404);
    assert_eq!(world.get(&format!("{REPOSITORY}/tags")).json(), json!([]));
    assert_eq!(world.get(&format!("{REPOSITORY}/contents/a.txt")).status, 404);
}

#[test]
fn a_pushed_annotated_tag_is_a_tag_object_that_peels_to_its_commit() {
    let pushed = Pushed::new();
    let commit = pushed.push("a.txt", "hello");
    pushed.push_tag(&["--annotate", "v1", "--message", "Version 1"]);
    pushed.push_tag(&["v1-light"]);
    let world = &pushed.world;
    let told = world.get(&format!("{REPOSITORY}/git/ref/tags/v1")).json();
    assert_eq!(told["object"]["type"], "tag");
    assert_eq!(told["object"]["sha"], pushed.git(&["rev-parse", "refs/tags/v1"]));
    let tag = told["object"]["sha"].as_str().unwrap();
    let told = world.get(&format!("{REPOSITORY}/git/tags/{tag}")).json();
    assert_eq!((&told["object"]["sha"], &told["tag"]), (&json!(commit), &json!("v1")));
    assert_eq!(told["tagger"]["email"], "release@example.org");
    let light = world.get(&format!("{REPOSITORY}/git/ref/tags/v1-light")).json();
    assert_eq!(
        (&light["object"]["type"], &light["object"]["sha"]),
        (&json!("commit"), &json!(commit))
    );
    let tags = world.get(&format!("{REPOSITORY}/tags")).json();
    assert_eq!(tags[0]["commit"]["sha"], commit);
    let told = world.get(&format!("{REPOSITORY}/commits/v1")).json();
    assert_eq!((&told["sha"], &told["commit"]["message"]), (&json!(commit), &json!("A change\n")));
}

#[test]
fn a_tag_that_moves_is_seen_at_once() {
    let pushed = Pushed::new();
    pushed.push("a.txt", "one");
    pushed.push_tag(&["v1"]);
    let second = pushed.push("a.txt", "two");
    pushed.git(&["tag", "--force", "v1"]);
    let seen = || pushed.world.get(&format!("{REPOSITORY}/git/ref/tags/v1")).json();
    assert_ne!(seen()["object"]["sha"], second);
    pushed.git(&["push", "--quiet", "--force", "origin", "--tags"]);
    assert_eq!(seen()["object"]["sha"], second);
}

#[test]
fn files_are_read_at_their_ref_and_listed_by_folder() {
    let pushed = Pushed::new();
    pushed.push("docs/a.txt", "one");
    pushed.push_tag(&["v1"]);
    pushed.push("docs/a.txt", "two");
    let content = |query: &str| {
        let path = format!("{REPOSITORY}/contents/docs/a.txt{query}");
        pushed.world.send("GET", &path, None, &[("accept", "application/vnd.github.raw+json")])
    };
    assert_eq!(content("?ref=v1").unwrap().body, b"one");
    assert_eq!(content("").unwrap().body, b"two");
    let listed = pushed.world.get(&format!("{REPOSITORY}/contents/docs")).json();
    assert_eq!((&listed[0]["path"], &listed[0]["size"]), (&json!("docs/a.txt"), &json!(3)));
    assert_eq!(listed[0]["sha"], pushed.git(&["rev-parse", "HEAD:docs/a.txt"]));
    assert_eq!(content("/b").unwrap().status, 404);
}

#[test]
fn a_file_written_through_the_api_is_fetched_with_git() {
    let pushed = Pushed::new();
    let first = pushed.push("docs/a.txt", "one");
    let path = format!("{REPOSITORY}/contents/docs/b.txt");
    let wish = json!({ "message": "Add b", "content": "dHdv", "branch": "main" });
    let created = pushed.world.call("PUT", &path, Some(&wish));
    assert_eq!(created.status, 201, "{}", created.message());
    pushed.git(&["fetch", "--quiet", "origin"]);
    assert_eq!(pushed.git(&["show", "origin/main:docs/b.txt"]), "two");
    assert_eq!(pushed.git(&["show", "origin/main:docs/a.txt"]), "one");
    assert_eq!(pushed.git(&["rev-parse", "origin/main^"]), first);
    let elsewhere = json!({ "message": "Add b", "content": "dHdv", "branch": "topic" });
    assert_eq!(pushed.world.call("PUT", &path, Some(&elsewhere)).status, 404);
}

#[test]
fn a_workflow_is_dispatched_where_git_has_its_file_alone() {
    let pushed = Pushed::new();
    pushed.push("a.txt", "before the workflow");
    pushed.push_tag(&["v1"]);
    let commit = pushed.push(".github/workflows/provenance.yml", "on: workflow_dispatch\n");
    pushed.push_tag(&["--annotate", "v2", "--message", "Version 2"]);
    let world = &pushed.world;
    world.repository.workflow(Workflow::new(".github/workflows/provenance.yml"));
    let path = format!("{REPOSITORY}/actions/workflows/provenance.yml/dispatches");
    assert_eq!(world.post(&path, &json!({ "ref": "v1" })).status, 404);
    assert_eq!(world.post(&path, &json!({ "ref": "v2" })).status, 204);
    let run = world.repository.runs()[0].get();
    assert_eq!((run.git_ref.as_str(), run.commit), ("refs/tags/v2", commit));
}
