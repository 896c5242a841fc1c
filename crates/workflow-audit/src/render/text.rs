//! For people in a terminal: every finding with the lines that it is about, then the verdict.

use super::excerpt::Excerpt;
use crate::audit::Audit;
use crate::finding::{Finding, Severity, Spot};
use crate::world::file_name;
use annotate_snippets::renderer::{DecorStyle, Renderer};
use annotate_snippets::{AnnotationKind, Group, Level, Snippet};
use provost_sink::visible;

/// Whether colours are in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// None.
    Plain,
    /// Colours of a terminal.
    Colours,
}

/// Findings that are shown with their lines; the rest is counted.
const MAX_SHOWN: usize = 500;
/// Characters of a message.
const MAX_MESSAGE: usize = 600;
const WIDTH: usize = 100;

/// The screen.
pub fn text(audit: &Audit, paint: Paint) -> String {
    let renderer = match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Colours => Renderer::styled(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut screen = String::new();
    for finding in audit.findings.iter().take(MAX_SHOWN) {
        screen.push_str(&one(audit, finding, &renderer));
        screen.push_str("\n\n");
    }
    if audit.findings.len() > MAX_SHOWN {
        let more = audit.findings.len() - MAX_SHOWN;
        screen.push_str(&format!("{more} more findings are in the JSON report\n\n"));
    }
    screen.push_str(&verdict(audit));
    screen
}

fn one(audit: &Audit, finding: &Finding, renderer: &Renderer) -> String {
    let message = visible(&finding.message, MAX_MESSAGE);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let notes: Vec<String> = finding.notes.iter().map(|note| visible(note, MAX_MESSAGE)).collect();
    let hint: Vec<String> = finding.hint.lines().map(|line| visible(line, MAX_MESSAGE)).collect();
    let hint = hint.join("\n");
    let mut group: Group<'_> =
        level.primary_title(&message).id(finding.rule).elements(snippets(audit, finding));
    for note in &notes {
        group = group.element(Level::NOTE.message(note));
    }
    if !hint.is_empty() {
        group = group.element(Level::HELP.message(&hint));
    }
    renderer.render(&[group])
}

/// One snippet a file, the finding's own first.
fn snippets<'a>(
    audit: &Audit,
    finding: &'a Finding,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<&str> = vec![&finding.spot.file];
    for spot in &finding.related {
        if !files.contains(&spot.file.as_str()) {
            files.push(&spot.file);
        }
    }
    files.into_iter().filter_map(|file| snippet(audit, finding, file)).collect()
}

fn snippet<'a>(
    audit: &Audit,
    finding: &'a Finding,
    path: &'a str,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let file = audit.world.files.all().iter().find(|file| file.path == path)?;
    let own = (finding.spot.file == path).then_some(&finding.spot);
    let related = finding.related.iter().filter(|spot| spot.file == path);
    let spots: Vec<(&Spot, AnnotationKind)> = own
        .map(|spot| (spot, AnnotationKind::Primary))
        .into_iter()
        .chain(related.map(|spot| (spot, AnnotationKind::Context)))
        .collect();
    let first = spots.iter().map(|(spot, _)| spot.place.line).min()?;
    let last = spots.iter().map(|(spot, _)| spot.end.line.max(spot.place.line)).max()?;
    let excerpt = Excerpt::of(file, first, last);
    let annotations: Vec<_> = spots
        .iter()
        .map(|(spot, kind)| {
            // A span over many lines is shown by its first.
            let mut span = spot.span;
            let line_end = file.lines.start(spot.place.line)
                + file.lines.line(&file.text, spot.place.line).len();
            span.end = span.end.min(line_end.max(span.start));
            let label = visible(&spot.label, MAX_MESSAGE);
            kind.span(excerpt.range(span)).label(Some(label).filter(|label| !label.is_empty()))
        })
        .collect();
    let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line);
    Some(snippet.path(visible(path, MAX_MESSAGE)).annotations(annotations))
}

fn verdict(audit: &Audit) -> String {
    let verdict = &audit.verdict;
    let mut text = format!("verdict: {}\n", verdict.headline);
    for (number, reason) in verdict.reasons.iter().enumerate() {
        let place = format!("{}:{}", file_name(&reason.spot.file), reason.spot.place.line);
        let message = visible(&reason.message, MAX_MESSAGE);
        text.push_str(&format!(
            "  {}. {message}  ({})\n",
            number + 1,
            visible(&place, MAX_MESSAGE)
        ));
    }
    text.push_str(&format!("  {}\n", counts(audit)));
    text
}

/// `reachable: SLSA Build L0.  3 errors, 7 warnings in 5 files (1 could not be parsed)`
pub(super) fn counts(audit: &Audit) -> String {
    let counted = |severity: Severity| {
        let count = audit.count(severity);
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {severity}{plural}"))
    };
    let parts =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted);
    let mut found = parts.collect::<Vec<_>>().join(", ");
    if found.is_empty() {
        found = "no findings".to_owned();
    }
    let files = audit.files.len();
    let broken = audit.files.iter().filter(|file| !file.is_parsed).count();
    let plural = if files == 1 { "" } else { "s" };
    let broken =
        if broken > 0 { format!(" ({broken} could not be parsed)") } else { String::new() };
    let suppressed = match audit.suppressed.len() {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    format!(
        "reachable: SLSA Build L{}.  {found} in {files} file{plural}{broken}{suppressed}",
        audit.verdict.level
    )
}
