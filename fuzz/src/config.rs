//! `provost.toml`.

use provost_attestation::git_ref::Tag;
use provost_control::config::Config;

/// A configuration that parses gives a policy and a repository; a comment changes nothing in it,
/// and one unknown key spoils it; a refusal is one line.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Config::parse(text) {
        Ok(config) => assert_usable(&config, text),
        Err(problem) => {
            assert!(!problem.is_empty(), "refused without a reason");
            assert!(!problem.contains('\n'), "{problem:?}");
        }
    }
}

fn assert_usable(config: &Config, text: &str) {
    assert!(text.parse::<toml::Table>().is_ok(), "what is no TOML was taken");
    let repository = config.repository().expect("a checked repository");
    let policy = config.policy(None).expect("a checked policy");
    assert!(policy.source_refs.is_empty(), "no tag, no ref");
    let tag: Tag = "v1.2.3".parse().expect("a tag");
    let bound = config.policy(Some(&tag)).expect("a checked policy");
    assert_eq!(bound.source_refs.len(), 1, "a tag is bound to something");
    assert!(policy.min_level.is_none_or(|level| (1..=3).contains(&level)));

    let commented = Config::parse(&format!("{text}\n# the end\n")).expect("a comment is nothing");
    assert_eq!(format!("{commented:?}"), format!("{config:?}"));
    assert_eq!(commented.repository(), Ok(repository));
    assert!(Config::parse(&format!("unknown-key = 1\n{text}")).is_err(), "an unknown key");
}
