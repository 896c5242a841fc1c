//! What the manifest knows of tags used twice and of old artifacts under new tags.

use crate::world::{NOON, World, accepted, digest, refused, success, tag, time};
use std::collections::BTreeSet;

#[test]
fn digests_and_tags_are_found_over_all_days_and_only_where_accepted() {
    let world = World::new();
    let manifests = world.manifests();
    for (entry, now) in [
        (accepted(1, "v1", 1), NOON),
        (accepted(2, "v1", 2), "2026-11-24T12:00:00Z"),
        (accepted(3, "v2", 1), "2026-11-25T12:00:00Z"),
        (refused(4, "v3", 1), "2026-11-25T12:00:00Z"),
        (refused(5, "v1", 3), "2026-11-25T12:00:00Z"),
        (success(6, "v1"), "2026-11-25T12:00:00Z"),
    ] {
        manifests.record(entry, time(now)).unwrap();
    }
    let accepted = manifests.accepted_digests().unwrap();
    let digests = |text: &str| accepted.of_tag(&tag(text));
    assert_eq!(digests("v1"), BTreeSet::from([digest(1), digest(2)]));
    assert_eq!(digests("v2"), BTreeSet::from([digest(1)]));
    assert_eq!(digests("v3"), BTreeSet::new());
    assert_eq!(digests("V1"), BTreeSet::new());
    let tags = |byte| accepted.tags_of(&digest(byte));
    assert_eq!(tags(1), BTreeSet::from([tag("v1"), tag("v2")]));
    assert_eq!(tags(2), BTreeSet::from([tag("v1")]));
    assert_eq!(tags(3), BTreeSet::new());
}

#[test]
fn not_knowing_is_an_error_and_no_empty_answer() {
    let world = World::new();
    world.write("docs/reports/2026-01-01/manifest.json", "{}");
    let manifests = world.manifests();
    assert!(manifests.accepted_digests().is_err());
}
