//! `provost init --from-bundle`: a policy read off a release that is known to be good.

use crate::example::{Example, LEVEL3, NPM};
use crate::init::Checkout;
use crate::program::Provost;

const ORIGIN: &str = "https://github.com/example-org/app";

/// A checkout with the bundle and the trusted root of an example in it.
fn checkout(origin: &str, example: &Example) -> Checkout {
    let checkout = Checkout::of(origin);
    std::fs::copy(example.bundle(), checkout.root().join("known.sigstore.json")).unwrap();
    let root = example.path("trusted_root.json");
    if root.exists() {
        std::fs::copy(root, checkout.root().join("trusted_root.json")).unwrap();
    }
    checkout
}

fn init(checkout: &Checkout) -> Provost {
    let from = ["--from-bundle", "known.sigstore.json", "--build", "make dist"];
    checkout.init(&from)
}

fn with_root(checkout: &Checkout) -> Provost {
    init(checkout).args(["--trusted-root", "trusted_root.json"])
}

#[test]
fn the_policy_of_a_known_release_accepts_that_release() {
    let example = Example::copy(LEVEL3);
    let checkout = checkout(ORIGIN, &example);
    with_root(&checkout).run().expect(0);
    let toml = checkout.read("provost.toml");
    for line in [
        "repository = \"github.com/example-org/app\"",
        "repository_id = 1296269",
        "owner_id = 9919",
        "min_level = 3",
        "trusted_root = \"trusted_root.json\"",
        "signer_workflow = \"example-org/app/.github/workflows/slsa-builder.yml\"",
        "signer_workflow = \"example-org/builders/.github/workflows/build.yml\"",
        "refs = [\"refs/tags/v2.*\"]",
    ] {
        assert!(toml.lines().any(|found| found == line), "{line}:\n{toml}");
    }
    // The same policy, through the verb that will use it; and not for another tag.
    let verify = |tag: &str| {
        let files = ["app-linux-amd64.txt", "app-linux-arm64.txt"];
        let files = files.map(|file| example.path("artifacts").join(file));
        Provost::new(["verify", "--config", "provost.toml", "--bundle", "known.sigstore.json"])
            .args(["--source-tag", tag])
            .args(files)
            .cwd(checkout.root())
            .run()
    };
    verify("v1.4.0").expect(0);
    verify("v1.4.1").expect(10);
    with_root(&checkout).run().expect(0);
}

#[test]
fn a_bundle_with_one_byte_changed_makes_no_policy() {
    let example = Example::copy(LEVEL3);
    example.edit_bundle(|bundle| {
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
        bundle["dsseEnvelope"]["payload"] = payload.replacen('Q', "R", 1).into();
    });
    let checkout = checkout(ORIGIN, &example);
    let output = with_root(&checkout).run().expect(10);
    assert!(output.stderr.contains("no policy is read off it"), "{}", output.stderr);
    assert!(!checkout.root().join("provost.toml").exists());
}

#[test]
fn a_bundle_that_nothing_here_trusts_makes_no_policy() {
    let example = Example::copy(LEVEL3);
    let checkout = checkout(ORIGIN, &example);
    init(&checkout).run().expect(10);
    assert!(!checkout.root().join("provost.toml").exists());
}

#[test]
fn the_bundle_of_another_repository_makes_no_policy() {
    let example = Example::copy(LEVEL3);
    let checkout = checkout("https://github.com/example-org/other", &example);
    let output = with_root(&checkout).run().expect(2);
    assert!(output.stderr.contains("example-org/app"), "{}", output.stderr);
    assert!(!checkout.root().join("provost.toml").exists());
}

#[test]
fn a_release_whose_signed_ref_is_a_branch_makes_no_policy() {
    let example = Example::copy(NPM);
    let checkout = checkout("https://github.com/sigstore/sigstore-js", &example);
    let output = init(&checkout).run().expect(2);
    assert!(output.stderr.contains("tag_binding"), "{}", output.stderr);
}

#[test]
fn no_bundle_is_no_policy() {
    let checkout = Checkout::of(ORIGIN);
    init(&checkout).run().expect(1);
    std::fs::write(checkout.root().join("known.sigstore.json"), "").unwrap();
    init(&checkout).run().expect(3);
    std::fs::write(checkout.root().join("known.sigstore.json"), "{}").unwrap();
    init(&checkout).run().expect(10);
    assert!(!checkout.root().join("provost.toml").exists());
}
