//! By what an incident is known, and the marks by which it is found again.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde_json::{Value, json};

/// One failed release: there is exactly one issue for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// `OWNER/NAME`; empty when unknown.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// GitHub's run id; 0 when none ever started.
    pub run: u64,
}

impl Incident {
    /// The first line of its issue. A hash, so that no tag and no name can end the comment or
    /// spell the marker of another incident. Repository names are the same in any letter case.
    pub(crate) fn marker(&self) -> String {
        marker("incident", &self.identity())
    }

    /// The line that marks one outcome of it, by the time at which that was recorded; `mark` tells
    /// what was found later about the same outcome, and is empty for the outcome itself.
    pub(crate) fn report_marker(&self, at: Timestamp, mark: &str) -> String {
        match mark {
            "" => marker("report", &json!([self.identity(), at.to_string()])),
            mark => marker("report", &json!([self.identity(), at.to_string(), mark])),
        }
    }

    /// The first line of the comment that says that it is over.
    pub(crate) fn recovery_marker(&self, at: Timestamp) -> String {
        marker("recovery", &json!([self.identity(), at.to_string()]))
    }

    /// A short word that two messages about the same outcome share.
    pub(crate) fn event_id(&self, at: Timestamp) -> String {
        hash(&json!([self.identity(), at.to_string()]))[..12].to_owned()
    }

    fn identity(&self) -> Value {
        json!([self.repository.to_ascii_lowercase(), self.tag, self.run.to_string()])
    }
}

fn marker(kind: &str, of: &Value) -> String {
    format!("<!-- provost:{kind}:{} -->", hash(of))
}

fn hash(of: &Value) -> String {
    hex::encode(digest(&SHA256, of.to_string().as_bytes()))
}

/// Whether a text of ours bears the marker. Only its head counts, which is written here and holds
/// nothing that others wrote; a marker further down is somebody's text.
pub(crate) fn bears(body: &str, marker: &str) -> bool {
    let head = body.lines().map(str::trim_end).take_while(|line| line.starts_with("<!-- provost:"));
    head.take(2).any(|line| line == marker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::hostile;

    fn incident(repository: &str, tag: &str, run: u64) -> Incident {
        Incident { repository: repository.to_owned(), tag: tag.to_owned(), run }
    }

    #[test]
    fn each_incident_has_a_marker_of_its_own() {
        let first = incident("o/r", "v1", 77).marker();
        assert_eq!(first, incident("O/R", "v1", 77).marker());
        for other in
            [incident("o/x", "v1", 77), incident("o/r", "V1", 77), incident("o/r", "v1", 7)]
        {
            assert_ne!(first, other.marker());
        }
        let (one, two) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let incident = incident("o/r", "v1", 77);
        let marks = [
            incident.report_marker(one, ""),
            incident.report_marker(one, "tag-moved"),
            incident.report_marker(two, ""),
            incident.recovery_marker(one),
        ];
        assert!(!marks.contains(&first) && marks[0] != marks[1] && marks[0] != marks[2]);
    }

    #[test]
    fn no_name_ends_the_marker() {
        for (name, value) in hostile::values() {
            let marker = incident(&value, &value, 1).marker();
            let inner = marker.strip_prefix("<!-- provost:incident:").expect(name);
            let hash = inner.strip_suffix(" -->").expect(name);
            assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
        }
    }

    #[test]
    fn only_the_head_of_a_text_bears_a_marker() {
        let marker = incident("o/r", "v1", 77).marker();
        let other = incident("o/r", "v2", 78).marker();
        assert!(bears(&marker, &marker) && bears(&format!("{marker}\r\nx"), &marker));
        assert!(bears(&format!("{other}\n{marker}\nx"), &marker));
        for body in [
            format!("x\n{marker}"),
            format!(" {marker}"),
            format!("\n{marker}"),
            format!("{other}\nx\n{marker}"),
            format!("{other}\n{other}\n{marker}"),
            format!("x{marker}"),
            format!("{marker}x"),
            String::new(),
        ] {
            assert!(!bears(&body, &marker), "{body:?}");
        }
    }
}
