//! Which addresses may be written as links.

use crate::notice::FailureNotice;
use provost_outbound::Url;

/// Longest address that is written as a link, in bytes.
const MAX_BYTES: usize = 1000;

/// The address, when it is one over `https` (or `http`) that no markup can mistake: without user
/// name, and of characters that end a link neither in Slack nor in Markdown.
pub(crate) fn link(address: &str) -> Option<&str> {
    let url = Url::parse(address).ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte);
    let is_fine = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && address.len() <= MAX_BYTES
        && address.bytes().all(is_plain);
    is_fine.then_some(address)
}

/// The release's address, when it is a page of the repository's releases: an address that a
/// stranger chose is shown, and leads nowhere.
pub(crate) fn release_link(notice: &FailureNotice) -> Option<&str> {
    let repository = notice.repository_url.as_deref()?;
    let below = notice.release_url.strip_prefix(repository)?;
    let is_below = below.starts_with("/releases/") && !below.contains("/.");
    link(&notice.release_url).filter(|_| is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_markup_could_mistake_is_no_link() {
        for good in ["https://github.com/o/r/releases/tag/v1.0%2B1", "http://127.0.0.1:1/x?y=1&z#a"]
        {
            assert_eq!(link(good), Some(good));
        }
        let long = format!("https://h/{}", "x".repeat(MAX_BYTES));
        for bad in [
            "javascript:alert(1)",
            "https://u:p@h/",
            "https://h/a b",
            "https://h/<!channel>",
            "https://h/|ok",
            "https://h/)x",
            "https://h/`",
            "https://h/\n",
            "https://h/\u{202e}",
            "/x",
            "",
            &long,
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}
