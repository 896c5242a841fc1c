//! What is kept of a tag beside the manifests.

use crate::world::{World, tag};
use provost_manifest::ArtifactKind;
use provost_record::encoded_tag;

#[test]
fn each_kind_has_its_name_in_the_folder_of_the_tag() {
    let world = World::new();
    let artifacts = world.manifests().artifacts();
    for (kind, path) in [
        (ArtifactKind::Provenance, "artifacts/slsa/a%2Fb/provenance-a%2Fb.json"),
        (ArtifactKind::Failure, "artifacts/slsa/a%2Fb/failure.json"),
        (ArtifactKind::VerificationSummary, "artifacts/slsa/a%2Fb/vsa-a%2Fb.json"),
    ] {
        let tag = tag("a/b");
        assert_eq!(artifacts.read(&tag, kind).unwrap(), None);
        assert_eq!(artifacts.path(&tag, kind).unwrap().as_str(), path);
        let written = artifacts.write(&tag, kind, path.as_bytes()).unwrap();
        assert_eq!(written.as_str(), path);
        assert_eq!(world.read(path).as_deref(), Some(path));
        let read = artifacts.read(&tag, kind).unwrap();
        assert_eq!(read.as_deref(), Some(path.as_bytes()));
    }
    assert_eq!(world.files().len(), 3);
}

#[test]
fn the_same_bytes_are_not_written_again_and_others_are() {
    let world = World::new();
    let artifacts = world.manifests().artifacts();
    let write = |bytes: &[u8]| {
        let path = artifacts.write(&tag("v1"), ArtifactKind::Provenance, bytes).unwrap();
        let metadata = std::fs::metadata(path.under(world.root())).unwrap();
        std::os::unix::fs::MetadataExt::ino(&metadata)
    };
    let first = write(b"one");
    assert_eq!(write(b"one"), first);
    assert_ne!(write(b"two"), first);
    let path = "artifacts/slsa/v1/provenance-v1.json";
    assert_eq!(world.read(path).as_deref(), Some("two"));
    assert_eq!(world.files(), [path]);
}

#[test]
fn tags_that_differ_in_case_only_never_share_a_folder() {
    let world = World::new();
    let artifacts = world.manifests().artifacts();
    let write = |text: &str| {
        let path = artifacts.write(&tag(text), ArtifactKind::Failure, text.as_bytes());
        path.unwrap().as_str().to_owned()
    };
    let hashed = encoded_tag(&tag("v1-rc"), true);
    assert_eq!(write("v1-RC"), "artifacts/slsa/v1-RC/failure.json");
    let twin = format!("artifacts/slsa/{hashed}/failure.json");
    assert_eq!(write("v1-rc"), twin);
    assert_eq!(write("v1-rc"), twin);
    assert_eq!(write("v1-RC"), "artifacts/slsa/v1-RC/failure.json");
    assert_eq!(world.read(&twin).as_deref(), Some("v1-rc"));
    assert_eq!(world.files().len(), 2);
}

#[test]
fn leftovers_of_a_killed_writer_are_swept_away_by_the_next() {
    let world = World::new();
    let leftover = "artifacts/slsa/v1/.provost-4711.tmp";
    let foreign = "artifacts/slsa/v1/.provost-mine.tmp";
    world.write(leftover, "half");
    world.write(foreign, "kept");
    let artifacts = world.manifests().artifacts();
    artifacts.write(&tag("v1"), ArtifactKind::Failure, b"{}").unwrap();
    assert_eq!(world.files(), [foreign, "artifacts/slsa/v1/failure.json"]);
}
