//! The small parts of pages: times, digests, words of how something stands.

use super::address;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use provost_record::EventStatus;

/// The longest foreign text that a page shows, in characters.
const LONGEST: usize = 2000;

/// A foreign text on one line, cut when it is long, with nothing hidden in it.
pub(super) fn foreign(text: &str) -> String {
    provost_sink::visible(text, LONGEST)
}

/// A text of the program, with what stands between backticks as code.
pub(super) fn coded(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A time: in UTC, which the script changes to the reader's zone; UTC stays in the title.
pub(super) fn time(at: Timestamp) -> Markup {
    let utc = at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()) title=(utc) {
            (at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        }
    }
}

/// A time, or a dash.
pub(super) fn optional_time(at: Option<Timestamp>) -> Markup {
    match at {
        Some(at) => time(at),
        None => nothing(),
    }
}

/// A time that came as text.
pub(super) fn told_time(text: Option<&str>) -> Markup {
    match text.and_then(|text| text.parse().ok()) {
        Some(at) => time(at),
        None => html! { (text.map_or("-".to_owned(), foreign)) },
    }
}

/// What stands for nothing.
pub(super) fn nothing() -> Markup {
    html! { span.quiet { "-" } }
}

/// How long ago, such as "3 h".
pub(super) fn age(now: Timestamp, at: Timestamp) -> String {
    span(now.duration_since(at))
}

/// A length of time in its largest unit.
pub(super) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min", seconds / 60),
        3600..=86_399 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A count in groups of three.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A part of a whole as a percentage with one digit. What is not all is never shown as 100.
pub(super) fn percent(ratio: f64) -> String {
    let tenths = (ratio * 1000.0).round();
    let tenths = if ratio < 1.0 { tenths.min(999.0) } else { tenths };
    format!("{:.1} %", tenths / 10.0)
}

/// How an event or a release stands.
pub(super) fn standing(status: EventStatus) -> Markup {
    html! { span.mark.(tone(status)) { (status.as_str()) } }
}

/// The class of what stands so.
pub(super) fn tone(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Success => "good",
        EventStatus::Failure => "bad",
        EventStatus::Pending => "waiting",
    }
}

/// A SLSA Build level.
pub(super) fn level(level: Option<u8>) -> Markup {
    match level {
        Some(level) => html! { span.level { "L" (level) } },
        None => nothing(),
    }
}

/// A digest or commit: shortened in the middle, whole in the title, and whole for who copies it.
pub(super) fn digest(hex: &str) -> Markup {
    let hex = foreign(hex);
    let short = match (hex.len() > 28 && hex.is_ascii()).then(|| hex.split_at(16)) {
        Some((head, rest)) => format!("{head}…{}", &rest[rest.len() - 8..]),
        None => hex.clone(),
    };
    html! { code.digest title=(hex) data-copy=(hex) { (short) } }
}

/// The last part of a builder id, with the whole in the title.
pub(super) fn builder(id: Option<&str>) -> Markup {
    let Some(id) = id else {
        return nothing();
    };
    let id = foreign(id);
    let (path, after) = match id.rsplit_once('@') {
        Some((path, after)) => (path, Some(after)),
        None => (id.as_str(), None),
    };
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let after = after.map(|after| after.strip_prefix("refs/tags/").unwrap_or(after));
    html! {
        span title=(id) { (name) @if let Some(after) = after { span.quiet { "@" (after) } } }
    }
}

/// A link to somebody else's page when there is one, else the text alone.
pub(super) fn outward(url: Option<&str>, text: &str) -> Markup {
    match url.and_then(address::foreign) {
        Some(url) => html! { a href=(url) rel="noreferrer noopener" { (foreign(text)) } },
        None => html! { (foreign(text)) },
    }
}

/// A tag, as the link to its release.
pub(super) fn tag(repository: Option<&str>, tag: &str) -> Markup {
    html! { a.tag href=(address::release(repository, tag)) { (foreign(tag)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_is_bounded_and_hides_nothing() {
        assert_eq!(foreign("a\u{202e}b\u{0}c\u{200b}"), "a\\u{202e}b\\u{0}c\\u{200b}");
        assert_eq!(foreign("é ü"), "é ü");
        assert_eq!(foreign(&"x".repeat(5000)).chars().count(), LONGEST);
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(percent(41.0 / 43.0), "95.3 %");
        assert_eq!(percent(0.9999), "99.9 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(span(SignedDuration::from_secs(-5)), "0 s");
        assert_eq!(span(SignedDuration::from_secs(59)), "59 s");
        assert_eq!(span(SignedDuration::from_mins(61)), "1 h");
        assert_eq!(span(SignedDuration::from_hours(49)), "2 d");
    }

    #[test]
    fn a_digest_is_short_to_see_and_whole_to_copy() {
        let hex = "0123456789abcdef".repeat(4);
        let shown = digest(&hex).into_string();
        assert!(shown.contains(&format!("data-copy=\"{hex}\"")), "{shown}");
        assert!(shown.contains("0123456789abcdef…89abcdef<"), "{shown}");
        assert!(digest("\"><script>").into_string().contains("&quot;&gt;&lt;script&gt;"));
        assert!(digest(&"ü".repeat(40)).into_string().contains(&"ü".repeat(40)));
    }
}
