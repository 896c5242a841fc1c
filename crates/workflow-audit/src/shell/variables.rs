//! Values of variables that are known without running anything.

use std::collections::HashMap;

/// Values one name may have at once, and texts one word may become.
const MAX_VALUES: usize = 16;
/// Replacements in one word; a variable may stand for itself.
const MAX_ROUNDS: usize = 8;
/// Bytes of a word or value in which something is replaced; names and addresses are shorter.
const MAX_LENGTH: usize = 4096;

/// Names with their possible values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    values: HashMap<String, Vec<String>>,
}

impl Variables {
    /// Adds a possible value.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let values = self.values.entry(name.to_owned()).or_default();
        if values.len() < MAX_VALUES
            && value.len() <= MAX_LENGTH
            && !values.iter().any(|known| known == value)
        {
            values.push(value.to_owned());
        }
    }

    /// Sets the only value, as an outer `env` does before anything runs.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), vec![value.to_owned()]);
    }

    pub(crate) fn get(&self, name: &str) -> &[String] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every value of every name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.values.values().flatten()
    }

    /// Whether anything is known of a name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Everything that a word may stand for; the word itself where nothing is known.
    pub(crate) fn resolve(&self, word: &str) -> Vec<String> {
        let mut open = vec![word.to_owned()];
        let mut done = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let mut next = Vec::new();
            for text in open {
                match self.first_known(&text) {
                    None => done.push(text),
                    Some((range, values)) => {
                        for value in values.iter().take(MAX_VALUES) {
                            let mut text = text.clone();
                            text.replace_range(range.clone(), value);
                            next.push(text);
                        }
                    }
                }
            }
            next.truncate(MAX_VALUES);
            open = next;
            if open.is_empty() {
                break;
            }
        }
        done.extend(open);
        done
    }

    /// The first `$NAME` or `${NAME…}` that is known and does not stand for itself.
    fn first_known(&self, text: &str) -> Option<(std::ops::Range<usize>, &[String])> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let mut from = 0;
        while let Some(at) = text[from..].find('$') {
            let start = from + at;
            from = start + 1;
            let Some((name, length)) = name_at(&text[start + 1..]) else { continue };
            let range = start..start + 1 + length;
            let values = self.get(name);
            let spelt = &text[range.clone()];
            if !values.is_empty() && !values.iter().any(|value| value.contains(spelt)) {
                return Some((range, values));
            }
        }
        None
    }
}

/// The name of an expansion after `$`, and how long it is.
fn name_at(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('{');
    let name = inner.unwrap_or(text);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    if end == 0 || name.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    match inner {
        None => Some((&name[..end], end)),
        // `${NAME}`, `${NAME:-x}`, `${NAME#x}`: the value, roughly.
        Some(inner) => inner.find('}').map(|close| (&name[..end], close + 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_becomes_what_its_variables_may_be() {
        let mut variables = Variables::default();
        variables.add("W", "a.yml");
        variables.add("W", "b.yml");
        variables.add("D", "${W}");
        variables.add("S", "$S");
        assert_eq!(variables.resolve("x/$W"), ["x/a.yml", "x/b.yml"]);
        assert_eq!(variables.resolve("${D}"), ["a.yml", "b.yml"]);
        assert_eq!(variables.resolve("$S $UNKNOWN ${{ a }}"), ["$S $UNKNOWN ${{ a }}"]);
    }
}
