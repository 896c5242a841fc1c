//! `provost workflows`

mod documents;

use crate::args::{AuditArgs, Format, WorkflowsVerb};
use crate::exit::Exit;
use crate::output::{Output, Shown, WriteFailure};
use crate::screen;
use provost_control::{AuditError, AuditRequest, Audited, audit_workflows, chain};
use provost_wire::sarif::SarifLog;
use provost_wire::v1::{AuditReport, ReportError};
use provost_workflow_audit::markdown;

pub(crate) fn run(verb: &WorkflowsVerb, output: &Output) -> Shown {
    match verb {
        WorkflowsVerb::Audit(args) => audit(args, output),
        WorkflowsVerb::Diagram(args) => documents::diagram(args, output),
        WorkflowsVerb::Summary(args) => documents::summary(args, output),
        WorkflowsVerb::Docs(args) => documents::write(args, output),
        WorkflowsVerb::Check(args) => documents::check(args, output),
    }
}

fn audit(args: &AuditArgs, output: &Output) -> Shown {
    let request = AuditRequest { root: args.path.clone(), actions: args.actions_dir.clone() };
    match audit_workflows(&request) {
        Ok(audited) => {
            show(&audited, args, output)?;
            Ok(exit(&audited, args))
        }
        Err(error) => not_audited(&error, output),
    }
}

fn show(audited: &Audited, args: &AuditArgs, output: &Output) -> Result<(), WriteFailure> {
    let audit = &audited.audit;
    let readers = args.secret.as_deref().map(|secret| (secret, audit.readers_of(secret)));
    let text = match output.format() {
        Format::Github => screen::audit::annotations(audit),
        _ => screen::audit::render(audit, readers.as_ref()),
    };
    super::actions::summary(&markdown(audit), output)?;
    let document = match output.format() {
        Format::Sarif => SarifLog::of(audit, env!("CARGO_PKG_VERSION")).to_json(),
        _ => {
            let mut report = AuditReport::from(audit);
            if let Some((_, readers)) = &readers {
                report = report.with_readers(readers);
            }
            report.error = unread(audited);
            report.to_json()
        }
    };
    output.document(&document, &text)?;
    for file in &audited.unread {
        output.warn(&format!("not audited: {file}"));
    }
    Ok(())
}

fn unread(audited: &Audited) -> Option<ReportError> {
    let files: Vec<String> = audited.unread.iter().map(ToString::to_string).collect();
    (!files.is_empty())
        .then(|| ReportError { code: "unread-file".to_owned(), detail: files.join("; ") })
}

fn exit(audited: &Audited, args: &AuditArgs) -> Exit {
    let threshold = args.fail_on.into();
    let found = audited.audit.worst().is_some_and(|worst| worst >= threshold);
    let exit = if found { Exit::Findings } else { Exit::Fine };
    if audited.unread.is_empty() { exit } else { exit.worst(Exit::CouldNot) }
}

fn not_audited(error: &AuditError, output: &Output) -> Shown {
    let detail = chain(error);
    let document = match output.format() {
        Format::Sarif => SarifLog::of_error(&detail, env!("CARGO_PKG_VERSION")).to_json(),
        _ => AuditReport::of_error(error.code(), detail.clone()).to_json(),
    };
    output.document(&document, "")?;
    output.failure_line(&format!("no workflow was audited: {detail}"))?;
    Ok(Exit::from(error))
}
