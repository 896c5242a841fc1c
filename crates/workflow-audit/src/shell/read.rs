//! From the text of a script to its commands.

use super::harmless::{ends_calmly, fails};
use super::insist::insisted;
use super::{Command, Equal, How, Redirect, Swallowed, Variables, Word};
use crate::expression::expressions;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use tree_sitter::{Node, Parser};

/// Nesting that no script needs; deeper texts are attacks on readers that recurse.
const MAX_DEPTH: usize = 100;
/// Scripts inside of scripts: `bash -c 'eval "…"'`.
const MAX_SCRIPTS: usize = 4;

/// A script.
#[derive(Debug, Default)]
pub(crate) struct Shell {
    pub(crate) commands: Vec<Command>,
    pub(crate) variables: Variables,
    /// Texts that are equal where the script goes on.
    pub(crate) equal: Vec<Equal>,
    /// Whether a part could not be read: what stands there is not known.
    pub(crate) is_partial: bool,
}

thread_local! {
    /// A parser is costly to make and may be used again.
    static PARSER: RefCell<Parser> = RefCell::new(parser());
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    // Without its language it gives no tree, and the script counts as not read.
    let _ = parser.set_language(&tree_sitter_bash::LANGUAGE.into());
    parser
}

impl Shell {
    /// Reads a script. `pipefail` and `errexit`: whether its shell starts with them.
    pub(crate) fn read(script: &str, errexit: bool, pipefail: bool) -> Self {
        let mut reader = Reader {
            text: script,
            shell: Self::default(),
            pipefail: pipefail || script.contains("pipefail"),
            errexit,
            scripts: 0,
        };
        reader.script(0..script.len());
        reader.shell.functions();
        reader.shell
    }

    /// Commands of functions that nobody calls are never run; a call that loses a failure loses
    /// those of the function's commands too.
    fn functions(&mut self) {
        let defined: HashSet<String> =
            self.commands.iter().filter_map(|command| command.function.clone()).collect();
        if defined.is_empty() {
            return;
        }
        let mut called: HashMap<String, Option<Swallowed>> = HashMap::new();
        let mut changed = true;
        while changed {
            changed = false;
            for command in &self.commands {
                let reached = command.function.as_ref().is_none_or(|f| called.contains_key(f));
                if !reached
                    || !defined.contains(&command.name)
                    || called.contains_key(&command.name)
                {
                    continue;
                }
                let outer =
                    command.function.as_ref().and_then(|f| called.get(f).cloned().flatten());
                let swallowed = command.swallowed.clone().or(outer);
                called.insert(command.name.clone(), swallowed);
                changed = true;
            }
        }
        self.commands.retain(|command| {
            command.function.as_ref().is_none_or(|function| called.contains_key(function))
        });
        for command in &mut self.commands {
            if let (None, Some(function)) = (&command.swallowed, &command.function) {
                command.swallowed = called.get(function).cloned().flatten();
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    shell: Shell,
    pipefail: bool,
    errexit: bool,
    scripts: usize,
}

/// What surrounds a statement.
#[derive(Clone, Default)]
struct Around {
    swallowed: Option<Swallowed>,
    function: Option<String>,
    redirects: Vec<Redirect>,
    depth: usize,
}

impl Around {
    fn swallowed(&self, how: How, range: Range<usize>) -> Self {
        let swallowed = self.swallowed.clone().or(Some(Swallowed { how, range }));
        Self { swallowed, ..self.clone() }
    }
}

impl Reader<'_> {
    /// Reads a part of the text as a script of its own.
    fn script(&mut self, range: Range<usize>) {
        if self.scripts >= MAX_SCRIPTS {
            self.shell.is_partial = true;
            return;
        }
        let Some(part) = self.text.get(range.clone()) else { return };
        // Expressions are pasted in before the shell sees the text: words of the same length.
        let mut masked = part.to_owned().into_bytes();
        for expression in expressions(part) {
            masked[expression.start..expression.end].fill(b'_');
        }
        // Everything before keeps its length, so that places stay what they are.
        let mut padded = vec![b' '; range.start];
        padded.extend(masked);
        let tree = PARSER.with(|parser| match parser.try_borrow_mut() {
            Ok(mut parser) => {
                parser.reset();
                parser.parse(&padded, None)
            }
            Err(_) => self::parser().parse(&padded, None),
        });
        let Some(tree) = tree else {
            self.shell.is_partial = true;
            return;
        };
        if self.scripts == 0 {
            let errexit = self.errexit && !part.contains("set +");
            self.shell.equal = insisted(tree.root_node(), self.text, errexit);
        }
        self.scripts += 1;
        self.shell.is_partial |= tree.root_node().has_error();
        self.statements(tree.root_node(), &Around::default());
        self.scripts -= 1;
    }

    /// The children of a block, in order.
    fn statements(&mut self, node: Node<'_>, around: &Around) {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for (index, child) in children.iter().enumerate() {
            if !child.is_named() {
                continue;
            }
            let in_background = children.get(index + 1).is_some_and(|next| next.kind() == "&");
            if in_background {
                let range = children[index + 1].byte_range();
                self.statement(*child, &around.swallowed(How::Background, range));
            } else {
                self.statement(*child, around);
            }
        }
    }

    fn statement(&mut self, node: Node<'_>, around: &Around) {
        if around.depth > MAX_DEPTH {
            self.shell.is_partial = true;
            return;
        }
        let around = &Around { depth: around.depth + 1, ..around.clone() };
        match node.kind() {
            "command" => self.command(node, around),
            "list" => self.list(node, around),
            "pipeline" => self.pipeline(node, around),
            "negated_command" => {
                self.statements(node, &around.swallowed(How::Negated, node.byte_range()));
            }
            "if_statement" => self.choice(node, around),
            "function_definition" => self.function(node, around),
            "redirected_statement" => self.redirected(node, around),
            "variable_assignment" => self.assignment(node, around),
            "declaration_command" => self.statements(node, around),
            "for_statement" => self.repetition(node, around),
            "comment" | "heredoc_start" | "heredoc_end" | "heredoc_content" => {}
            _ => self.statements(node, around),
        }
    }

    /// `a && b`, `a || b`.
    fn list(&mut self, node: Node<'_>, around: &Around) {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for (index, child) in children.iter().enumerate() {
            if !child.is_named() {
                continue;
            }
            let operator = children.get(index + 1).filter(|next| next.kind() == "||");
            let right = children.get(index + 2);
            match (operator, right) {
                (Some(operator), Some(right)) if ends_calmly(*right, self.text) => {
                    let range = operator.start_byte()..right.end_byte();
                    self.statement(*child, &around.swallowed(How::Or, range));
                }
                _ => self.statement(*child, around),
            }
        }
    }

    fn pipeline(&mut self, node: Node<'_>, around: &Around) {
        let count = node.named_child_count();
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        for (index, child) in children.into_iter().enumerate() {
            if index + 1 < count && !self.pipefail {
                self.statement(child, &around.swallowed(How::Pipe, node.byte_range()));
            } else {
                self.statement(child, around);
            }
        }
    }

    /// `if`: a condition's failure is lost where no branch fails.
    fn choice(&mut self, node: Node<'_>, around: &Around) {
        let lost = !fails(node, self.text);
        let mut cursor = node.walk();
        let mut conditions = HashSet::new();
        for child in node.children_by_field_name("condition", &mut cursor) {
            conditions.insert(child.id());
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        for child in children {
            match (conditions.contains(&child.id()), lost) {
                (true, true) => {
                    self.statement(child, &around.swallowed(How::Condition, child.byte_range()));
                }
                // A branch sees to it, whatever `!` says.
                (true, false) if child.kind() == "negated_command" => {
                    self.statements(child, around);
                }
                _ => self.statement(child, around),
            }
        }
    }

    fn function(&mut self, node: Node<'_>, around: &Around) {
        let name = node.child_by_field_name("name").map(|name| self.slice(name));
        let Some(body) = node.child_by_field_name("body") else { return };
        let function = name.or_else(|| around.function.clone());
        self.statement(body, &Around { function, swallowed: None, ..around.clone() });
    }

    fn redirected(&mut self, node: Node<'_>, around: &Around) {
        let mut around = around.clone();
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in &children {
            if child.kind() == "file_redirect" {
                let operator = child.child(0).map(|operator| self.slice(operator));
                let writes = !operator.is_some_and(|operator| operator.contains('<'));
                if let Some(target) = child.child_by_field_name("destination") {
                    let target = Word::of(target, self.text);
                    around.redirects.push(Redirect { writes, target });
                }
            }
        }
        for child in children.into_iter().filter(Node::is_named) {
            let plain = Around { redirects: Vec::new(), ..around.clone() };
            match child.kind() {
                "file_redirect" => self.statements(child, &plain),
                // In a here-document only substitutions run, and what follows on its first line.
                "heredoc_redirect" => self.here_document(child, &plain),
                _ => self.statement(child, &around),
            }
        }
    }

    fn here_document(&mut self, node: Node<'_>, around: &Around) {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "heredoc_start" | "heredoc_end" => {}
                _ => self.statement(child, around),
            }
        }
    }

    fn assignment(&mut self, node: Node<'_>, around: &Around) {
        let name = node.child_by_field_name("name").map(|name| self.slice(name));
        let value = node.child_by_field_name("value");
        if let Some(name) = &name {
            let value = value.map(|value| Word::of(value, self.text).text).unwrap_or_default();
            self.shell.variables.add(name, &value);
        }
        if let Some(value) = value {
            // The status of `A=$(command)` is the command's.
            self.statement(value, around);
        }
    }

    fn repetition(&mut self, node: Node<'_>, around: &Around) {
        let name = node.child_by_field_name("variable").map(|name| self.slice(name));
        let mut cursor = node.walk();
        let values: Vec<Word> = node
            .children_by_field_name("value", &mut cursor)
            .map(|value| Word::of(value, self.text))
            .collect();
        if let Some(name) = name {
            for value in values {
                self.shell.variables.add(&name, &value.text);
            }
        }
        self.statements(node, around);
    }

    fn command(&mut self, node: Node<'_>, around: &Around) {
        let mut words = Vec::new();
        let mut assignments = Vec::new();
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "variable_assignment" => {
                    let name = child.child_by_field_name("name").map(|name| self.slice(name));
                    let value = child.child_by_field_name("value");
                    if let (Some(name), Some(value)) = (name, value) {
                        assignments.push((name, Word::of(value, self.text)));
                    }
                }
                "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {}
                _ => words.push(Word::of(child, self.text)),
            }
            // Substitutions in its words run too; their failure is lost as an argument.
            let inner = Around { redirects: Vec::new(), ..around.clone() };
            self.substitutions(child, &inner);
        }
        self.finish(words, assignments, node.byte_range(), around);
    }

    /// Commands in `$(…)` and `<(…)` below a word.
    fn substitutions(&mut self, node: Node<'_>, around: &Around) {
        match node.kind() {
            "command_substitution" | "process_substitution" => self.statements(node, around),
            _ if around.depth > MAX_DEPTH => self.shell.is_partial = true,
            _ => {
                let deeper = Around { depth: around.depth + 1, ..around.clone() };
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                for child in children {
                    self.substitutions(child, &deeper);
                }
            }
        }
    }

    /// Takes wrappers off and keeps what is left.
    fn finish(
        &mut self,
        words: Vec<Word>,
        mut assignments: Vec<(String, Word)>,
        range: Range<usize>,
        around: &Around,
    ) {
        let mut words = words;
        let name = loop {
            let Some(first) = words.first() else { return };
            let resolved = self.shell.variables.resolve(&first.text);
            let program = resolved.first().map_or(first.text.as_str(), String::as_str);
            let program = program.trim_start_matches('\\');
            let name = program.rsplit('/').next().unwrap_or(program).to_owned();
            // `$GH workflow run` with `GH="gh --repo x"`: the words of the value.
            if let Some((name, rest)) = name.clone().split_once(' ') {
                let range = first.range.clone();
                let word = |text: &str| Word {
                    text: text.to_owned(),
                    range: range.clone(),
                    expands: false,
                };
                let mut all = vec![word(name)];
                all.extend(rest.split_whitespace().map(word));
                all.extend(words.drain(1..));
                words = all;
                continue;
            }
            let skip = wrapper(&name, &words, &mut assignments);
            if skip == 0 {
                break name;
            }
            words.drain(..skip.min(words.len()));
        };
        words.remove(0);
        self.inner_script(&name, &words);
        if name == "set" {
            self.set(&words);
        }
        let swallowed = around.swallowed.clone().or_else(|| self.unwatched(&range));
        self.shell.commands.push(Command {
            name,
            words,
            assignments,
            redirects: around.redirects.clone(),
            range,
            swallowed,
            function: around.function.clone(),
        });
    }

    /// `bash -c '…'`, `eval '…'`.
    fn inner_script(&mut self, name: &str, words: &[Word]) {
        let script = match name {
            "bash" | "sh" | "dash" | "zsh" => {
                let at = words.iter().position(|word| {
                    word.text.starts_with('-')
                        && !word.text.starts_with("--")
                        && word.text.ends_with('c')
                });
                at.and_then(|at| words.get(at + 1))
            }
            "eval" => words.first(),
            _ => None,
        };
        let Some(word) = script else { return };
        let raw = self.text.get(word.range.clone()).unwrap_or_default();
        let quotes = usize::from(raw.starts_with(['\'', '"']));
        self.script(word.range.start + quotes..word.range.end - quotes);
    }

    fn set(&mut self, words: &[Word]) {
        for (index, word) in words.iter().enumerate() {
            let text = word.text.as_str();
            let named = words.get(index + 1).map(|word| word.text.as_str());
            match text.chars().next() {
                Some('-') if text.contains('e') => self.errexit = true,
                Some('+') if text.contains('e') => self.errexit = false,
                Some('-') if text.ends_with('o') && named == Some("errexit") => self.errexit = true,
                Some('+') if text.ends_with('o') && named == Some("errexit") => {
                    self.errexit = false;
                }
                _ => {}
            }
        }
    }

    /// After `set +e` nothing watches a command that is not the last, unless `$?` is looked at.
    fn unwatched(&self, range: &Range<usize>) -> Option<Swallowed> {
        if self.errexit {
            return None;
        }
        let after = self.text.get(range.end..).unwrap_or_default();
        let is_last = after.lines().all(|line| {
            let line = line.trim();
            line.is_empty() || line.starts_with('#')
        });
        let is_watched = after.contains("$?") || after.contains("PIPESTATUS");
        (!is_last && !is_watched).then(|| Swallowed { how: How::NoErrexit, range: range.clone() })
    }

    fn slice(&self, node: Node<'_>) -> String {
        self.text.get(node.byte_range()).unwrap_or_default().to_owned()
    }
}

/// How many words stand before the command that a wrapper runs; 0 for what is no wrapper.
fn wrapper(name: &str, words: &[Word], assignments: &mut Vec<(String, Word)>) -> usize {
    let valued: &[&str] = match name {
        "sudo" => &["-u", "-g", "-C", "-D", "-h", "-p"],
        "env" => &["-u", "-C", "-S"],
        "timeout" => &["-s", "-k", "--signal", "--kill-after"],
        "nice" => &["-n"],
        "xargs" => &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"],
        "command" | "exec" | "nohup" | "time" | "builtin" | "stdbuf" | "setsid" | "doas" => &[],
        _ => return 0,
    };
    // `command -v gh` asks whether there is a program, and runs nothing.
    if name == "command"
        && words.get(1).is_some_and(|word| matches!(word.text.as_str(), "-v" | "-V"))
    {
        return 0;
    }
    let mut at = 1;
    let mut needs_duration = name == "timeout";
    while let Some(word) = words.get(at) {
        if word.text.starts_with('-') && word.text.len() > 1 {
            at += if valued.contains(&word.text.as_str()) { 2 } else { 1 };
        } else if let (true, Some((key, value))) =
            (name == "env" || name == "sudo", word.text.split_once('='))
        {
            let value = Word { text: value.to_owned(), ..word.clone() };
            assignments.push((key.to_owned(), value));
            at += 1;
        } else if needs_duration {
            needs_duration = false;
            at += 1;
        } else {
            break;
        }
    }
    if at < words.len() { at } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(script: &str) -> Vec<String> {
        let shell = Shell::read(script, true, false);
        shell
            .commands
            .iter()
            .map(|command| {
                let words: Vec<&str> = command.words.iter().map(|w| w.text.as_str()).collect();
                let lost = command.swallowed.as_ref().map(|s| format!(" !{:?}", s.how));
                let text = [vec![command.name.as_str()], words].concat().join(" ");
                format!("{text}{}", lost.unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn commands_are_found_wherever_they_stand() {
        assert_eq!(
            seen("gh workflow run a.yml \\\n  -f tag=\"$TAG\""),
            ["gh workflow run a.yml -f tag=$TAG"]
        );
        assert_eq!(seen("X=$(gh api x | jq .a)"), ["gh api x !Pipe", "jq .a"]);
        assert_eq!(seen("if gh a; then exit 1; fi"), ["gh a", "exit 1"]);
        assert_eq!(seen("for f in a b; do gh \"$f\"; done"), ["gh $f"]);
        assert_eq!(seen("echo \"$(gh a)\""), ["gh a", "echo $(gh a)"]);
        assert_eq!(seen("while read -r x; do gh a; done < <(gh b)"), ["read -r x", "gh a", "gh b"]);
        assert_eq!(seen("case $x in a) gh a ;; esac"), ["gh a"]);
        assert_eq!(seen("(cd x && gh a)"), ["cd x", "gh a"]);
    }

    #[test]
    fn spellings_of_a_command_are_one_command() {
        for spelling in [
            "gh a",
            "'gh' a",
            "\"gh\" a",
            "g'h' a",
            "\\gh a",
            "/usr/bin/gh a",
            "sudo -u x gh a",
            "env A=b gh a",
            "command gh a",
            "timeout 5m gh a",
            "GH=gh; $GH a",
            "G=\"gh a\"; $G",
            "bash -c 'gh a'",
            "bash -euo pipefail -c \"gh a\"",
            "eval 'gh a'",
            "$'gh' a",
            "$'g\\x68' a",
            "x() { gh a; }; x",
            "function x { gh a; }\nx",
            "echo y | xargs -n 1 gh a",
        ] {
            let found = seen(spelling);
            assert!(found.iter().any(|command| command == "gh a"), "{spelling}: {found:?}");
        }
    }

    #[test]
    fn text_is_no_command() {
        for text in [
            "cat > a <<EOF\ngh a\nEOF",
            "cat <<-'X'\n\tgh a\n\tX",
            "echo 'gh a'",
            "# gh a",
            "echo \"gh a\"",
            "x() { gh a; }",
            "command -v gh",
            "a=\"gh a\"",
            "cat <<< 'gh a'",
        ] {
            let found = seen(text);
            assert!(!found.iter().any(|command| command.starts_with("gh")), "{text}: {found:?}");
        }
        assert_eq!(seen("cat <<EOF\n$(gh a)\nEOF"), ["cat", "gh a"]);
    }

    #[test]
    fn a_lost_failure_is_seen() {
        for (script, expected) in [
            ("gh a || true", "gh a !Or"),
            ("gh a || :", "gh a !Or"),
            ("gh a || echo no", "gh a !Or"),
            ("gh a || { echo no; }", "gh a !Or"),
            ("gh a && gh b || true", "gh a !Or"),
            ("gh a || { echo no; exit 0; }", "gh a !Or"),
            ("gh a || exit 0", "gh a !Or"),
            ("f() { gh a; }; f || true", "gh a !Or"),
            ("gh a &\nwait", "gh a !Background"),
            ("set +e\ngh a\necho done", "gh a !NoErrexit"),
            ("if ! gh a; then echo no; fi", "gh a !Condition"),
            ("! gh a\necho x", "gh a !Negated"),
            ("gh a | tee log", "gh a !Pipe"),
        ] {
            let found = seen(script);
            assert!(found.iter().any(|command| command == expected), "{script}: {found:?}");
        }
    }

    #[test]
    fn a_failure_that_counts_is_none_that_is_lost() {
        for script in [
            "gh a",
            "gh a || exit 1",
            "gh a || { echo no; exit 1; }",
            "gh a || false",
            "gh a || gh b",
            "gh a || [[ -s x ]]",
            "set +e\ngh a\nif [ $? != 0 ]; then exit 1; fi",
            "set +e\ngh a",
            "if ! gh a; then echo no; exit 1; fi",
            "set -o pipefail\ngh a | tee log",
            "set +e\nset -e\ngh a\necho",
            "if gh a; then echo; else exit 3; fi",
        ] {
            let found = seen(script);
            assert!(found.iter().any(|command| command == "gh a"), "{script}: {found:?}");
        }
    }

    #[test]
    fn expressions_are_words() {
        assert_eq!(seen("gh a ${{ inputs.tag }} '${{ x }}'"), ["gh a ${{ inputs.tag }} ${{ x }}"]);
        assert_eq!(seen("${{ x && 'a' || 'b' }} || true"), ["${{ x && 'a' || 'b' }} !Or", "true"]);
    }
}
