//! A strict scan over JSON bytes, run before any parser that would be lenient.
//!
//! Parsers differ: one keeps the first of two equal keys, another the last; one replaces a lone
//! surrogate, another refuses it. Whoever signs and whoever reads may then see two different
//! documents. [`scan`] accepts only I-JSON (RFC 7493): valid UTF-8, no duplicate keys at any depth,
//! no lone surrogates, integers that a double holds exactly, one value and nothing after it.
//! It builds no tree, so that a hostile document costs its length and little more.

use std::collections::HashSet;
use std::fmt;

/// Deepest nesting of arrays and objects that is accepted.
pub const MAX_DEPTH: usize = 64;

/// Longest number, in bytes, that is accepted.
const MAX_NUMBER_BYTES: usize = 40;

/// Above this many members an object's keys are kept in a hash set instead of a list.
const LINEAR_KEYS: usize = 16;

/// Why a document is not strict JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonProblem {
    /// What is wrong.
    pub fault: JsonFault,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in bytes, counted from 1.
    pub column: usize,
    /// The place as a JSON Pointer (RFC 6901); empty for the document itself.
    pub pointer: String,
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.fault, self.line, self.column)?;
        if !self.pointer.is_empty() {
            write!(f, " (in {})", self.pointer)?;
        }
        Ok(())
    }
}

impl std::error::Error for JsonProblem {}

/// The kinds of fault [`scan`] finds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A byte order mark before the value.
    #[error("byte order mark before the value")]
    ByteOrderMark,
    /// Nothing, or only white space.
    #[error("empty document")]
    Empty,
    /// The document ends inside a value.
    #[error("unexpected end of the document")]
    UnexpectedEnd,
    /// A byte that the grammar does not allow here.
    #[error("unexpected {0:?}")]
    Unexpected(char),
    /// A second value, or any other byte, after the first value.
    #[error("trailing bytes after the value")]
    TrailingBytes,
    /// The same key twice in one object, also when one of them is escaped.
    #[error("duplicate key {0:?}")]
    DuplicateKey(String),
    /// Nesting deeper than [`MAX_DEPTH`].
    #[error("nesting deeper than {MAX_DEPTH}")]
    TooDeep,
    /// A control character inside a string that must be escaped.
    #[error("unescaped control character in a string")]
    ControlCharacter,
    /// An escape that JSON does not know.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// Half of a surrogate pair.
    #[error("lone surrogate in a string")]
    LoneSurrogate,
    /// A number outside the grammar.
    #[error("malformed number")]
    MalformedNumber,
    /// A number that a double cannot hold exactly (integers above 2^53), is infinite, or is `-0`.
    #[error("number {0} is not exact in every reader")]
    InexactNumber(String),
}

/// Scans `bytes` and returns the text when it is strict JSON.
///
/// # Errors
/// The first [`JsonProblem`], with its place.
pub fn scan(bytes: &[u8]) -> Result<&str, JsonProblem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        problem_at(bytes, error.valid_up_to(), JsonFault::InvalidUtf8, String::new())
    })?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(problem_at(bytes, 0, JsonFault::ByteOrderMark, String::new()));
    }
    let mut scanner = Scanner { text, bytes, position: 0, frames: Vec::new() };
    match scanner.document() {
        Ok(()) => Ok(text),
        Err(fault) => {
            let pointer = scanner.pointer();
            Err(problem_at(bytes, scanner.position, fault, pointer))
        }
    }
}

fn problem_at(bytes: &[u8], position: usize, fault: JsonFault, pointer: String) -> JsonProblem {
    let before = &bytes[..position.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    JsonProblem { fault, line, column, pointer }
}

/// One open array or object.
enum Frame<'a> {
    Array { index: usize },
    Object { keys: Keys<'a>, current: Key<'a> },
}

type Key<'a> = std::borrow::Cow<'a, str>;

#[derive(Default)]
struct Keys<'a> {
    few: Vec<Key<'a>>,
    many: HashSet<Key<'a>>,
}

impl<'a> Keys<'a> {
    /// Adds a key; false when it was there already.
    fn insert(&mut self, key: Key<'a>) -> bool {
        if self.many.is_empty() && self.few.len() < LINEAR_KEYS {
            if self.few.contains(&key) {
                return false;
            }
            self.few.push(key);
            return true;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.drain(..));
        }
        self.many.insert(key)
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    frames: Vec<Frame<'a>>,
}

impl<'a> Scanner<'a> {
    fn document(&mut self) -> Result<(), JsonFault> {
        self.white_space();
        if self.position == self.bytes.len() {
            return Err(JsonFault::Empty);
        }
        self.value()?;
        while !self.frames.is_empty() {
            self.next_member()?;
        }
        self.white_space();
        if self.position < self.bytes.len() { Err(JsonFault::TrailingBytes) } else { Ok(()) }
    }

    /// Scans one scalar whole, or opens an array or object (its members follow in the main loop,
    /// so that depth never costs stack).
    fn value(&mut self) -> Result<(), JsonFault> {
        match self.peek()? {
            b'{' => self.open(Frame::Object { keys: Keys::default(), current: Key::Borrowed("") }),
            b'[' => self.open(Frame::Array { index: 0 }),
            b'"' => self.string().map(|_| ()),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.unexpected()),
        }
    }

    fn open(&mut self, frame: Frame<'a>) -> Result<(), JsonFault> {
        if self.frames.len() == MAX_DEPTH {
            return Err(JsonFault::TooDeep);
        }
        let is_object = matches!(frame, Frame::Object { .. });
        self.position += 1;
        self.frames.push(frame);
        self.white_space();
        let close = if is_object { b'}' } else { b']' };
        if self.peek()? == close {
            self.close();
            return Ok(());
        }
        if is_object { self.key_and_value() } else { self.value() }
    }

    fn close(&mut self) {
        self.position += 1;
        self.frames.pop();
    }

    /// After a value inside an array or object: a comma and the next member, or the closing byte.
    fn next_member(&mut self) -> Result<(), JsonFault> {
        self.white_space();
        let byte = self.peek()?;
        match (self.frames.last_mut(), byte) {
            (Some(Frame::Array { index }), b',') => {
                *index += 1;
                self.position += 1;
                self.white_space();
                self.value()
            }
            (Some(Frame::Object { .. }), b',') => {
                self.position += 1;
                self.white_space();
                self.key_and_value()
            }
            (Some(Frame::Array { .. }), b']') | (Some(Frame::Object { .. }), b'}') => {
                self.close();
                Ok(())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn key_and_value(&mut self) -> Result<(), JsonFault> {
        if self.peek()? != b'"' {
            return Err(self.unexpected());
        }
        let start = self.position;
        let key = self.string()?;
        if let Some(Frame::Object { keys, current }) = self.frames.last_mut() {
            let is_new = keys.insert(key.clone());
            current.clone_from(&key);
            if !is_new {
                self.position = start;
                return Err(JsonFault::DuplicateKey(key.into_owned()));
            }
        }
        self.white_space();
        if self.peek()? != b':' {
            return Err(self.unexpected());
        }
        self.position += 1;
        self.white_space();
        self.value()
    }

    /// Scans a string and returns it unescaped.
    fn string(&mut self) -> Result<Key<'a>, JsonFault> {
        self.position += 1;
        let start = self.position;
        let mut unescaped: Option<String> = None;
        let mut run = start;
        loop {
            let rest = &self.bytes[self.position..];
            let Some(offset) = plain_run(rest) else {
                self.position = self.bytes.len();
                return Err(JsonFault::UnexpectedEnd);
            };
            self.position += offset;
            match self.bytes[self.position] {
                b'"' => {
                    let tail = &self.text[run..self.position];
                    self.position += 1;
                    return Ok(match unescaped {
                        None => Key::Borrowed(tail),
                        Some(mut text) => {
                            text.push_str(tail);
                            Key::Owned(text)
                        }
                    });
                }
                b'\\' => {
                    let text = unescaped.get_or_insert_with(String::new);
                    text.push_str(&self.text[run..self.position]);
                    text.push(self.escape()?);
                    run = self.position;
                }
                _ => return Err(JsonFault::ControlCharacter),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonFault> {
        self.position += 1;
        let byte = self.peek()?;
        self.position += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(JsonFault::InvalidEscape),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonFault> {
        let first = self.four_hex()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or(JsonFault::InvalidEscape);
        }
        if first >= 0xDC00 || !self.bytes[self.position..].starts_with(b"\\u") {
            return Err(JsonFault::LoneSurrogate);
        }
        self.position += 2;
        let second = self.four_hex()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(JsonFault::LoneSurrogate);
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            .ok_or(JsonFault::LoneSurrogate)
    }

    fn four_hex(&mut self) -> Result<u32, JsonFault> {
        let digits =
            self.bytes.get(self.position..self.position + 4).ok_or(JsonFault::UnexpectedEnd)?;
        let mut value = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or(JsonFault::InvalidEscape)?;
            value = value * 16 + digit;
        }
        self.position += 4;
        Ok(value)
    }

    fn number(&mut self) -> Result<(), JsonFault> {
        let rest = &self.bytes[self.position..];
        let length = rest
            .iter()
            .take(MAX_NUMBER_BYTES + 1)
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let token = &self.text[self.position..self.position + length];
        if length > MAX_NUMBER_BYTES {
            return Err(JsonFault::InexactNumber(format!("{}…", &token[..MAX_NUMBER_BYTES])));
        }
        check_number(token)?;
        self.position += length;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), JsonFault> {
        if self.bytes[self.position..].starts_with(word.as_bytes()) {
            self.position += word.len();
            return Ok(());
        }
        Err(self.unexpected())
    }

    fn white_space(&mut self) {
        while matches!(self.bytes.get(self.position), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    fn peek(&self) -> Result<u8, JsonFault> {
        self.bytes.get(self.position).copied().ok_or(JsonFault::UnexpectedEnd)
    }

    fn unexpected(&self) -> JsonFault {
        match self.text[self.position..].chars().next() {
            Some(char) => JsonFault::Unexpected(char),
            None => JsonFault::UnexpectedEnd,
        }
    }

    /// The place of the value that was being scanned.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for frame in &self.frames {
            pointer.push('/');
            match frame {
                Frame::Array { index } => pointer.push_str(&index.to_string()),
                Frame::Object { current, .. } => {
                    pointer.push_str(&current.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        pointer
    }
}

/// Bytes up to the first quote, backslash or control character; `None` when there is none.
///
/// Base64 payloads make most of a bundle, so this looks at 32 bytes at a time, without branches.
fn plain_run(bytes: &[u8]) -> Option<usize> {
    let special = |byte: u8| (byte == b'"') | (byte == b'\\') | (byte < 0x20);
    let mut start = 0;
    for chunk in bytes.chunks(32) {
        if chunk.iter().fold(false, |found, byte| found | special(*byte)) {
            return chunk.iter().position(|byte| special(*byte)).map(|offset| start + offset);
        }
        start += chunk.len();
    }
    None
}

/// Checks one number token against the grammar of RFC 8259 section 6 and for exactness.
fn check_number(token: &str) -> Result<(), JsonFault> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let integer_length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (integer, rest) = digits.split_at(integer_length);
    let well_formed = !integer.is_empty()
        && (integer == "0" || !integer.starts_with('0'))
        && fraction_and_exponent(rest);
    if !well_formed {
        return Err(JsonFault::MalformedNumber);
    }
    let inexact = || JsonFault::InexactNumber(token.to_owned());
    if rest.is_empty() {
        const LARGEST_EXACT: u64 = 1 << 53;
        let magnitude: u64 = integer.parse().map_err(|_| inexact())?;
        if magnitude > LARGEST_EXACT || token == "-0" {
            return Err(inexact());
        }
        return Ok(());
    }
    match token.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(()),
        _ => Err(inexact()),
    }
}

fn fraction_and_exponent(rest: &str) -> bool {
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if length == 0 {
                return false;
            }
            &fraction[length..]
        }
    };
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty();
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> JsonFault {
        scan(json.as_bytes()).expect_err(json).fault
    }

    #[test]
    fn accepts_every_kind_of_value() {
        for json in [
            r#"{"a":[1,-2.5e-3,true,false,null,"xé\u00e9\ud83d\ude00\n"],"b":{}}"#,
            " [ ] ",
            "9007199254740992",
            "0",
            "-1",
            "\"\"",
        ] {
            assert_eq!(scan(json.as_bytes()).map(str::len), Ok(json.len()), "{json}");
            assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{json}");
        }
    }

    #[test]
    fn refuses_duplicate_keys_at_any_depth_also_escaped() {
        assert_eq!(fault(r#"{"a":1,"a":2}"#), JsonFault::DuplicateKey("a".into()));
        assert_eq!(
            fault(r#"{"x":[{"subject":1,"\u0073ubject":2}]}"#),
            JsonFault::DuplicateKey("subject".into())
        );
        let many: String = (0..40).map(|n| format!("\"k{n}\":0,")).collect();
        assert_eq!(fault(&format!("{{{many}\"k3\":1}}")), JsonFault::DuplicateKey("k3".into()));
        assert!(scan(format!("{{{many}\"k40\":1}}").as_bytes()).is_ok());
    }

    #[test]
    fn names_the_place() {
        let problem = scan(b"{\"a\":\n [0, {\"b/c\": {\"d\":1,\"d\":2}}]}").expect_err("duplicate");
        assert_eq!((problem.line, problem.column), (2, 21));
        assert_eq!(problem.pointer, "/a/1/b~1c/d");
    }

    #[test]
    fn refuses_depth_above_the_limit_without_using_stack() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(scan(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(fault(&deep(MAX_DEPTH + 1)), JsonFault::TooDeep);
        assert_eq!(fault(&"[".repeat(1_000_000)), JsonFault::TooDeep);
    }

    #[test]
    fn refuses_what_readers_read_differently() {
        assert_eq!(fault("9007199254740993"), JsonFault::InexactNumber("9007199254740993".into()));
        assert_eq!(fault("1e400"), JsonFault::InexactNumber("1e400".into()));
        assert_eq!(fault("-0"), JsonFault::InexactNumber("-0".into()));
        assert!(matches!(fault(&"1".repeat(1_000_000)), JsonFault::InexactNumber(_)));
        assert_eq!(fault(r#""\ud800""#), JsonFault::LoneSurrogate);
        assert_eq!(fault(r#""\ud800\u0041""#), JsonFault::LoneSurrogate);
        assert_eq!(fault(r#""\udc00""#), JsonFault::LoneSurrogate);
        assert_eq!(fault("\"a\nb\""), JsonFault::ControlCharacter);
        assert_eq!(fault("\"\u{0}\""), JsonFault::ControlCharacter);
        assert_eq!(fault(r#""\x""#), JsonFault::InvalidEscape);
        assert_eq!(fault("{} {}"), JsonFault::TrailingBytes);
        assert_eq!(fault("{}\u{0}"), JsonFault::TrailingBytes);
        assert_eq!(fault("\u{feff}{}"), JsonFault::ByteOrderMark);
        assert_eq!(scan(b"\"\xff\"").expect_err("latin-1").fault, JsonFault::InvalidUtf8);
    }

    #[test]
    fn refuses_what_is_not_json() {
        assert_eq!(fault(""), JsonFault::Empty);
        assert_eq!(fault(" \n"), JsonFault::Empty);
        assert_eq!(fault("{"), JsonFault::UnexpectedEnd);
        assert_eq!(fault("{\"a\""), JsonFault::UnexpectedEnd);
        assert_eq!(fault("\"abc"), JsonFault::UnexpectedEnd);
        assert_eq!(fault("[1,]"), JsonFault::Unexpected(']'));
        assert_eq!(fault("{\"a\":1,}"), JsonFault::Unexpected('}'));
        assert_eq!(fault("[1}"), JsonFault::Unexpected('}'));
        assert_eq!(fault("nul"), JsonFault::Unexpected('n'));
        assert_eq!(fault("é"), JsonFault::Unexpected('é'));
        for number in ["01", "1.", ".5", "+1", "1e", "--1", "1.e3", "1e+"] {
            assert!(scan(number.as_bytes()).is_err(), "{number}");
        }
    }
}
