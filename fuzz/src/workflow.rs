//! The text of a workflow.

use provost_workflow_audit::{Audit, FileVerdict, Input, Paint, SourceFile, audit, markdown, text};

/// Any text is audited: findings or a refusal, each with a place in the file, and the same for
/// every order of files and every repeat. No output holds an order to a terminal.
pub fn workflow(data: &[u8]) {
    let file = |path: &str, bytes: &[u8]| SourceFile { path: path.into(), bytes: bytes.to_vec() };
    let path = ".github/workflows/a.yml";
    let mut input = Input {
        files: vec![
            file(path, data),
            file("action.yml", data),
            file(".github/workflows/b.yml", data),
        ],
        actions: Vec::new(),
    };
    let audited = audit(&input);
    assert_placed(&audited, path, data);
    let screen = text(&audited, Paint::Plain);
    let orders = |c: char| c.is_control() && c != '\n';
    assert!(!screen.contains(orders), "{screen:?}");
    assert!(!markdown(&audited).contains(orders));
    assert!(!audited.table().text.contains(orders));
    let diagrams = audited.diagrams();
    assert!(diagrams.iter().all(|diagram| !diagram.text.contains(orders)));

    input.files.reverse();
    let again = audit(&input);
    assert_eq!(again.findings, audited.findings, "the order of the files decides");
    assert_eq!(again.diagrams(), diagrams, "the order of the files decides");
}

fn assert_placed(audited: &Audit, path: &str, data: &[u8]) {
    let lines = data.len() + 2;
    for finding in &audited.findings {
        let spot = &finding.spot;
        assert!(spot.place.line >= 1 && spot.place.column >= 1, "{finding:?}");
        assert!(spot.place.line <= lines, "{finding:?}");
        assert!(spot.span.start <= spot.span.end, "{finding:?}");
        assert!(!finding.message.is_empty(), "{finding:?}");
    }
    let file = audited.files.iter().find(|file| file.path == path).expect("the file is listed");
    let refused = audited.findings.iter().any(|finding| finding.rule == "unparseable-workflow");
    match &file.verdict {
        FileVerdict::Parsed => {}
        FileVerdict::Unparseable => assert!(refused, "refused without a word"),
        FileVerdict::TooLarge { place, reason } => {
            assert!(place.line <= lines && !reason.is_empty(), "{place:?} {reason}");
        }
    }
}
