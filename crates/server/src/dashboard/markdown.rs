//! Documents of the repository as HTML: their words, lists and tables, and nothing that acts.

use super::address;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A document as it is shown. Raw HTML and pictures are left out, and only `https:` links are links.
pub(super) fn rendered(text: &str) -> Markup {
    let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    let mut out = String::new();
    let mut links = Vec::new();
    let mut in_head = false;
    let mut silent = 0_u32;
    for event in &mut parser {
        match event {
            Event::Start(Tag::Image { .. }) => silent += 1,
            Event::End(TagEnd::Image) => silent = silent.saturating_sub(1),
            _ if silent > 0 => {}
            Event::Text(text) => push(&mut out, &text),
            Event::Code(text) => {
                out.push_str("<code>");
                push(&mut out, &text);
                out.push_str("</code>");
            }
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>"),
            Event::Rule => out.push_str("<hr>"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let url = address::foreign(&dest_url).map(str::to_owned);
                if let Some(url) = &url {
                    let open = html! { a href=(url) rel="noreferrer noopener" {} }.into_string();
                    out.push_str(open.trim_end_matches("</a>"));
                }
                links.push(url.is_some());
            }
            Event::End(TagEnd::Link) => {
                out.push_str(if links.pop() == Some(true) { "</a>" } else { "" });
            }
            Event::Start(Tag::TableHead) => {
                in_head = true;
                out.push_str("<thead><tr>");
            }
            Event::End(TagEnd::TableHead) => {
                in_head = false;
                out.push_str("</tr></thead><tbody>");
            }
            Event::Start(Tag::TableCell) => {
                out.push_str(if in_head { "<th scope=\"col\">" } else { "<td>" });
            }
            Event::End(TagEnd::TableCell) => out.push_str(if in_head { "</th>" } else { "</td>" }),
            Event::Start(tag) => out.push_str(open(&tag)),
            Event::End(tag) => out.push_str(close(tag)),
            // Raw HTML, footnotes and formulas.
            _ => {}
        }
    }
    PreEscaped(out)
}

fn push(out: &mut String, text: &str) {
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            out.push('\n');
        }
        out.push_str(&html! { (provost_sink::visible(line, 10_000)) }.into_string());
    }
}

fn open(tag: &Tag<'_>) -> &'static str {
    match tag {
        Tag::Paragraph => "<p>",
        Tag::Heading { level, .. } => match level {
            // The page has a heading of its own.
            HeadingLevel::H1 | HeadingLevel::H2 => "<h2>",
            _ => "<h3>",
        },
        Tag::BlockQuote(_) => "<blockquote>",
        Tag::CodeBlock(_) => "<pre tabindex=\"0\"><code>",
        Tag::List(None) => "<ul>",
        Tag::List(Some(_)) => "<ol>",
        Tag::Item => "<li>",
        Tag::Table(_) => {
            "<div class=\"scroll\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>"
        }
        Tag::TableRow => "<tr>",
        Tag::Emphasis => "<em>",
        Tag::Strong => "<strong>",
        _ => "",
    }
}

fn close(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Paragraph => "</p>",
        TagEnd::Heading(HeadingLevel::H1 | HeadingLevel::H2) => "</h2>",
        TagEnd::Heading(_) => "</h3>",
        TagEnd::BlockQuote(_) => "</blockquote>",
        TagEnd::CodeBlock => "</code></pre>",
        TagEnd::List(false) => "</ul>",
        TagEnd::List(true) => "</ol>",
        TagEnd::Item => "</li>",
        TagEnd::Table => "</tbody></table></div>",
        TagEnd::TableRow => "</tr>",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lists_and_tables_are_shown() {
        let shown =
            rendered("# A\n\n- `x` **y**\n\n| a | b |\n| - | - |\n| 1 | 2 |\n").into_string();
        assert!(shown.contains("<h2>A</h2>"), "{shown}");
        assert!(shown.contains("<li><code>x</code> <strong>y</strong></li>"), "{shown}");
        assert!(
            shown.contains("<th scope=\"col\">a</th>") && shown.contains("<td>2</td>"),
            "{shown}"
        );
    }

    #[test]
    fn nothing_in_a_document_acts() {
        let shown = rendered(
            "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> text\n\n\
             [a](javascript:alert(1)) [b](https://github.com/x\"onmouseover=) ![c](https://e.example/x.png)\n\n\
             `<script>` &lt;script&gt; \u{202e}back\n",
        )
        .into_string();
        for bad in ["<script", "<img", "onerror=alert", "javascript:", "e.example", "\u{202e}"] {
            assert!(!shown.contains(bad), "{bad} in {shown}");
        }
        assert!(shown.contains("<code>&lt;script&gt;</code>"), "{shown}");
        assert!(shown.contains(">a") || shown.contains("a "), "{shown}");
    }
}
