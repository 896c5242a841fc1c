//! The second host: archives and bundles behind addresses that are their own permission.

use std::io::{Cursor, Read};

use provost_testkit::github::{Artifact, Attestation, Host, Run};
use serde_json::{Value, json};

use super::client::{COMMIT, REPOSITORY, World};

fn archive_address(world: &World, artifact: Artifact) -> (u16, String) {
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let id = run.artifact(artifact);
    let reply = world.get(&format!("{REPOSITORY}/actions/artifacts/{id}/zip"));
    (reply.status, reply.header("location").unwrap_or_default().to_owned())
}

#[test]
fn an_artifact_is_a_real_zip_behind_a_redirect() {
    let world = World::new();
    let artifact = Artifact::of("provenance", &[("a.json", b"{}"), ("b.txt", b"text")]);
    let (status, address) = archive_address(&world, artifact);
    assert_eq!(status, 302);
    assert!(address.starts_with(world.github.blob_url()));
    let reply = world.anonymously_at(&address);
    assert_eq!(reply.status, 200);
    let mut archive = zip::ZipArchive::new(Cursor::new(reply.body)).unwrap();
    assert_eq!(archive.len(), 2);
    let mut text = String::new();
    archive.by_name("b.txt").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "text");
}

#[test]
fn an_expired_artifact_is_gone() {
    let world = World::new();
    let artifact = Artifact::of("provenance", &[]).expired();
    assert_eq!(archive_address(&world, artifact), (410, String::new()));
}

#[test]
fn the_second_host_records_and_refuses_a_token() {
    let world = World::new();
    let (_, address) = archive_address(&world, Artifact::of("a", &[]));
    assert_eq!(world.anonymously_at(&address).status, 200);
    assert_eq!(world.send("GET", &address, None, &[]).unwrap().status, 400);
    let [clean, forwarded] = &world.github.requests_on(Host::Blob)[..] else { panic!() };
    assert_eq!(clean.header("Authorization"), None);
    let token = format!("Bearer {}", world.token);
    assert_eq!(forwarded.header("Authorization"), Some(token.as_str()));
}

#[test]
fn an_address_without_its_signature_opens_nothing() {
    let world = World::new();
    let (_, address) = archive_address(&world, Artifact::of("a", &[]));
    let (bare, _) = address.split_once('?').unwrap();
    assert_eq!(world.anonymously_at(bare).status, 403);
    assert_eq!(world.anonymously_at(&format!("{bare}?sig=guess")).status, 403);
}

#[test]
fn the_newer_version_has_only_the_address_of_a_bundle() {
    let world = World::new();
    let bundle = json!({ "mediaType": "m", "dsseEnvelope": {}, "verificationMaterial": {} });
    let attestation = Attestation::new("sha256:aa", &bundle.to_string());
    world.repository.attestation(attestation.clone());
    world.repository.attestation(attestation.snappy());
    let path = format!("{REPOSITORY}/attestations/sha256:aa");
    let newer = [("x-github-api-version", "2026-03-10")];
    let listed = world.send("GET", &path, None, &newer).unwrap().json();
    let [plain, packed] = &listed["attestations"].as_array().unwrap()[..] else { panic!() };
    assert_eq!((plain.get("bundle"), packed.get("bundle")), (None, None));
    let fetch = |item: &Value| world.anonymously_at(item["bundle_url"].as_str().unwrap());
    assert_eq!(fetch(plain).json(), bundle);
    let packed = fetch(packed);
    assert_eq!(packed.header("content-type"), Some("application/x-snappy"));
    let unpacked = snap::raw::Decoder::new().decompress_vec(&packed.body).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&unpacked).unwrap(), bundle);
    let older = world.get(&path).json();
    assert_eq!(older["attestations"][0]["bundle"], bundle);
}

#[test]
fn a_subject_without_attestations_can_be_a_404() {
    let world = World::new();
    let path = format!("{REPOSITORY}/attestations/sha256:aa");
    assert_eq!(world.get(&path).status, 200);
    world.github.attestations_absent_as_404();
    assert_eq!(world.get(&path).status, 404);
}
