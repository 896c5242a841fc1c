//! `provost workflows diagram`, `summary`, `docs` and `check`.

use crate::args::{DiagramArgs, Picture, RootArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::sink::terminal;
use provost_control::{
    AuditError, AuditRequest, Audited, DocumentReport, DocumentState, audit_workflows,
    check_workflow_documents, default_picture, render_diagram, write_workflow_documents,
};
use std::path::Path;

pub(super) fn diagram(args: &DiagramArgs, output: &Output) -> Shown {
    let drawn = read(&args.path).and_then(|audited| {
        let text = audited.audit.diagrams().into_iter().map(|document| document.text).next();
        let text = text.unwrap_or_default();
        let Some(picture) = args.render else { return Ok((text, None)) };
        let ending = match picture {
            Picture::Svg => "svg",
            Picture::Png => "png",
        };
        let target = args.to.clone().unwrap_or_else(|| default_picture(&args.path, ending));
        render_diagram(&text, &target, args.puppeteer_config.as_deref())?;
        Ok((text, Some(target)))
    });
    match drawn {
        Ok((text, None)) => {
            let document = serde_json::json!({"diagram": text});
            output.document(&format!("{document}\n"), &text)?;
            Ok(Exit::Fine)
        }
        Ok((_, Some(target))) => {
            let shown = target.display().to_string();
            let document = serde_json::json!({"picture": shown});
            output.document(
                &format!("{document}\n"),
                &format!("written     {}\n", terminal(&shown)),
            )?;
            Ok(Exit::Fine)
        }
        Err(error) => failed("no diagram was made", &error, output),
    }
}

pub(super) fn summary(args: &RootArgs, output: &Output) -> Shown {
    match read(&args.path) {
        Ok(audited) => {
            let text = audited.audit.table().text;
            output.document(&format!("{}\n", serde_json::json!({"table": text})), &text)?;
            Ok(Exit::Fine)
        }
        Err(error) => failed("no table was made", &error, output),
    }
}

pub(super) fn write(args: &RootArgs, output: &Output) -> Shown {
    match write_workflow_documents(&request(&args.path)) {
        Ok(documents) => {
            let line = |document: &DocumentReport| {
                let word = match document.state {
                    DocumentState::UpToDate => "up to date",
                    _ => "written",
                };
                format!("{word:<11} {}\n", terminal(&document.path))
            };
            let text: String = documents.iter().map(line).collect();
            output.document(&json(&documents, &[]), &text)?;
            Ok(Exit::Fine)
        }
        Err(error) => failed("no document was written", &error, output),
    }
}

pub(super) fn check(args: &RootArgs, output: &Output) -> Shown {
    match check_workflow_documents(&request(&args.path)) {
        Ok(check) => {
            let mut text = String::new();
            for document in &check.documents {
                if document.state != DocumentState::UpToDate {
                    text.push_str(&diff(document));
                }
            }
            for disagreement in &check.disagreements {
                text.push_str(&format!("{}\n", terminal(disagreement)));
            }
            if check.has_findings() {
                text.push_str("the documents differ from the workflows; `provost workflows docs` writes them\n");
            } else {
                text.push_str("the documents say what the workflows do\n");
            }
            output.document(&json(&check.documents, &check.disagreements), &text)?;
            Ok(if check.has_findings() { Exit::Findings } else { Exit::Fine })
        }
        Err(error) => failed("no document was compared", &error, output),
    }
}

fn diff(document: &DocumentReport) -> String {
    let mut text = format!("{:<11} {}\n", document.state.as_str(), terminal(&document.path));
    for line in document.diff.lines() {
        text.push_str(&format!("  {}\n", terminal(line)));
    }
    text
}

fn json(documents: &[DocumentReport], disagreements: &[String]) -> String {
    let documents: Vec<serde_json::Value> = documents
        .iter()
        .map(|document| {
            serde_json::json!({
                "path": document.path,
                "state": document.state.as_str(),
                "diff": document.diff,
            })
        })
        .collect();
    let document = serde_json::json!({
        "schema": "https://provost.dev/workflow-documents/v1",
        "documents": documents,
        "disagreements": disagreements,
        "error": null,
    });
    format!("{document}\n")
}

fn request(root: &Path) -> AuditRequest {
    AuditRequest { root: root.to_owned(), actions: None }
}

fn read(root: &Path) -> Result<Audited, AuditError> {
    audit_workflows(&request(root))
}

fn failed(what: &str, error: &AuditError, output: &Output) -> Shown {
    output.error(what, error.code(), error)?;
    Ok(Exit::from(error))
}
