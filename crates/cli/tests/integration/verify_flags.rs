//! The expectations of `verify`, flag by flag: one that holds and one that does not.

use crate::attested::{Attested, BUILDER_COMMIT, BYTES, SIGNED_AT, identity, identity_of};
use crate::program::{Provost, failed, outcomes};
use provost_testkit::{
    ManagedKey, SignatureAlgorithm, SigningRequest, WorkflowIdentity, WorkflowRun, statement,
};
use serde_json::{Value, json};

/// The flag holds with the first value, and with the second one exactly this check fails.
fn flag(attested: &Attested, name: &str, holds: &str, other: &str, fails: &str) {
    let report = attested.verify(["app.txt"]).args([name, holds]).report(0);
    assert_eq!(outcomes(&report), ["accepted"], "{name} {holds}");
    let report = attested.verify(["app.txt"]).args([name, other]).report(10);
    assert_eq!(failed(&report), [fails], "{name} {other}");
}

#[test]
fn source_and_builder_flags_accept_and_refuse() {
    let attested = Attested::new();
    let other_commit = "0".repeat(40);
    let builder = "https://github.com/example-org/builders/.github/workflows/build.yml";
    let at = |git_ref: &str| format!("{builder}@{git_ref}");
    let commit = WorkflowRun::example().commit;
    let slsa = |version: &str| format!("https://slsa.dev/provenance/{version}");
    for (name, holds, other, fails) in [
        ("--source-tag", "v1.2.3", "v1.2.4", "source-ref"),
        ("--source-versioned-tag", "v1", "v2", "source-ref"),
        ("--source-versioned-tag", "v1.2", "v1.3", "source-ref"),
        ("--source-versioned-tag", "v1.2.3", "v1.2.4", "source-ref"),
        ("--source-digest", &commit, &other_commit, "source-digest"),
        ("--signer-digest", BUILDER_COMMIT, &other_commit, "signer-digest"),
        ("--predicate-type", &slsa("v1"), &slsa("v0.2"), "predicate-type"),
    ] {
        flag(&attested, name, holds, other, fails);
    }
    for (builder, code, fails) in [
        (builder.to_owned(), 0, vec![]),
        (at("refs/tags/v2.1.0"), 0, vec![]),
        (at("refs/tags/v2.1.1"), 10, vec!["builder-id"]),
        (builder.replace("build.yml", "other.yml"), 10, vec!["builder-id"]),
        (builder.replace("build.yml", "build.yml-evil"), 10, vec!["builder-id"]),
    ] {
        let provost = attested.verify_any_builder(["app.txt"]).args(["--builder-id", &builder]);
        assert_eq!(failed(&provost.report(code)), fails, "{builder}");
    }
}

#[test]
fn the_source_repository_is_compared_whole() {
    let attested = Attested::new();
    for (uri, code) in [
        ("github.com/example-org/artifact", 0),
        ("https://github.com/example-org/artifact", 0),
        ("git+https://github.com/example-org/artifact", 0),
        ("github.com/Example-Org/Artifact", 0),
        ("github.com/example-org/artifac", 10),
        ("github.com/example-org/artifact2", 10),
        ("github.com/example-or/artifact", 10),
        ("gitlab.com/example-org/artifact", 2),
        ("github.com/example-org", 2),
        ("", 2),
    ] {
        let report = Provost::new(["verify", "app.txt", "--bundle", "app.json"])
            .args(["--trusted-root", "root.json", "--source-uri", uri])
            .args(["--signer-workflow", "example-org/builders/.github/workflows/build.yml"])
            .cwd(attested.root())
            .report(code);
        if code == 10 {
            assert_eq!(failed(&report), ["source-repository"], "{uri}");
        }
    }
    let any = |arguments: &[&str], code| {
        Provost::new(["verify", "app.txt", "--bundle", "app.json"])
            .args(["--trusted-root", "root.json"])
            .args(["--signer-workflow", "example-org/builders/.github/workflows/build.yml"])
            .args(arguments)
            .cwd(attested.root())
            .report(code)
    };
    assert_eq!(outcomes(&any(&["--unsafe-any-source"], 0)), ["accepted"]);
    assert_eq!(any(&[], 2)["error"]["code"], "configuration");
}

#[test]
fn the_signing_workflow_is_compared_whole() {
    let attested = Attested::new();
    for (workflow, code) in [
        ("example-org/builders/.github/workflows/build.yml", 0),
        ("https://github.com/example-org/builders/.github/workflows/build.yml", 0),
        ("example-org/builders/.github/workflows/other.yml", 10),
        ("example-org/builder/.github/workflows/build.yml", 10),
        ("example-org/builders/.github/workflows/build.yml@refs/tags/v2.1.0", 2),
        ("build.yml", 2),
    ] {
        let provost = attested.verify_any_builder(["app.txt"]);
        let report = provost.args(["--signer-workflow", workflow]).report(code);
        if code == 10 {
            assert_eq!(failed(&report), ["builder-id"], "{workflow}");
        }
    }
    let report = attested.verify_any_builder(["app.txt"]).report(10);
    assert_eq!(failed(&report), ["builder-id"], "no builder is named, and this one is not known");
}

#[test]
fn a_branch_build_is_of_its_branch_and_of_no_tag() {
    let run = WorkflowRun { git_ref: "refs/heads/main".into(), ..WorkflowRun::example() };
    let attested = Attested::by(identity_of(run));
    flag(&attested, "--source-branch", "main", "dev", "source-ref");
    let report = attested.verify(["app.txt"]).args(["--source-tag", "main"]).report(10);
    assert_eq!(failed(&report), ["source-ref"]);
    let run = WorkflowRun { git_ref: "refs/heads/v1.2.3".into(), ..WorkflowRun::example() };
    let attested = Attested::by(identity_of(run));
    let report = attested.verify(["app.txt"]).args(["--source-tag", "v1.2.3"]).report(10);
    assert_eq!(failed(&report), ["source-ref"], "a branch named like the tag");
}

#[test]
fn a_workflow_that_signs_for_itself_is_of_level_2() {
    let identity = WorkflowIdentity::github_actions(WorkflowRun::example());
    let attested = Attested::by(identity);
    let verify = |arguments: &[&str], code| {
        let workflow = "example-org/artifact/.github/workflows/release.yml";
        let provost = attested.verify_any_builder(["app.txt"]);
        provost.args(["--signer-workflow", workflow]).args(arguments).report(code)
    };
    assert_eq!(verify(&["--min-level", "2"], 0)["decisions"][0]["slsa_build_level"], 2);
    assert_eq!(failed(&verify(&["--min-level", "3"], 10)), ["slsa-level"]);
}

#[test]
fn self_hosted_runners_are_refused_when_asked() {
    let mut identity = identity();
    identity.runner_environment = "self-hosted".into();
    let attested = Attested::by(identity);
    attested.verify(["app.txt"]).report(0);
    let report = attested.verify(["app.txt"]).arg("--deny-self-hosted-runners").report(10);
    assert_eq!(failed(&report), ["runner-environment"]);
    Attested::new().verify(["app.txt"]).arg("--deny-self-hosted-runners").report(0);
}

#[test]
fn the_certificate_identity_is_compared_whole() {
    const ISSUER: &str = "https://token.actions.githubusercontent.com";
    let attested = Attested::new();
    let san = identity().san().to_owned();
    let verify = |san: &str, issuer: &str, code| {
        let provost = attested.verify(["app.txt"]).args(["--certificate-identity", san]);
        failed(&provost.args(["--certificate-oidc-issuer", issuer]).report(code))
    };
    assert_eq!(verify(&san, ISSUER, 0), Vec::<String>::new());
    assert_eq!(verify(&san[..san.len() - 1], ISSUER, 10), ["builder-id"]);
    assert_eq!(verify(&san, "https://token.example.com", 10), ["issuer"]);
    let alone = attested.verify(["app.txt"]).args(["--certificate-identity", &san]).report(2);
    assert_eq!(alone["error"]["code"], "arguments");
}

#[test]
fn a_dispatched_run_must_have_had_the_input() {
    let run = WorkflowRun { event: "workflow_dispatch".into(), ..WorkflowRun::example() };
    let builder = "slsa-framework/slsa-github-generator/.github/workflows/\
                   generator_generic_slsa3.yml";
    let identity =
        WorkflowIdentity::github_actions(run).reusable(builder, "refs/tags/v2.0.0", BUILDER_COMMIT);
    let mut statement = statement::generic(&identity, &[statement::subject("app.txt", BYTES)]);
    let environment = &mut statement["predicate"]["invocation"]["environment"];
    environment["github_event_payload"]["inputs"] = json!({"version": "1.2.3"});
    let attested = Attested::request(&SigningRequest::new(&statement, identity, SIGNED_AT));
    let verify = |input: &str, code: i32| -> Value {
        let provost = attested.verify_any_builder(["app.txt"]);
        provost.args(["--build-workflow-input", input]).report(code)
    };
    assert_eq!(outcomes(&verify("version=1.2.3", 0)), ["accepted"]);
    for other in ["version=1.2.4", "version=", "release=1.2.3"] {
        assert_eq!(failed(&verify(other, 10)), ["build-input"], "{other}");
    }
    assert_eq!(verify("version", 2)["error"]["code"], "configuration");
}

#[test]
fn a_managed_key_stands_in_for_a_certificate() {
    let key = ManagedKey::generate(SignatureAlgorithm::EcdsaP256Sha256, "release");
    let other = ManagedKey::generate(SignatureAlgorithm::EcdsaP256Sha256, "release");
    let identity = identity();
    let statement = crate::attested::statement_of(&identity);
    let request = SigningRequest::new(&statement, identity, SIGNED_AT);
    let attested = Attested::request(&request);
    let bundle = attested.sigstore.sign_with_key(&request, &key).bundle_json();
    attested.write("app.json", bundle);
    attested.write("key.pem", key.public_key_pem());
    attested.write("other.pem", other.public_key_pem());
    let verify = |arguments: &[&str], code| {
        let builder = "https://github.com/example-org/builders/.github/workflows/build.yml";
        let provost = attested.verify_any_builder(["app.txt"]);
        provost.args(["--builder-id", builder]).args(arguments).report(code)
    };
    assert_eq!(outcomes(&verify(&["--key", "key.pem"], 0)), ["accepted"]);
    let rejection = &verify(&["--key", "other.pem"], 10)["decisions"][0]["rejection"];
    assert_eq!(rejection["code"], "signature");
    assert_eq!(outcomes(&verify(&[], 10)), ["refused"], "no key, no signer");
    assert_eq!(verify(&["--key", "none.pem"], 1)["error"]["code"], "unreadable");
    assert_eq!(verify(&["--key", "app.txt"], 2)["error"]["code"], "configuration");
    // A certificate's bundle is no bundle by this key.
    let certified = Attested::new();
    certified.write("key.pem", key.public_key_pem());
    let report = certified.verify(["app.txt"]).args(["--key", "key.pem"]).report(10);
    assert_eq!(outcomes(&report), ["refused"]);
}

#[test]
fn values_that_nothing_can_meet_and_conflicts_are_bad_arguments() {
    let attested = Attested::new();
    for arguments in [
        &["--source-digest", "abc"][..],
        &["--signer-digest", "ABC"],
        &["--source-versioned-tag", "latest"],
        &["--min-level", "0"],
        &["--min-level", "4"],
        &["--min-level", "x"],
        &["--source-tag", "v1", "--source-versioned-tag", "v1"],
        &["--unsafe-any-source"],
        &["--build-workflow-input", "=x"],
        &["--verbose", "--quiet"],
        &["--no-such-flag"],
        &["--format", "xml"],
        &["--certificate-identity", "x"],
    ] {
        let output = attested.verify(["app.txt"]).args(arguments).run().expect(2);
        assert!(!output.stdout.contains("accepted"), "{arguments:?}: {}", output.stdout);
        assert!(output.stderr.contains("error: "), "{arguments:?}: {}", output.stderr);
    }
}
