//! Tags that git takes and a file system should not: none leaves its folder.

use crate::world::{NOON, World, success, tag, time};
use provost_manifest::{ArtifactKind, DayFile, ManifestError};
use std::collections::BTreeSet;

pub(crate) fn hostile() -> Vec<String> {
    let mut tags: Vec<String> = [
        "$(id)",
        "`id`",
        "v1;id",
        "v1|tee",
        "&&reboot",
        "a/b/c",
        "refs/tags/v1",
        "v1%2F%2E%2E%2Fx",
        "%2e%2e",
        "@scope/pkg@1.0.0",
        "CON",
        "a.LOCK",
        "x.lock.y",
        "h-0123456789abcdef",
        "H-0123456789ABCDEF",
        "v1",
        "V1",
        "\u{fc}",
        "u\u{308}",
        "\u{202e}gpj.1v",
        "v1\u{a0}",
        "'\"<script>",
        "{{x}}",
        "!history",
        "=1+1",
        "failure.json",
        "manifest.json",
    ]
    .map(str::to_owned)
    .to_vec();
    tags.push("a".repeat(255));
    tags.push("a".repeat(1024));
    tags.push("\u{e9}/".repeat(200) + "x");
    tags
}

#[test]
fn git_valid_tags_stay_in_a_folder_of_their_own() {
    let world = World::new();
    let manifests = world.manifests();
    let mut folders = BTreeSet::new();
    for (run, text) in hostile().iter().enumerate() {
        let tag = tag(text);
        for kind in [ArtifactKind::Provenance, ArtifactKind::Failure] {
            let written = manifests.artifacts().write(&tag, kind, text.as_bytes());
            let path = written.unwrap().as_str().to_owned();
            let read = manifests.artifacts().read(&tag, kind).unwrap();
            assert_eq!(read.as_deref(), Some(text.as_bytes()), "{text}");
            folders.insert(path.split('/').nth(2).unwrap().to_ascii_lowercase());
        }
        let mut entry = success(run as u64, text);
        let path = manifests.artifacts().path(&tag, ArtifactKind::Provenance);
        entry.artifact = path.unwrap().as_str().to_owned();
        manifests.record(entry.clone(), time(NOON)).unwrap();
        let found = manifests.find(run as u64, &tag).unwrap().unwrap();
        assert_eq!(found.entry, entry, "{text}");
    }
    // One folder a tag, also where case is folded.
    assert_eq!(folders.len(), hostile().len());
    assert_eq!(manifests.lint().unwrap(), []);
    let files = world.files();
    assert_eq!(files.len(), 2 * hostile().len() + 1);
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-%".contains(&byte);
    for file in files.iter().filter(|file| !file.starts_with("docs/")) {
        let parts: Vec<&str> = file.split('/').collect();
        assert_eq!(parts.len(), 4, "{file}");
        assert_eq!(parts[..2], ["artifacts", "slsa"]);
        for part in parts {
            assert!(part.bytes().all(safe) && part.len() <= 255, "{file}");
            assert!(!part.starts_with(['.', '-']) && !part.contains(".."), "{file}");
        }
    }
}

#[test]
fn what_git_refuses_is_refused_in_a_file() {
    for wrong in [
        "../../etc",
        "v1/../../x",
        "-rf",
        "--upload-pack=x",
        ".git",
        "a.lock",
        "v1.",
        "v1 ",
        "a\\nb",
        "a\\u0000b",
        "",
    ] {
        let text = format!(
            "[{{\"run\":\"1\",\"tag\":\"{wrong}\",\"status\":\"success\",\"artifact\":\"\",\
             \"release_url\":\"\",\"validated_at\":\"{NOON}\"}}]"
        );
        let error = DayFile::parse("manifest.json", text.as_bytes()).unwrap_err();
        let ManifestError::InvalidFile { problems } = error else {
            panic!("{wrong}: {error}");
        };
        assert_eq!(problems.len(), 1, "{wrong}");
        assert_eq!(problems[0].code.as_str(), "invalid-tag", "{wrong}");
        assert_eq!((problems[0].line, problems[0].column), (1, 19), "{wrong}");
        assert!(!problems[0].to_string().contains('\n'), "{wrong}");
    }
}
