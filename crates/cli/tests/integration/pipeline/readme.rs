//! The pipeline's screens in README.md are those that are printed. Times and event ids differ from
//! call to call, and nothing else does.

use super::world::{LATER, REPOSITORY, TAG, World};
use crate::program::{Output, Provost};
use provost_testkit::github::{Release, Token};

const README: &str = include_str!("../../../../../README.md");

/// What README.md shows below `$ provost WORDS` must be what the call prints, messages first.
#[track_caller]
fn is_shown(words: &[&str], output: &Output) {
    let command = format!("$ provost {}\n", words.join(" "));
    let shown = README.split_once(&command).expect(&command).1;
    let shown = shown.split_once("```").expect("the end of the block").0;
    let printed = format!("{}{}", output.stderr, output.stdout);
    assert_eq!(masked(shown), masked(&printed), "{command}");
}

/// Every time and every event id as its shape.
fn masked(text: &str) -> String {
    let shape = |word: &str| -> String {
        word.chars().map(|char| if char.is_ascii_hexdigit() { '0' } else { char }).collect()
    };
    let mask = |word: &str| match shape(word).as_str() {
        "0000-00-00T00:00:00Z," => "TIME,".to_owned(),
        "00000000-0000-0000-0000-000000000000" => "ID".to_owned(),
        _ => word.to_owned(),
    };
    let lines = text.lines().map(|line| line.split(' ').map(mask).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn run(call: Provost, words: &[&str], code: i32) {
    is_shown(words, &call.args(&words[1..]).run().expect(code));
}

#[test]
fn the_readme_shows_a_dispatch() {
    let world = World::new();
    let url = format!("https://github.com/{REPOSITORY}/releases/tag/{TAG}");
    let words = ["dispatch", "--tag", TAG, "--wait", "--release-url", &url];
    let call = world
        .provost(["dispatch"])
        .env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher)
        .env("GITHUB_RUN_ID", "4711");
    run(call, &words, 0);
}

#[test]
fn the_readme_shows_a_comparison() {
    let world = World::new();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    world.repository.release(world.release());
    let attested = world.attested_run();
    world.gate().args(["--run", &attested.id().to_string()]).report(0);
    attested.complete("failure");
    world.repository.tag("v1.5.0", LATER);
    world.repository.release(Release::new("v1.5.0").asset("app.txt", b"1.5"));
    let writer = world
        .github
        .token(Token::of_job(REPOSITORY, &["contents:read", "actions:read", "issues:write"]));
    let call = world.provost(["reconcile"]).env("GITHUB_TOKEN", &writer);
    run(call, &["reconcile", "--since", "30d", "--fix"], 11);
}
