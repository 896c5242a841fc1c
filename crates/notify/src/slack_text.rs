//! What Slack is sent (Slack, "Formatting text for app surfaces" and "Reference: blocks").

use crate::link::{link, release_link};
use crate::notice::FailureNotice;
use provost_sink::visible;
use serde_json::{Value, json};

/// Characters of one value. Escaped each may become five.
const MAX_VALUE: usize = 300;

/// Characters of the reason, which is the longest.
const MAX_REASON: usize = 900;

/// Slack's limits on a text object and on a header, in characters.
const MAX_BLOCK: usize = 3000;
const MAX_HEADER: usize = 150;

/// Failed checks that are named.
const MAX_CHECKS: usize = 20;

/// The body for a function. Its values are data; but a function may paste them into a message as
/// they are, so an invisible joiner keeps `<` from beginning a mention.
pub(crate) fn function_body(notice: &FailureNotice) -> Value {
    let value = |text: &str, limit| visible(text, limit).replace('<', "<\u{2060}");
    json!({
        "run_id": notice.incident.run.to_string(),
        "tag": value(&notice.incident.tag, 1024),
        "release_url": value(&notice.release_url, 2048),
        "failure_reason": value(&notice.reason, MAX_BLOCK),
    })
}

/// The body for an incoming webhook. Everything that others wrote stands in `plain_text`, which
/// has no markup; links are made of checked parts alone. (`verbatim` belongs to `mrkdwn` only:
/// Slack refuses it elsewhere.)
pub(crate) fn webhook_body(notice: &FailureNotice) -> Value {
    let title = format!("Release provenance failed: {}", visible(&notice.incident.tag, 100));
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": false});
    let mut blocks = vec![
        json!({"type": "header", "text": plain(&escaped(&title, MAX_HEADER))}),
        json!({"type": "section", "text": plain(&escaped(&facts(notice), MAX_BLOCK))}),
    ];
    let links = links(notice);
    if !links.is_empty() {
        let text = json!({"type": "mrkdwn", "text": links, "verbatim": true});
        blocks.push(json!({"type": "section", "text": text}));
    }
    let event = plain(&format!("event {}", notice.incident.event_id(notice.occurred_at)));
    blocks.push(json!({"type": "context", "elements": [event]}));
    let line = format!("{title} ({})", visible(&notice.reason, 200));
    json!({
        "text": escaped(&line, MAX_BLOCK),
        "mrkdwn": false,
        "parse": "none",
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}

/// One fact a line.
fn facts(notice: &FailureNotice) -> String {
    let incident = &notice.incident;
    let checks: Vec<String> =
        notice.checks_failed.iter().take(MAX_CHECKS).map(|check| visible(check, 60)).collect();
    let run = match incident.run {
        0 => "none started".to_owned(),
        run => run.to_string(),
    };
    let facts = [
        ("Repository", visible(&incident.repository, MAX_VALUE)),
        ("Tag", visible(&incident.tag, MAX_VALUE)),
        ("Run", run),
        ("Reason", visible(&notice.reason, MAX_REASON)),
        ("Failed checks", checks.join(", ")),
        ("Release", visible(&notice.release_url, MAX_VALUE)),
        ("Next step", visible(&notice.next_step, MAX_VALUE)),
    ];
    let line =
        |(name, value): (&str, String)| (!value.is_empty()).then(|| format!("{name}: {value}"));
    facts.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn links(notice: &FailureNotice) -> String {
    let run = notice.run_url();
    let run = run.as_deref().and_then(link).map(|url| (url, "Run"));
    let release = release_link(notice).map(|url| (url, "Release"));
    let runbook = notice.runbook_url.as_deref().and_then(link).map(|url| (url, "Runbook"));
    let links = [run, release, runbook].into_iter().flatten();
    let links = links.map(|(url, name)| format!("<{}|{name}>", entities(url)));
    // An address that makes the block too long stands among the facts all the same.
    links.filter(|link| link.len() <= MAX_BLOCK / 4).collect::<Vec<_>>().join("  ")
}

/// The three control characters of Slack as entities, and at most `limit` characters of the
/// result. No entity is cut.
fn escaped(text: &str, limit: usize) -> String {
    let mut pieces: Vec<String> =
        text.chars().map(|c| entities(c.encode_utf8(&mut [0; 4]))).collect();
    let mut length: usize = pieces.iter().map(|piece| piece.chars().count()).sum();
    if length > limit {
        while length >= limit {
            length -= pieces.pop().map_or(length, |piece| piece.chars().count());
        }
        pieces.push("…".to_owned());
    }
    pieces.concat()
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_control_characters_are_escaped() {
        assert_eq!(
            escaped("<!channel> & *b* _i_ @here", 99),
            "&lt;!channel&gt; &amp; *b* _i_ @here"
        );
        assert_eq!(escaped("&lt;", 99), "&amp;lt;");
    }

    #[test]
    fn an_entity_is_never_cut() {
        assert_eq!(escaped("abcdef", 6), "abcdef");
        assert_eq!(escaped("abcdefg", 6), "abcde…");
        assert_eq!(escaped("a<<b", 8), "a&lt;…");
        assert_eq!(escaped("<<<<", 4), "…");
        assert_eq!(escaped("a;&b", 3), "a;…");
    }
}
