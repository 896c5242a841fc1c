//! Tags are anyone's text: none reaches an argument, a path or a commit message as it is.

use crate::hostile_tags::hostile;
use crate::remote::{Bare, git};
use crate::world::{success, tag};
use provost_manifest::ArtifactKind;

#[test]
fn hostile_tags_are_pushed_like_any_other() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    let mut tags = hostile();
    let messages = ["#1", "]skip-ci", "Signed-off-by", "skip-checks", "closes#1"];
    tags.extend(messages.map(str::to_owned));
    for (run, text) in tags.iter().enumerate() {
        let artifacts = clone.manifests().artifacts();
        let kind = ArtifactKind::Provenance;
        let path = artifacts.write(&tag(text), kind, text.as_bytes()).unwrap();
        let mut entry = success(run as u64, text);
        entry.artifact = path.as_str().to_owned();
        clone.record(entry);
    }
    assert!(clone.push().is_complete());
    let entries = bare.entries();
    assert_eq!(entries.len(), tags.len());
    for (entry, text) in entries.iter().zip(&tags) {
        assert_eq!(entry.tag.as_str(), text);
        assert_eq!(bare.read(&entry.artifact).as_deref(), Some(text.as_str()), "{text}");
    }
    for path in bare.files("main") {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-%/".contains(&byte);
        assert!(path.bytes().all(safe) && !path.contains(".."), "{path}");
    }
    bare.linear_commits("main");
    assert!(clone.push().commit.is_none());
    // And one by one, so that each is in a title.
    let other = Bare::new();
    let clone = other.clone_of();
    for (run, text) in tags.iter().enumerate() {
        clone.record(success(run as u64, text));
        if run % 6 == 0 {
            assert!(clone.push().is_complete());
        }
    }
    let log = git(other.path(), &["log", "--format=%B", "main"]);
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b" ._+-%:()\n".contains(&byte);
    assert!(log.bytes().all(safe), "{log}");
    assert!(!log.lines().any(|line| line.starts_with('#')));
    let trailers = git(other.path(), &["log", "--format=%(trailers)", "main"]);
    assert_eq!(trailers.trim(), "");
}
