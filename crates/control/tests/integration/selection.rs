//! Which bundle speaks for which artifact: found by digest, among many, whatever the files hold.

use crate::world::{
    ARTIFACT, SIGSTORE, Scene, assert_accepted, assert_refused, digests, failed, now, root_for,
    subject, verifier,
};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_control::{ArtifactInput, ControlError, Judgement};
use provost_testkit::{BundleShape, statement};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A folder of artifacts and bundles, gone with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn artifact(&self, name: &str, bytes: &[u8]) -> ArtifactInput {
        ArtifactInput::File(self.file(name, bytes))
    }
}

fn verify(
    artifacts: &[ArtifactInput],
    bundles: &[PathBuf],
) -> Result<Vec<Judgement>, ControlError> {
    let verifier = verifier(&root_for(BundleShape::V03RekorV1));
    let policy = Scene::attestation().policy();
    provost_control::verify(artifacts, bundles, &verifier, &policy, now())
}

/// The judgement about one artifact.
fn verify_one(artifact: ArtifactInput, bundles: &[PathBuf]) -> Judgement {
    let [judgement] = verify(&[artifact], bundles).unwrap().try_into().unwrap();
    judgement
}

/// A bundle of the example builder over these subjects.
fn bundle_of(subjects: Value) -> String {
    SIGSTORE.sign(&Scene::attestation().stating("/subject", subjects).request()).bundle_json()
}

/// A bundle over one artifact of these bytes.
fn bundle(name: &str, bytes: &[u8]) -> String {
    bundle_of(json!([statement::subject(name, bytes)]))
}

/// A bundle over [`ARTIFACT`] that policy refuses: built from another source.
fn foreign_bundle() -> String {
    let mut scene = Scene::attestation();
    scene.identity.run.repository = "evil/artifact".into();
    scene.statement = statement::actions_attest(&scene.identity, &[subject()]);
    SIGSTORE.sign(&scene.request()).bundle_json()
}

/// A bundle over [`ARTIFACT`] whose signature does not stand.
fn broken_bundle() -> String {
    let mut attestation = SIGSTORE.sign(&Scene::attestation().request());
    attestation.envelope.payload.push(b' ');
    attestation.bundle_json()
}

#[test]
fn the_right_bundle_is_found_by_digest_among_many() {
    let folder = Folder::new();
    let names: Vec<String> = (0..40).map(|index| format!("app-{index}")).collect();
    let bytes = |name: &str| format!("the bytes of {name}").into_bytes();
    let bundles: Vec<PathBuf> = names
        .iter()
        .map(|name| folder.file(&format!("{name}.json"), bundle(name, &bytes(name))))
        .collect();
    let artifacts: Vec<ArtifactInput> =
        names.iter().map(|name| folder.artifact(name, &bytes(name))).collect();
    // In another order than the bundles, and more than one machine has cores.
    let artifacts: Vec<ArtifactInput> = artifacts.into_iter().rev().collect();
    let judgements = verify(&artifacts, &bundles).unwrap();
    assert_eq!(judgements.len(), names.len());
    for (judgement, (name, file)) in judgements.iter().zip(names.iter().zip(&bundles).rev()) {
        assert_eq!(&judgement.name, name);
        let judged = judgement.result.as_ref().unwrap();
        assert_accepted(&judged.decision);
        assert_eq!(&judged.bundle.path, file);
        assert_eq!(judged.decision.artifact().name, *name);
        assert!(judged.others.is_empty());
    }
}

#[test]
fn the_file_s_name_says_nothing() {
    let folder = Folder::new();
    for name in ["a.json", "b.jsonl", "c.intoto.jsonl", "d.build.slsa", "e.sigstore", "f"] {
        let file = folder.file(name, bundle("artifact.tar.gz", ARTIFACT));
        let judgement = verify_one(folder.artifact("renamed", ARTIFACT), &[file]);
        assert_accepted(&judgement.result.unwrap().decision);
    }
    let file = folder.file("artifact.json", bundle("artifact.tar.gz", ARTIFACT));
    let judgement = verify_one(folder.artifact("artifact.tar.gz", b"other bytes"), &[file]);
    assert_refused(&judgement.result.unwrap().decision, &["subject-digest"]);
}

#[test]
fn one_good_bundle_of_several_suffices_and_the_others_are_reported() {
    let folder = Folder::new();
    let good = folder.file("2-good.json", bundle("artifact.tar.gz", ARTIFACT));
    let foreign = folder.file("1-foreign.json", foreign_bundle());
    let broken = folder.file("0-broken.json", broken_bundle());
    let artifact = || folder.artifact("artifact.tar.gz", ARTIFACT);
    let judged =
        verify_one(artifact(), &[broken.clone(), foreign.clone(), good.clone()]).result.unwrap();
    assert_accepted(&judged.decision);
    assert_eq!(judged.bundle.path, good);
    assert_eq!(judged.bundle_text, bundle_text(&good));
    let others: Vec<_> = judged.others.iter().map(|(source, _)| source.path.clone()).collect();
    assert_eq!(others, [broken.clone(), foreign.clone()]);
    assert!(judged.others.iter().all(|(_, decision)| !decision.is_accepted()));

    // Without the good one: the refusal that came closest, a signature that stands before all.
    let judged = verify_one(artifact(), &[broken.clone(), foreign.clone()]).result.unwrap();
    assert_refused(&judged.decision, &["source-repository"]);
    assert_eq!(judged.bundle.path, foreign);
    let [(source, decision)] = judged.others.as_slice() else { panic!("one other") };
    assert_eq!(source.path, broken);
    assert_eq!(failed(decision), ["signature"]);
}

fn bundle_text(path: &PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn when_none_names_the_artifact_every_reason_is_there() {
    let folder = Folder::new();
    let bundles = [
        folder.file("a.json", bundle("a", b"a")),
        folder.file("b.json", bundle("b", b"b")),
        folder.file("c.json", "{\"mediaType\":1,\"verificationMaterial\":{}}"),
    ];
    let judged = verify_one(folder.artifact("c", b"c"), &bundles).result.unwrap();
    assert_refused(&judged.decision, &["subject-digest"]);
    let others: Vec<_> = judged.others.iter().map(|(_, decision)| failed(decision)).collect();
    assert_eq!(others, [["subject-digest"], ["bundle-format"]]);
    assert!(judged.decision.facts().unwrap().subject_name.is_none());
}

#[test]
fn a_file_of_several_lines_holds_several_bundles() {
    let folder = Folder::new();
    let lines = [bundle("a", b"a"), foreign_bundle(), bundle("artifact.tar.gz", ARTIFACT)];
    let file = folder.file("all.jsonl", lines.join("\n") + "\n");
    let judged =
        verify_one(folder.artifact("x", ARTIFACT), std::slice::from_ref(&file)).result.unwrap();
    assert_accepted(&judged.decision);
    assert_eq!(judged.bundle.line, 3);
    assert_eq!(judged.bundle_text, lines[2]);
    let [(source, _)] = judged.others.as_slice() else { panic!("one other names it") };
    assert_eq!(source.line, 2);
    assert!(source.to_string().ends_with("all.jsonl line 2"), "{source}");
    let blank = folder.file("blank.jsonl", format!("\n{}\n\n{}\n", lines[0], lines[2]));
    assert_accepted(&verify_one(folder.artifact("x", ARTIFACT), &[blank]).result.unwrap().decision);

    // One bad line spoils the file: it may be the one that would have mattered.
    let spoilt = folder.file("bad.jsonl", format!("{}\n{{\"x\":1}}\n", lines[2]));
    let judged = verify_one(folder.artifact("x", ARTIFACT), &[spoilt]).result.unwrap();
    assert_eq!(failed(&judged.decision), ["bundle-format"]);
    assert!(!judged.decision.is_accepted());
}

#[test]
fn a_malformed_file_beside_a_good_one() {
    let folder = Folder::new();
    let good = folder.file("good.json", bundle("artifact.tar.gz", ARTIFACT));
    for (index, bytes) in
        ["{", "[]", "text", "{\"a\":1,\"a\":2}", "{\"x\":1}", "\u{0}"].into_iter().enumerate()
    {
        let bad = folder.file(&format!("bad-{index}.json"), bytes);
        let artifact = || folder.artifact("x", ARTIFACT);
        let judged = verify_one(artifact(), &[bad.clone(), good.clone()]).result.unwrap();
        assert_accepted(&judged.decision);
        assert_eq!(judged.bundle.path, good);
        let judged = verify_one(artifact(), std::slice::from_ref(&bad)).result.unwrap();
        assert_eq!(failed(&judged.decision), ["bundle-format"], "{bytes}");
        assert!(!judged.decision.is_accepted());
        assert!(judged.bundle_text.is_empty());
        let (_, detail) = judged.decision.rejection().unwrap();
        assert!(detail.contains(&format!("bad-{index}.json")), "{detail}");
    }
}

#[test]
fn a_plain_envelope_cannot_be_decided_offline() {
    let folder = Folder::new();
    let attestation = SIGSTORE.sign(&Scene::attestation().request());
    let envelope = folder.file("plain.intoto.jsonl", attestation.envelope.to_json().to_string());
    let artifact = || folder.artifact("x", ARTIFACT);
    let error = verify_one(artifact(), std::slice::from_ref(&envelope)).result.unwrap_err();
    assert!(matches!(error, ControlError::Undecidable(_)), "{error:?}");
    assert_eq!((error.exit_code(), error.code()), (1, "undecidable-offline"));
    assert!(error.to_string().contains("--rekor-url"), "{error}");
    // Beside a good bundle it does no harm; beside a bad one it gives no excuse.
    let good = folder.file("good.json", bundle("x", ARTIFACT));
    let judged = verify_one(artifact(), &[envelope.clone(), good]).result.unwrap();
    assert_accepted(&judged.decision);
    let foreign = folder.file("foreign.json", foreign_bundle());
    let judged = verify_one(artifact(), &[envelope, foreign]).result.unwrap();
    assert_refused(&judged.decision, &["source-repository"]);
}

#[test]
fn attestations_of_other_kinds_are_named() {
    let folder = Folder::new();
    for (document, words) in [
        (json!({ "attestations": [] }), "npm"),
        (json!({ "image_summary": {}, "provenance_summary": {} }), "Google Cloud Build"),
        (json!({ "version": 1, "attestation_bundles": [] }), "PyPI"),
        (Scene::attestation().statement, "unsigned"),
    ] {
        let file = folder.file("other.json", document.to_string());
        let error = verify_one(folder.artifact("x", ARTIFACT), &[file]).result.unwrap_err();
        assert!(matches!(error, ControlError::NotSupported(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn a_folder_of_bundles() {
    let folder = Folder::new();
    folder.file("bundles/1.json", bundle("a", b"a"));
    folder.file("bundles/2.sigstore", bundle("artifact.tar.gz", ARTIFACT));
    folder.file("bundles/README.md", "# not an attestation");
    folder.file("bundles/nested/3.json", bundle("c", b"c"));
    let bundles = folder.0.path().join("bundles");
    let artifacts = [folder.artifact("x", ARTIFACT), folder.artifact("c", b"c")];
    let judgements = verify(&artifacts, std::slice::from_ref(&bundles)).unwrap();
    assert_accepted(&judgements[0].result.as_ref().unwrap().decision);
    // Folders in the folder are not looked into.
    assert_refused(&judgements[1].result.as_ref().unwrap().decision, &["subject-digest"]);

    let empty = folder.0.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let error = verify(&artifacts, &[empty]).unwrap_err();
    assert!(matches!(error, ControlError::NothingToCheck(_)), "{error:?}");
}

#[test]
fn nothing_to_check_is_an_error_of_its_own() {
    let folder = Folder::new();
    let artifact = folder.artifact("x", ARTIFACT);
    let good = folder.file("good.json", bundle("x", ARTIFACT));
    let nothing = |result: Result<Vec<Judgement>, ControlError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, ControlError::NothingToCheck(_)), "{error:?}");
        assert_eq!(error.exit_code(), 3);
    };
    nothing(verify(&[], &[good]));
    nothing(verify(std::slice::from_ref(&artifact), &[]));
    for blank in ["", "\n", " \n\n\t\n"] {
        let file = folder.file("blank.jsonl", blank);
        nothing(verify(std::slice::from_ref(&artifact), &[file]));
    }
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let folder = Folder::new();
    let artifact = folder.artifact("x", ARTIFACT);
    let good = folder.file("good.json", bundle("x", ARTIFACT));
    let absent = folder.0.path().join("absent");
    let error = verify(std::slice::from_ref(&artifact), std::slice::from_ref(&absent)).unwrap_err();
    assert!(matches!(error, ControlError::Unreadable { .. }), "{error:?}");
    let both = [ArtifactInput::File(absent), artifact];
    let judgements = verify(&both, std::slice::from_ref(&good)).unwrap();
    let error = judgements[0].result.as_ref().unwrap_err();
    assert!(matches!(error, ControlError::Unreadable { .. }), "{error:?}");
    assert_eq!(error.exit_code(), 1);
    assert_accepted(&judgements[1].result.as_ref().unwrap().decision);
    let directory = ArtifactInput::File(folder.0.path().to_owned());
    let error = verify_one(directory, &[good]).result.unwrap_err();
    assert!(matches!(error, ControlError::Unreadable { .. }), "{error:?}");
}

fn digest(algorithm: DigestAlgorithm) -> ArtifactDigest {
    digests().of(algorithm).unwrap().clone()
}

#[test]
fn digests_instead_of_files() {
    let folder = Folder::new();
    let sha512 = statement::npm_subject("a", "1.0.0", ARTIFACT);
    let by_sha512 = folder.file("512.json", bundle_of(json!([sha512])));
    let by_sha256 = folder.file("256.json", bundle("a", ARTIFACT));
    let lone = |algorithm| ArtifactInput::digest(digest(algorithm));
    for (input, bundle) in [
        (lone(DigestAlgorithm::Sha256), &by_sha256),
        (lone(DigestAlgorithm::Sha512), &by_sha512),
        (folder.artifact("a", ARTIFACT), &by_sha256),
        (folder.artifact("a", ARTIFACT), &by_sha512),
    ] {
        let judgement = verify_one(input, std::slice::from_ref(bundle));
        assert_accepted(&judgement.result.unwrap().decision);
    }
    // A digest of one kind says nothing about one of another kind.
    for (input, bundle) in
        [(lone(DigestAlgorithm::Sha512), &by_sha256), (lone(DigestAlgorithm::Sha256), &by_sha512)]
    {
        let judgement = verify_one(input, std::slice::from_ref(bundle));
        assert_refused(&judgement.result.unwrap().decision, &["subject-digest"]);
    }
    let name = verify_one(lone(DigestAlgorithm::Sha256), &[by_sha256]).name;
    assert_eq!(name, digest(DigestAlgorithm::Sha256).to_string());
}

#[test]
fn only_strong_digests_of_one_spelling_name_an_artifact() {
    let folder = Folder::new();
    let sha256 = digest(DigestAlgorithm::Sha256).to_hex();
    let sha512 = digest(DigestAlgorithm::Sha512).to_hex();
    let other = json!({ "name": "other", "digest": { "sha256": "a".repeat(64) } });
    let judge = |set: Value| {
        let named = json!({ "name": "artifact.tar.gz", "digest": set });
        let file = folder.file("bundle.json", bundle_of(json!([other, named])));
        verify_one(folder.artifact("x", ARTIFACT), &[file]).result.unwrap().decision
    };
    assert_accepted(&judge(json!({ "sha256": sha256 })));
    assert_accepted(&judge(json!({ "sha512": sha512 })));
    assert_accepted(&judge(json!({ "sha256": sha256, "sha512": sha512, "sha1": "x", "md5": "y" })));
    for set in [
        json!({ "sha1": "5d4ba0d4fc1b7b6aa3e9b8d2bd8cbb57f5d8c0a1" }),
        json!({ "md5": &sha256[..32], "gitCommit": &sha256[..40] }),
        json!({ "SHA256": sha256 }),
        json!({ "sha-256": sha256 }),
        json!({ "sha256": sha256.to_uppercase() }),
        json!({ "sha384": sha256 }),
        // One that matches beside one that does not.
        json!({ "sha256": sha256, "sha512": "b".repeat(128) }),
        json!({ "sha256": "b".repeat(64), "sha512": sha512 }),
    ] {
        let decision = judge(set.clone());
        assert_eq!(failed(&decision), ["subject-digest"], "{set}");
        assert_refused(&decision, &["subject-digest"]);
        assert_eq!(decision.level(), 0);
    }
    // What is no digest of its algorithm spoils the statement.
    for set in [
        json!({ "sha256": format!("sha256:{sha256}") }),
        json!({ "sha256": &sha256[..62] }),
        json!({ "sha256": format!("{sha256}00") }),
        json!({ "sha256": sha512 }),
        json!({ "sha256": sha256, "sha512": "" }),
        json!({}),
    ] {
        let decision = judge(set.clone());
        assert!(!decision.is_accepted(), "{set}");
        let expected = ["subject-digest", "bundle-format"];
        assert!(failed(&decision).iter().all(|id| expected.contains(id)), "{set}");
    }
}

#[test]
fn two_subjects_of_one_name_are_two_stories() {
    let folder = Folder::new();
    let judge = |subjects: Value| {
        let file = folder.file("bundle.json", bundle_of(subjects));
        verify_one(folder.artifact("x", ARTIFACT), &[file]).result.unwrap().decision
    };
    let named = |name: &str| statement::subject(name, ARTIFACT);
    let other = |name: &str| statement::subject(name, b"other bytes");
    assert_accepted(&judge(json!([named("app"), other("app2")])));
    assert_accepted(&judge(json!([named("app"), named("app")])));
    assert_accepted(&judge(json!([other("twin"), other("twin"), named("app")])));
    assert_refused(&judge(json!([named("app"), other("app")])), &["subject-digest"]);
    assert_refused(&judge(json!([other("app"), named("app")])), &["subject-digest"]);
    // Names decide nothing, also when there are none.
    let bare = |subject: Value| json!({ "digest": subject["digest"] });
    assert_accepted(&judge(json!([bare(named("")), bare(other(""))])));
}

#[test]
fn one_artifact_s_refusal_is_not_its_neighbour_s() {
    let folder = Folder::new();
    let file = folder.file("b.json", bundle_of(json!([subject(), statement::subject("b", b"b")])));
    let artifacts = [
        folder.artifact("a", b"not attested"),
        folder.artifact("artifact.tar.gz", ARTIFACT),
        folder.artifact("b", b"b"),
        folder.artifact("d", b""),
    ];
    let judgements = verify(&artifacts, &[file]).unwrap();
    let verdicts: Vec<(String, bool)> = judgements
        .into_iter()
        .map(|judgement| (judgement.name, judgement.result.unwrap().decision.is_accepted()))
        .collect();
    let expected = [("a", false), ("artifact.tar.gz", true), ("b", true), ("d", false)];
    assert_eq!(verdicts, expected.map(|(name, accepted)| (name.to_owned(), accepted)));
}

#[test]
fn several_digests_of_one_artifact_must_all_fit() {
    let folder = Folder::new();
    let sha512 = digest(DigestAlgorithm::Sha512).to_hex();
    let sha256 = digest(DigestAlgorithm::Sha256).to_hex();
    let set = json!([{ "name": "a", "digest": { "sha256": sha256, "sha512": sha512 } }]);
    let file = folder.file("b.json", bundle_of(set));
    let named = |list: Vec<ArtifactDigest>| ArtifactInput::Digests {
        name: "a".into(),
        digests: ArtifactDigests::from_list(list).unwrap(),
    };
    let wrong = ArtifactDigest::new(DigestAlgorithm::Sha512, &[7; 64]).unwrap();
    let right = digest(DigestAlgorithm::Sha256);
    let both = named(vec![right.clone(), digest(DigestAlgorithm::Sha512)]);
    let judgement = verify_one(both, std::slice::from_ref(&file));
    assert_accepted(&judgement.result.unwrap().decision);
    let judgement = verify_one(named(vec![right, wrong]), &[file]);
    assert_refused(&judgement.result.unwrap().decision, &["subject-digest"]);
}
