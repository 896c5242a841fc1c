//! Tags are untrusted: none leaves the folder, none reaches the screen raw.

use crate::example::{Example, NPM};
use std::path::{Component, PathBuf};

/// Tags that git allows: refused by policy, and recorded in a folder of one safe name.
const GIT_REFS: [(&str, &str); 7] = [
    ("v1;id", "v1%3Bid"),
    ("a/b", "a%2Fb"),
    ("$(id)", "%24%28id%29"),
    ("`id`", "%60id%60"),
    ("v1&&id|cat>x", "v1%26%26id%7Ccat%3Ex"),
    ("%2e%2e", "%252e%252e"),
    ("v1\u{202e}", "v1%E2%80%AE"),
];

/// Tags that no git repository can have.
const NO_GIT_REFS: [&str; 14] = [
    "",
    "../../x",
    "..",
    "/etc/passwd",
    "a//b",
    "a/",
    ".hidden",
    "a/.b",
    "x.lock",
    "v1 x",
    "v1\n::error::x",
    "v1\u{1b}[31m",
    "v1:x",
    "@",
];

fn gated(tag: &str, code: i32) -> Vec<PathBuf> {
    let example = Example::copy(NPM);
    let output = example.gate().arg(format!("--tag={tag}")).run().expect(code);
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{tag:?}: {text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{tag:?}: {text}");
    }
    assert_eq!(example.files_outside(), Vec::<PathBuf>::new(), "{tag:?}");
    let original = Example::copy(NPM).files();
    example.files().into_keys().filter(|path| !original.contains_key(path)).collect()
}

#[test]
fn a_strange_tag_is_recorded_in_a_folder_of_one_safe_name() {
    for (tag, enc) in GIT_REFS {
        let written = gated(tag, 10);
        let expected = PathBuf::from("out/artifacts/slsa").join(enc).join("failure.json");
        assert!(written.contains(&expected), "{tag:?}: {written:?}");
        for path in written {
            let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
            assert!(plain && path.starts_with("out"), "{tag:?}: {}", path.display());
        }
    }
}

#[test]
fn a_tag_that_no_repository_can_have_is_a_bad_argument() {
    for tag in NO_GIT_REFS {
        let written = gated(tag, 2);
        assert_eq!(written, Vec::<PathBuf>::new(), "{tag:?}");
    }
}

#[test]
fn a_long_tag_is_recorded_under_its_hash() {
    let tag = format!("v{}", "1".repeat(200));
    let hash = provost_control::sha256_hex(tag.as_bytes());
    let written = gated(&tag, 10);
    let expected = format!("out/artifacts/slsa/h-{hash}/failure.json");
    assert!(written.contains(&PathBuf::from(expected)), "{written:?}");
}
