//! What git and the remote said, fit to be repeated: one line, bounded, without credentials.

/// Longest text that is repeated, in bytes.
const MAX_BYTES: usize = 1500;

/// Everything from `git` that reaches an error or a file passes through here: user information and
/// query of every URL become `***`, control characters go, lines are joined.
pub(super) fn repeatable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<String> = text
        .lines()
        // Advice for people at a terminal, about commands that they did not give.
        .filter(|line| !line.trim_start().starts_with("hint:"))
        .map(|line| line.chars().map(|char| if char.is_control() { ' ' } else { char }).collect())
        .map(|line: String| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    let mut text = without_credentials(&lines.join("; "));
    if text.len() > MAX_BYTES {
        text.truncate(text.floor_char_boundary(MAX_BYTES));
        text.push('…');
    }
    text
}

fn without_credentials(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        shown.push_str(before);
        let is_end = |char: char| char.is_whitespace() || matches!(char, '\'' | '"' | '<' | '>');
        let end = url.find(is_end).unwrap_or(url.len());
        let (url, after) = url.split_at(end);
        shown.push_str(&bare(url));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// What follows the scheme, without user information and query. A password may hold `/` and `?`, so
/// the last `@` of the whole counts: too much may go, never too little.
fn bare(url: &str) -> String {
    let (user, url) = match url.rsplit_once('@') {
        Some((_, url)) => ("***@", url),
        None => ("", url),
    };
    match url.split_once('?') {
        Some((url, query)) if !query.is_empty() => format!("{user}{url}?***"),
        _ => format!("{user}{url}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_urls_are_not_repeated() {
        for (said, repeated) in [
            ("fatal: https://user:token@host/o/r.git/", "fatal: https://***@host/o/r.git/"),
            ("'https://token@host/x': 403", "'https://***@host/x': 403"),
            ("https://u:p/a@ss@host/x", "https://***@host/x"),
            ("https://host/x?private_token=abc&y=1 no", "https://host/x?*** no"),
            ("https://u:a?b@host/x", "https://***@host/x"),
            ("ssh://git@host/x and https://t@h/y", "ssh://***@host/x and https://***@h/y"),
            ("git@host:o/r.git: no", "git@host:o/r.git: no"),
            ("://", "://"),
        ] {
            assert_eq!(repeatable(said.as_bytes()), repeated);
        }
    }

    #[test]
    fn several_lines_are_one_bounded_line() {
        let said = b"remote: \x1b[31mno\x07\r\n\n  error: x\nhint: read the docs\n";
        assert_eq!(repeatable(said), "remote: [31mno; error: x");
        assert_eq!(repeatable("é".repeat(2000).as_bytes()).chars().last(), Some('…'));
        assert_eq!(repeatable(b"\xff"), "\u{fffd}");
    }
}
