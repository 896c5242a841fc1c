//! The text of a manifest.

use crate::world::{NOON, accepted, key, success, time};
use provost_manifest::{DayFile, ManifestError, Notified, render};

const FULL: &str = r#"[
  {
    "run": "14095611671",
    "tag": "v1.3.1",
    "status": "failure",
    "artifact": "artifacts/slsa/v1.3.1/provenance-v1.3.1.json",
    "release_url": "https://github.com/o/r/releases/tag/v1.3.1",
    "validated_at": "2026-11-23T12:00:00Z",
    "failure_reason": "refused: source-ref",
    "repository": "o/r",
    "commit": "8f70009fde0c94ade6ce2a054b94718c819126ec",
    "subjects": [
      {
        "name": "a.tar.gz",
        "digest": {
          "sha256": "0707070707070707070707070707070707070707070707070707070707070707"
        },
        "media_type": "application/gzip"
      }
    ],
    "builder_id": "https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1",
    "slsa_build_level": 2,
    "attempt": 1,
    "decision": "refused",
    "checks_failed": [
      "source-ref"
    ],
    "notified": {
      "slack": true,
      "issue": 42,
      "mail": "sent"
    },
    "dispatched_by_run": "14095611600",
    "a_later_key": {
      "a": 0.1,
      "b": [
        null,
        1.7976931348623157e+308
      ]
    },
    "z_later_key": "ü"
  }
]
"#;

#[test]
fn the_six_keys_are_always_there_and_in_order() {
    let text = r#"[
  {
    "run": "0",
    "tag": "v1",
    "status": "success",
    "artifact": "",
    "release_url": "",
    "validated_at": "2026-11-23T12:00:00Z"
  }
]
"#;
    assert_eq!(render(&[success(0, "v1")]), text);
    let file = DayFile::parse("manifest.json", text.as_bytes()).unwrap();
    assert_eq!(file.find(&key(0, "v1")), Some(&success(0, "v1")));
    assert_eq!(file.find(&key(1, "v1")), None);
    assert_eq!(DayFile::default().render(), "[]\n");
}

#[test]
fn every_key_has_its_place_and_unknown_ones_survive() {
    let file = DayFile::parse("manifest.json", FULL.as_bytes()).unwrap();
    assert_eq!(file.render(), FULL);
    let entry = file.entries().next().unwrap();
    assert_eq!(entry.unknown_keys().len(), 2);
    assert_eq!(entry.notified.as_ref().and_then(|n| n.issue), Some(42));
    assert_eq!(entry.validated_at, time(NOON));
}

#[test]
fn any_order_and_layout_reads_the_same() {
    let compact: serde_json::Value = serde_json::from_str(FULL).unwrap();
    let file = DayFile::parse("manifest.json", compact.to_string().as_bytes()).unwrap();
    assert_eq!(file.render(), FULL);
}

#[test]
fn runs_are_sorted_as_numbers_and_then_by_tag() {
    let mut file = DayFile::default();
    for (run, tag) in [(10, "v1"), (9, "v2"), (100, "v1"), (9, "v10"), (9, "V3")] {
        file.put(success(run, tag));
    }
    let order: Vec<(u64, &str)> =
        file.entries().map(|entry| (entry.run, entry.tag.as_str())).collect();
    let wanted = [(9, "V3"), (9, "v10"), (9, "v2"), (10, "v1"), (100, "v1")];
    assert_eq!(order, wanted);
    let read = DayFile::parse("manifest.json", file.render().as_bytes()).unwrap();
    assert_eq!(read, file);
}

#[test]
fn the_same_run_and_tag_is_one_entry() {
    let mut file = DayFile::default();
    file.put(success(7, "v1"));
    file.put(accepted(7, "v1", 1));
    assert_eq!(file.entries().count(), 1);
    assert_eq!(file.find(&key(7, "v1")), Some(&accepted(7, "v1", 1)));
}

#[test]
fn notified_in_slack_alone_names_no_issue() {
    let mut entry = success(7, "v1");
    entry.notified = Some(Notified::new(true, None));
    let text = render(&[entry]);
    assert!(text.contains("\"notified\": {\n      \"slack\": true\n    }\n"));
}

/// Everything that is wrong, with its place: (line, column, code).
fn problems(text: &str) -> Vec<(usize, usize, &'static str)> {
    match DayFile::parse("manifest.json", text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(ManifestError::InvalidFile { problems }) => problems
            .iter()
            .map(|problem| (problem.line, problem.column, problem.code.as_str()))
            .collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn what_is_not_strict_json_is_refused_with_its_place() {
    assert_eq!(problems(FULL), []);
    for (text, wanted) in [
        ("", (1, 1, "malformed-json")),
        ("[\n", (2, 1, "malformed-json")),
        ("[]\n[]", (2, 1, "malformed-json")),
        ("\u{feff}[]", (1, 1, "malformed-json")),
        ("[{\"run\": \"1\",\n  \"run\": \"2\"}]", (2, 3, "malformed-json")),
        ("{}", (1, 1, "not-an-array")),
        (" null", (1, 1, "not-an-array")),
        ("[\n  7]", (2, 3, "invalid-value")),
        ("[[]]", (1, 2, "invalid-value")),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].2, wanted.2, "{text}");
        assert_eq!(found[0].0, wanted.0, "{text}");
        if wanted.2 != "malformed-json" {
            assert_eq!(found[0].1, wanted.1, "{text}");
        }
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(problems(&deep)[0].2, "malformed-json");
}

#[test]
fn each_wrong_value_is_found_where_it_stands() {
    for (right, wrong, wanted) in [
        ("\"14095611671\"", "14095611671", (3, 12, "invalid-run")),
        ("\"14095611671\"", "\"014095611671\"", (3, 12, "invalid-run")),
        ("\"14095611671\"", "\"-1\"", (3, 12, "invalid-run")),
        ("\"14095611671\"", "\"9223372036854775808\"", (3, 12, "invalid-run")),
        ("\"v1.3.1\",", "\"../x\",", (4, 12, "invalid-tag")),
        ("\"v1.3.1\",", "\"-rf\",", (4, 12, "invalid-tag")),
        ("\"v1.3.1\",", "\"\",", (4, 12, "invalid-tag")),
        ("\"failure\"", "\"ok\"", (5, 15, "invalid-value")),
        ("\"failure\"", "false", (5, 15, "invalid-value")),
        ("\"2026-11-23T12:00:00Z\"", "\"2026-11-23\"", (8, 21, "invalid-timestamp")),
        ("\"2026-11-23T12:00:00Z\"", "\"2026-02-30T12:00:00Z\"", (8, 21, "invalid-timestamp")),
        ("\"o/r\"", "null", (10, 19, "invalid-value")),
        ("\"0707", "\"0x07", (15, 19, "invalid-digest")),
        ("\"0707", "\"07", (15, 19, "invalid-digest")),
        ("\"slsa_build_level\": 2", "\"slsa_build_level\": 4", (22, 25, "invalid-value")),
        ("\"slsa_build_level\": 2", "\"slsa_build_level\": 2.0", (22, 25, "invalid-value")),
        ("\"attempt\": 1", "\"attempt\": 0", (23, 16, "invalid-value")),
        ("\"refused\"", "\"maybe\"", (24, 17, "invalid-value")),
        ("[\n      \"source-ref\"\n    ]", "[1]", (25, 22, "invalid-value")),
        ("\"slack\": true", "\"slack\": \"true\"", (29, 16, "invalid-value")),
        ("\"issue\": 42", "\"issue\": -1", (30, 16, "invalid-value")),
        ("\"14095611600\"", "\"\"", (33, 26, "invalid-value")),
    ] {
        let text = FULL.replacen(right, wrong, 1);
        assert_ne!(text, FULL, "{right}");
        assert_eq!(problems(&text), [wanted], "{wrong}");
    }
}

#[test]
fn each_missing_key_is_told_and_all_at_once() {
    for name in ["run", "tag", "status", "artifact", "release_url", "validated_at"] {
        let renamed = FULL.replacen(&format!("\"{name}\""), "\"other\"", 1);
        assert_eq!(problems(&renamed), [(2, 3, "missing-key")], "{name}");
    }
    assert_eq!(problems("[{}]"), [(1, 2, "missing-key"); 6]);
}

#[test]
fn an_entry_that_stands_twice_is_refused_at_the_second() {
    let one = render(&[success(7, "v1")]);
    let two = render(&[success(7, "v1"), success(7, "v1")]);
    assert_eq!(problems(&one), []);
    assert_eq!(problems(&two), [(10, 3, "duplicate-entry")]);
    assert_eq!(problems(&render(&[success(7, "v1"), success(7, "v2")])), []);
}
