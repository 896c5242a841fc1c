//! Listings come in pages with real `Link` headers.

use provost_testkit::github::{Attestation, Issue, Release};

use super::client::{REPOSITORY, Reply, World};

/// The address of that relation in a `Link` header.
fn linked(reply: &Reply, relation: &str) -> Option<String> {
    let wanted = format!("rel=\"{relation}\"");
    let mut links = reply.header("link")?.split(", ");
    let link = links.find(|link| link.ends_with(&wanted))?;
    Some(link.split('>').next()?.trim_start_matches('<').to_owned())
}

/// Follows `next` to the end; the length of every page.
fn page_lengths(world: &World, path: &str, items: fn(&Reply) -> usize) -> Vec<usize> {
    let mut reply = world.get(path);
    let mut lengths = vec![items(&reply)];
    while let Some(next) = linked(&reply, "next") {
        reply = world.get(&next);
        assert_eq!(reply.status, 200);
        lengths.push(items(&reply));
    }
    lengths
}

fn list(reply: &Reply) -> usize {
    reply.json().as_array().unwrap().len()
}

fn attestations(reply: &Reply) -> usize {
    reply.json()["attestations"].as_array().unwrap().len()
}

#[test]
fn a_short_listing_has_one_page_and_no_links() {
    let world = World::new();
    world.repository.release(Release::new("v1"));
    let reply = world.get(&format!("{REPOSITORY}/releases"));
    assert_eq!((list(&reply), reply.header("link")), (1, None));
}

#[test]
fn a_long_listing_is_walked_by_its_links() {
    let world = World::new();
    for number in 0..65 {
        world.repository.issue(Issue::new("somebody", &format!("issue {number}")).label("a b"));
    }
    let path = format!("{REPOSITORY}/issues");
    assert_eq!(page_lengths(&world, &path, list), [30, 30, 5]);
    assert_eq!(page_lengths(&world, &format!("{path}?per_page=40&labels=a%20b"), list), [40, 25]);
    let second = world.get(&format!("{path}?page=2"));
    assert_eq!(linked(&second, "prev"), linked(&second, "first"));
    assert!(linked(&second, "last").unwrap().ends_with("page=3"));
    let beyond = world.get(&format!("{path}?page=9"));
    assert_eq!((list(&beyond), linked(&beyond, "next")), (0, None));
}

#[test]
fn no_page_is_longer_than_a_hundred() {
    let world = World::new();
    for number in 0..101 {
        world.repository.issue(Issue::new("somebody", &format!("issue {number}")));
    }
    assert_eq!(page_lengths(&world, &format!("{REPOSITORY}/issues?per_page=1000"), list), [100, 1]);
}

#[test]
fn attestations_are_walked_by_cursors_behind_all_decoys() {
    let world = World::new();
    for number in 0..31 {
        world.repository.attestation(Attestation::decoy("sha256:aa", number));
    }
    let path = format!("{REPOSITORY}/attestations/sha256:aa");
    assert_eq!(page_lengths(&world, &path, attestations), [30, 1]);
    assert_eq!(page_lengths(&world, &format!("{path}?per_page=11"), attestations), [11, 11, 9]);
    let last = world.get(&linked(&world.get(&path), "next").unwrap());
    assert!(linked(&last, "next").is_none());
    let back = world.get(&linked(&last, "prev").unwrap());
    assert_eq!((attestations(&back), linked(&back, "prev")), (30, None));
    let other = world.get(&format!("{path}?predicate_type=https://example.org/decoy"));
    assert_eq!(attestations(&other), 30);
    let none = world.get(&format!("{path}?predicate_type=provenance"));
    assert_eq!(attestations(&none), 0);
}
