//! The certificate with itself and with the predicate, one extension changed at a time.

use crate::consistency::{CONSISTENCY, OTHER_ATTEMPT, OTHER_RUN, REPOSITORY, npm_v02};
use crate::world::{OTHER_COMMIT, Scene, assert_accepted, assert_refused, failed, identity};
use provost_testkit::WorkflowIdentity;

/// Every family, with a certificate of which one extension was changed after the statement.
fn families() -> [Scene; 6] {
    [
        Scene::generic(),
        Scene::container_based(),
        Scene::delegator(),
        Scene::attestation(),
        Scene::npm_cli(),
        npm_v02(),
    ]
}

#[test]
fn a_current_certificate_names_what_is_built() {
    for scene in families() {
        for arc in [12, 13, 14, 20, 21] {
            let decision = scene.clone().certified(|identity| identity.without(arc)).judge();
            assert_refused(&decision, CONSISTENCY);
        }
        // The old forms are repeated by the new ones, and may be left out.
        for arc in [1, 2, 3, 4, 5, 6, 9, 10, 15, 16, 17, 18, 19, 22] {
            let decision = scene.clone().certified(|identity| identity.without(arc)).judge();
            assert!(decision.is_accepted(), "{arc}: {:?}", failed(&decision));
        }
    }
}

#[test]
fn old_and_new_forms_of_a_claim_agree() {
    for scene in families() {
        for (arc, other) in [
            (2, "release"),
            (3, OTHER_COMMIT),
            (5, "evil/artifact"),
            (6, "refs/tags/v1.2.4"),
            (6, "v1.2.3"),
        ] {
            let decision = scene.clone().certified(|identity| identity.with(arc, other)).judge();
            assert_refused(&decision, CONSISTENCY);
        }
    }
}

#[test]
fn a_new_claim_differs_from_the_old_and_from_the_provenance() {
    for scene in families() {
        for (arc, other) in [
            (13, OTHER_COMMIT),
            (14, "refs/tags/v1.2.4"),
            (14, "refs/heads/v1.2.3"),
            (19, OTHER_COMMIT),
            (20, "release"),
        ] {
            let decision = scene.clone().certified(|identity| identity.with(arc, other)).judge();
            assert_refused(&decision, CONSISTENCY);
        }
        let elsewhere = "https://github.com/evil/artifact";
        let decision = scene.clone().certified(|identity| identity.with(12, elsewhere)).judge();
        assert!(!decision.is_accepted());
        assert!(failed(&decision).ends_with(CONSISTENCY) || failed(&decision).contains(&"run-id"));
        assert!(failed(&decision).contains(&"source-repository"));
        for config in [
            "https://github.com/evil/artifact/.github/workflows/release.yml@refs/tags/v1.2.3",
            "https://github.com/example-org/artifact-evil/.github/workflows/r.yml@refs/tags/v1.2.3",
            "https://github.com/example-org/artifact/.github/workflows/release.yml",
            "https://github.com/example-org/artifact/@refs/tags/v1.2.3",
        ] {
            let decision = scene.clone().certified(|identity| identity.with(18, config)).judge();
            assert!(!decision.is_accepted(), "{config}");
            assert!(failed(&decision).contains(&"certificate-consistency"), "{config}");
        }
        let other_run = scene.clone().certified(|identity| identity.with(21, OTHER_RUN)).judge();
        assert_refused(&other_run, CONSISTENCY);
        let other_attempt =
            scene.clone().certified(|identity| identity.with(21, OTHER_ATTEMPT)).judge();
        assert_refused(&other_attempt, CONSISTENCY);
        for arc in [15, 17] {
            let decision = scene.clone().certified(|identity| identity.with(arc, "1")).judge();
            assert_refused(&decision, CONSISTENCY);
        }
        let renamed = "https://github.com/example-org/artifact/.github/workflows/x.yml@\
            refs/tags/v1.2.3";
        let decision = scene.certified(|identity| identity.with(18, renamed)).judge();
        assert!(!decision.is_accepted());
        assert!(failed(&decision).contains(&"certificate-consistency"));
    }
}

/// Certificates of 2022 carry .1 to .6 only, and are compared on these.
#[test]
fn an_old_certificate_is_compared_on_what_it_has() {
    let old = |identity: WorkflowIdentity| (8..=22).fold(identity, WorkflowIdentity::without);
    let scene = Scene::generic().certified(old);
    let decision = scene.judge();
    assert_accepted(&decision);
    for (arc, other) in [(2, "release"), (3, OTHER_COMMIT), (6, "refs/tags/v1.2.4")] {
        let decision = scene.clone().certified(|identity| identity.with(arc, other)).judge();
        assert_refused(&decision, CONSISTENCY);
    }
    let decision = scene.clone().certified(|identity| identity.with(5, "evil/artifact")).judge();
    assert_refused(&decision, REPOSITORY);
    let decision =
        scene.clone().certified(|identity| identity.with(1, "https://gitlab.com")).judge();
    assert_refused(&decision, &["issuer"]);
    for arc in [2, 3] {
        let decision = scene.clone().certified(|identity| identity.without(arc)).judge();
        assert_refused(&decision, CONSISTENCY);
    }
    let decision = scene.certified(|identity| identity.without(5)).judge();
    assert_refused(&decision, &["source-repository"]);
}

#[test]
fn a_reusable_workflow_s_own_commit_is_never_the_source_s() {
    let scene = Scene::container_based();
    assert_ne!(scene.identity.signer_digest, identity().run.commit);
    assert_accepted(&scene.judge());
    let decision = scene.certified(|identity| identity.with(10, OTHER_COMMIT)).judge();
    assert_accepted(&decision);
}
