//! Commands in the log of GitHub Actions (GitHub documentation, "Workflow commands").

use provost_sink::visible;
use std::fmt;

/// Characters of one property or one line of a message.
const MAX_CHARS: usize = 1000;

/// Lines of a message.
const MAX_LINES: usize = 50;

/// How loud an annotation is.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// Grey.
    Notice,
}

/// An annotation of a run, displayed as one line without its line feed:
/// `::error file=FILE,line=LINE,title=TITLE::MESSAGE`. It has to start a line of the log.
///
/// Every field may be untrusted. What is invisible or an order to a terminal stands as `\u{1b}`;
/// properties and lines are cut at 1,000 characters, messages at 50 lines.
#[derive(Clone, Copy)]
pub(crate) struct Annotation<'a> {
    /// How loud.
    pub(crate) level: Level,
    /// The heading; left out where empty.
    pub(crate) title: &'a str,
    /// The file it is about, relative to the repository.
    pub(crate) file: Option<&'a str>,
    /// The line in `file`, from 1; without a file it has no meaning and is left out.
    pub(crate) line: Option<usize>,
    /// The lines of the text. A line feed inside one of them makes no further line.
    pub(crate) message: &'a [&'a str],
}

impl fmt::Display for Annotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = Vec::new();
        if let Some(file) = self.file {
            properties.push(format!("file={}", property(file)));
            properties.extend(self.line.map(|line| format!("line={line}")));
        }
        if !self.title.is_empty() {
            properties.push(format!("title={}", property(self.title)));
        }
        let space = if properties.is_empty() { "" } else { " " };
        write!(f, "::{level}{space}{}::", properties.join(","))?;
        let mut lines: Vec<String> =
            self.message.iter().take(MAX_LINES).map(|line| data(line)).collect();
        lines.extend(more_lines(self.message.len(), MAX_LINES));
        f.write_str(&lines.join("%0A"))
    }
}

/// Orders to hide a secret in everything the log shows from now on, displayed as one line for each
/// of its own, without the last line feed. The runner takes these lines out of the log itself.
#[derive(Clone, Copy)]
pub(crate) struct Mask<'a>(pub(crate) &'a str);

impl fmt::Display for Mask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An empty mask would hide nothing, and the runner refuses it.
        let lines = self.0.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
        let orders: Vec<String> =
            lines.map(|line| format!("::add-mask::{}", line.replace('%', "%25"))).collect();
        f.write_str(&orders.join("\n"))
    }
}

fn more_lines(count: usize, limit: usize) -> Option<String> {
    count
        .checked_sub(limit)
        .filter(|&more| more > 0)
        .map(|more| format!("… lines left out: {more}"))
}

/// What stands behind the second `::`. A line feed is escaped, never encoded: the log would
/// decode it and start a line with what follows.
fn data(value: &str) -> String {
    visible(value, MAX_CHARS).replace('%', "%25")
}

/// What stands behind a `=`.
fn property(value: &str) -> String {
    data(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;
    use provost_testkit::hostile;

    fn annotation<'a>(value: &'a str, message: &'a [&'a str]) -> Annotation<'a> {
        let file = Some(value);
        Annotation { level: Level::Error, title: value, file, line: Some(7), message }
    }

    #[test]
    fn a_hostile_annotation_is_one_line_and_our_command() {
        for (name, value) in hostile::values() {
            let line = annotation(&value, &["found", &value, &value]).to_string();
            assert_eq!(hostile::order_in(&line), None, "{name}: {line:?}");
            assert!(line.starts_with("::error file="), "{name}: {line:?}");
            let (properties, message) = line["::error ".len()..].split_once("::").unwrap();
            let fields: Vec<&str> = properties.split(',').collect();
            let [file, "line=7", rest @ ..] = fields.as_slice() else { panic!("{name}: {line:?}") };
            assert!(!properties.contains(':'), "{name}: {line:?}");
            let shown = visible(&value, MAX_CHARS);
            assert_eq!(decoded(&file["file=".len()..]), shown, "{name}");
            if value.is_empty() {
                assert!(rest.is_empty());
            } else {
                assert_eq!(rest.len(), 1, "{name}: {line:?}");
                assert_eq!(decoded(&rest[0]["title=".len()..]), shown, "{name}");
            }
            assert_eq!(decoded(message), format!("found\n{shown}\n{shown}"), "{name}");
            assert_eq!(hostile::runner_command(&line).as_deref(), Some("error"), "{name}");
            // Each decoded line is written to the log.
            for line in decoded(message).lines() {
                assert_eq!(hostile::runner_command(line), None, "{name}: {line:?}");
            }
        }
    }

    /// As the runner decodes: a percent sign last.
    fn decoded(text: &str) -> String {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":");
        text.replace("%2C", ",").replace("%25", "%")
    }

    #[test]
    fn the_shape_of_an_annotation() {
        let note = Annotation {
            level: Level::Notice,
            title: "",
            file: None,
            line: Some(3),
            message: &["100 %"],
        };
        assert_eq!(note.to_string(), "::notice::100 %25");
        let place = Annotation { file: Some("a,b:c.yml"), level: Level::Warning, ..note };
        let line = "::warning file=a%2Cb%3Ac.yml,line=3::100 %25";
        assert_eq!(place.to_string(), line);
        let title =
            Annotation { title: "source-ref", line: None, message: &["a\nb", "c"], ..place };
        let line = "::warning file=a%2Cb%3Ac.yml,title=source-ref::a\\u{a}b%0Ac";
        assert_eq!(title.to_string(), line);
    }

    #[test]
    fn a_mask_hides_every_line_of_a_secret_and_gives_no_other_order() {
        assert_eq!(Mask("a%0Ab").to_string(), "::add-mask::a%250Ab");
        assert_eq!(Mask("a\r\n\n b\n").to_string(), "::add-mask::a\n::add-mask:: b");
        assert_eq!(Mask("").to_string(), "");
        for (name, value) in hostile::values() {
            for line in Mask(&value).to_string().lines() {
                assert_eq!(hostile::runner_command(line).as_deref(), Some("add-mask"), "{name}");
            }
        }
    }

    #[test]
    fn a_long_message_says_how_much_is_missing() {
        let lines = ["x"; MAX_LINES + 2];
        assert!(annotation("t", &lines).to_string().ends_with("x%0A… lines left out: 2"));
        assert!(annotation("t", &lines[2..]).to_string().ends_with("x%0Ax"));
    }
}
