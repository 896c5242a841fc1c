//! For people in a terminal: every finding with the lines that it is about, then the verdict.

use super::excerpt::Excerpt;
use crate::audit::{Audit, FileVerdict};
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
/// Places of one finding that are shown.
const MAX_SNIPPETS: usize = 12;
/// Lines between two places that are shown in one excerpt.
const MAX_DISTANCE: usize = 100;
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

/// A snippet for every place that the finding names, the finding's own first; places that are near
/// each other share one.
fn snippets<'a>(
    audit: &Audit,
    finding: &'a Finding,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut groups: Vec<Vec<&'a Spot>> = vec![vec![&finding.spot]];
    for spot in &finding.related {
        match groups.iter_mut().find(|group| group.iter().all(|other| are_near(spot, other))) {
            Some(group) => group.push(spot),
            None => groups.push(vec![spot]),
        }
    }
    let snippet = |(number, group): (usize, &Vec<&'a Spot>)| snippet(audit, group, number == 0);
    groups.iter().take(MAX_SNIPPETS).enumerate().filter_map(snippet).collect()
}

/// Whether two places fit into one excerpt.
fn are_near(one: &Spot, other: &Spot) -> bool {
    one.file == other.file && one.place.line.abs_diff(other.place.line) <= MAX_DISTANCE
}

fn snippet<'a>(
    audit: &Audit,
    spots: &[&'a Spot],
    is_first: bool,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let path = &spots.first()?.file;
    let file = audit.world.files.own(path)?;
    let first = spots.iter().map(|spot| spot.place.line).min()?;
    let last = spots.iter().map(|spot| spot.end.line.max(spot.place.line)).max()?;
    let excerpt = Excerpt::of(file, first, last.min(first + 2 * MAX_DISTANCE));
    let annotations: Vec<_> = spots
        .iter()
        .enumerate()
        .map(|(number, spot)| {
            // A span over many lines is shown by its first.
            let mut span = spot.span;
            let line_end = file.lines.start(spot.place.line)
                + file.lines.line(&file.text, spot.place.line).len();
            span.end = span.end.min(line_end.max(span.start));
            let label = visible(&spot.label, MAX_MESSAGE);
            let is_own = is_first && number == 0;
            let kind = if is_own { AnnotationKind::Primary } else { AnnotationKind::Context };
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
    let broken = audit.files.iter().filter(|file| file.verdict != FileVerdict::Parsed).count();
    let plural = if files == 1 { "" } else { "s" };
    let broken = if broken > 0 { format!(" ({broken} could not be read)") } else { String::new() };
    let suppressed = match audit.suppressed.len() {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    format!(
        "reachable: SLSA Build L{}.  {found} in {files} file{plural}{broken}{suppressed}",
        audit.verdict.level
    )
}
