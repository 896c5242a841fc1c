use crate::world::{BELOW, World, of};
use provost_github::{ApiVersion, GitHub, GithubError};
use provost_testkit::github::{Attestation, Fault, Host, On};

const BUNDLE: &str = r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#;

fn digest() -> String {
    format!("sha256:{}", "ab".repeat(32))
}

fn newer(world: &World) -> GitHub {
    let token = world.fake.token(provost_testkit::github::Token::classic("bot", &["repo"]));
    world.client_with(Some(&token), |settings| settings.api_version = ApiVersion::V20260310)
}

#[test]
fn an_attestation_behind_decoys_is_found() {
    let world = World::new();
    for number in 0..230 {
        world.repository.attestation(Attestation::decoy(&digest(), number));
    }
    world.repository.attestation(Attestation::new(&digest(), BUNDLE));
    let found = of(&world.client()).attestations(&digest()).expect("found");
    assert_eq!((found.len(), found[230].text.as_str()), (231, BUNDLE));
    assert!(world.fake.requests_on(Host::Blob).is_empty());
}

#[test]
fn more_than_a_thousand_are_a_limit_and_never_nothing() {
    let world = World::new();
    for number in 0..1_001 {
        world.repository.attestation(Attestation::decoy(&digest(), number));
    }
    let error = of(&world.client()).attestations(&digest()).expect_err("limit");
    assert!(matches!(error, GithubError::LimitReached { limit: 1_000, .. }), "{error}");
    assert!(!error.is_not_found());
}

#[test]
fn none_is_an_empty_list_in_both_forms_and_an_error_is_none() {
    let world = World::new();
    let client = world.client();
    assert!(of(&client).attestations(&digest()).expect("none").is_empty());
    world.fake.attestations_absent_as_404();
    assert!(of(&client).attestations(&digest()).expect("none").is_empty());
    let path = format!("{BELOW}/attestations/*");
    for fault in [Fault::Status(502), Fault::Html, Fault::CutAfter(5), Fault::Status(403)] {
        world.fake.fault(On::new("GET", &path).times(3), fault);
        of(&client).attestations(&digest()).expect_err("not known");
        world.fake.clear_faults();
    }
}

#[test]
fn a_bundle_is_fetched_where_the_answer_says_plain_or_compressed_without_the_token() {
    let world = World::new();
    world.repository.attestation(Attestation::new(&digest(), BUNDLE));
    world.repository.attestation(Attestation::new(&digest(), BUNDLE).snappy());
    let found = of(&newer(&world)).attestations(&digest()).expect("found");
    assert!(found.len() == 2 && found.iter().all(|bundle| bundle.text == BUNDLE));
    let asked = world.fake.requests_on(Host::Blob);
    assert!(asked.len() == 2 && asked.iter().all(|one| one.header("authorization").is_none()));
}

#[test]
fn a_bundle_elsewhere_is_not_fetched() {
    let world = World::new();
    let client = newer(&world);
    for url in [
        r#""https://evil.example/x""#,
        r#""http://169.254.169.254/latest/meta-data""#,
        r#""file:///etc/passwd""#,
        r#""https://tmaproduction.blob.core.windows.net.evil.example/x""#,
        r#""https://user@evil.example/x""#,
        r#""""#,
        "null",
    ] {
        let body = format!(r#"{{"attestations":[{{"repository_id":1,"bundle_url":{url}}}]}}"#);
        let on = On::new("GET", &format!("{BELOW}/attestations/*"));
        world.fake.fault(on, Fault::Body(200, "application/json", body.into_bytes()));
        let error = of(&client).attestations(&digest()).expect_err(url);
        assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{url}: {error}");
    }
    assert!(world.fake.requests_on(Host::Blob).is_empty());
}

#[test]
fn a_bundle_that_unfolds_without_end_is_refused() {
    let world = World::new();
    world.repository.attestation(Attestation::new(&digest(), BUNDLE));
    let client = newer(&world);
    let packed = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).expect("packed");
    let mut lying = packed(BUNDLE.as_bytes());
    lying[0] += 1;
    for (what, bytes) in [
        // 128 MiB of blanks in 6 MiB, and a length of 4 GiB in five bytes.
        ("a bomb", packed(&vec![b' '; 128 << 20])),
        ("a promise", vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
        ("a lie", lying),
        ("no text", packed(&[0xff; 100])),
        ("too long", vec![b' '; (16 << 20) + 1]),
        ("a page", b"<html></html>".to_vec()),
        ("half of it", BUNDLE.as_bytes()[..20].to_vec()),
        ("nothing", Vec::new()),
    ] {
        let on = On::new("GET", "/**").host(Host::Blob);
        world.fake.fault(on, Fault::Body(200, "application/json", bytes));
        of(&client).attestations(&digest()).expect_err(what);
    }
    assert_eq!(of(&client).attestations(&digest()).expect("sound").len(), 1);
}
