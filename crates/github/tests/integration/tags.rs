use crate::world::{BELOW, COMMIT, NAME, World, of};
use provost_github::{GithubError, PeeledTag};
use provost_testkit::github::{Fault, On, Repository};
use std::path::Path;
use std::process::{Command, Stdio};

fn peeled(is_annotated: bool) -> Option<PeeledTag> {
    Some(PeeledTag { commit: COMMIT.to_owned(), is_annotated })
}

#[test]
fn a_tag_leads_to_its_commit_whatever_its_name_holds() {
    let world = World::new();
    let client = world.client();
    for tag in ["v1", "release/v1", "a/b/c", "v1+x", "100%", "v1#2", "\u{e4}", "a&b=c"] {
        world.repository.tag(tag, COMMIT);
        assert_eq!(of(&client).peeled_tag(tag).expect(tag), peeled(false), "{tag}");
        world.repository.annotated_tag(tag, COMMIT, "text");
        assert_eq!(of(&client).peeled_tag(tag).expect(tag), peeled(true), "{tag}");
    }
    for missing in ["v", "v1.0", "V1", "release", "release/v", "b/c", ""] {
        assert_eq!(of(&client).peeled_tag(missing).expect(missing), None, "{missing}");
    }
    assert_eq!(of(&client).tags().expect("tags").len(), 8);
    // An empty name asks for a list of refs, which is no operation that GitHub describes.
    world.fake.violations();
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(["-c", "user.name=Release Engineer"]);
    command.args(["-c", "user.email=release@example.org", "-c", "tag.gpgSign=false"]);
    let output = command.args(arguments).stdin(Stdio::null()).output().expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn tags_on_tags_are_followed_and_those_of_other_things_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["commit", "-q", "--allow-empty", "-m", "first"]);
    let commit = git(path, &["rev-parse", "HEAD"]);
    git(path, &["tag", "-a", "-m", "one", "one"]);
    git(path, &["tag", "-a", "-m", "two", "two", "one"]);
    git(path, &["tag", "tree", "HEAD^{tree}"]);
    git(path, &["tag", "-a", "-m", "tree", "annotated-tree", "HEAD^{tree}"]);
    let world = World::with(Repository::new(NAME).git(&path.join(".git")));
    let client = world.client();
    for tag in ["one", "two"] {
        let found = of(&client).peeled_tag(tag).expect(tag).expect(tag);
        assert_eq!((found.commit.as_str(), found.is_annotated), (commit.as_str(), true));
    }
    for tag in ["tree", "annotated-tree"] {
        let error = of(&client).peeled_tag(tag).expect_err(tag);
        assert!(error.to_string().contains("leads to a tree"), "{error}");
    }
}

#[test]
fn tags_without_end_and_answers_about_other_tags_are_refused() {
    let world = World::new();
    let client = world.client();
    let tag = world.repository.annotated_tag("v1", COMMIT, "text");
    world.repository.tag("v2", COMMIT);
    let url = |rest: &str| format!("https://api.github.com{BELOW}/git/{rest}");
    let object = |sha: &str, points_at: &str| {
        let body = format!(
            r#"{{"sha":"{sha}","url":"{}","object":{{"sha":"{points_at}","type":"tag"}}}}"#,
            url("tags/x")
        );
        Fault::Body(200, "application/json", body.into_bytes())
    };
    let tags = || On::new("GET", &format!("{BELOW}/git/tags/*")).times(5);
    for (sha, points_at, why) in
        [(&*tag, &*tag, "without end"), (COMMIT, &tag, "is about object"), (&tag, "v1", "no SHA-1")]
    {
        world.fake.fault(tags(), object(sha, points_at));
        let error = of(&client).peeled_tag("v1").expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
        world.fake.clear_faults();
    }
    // A server that answers with the ref whose name only begins so.
    let body = format!(
        r#"{{"ref":"refs/tags/v2","url":"{}","object":{{"sha":"{COMMIT}","type":"commit"}}}}"#,
        url("refs/tags/v2")
    );
    let other = Fault::Body(200, "application/json", body.into_bytes());
    world.fake.fault(On::new("GET", &format!("{BELOW}/git/ref/tags/v1")), other);
    let error = of(&client).peeled_tag("v1").expect_err("another tag");
    assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{error}");
}
