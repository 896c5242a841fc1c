//! Whole pipelines: one that is broken in every way, and this project's own.

use crate::repository::{folder, tests};
use provost_workflow_audit::{Input, Paint, SourceFile, audit, text};
use std::path::Path;

#[test]
fn a_broken_pipeline_is_explained_in_plain_words() {
    let audit = audit(&folder(&tests().join("repositories/broken-pipeline")));
    assert!(!audit.verdict.is_proven);
    assert_eq!(audit.verdict.level, 0);
    for word in
        ["actions: write", "swallowed", "GITHUB_TOKEN", "here-document", "signed by nobody", "`jq`"]
    {
        assert!(audit.verdict.paragraph.contains(word), "{word}: {}", audit.verdict.paragraph);
    }
    let path = tests().join("repositories/snapshots");
    insta::with_settings!({snapshot_path => path, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("broken-pipeline", text(&audit, Paint::Plain));
        insta::assert_snapshot!("broken-pipeline-summary", audit.verdict.paragraph.replace(". ", ".\n"));
    });
}

/// The workflows and the action of this repository, as they are committed.
fn own() -> Input {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut input = folder(&root.join(".github"));
    for file in &mut input.files {
        file.path = format!(".github/{}", file.path);
    }
    let bytes = std::fs::read(root.join("action.yml")).unwrap();
    input.files.push(SourceFile { path: "action.yml".to_owned(), bytes });
    input
}

#[test]
fn this_projects_own_workflows_have_no_findings() {
    let audit = audit(&own());
    let screen = text(&audit, Paint::Plain);
    assert!(audit.findings.is_empty(), "{screen}");
    assert!(audit.verdict.is_proven, "{screen}");
    assert_eq!(audit.verdict.level, 3, "{screen}");
}

/// One thing changed at a time: each makes the audit of this project's own workflows fail.
#[test]
fn a_change_for_the_worse_is_found() {
    let changes = [
        (
            "release.yml",
            "      actions: write # watches",
            "      checks: read # watches",
            "missing-permission",
        ),
        (
            "slsa-builder.yml",
            "      contents: read # reads the source",
            "      contents: write # reads",
            "excess-permission",
        ),
        (
            "slsa-provenance.yml",
            "always() && (contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled'))",
            "failure()",
            "unreported-outcome",
        ),
        (
            "slsa-provenance.yml",
            "    needs: [context, provenance]",
            "    needs: [context, provenence]",
            "dangling-reference",
        ),
        ("security-provenance.yml", "[slsa-provenance]", "[slsa-provenence]", "dangling-reference"),
        ("release.yml", "--wait", "--wait || true", "swallowed-failure"),
        (
            "slsa-builder.yml",
            "    needs: build\n",
            "    needs: build\n    needs: build\n",
            "unparseable-workflow",
        ),
        (
            "slsa-provenance.yml",
            "  cancel-in-progress: false",
            "  cancel-in-progress: true",
            "unprotected-concurrency",
        ),
        (
            "release.yml",
            "softprops/action-gh-release@b4309332981a82ec1c5618f44dd2e27cc8bfbfda",
            "softprops/action-gh-release@v3",
            "unpinned-action",
        ),
    ];
    for (name, before, after, rule) in changes {
        let mut input = own();
        let file = input.files.iter_mut().find(|file| file.path.ends_with(name)).unwrap();
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        assert!(text.contains(before), "{name}: {before}");
        file.bytes = text.replacen(before, after, 1).into_bytes();
        let audit = audit(&input);
        let found: Vec<&str> = audit.findings.iter().map(|finding| finding.rule).collect();
        assert!(found.contains(&rule), "{name}: {after}: {found:?}");
    }
}

#[test]
fn the_order_of_the_files_changes_nothing() {
    let input = folder(&tests().join("repositories/broken-pipeline"));
    let mut reversed = input.clone();
    reversed.files.reverse();
    let (one, other) = (audit(&input), audit(&reversed));
    assert_eq!(text(&one, Paint::Plain), text(&other, Paint::Plain));
}
