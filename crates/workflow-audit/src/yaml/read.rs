//! From text to tree, in one pass over the parser's events.

use super::{Entry, Node, Scalar, Style, Value, YamlProblem, likely_cause};
use crate::place::{Lines, Span, Spanned};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::{HashMap, HashSet};

/// Nesting that no workflow needs; deeper texts are attacks on readers that recurse.
const MAX_DEPTH: usize = 64;
/// Nodes that aliases may add. GitHub's own limit on a workflow's expanded size is of this order.
const ALIAS_BUDGET: usize = 20_000;

/// Nodes of one file. The longest workflows that people write have a tenth of them.
const MAX_NODES: usize = 100_000;

/// The one document of a text.
///
/// # Errors
/// The first problem: syntax, a second document, a key twice, a merge key, a bottomless or
/// exploding alias, nesting below 64 levels, too many nodes.
pub(crate) fn read(text: &str, lines: &Lines) -> Result<Node, YamlProblem> {
    let mut reader = Reader {
        text,
        lines,
        stack: Vec::new(),
        anchors: HashMap::new(),
        added: 0,
        nodes: 0,
        root: None,
        documents: 0,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => {
                let span = reader.span(span);
                reader.take(event, span)?;
            }
            Err(error) => {
                let marker = error.marker();
                let at = lines.byte(text, marker.line(), marker.col());
                let problem = YamlProblem::new(Span::new(at, at + 1), plain_words(error.info()));
                return Err(likely_cause(text, lines, problem));
            }
        }
    }
    reader.root.ok_or_else(|| YamlProblem::new(Span::default(), "the file is empty"))
}

/// The parser's word for what it met, in lower case and without its own context.
fn plain_words(info: &str) -> String {
    let mut words = info.trim().trim_end_matches('.').to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

/// A collection that is still open.
struct Open {
    span: Span,
    anchor: usize,
    size: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, keys: HashSet<String>, key: Option<Spanned<String>> },
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines,
    stack: Vec<Open>,
    /// Finished anchors with their size in nodes; `None` while one is still open.
    anchors: HashMap<usize, Option<(Node, usize)>>,
    added: usize,
    nodes: usize,
    root: Option<Node>,
    documents: usize,
}

impl Reader<'_> {
    fn span(&self, span: saphyr_parser::Span) -> Span {
        let byte =
            |marker: saphyr_parser::Marker| self.lines.byte(self.text, marker.line(), marker.col());
        Span::new(byte(span.start), byte(span.end))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlProblem> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let what = "a second document begins; GitHub reads one document a file";
                    return Err(YamlProblem::new(span, what));
                }
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain if tag.is_some_and(|tag| tag.suffix == "str") => {
                        Style::Quoted
                    }
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let scalar = Scalar { text: text.into_owned(), style };
                return self.finish(Node { span, value: Value::Scalar(scalar) }, anchor, 1);
            }
            Event::SequenceStart(anchor, _) => {
                return self.open(span, anchor, Content::Sequence(Vec::new()));
            }
            Event::MappingStart(anchor, _) => {
                let content =
                    Content::Mapping { entries: Vec::new(), keys: HashSet::new(), key: None };
                return self.open(span, anchor, content);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, span: Span, anchor: usize, content: Content) -> Result<(), YamlProblem> {
        if self.stack.len() >= MAX_DEPTH {
            let what = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(YamlProblem::new(span, what));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.stack.push(Open { span, anchor, size: 1, content });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), YamlProblem> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let (value, last) = match open.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::Sequence(items), last)
            }
            Content::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end);
                (Value::Mapping(entries), last)
            }
        };
        // The end of a block collection is where the next token begins; what belongs to it ends
        // with its last item.
        let is_flow = self.text.as_bytes().get(open.span.start).is_some_and(|b| b"[{".contains(b));
        let end = if is_flow { end.end } else { last.unwrap_or(end.end) };
        let node = Node { span: Span::new(open.span.start, end), value };
        self.finish(node, open.anchor, open.size)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), YamlProblem> {
        let Some(Some((node, size))) = self.anchors.get(&anchor) else {
            return Err(YamlProblem::new(span, "the alias stands inside of its own anchor"));
        };
        self.added += size;
        if self.added > ALIAS_BUDGET {
            let what = format!("aliases expand to more than {ALIAS_BUDGET} nodes");
            return Err(YamlProblem::new(span, what).because("an alias bomb"));
        }
        let (node, size) = (node.clone(), *size);
        self.finish(node, 0, size)
    }

    fn finish(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), YamlProblem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let what =
                format!("here the file has more than {MAX_NODES} values, which are not read");
            return Err(YamlProblem::limit(node.span, what));
        }
        if anchor != 0 {
            self.added += size;
            if self.added > ALIAS_BUDGET {
                let what = format!("anchors hold more than {ALIAS_BUDGET} nodes");
                return Err(YamlProblem::new(node.span, what));
            }
            self.anchors.insert(anchor, Some((node.clone(), size)));
        }
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size += size;
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, keys, key } => match key.take() {
                None => *key = Some(key_of(node, keys, entries)?),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
        Ok(())
    }
}

fn key_of(
    node: Node,
    keys: &mut HashSet<String>,
    entries: &[Entry],
) -> Result<Spanned<String>, YamlProblem> {
    let Value::Scalar(scalar) = node.value else {
        return Err(YamlProblem::new(node.span, "a mapping or list stands where a key must"));
    };
    if scalar.text == "<<" && scalar.style == Style::Plain {
        let what = "merge key `<<`; GitHub knows anchors and aliases, and no merge keys";
        return Err(YamlProblem::new(node.span, what).because("a merge key"));
    }
    // GitHub compares keys without case.
    if !keys.insert(scalar.text.to_ascii_lowercase()) {
        let first = entries.iter().find(|entry| entry.key.value.eq_ignore_ascii_case(&scalar.text));
        let what = format!("the key `{}` stands here for the second time", scalar.text);
        let problem = YamlProblem::new(node.span, what).because("a duplicate key");
        return Err(match first {
            Some(first) => problem.since(first.key.span),
            None => problem,
        });
    }
    Ok(Spanned { value: scalar.text, span: node.span })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;

    fn tree(text: &str) -> Result<Node, YamlProblem> {
        read(text, &Lines::of(text))
    }

    #[test]
    fn spans_are_bytes_of_what_was_written() {
        let text = "ä: 'x y'\nb:\n  - |\n    one\n    two\nc: {d: 1}\n";
        let root = tree(text).unwrap();
        assert_eq!(&text[root.get("ä").unwrap().span.range()], "'x y'");
        assert_eq!(&text[root.entry("b").unwrap().key.span.range()], "b");
        let literal = &root.get("b").unwrap().items()[0];
        assert_eq!(literal.text(), Some("one\ntwo\n"));
        assert!(text[literal.span.range()].contains("one"), "{:?}", &text[literal.span.range()]);
        assert_eq!(&text[root.get("c").unwrap().span.range()], "{d: 1}");
    }

    #[test]
    fn keys_are_text_however_they_are_written() {
        for text in ["on: push", "'on': push", "\"on\": push", "? on\n: push"] {
            assert_eq!(tree(text).unwrap().get("on").unwrap().text(), Some("push"), "{text}");
        }
    }

    #[test]
    fn an_alias_is_what_its_anchor_was() {
        let root = tree("a: &x [1, 2]\nb: *x\n").unwrap();
        assert_eq!(root.get("b").unwrap().items().len(), 2);
    }

    #[test]
    fn what_github_refuses_is_refused_with_its_place() {
        let refused = |text: &str| {
            let problem = tree(text).unwrap_err();
            (text[problem.span.range()].to_owned(), problem.what)
        };
        assert_eq!(refused("a: 1\nA: 2\n").0, "A");
        assert_eq!(refused("a: &x {b: 1}\nc:\n  <<: *x\n").0, "<<");
        assert!(refused("a: &x [*x]\n").1.contains("inside of its own anchor"));
        assert!(refused("a: 1\n---\nb: 2\n").1.contains("second document"));
        assert!(refused("[1, 2]: 3\n").1.contains("where a key must"));
        assert!(refused(&"[".repeat(100)).1.contains("64 levels"));
        assert_eq!(tree("").unwrap_err().what, "the file is empty");
        assert_eq!(tree("# nothing\n").unwrap_err().what, "the file is empty");
    }

    #[test]
    fn an_alias_bomb_costs_no_more_than_its_budget() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let problem = tree(&text).unwrap_err();
        assert!(problem.what.contains("20000 nodes"), "{problem}");
        assert_eq!(problem.cause.as_deref(), Some("an alias bomb"));
    }
}
