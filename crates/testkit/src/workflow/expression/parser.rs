//! From text to tree.

use super::Refusal;
use serde_json::{Number, Value};

/// An expression. `||` binds weakest, then `&&`, then `==` and `!=`, then `!`.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Literal(Value),
    /// Names joined by dots; `*` stands for every member.
    Path(Vec<String>),
    Call(String, Vec<Node>),
    Not(Box<Node>),
    Equal(Box<Node>, Box<Node>),
    Unequal(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

impl Node {
    /// Whether one of the status functions is called anywhere.
    pub(super) fn asks_status(&self) -> bool {
        match self {
            Self::Literal(_) | Self::Path(_) => false,
            Self::Call(name, arguments) => {
                ["always", "success", "failure", "cancelled"].contains(&name.as_str())
                    || arguments.iter().any(Self::asks_status)
            }
            Self::Not(inner) => inner.asks_status(),
            Self::Equal(left, right)
            | Self::Unequal(left, right)
            | Self::And(left, right)
            | Self::Or(left, right) => left.asks_status() || right.asks_status(),
        }
    }
}

/// Reads a whole expression.
pub(super) fn parse(source: &str) -> Result<Node, Refusal> {
    let mut parser = Parser { tokens: tokens(source)?, position: 0 };
    let node = parser.either()?;
    match parser.next() {
        None => Ok(node),
        Some(token) => Err(format!("{token:?} is too much")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(Number),
    /// An operator, bracket, comma or dot.
    Sign(&'static str),
}

const SIGNS: [&str; 10] = ["||", "&&", "==", "!=", "!", "(", ")", ",", ".", "*"];

fn tokens(source: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let (text, length) = quoted(rest)?;
                tokens.push(Token::Text(text));
                length
            }
            '0'..='9' => {
                let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let number = rest[..length].parse::<u64>().map_err(|error| error.to_string())?;
                tokens.push(Token::Number(number.into()));
                length
            }
            _ if first.is_ascii_alphabetic() || first == '_' => {
                let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
                let length = rest.find(is_end).unwrap_or(rest.len());
                tokens.push(Token::Name(rest[..length].to_owned()));
                length
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| format!("{first:?} is not known"))?;
                tokens.push(Token::Sign(sign));
                sign.len()
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The text at the front, in which two apostrophes are one, and how long it is written.
fn quoted(source: &str) -> Result<(String, usize), Refusal> {
    let mut text = String::new();
    let mut characters = source.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        match character {
            '\'' if characters.peek().is_some_and(|(_, next)| *next == '\'') => {
                text.push('\'');
                characters.next();
            }
            '\'' => return Ok((text, index + 1)),
            _ => text.push(character),
        }
    }
    Err("a text does not end".into())
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
}

impl Parser {
    fn either(&mut self) -> Result<Node, Refusal> {
        let mut left = self.both()?;
        while self.takes("||") {
            left = Node::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, Refusal> {
        let mut left = self.compared()?;
        while self.takes("&&") {
            left = Node::And(Box::new(left), Box::new(self.compared()?));
        }
        Ok(left)
    }

    fn compared(&mut self) -> Result<Node, Refusal> {
        let left = self.single()?;
        if self.takes("==") {
            return Ok(Node::Equal(Box::new(left), Box::new(self.single()?)));
        }
        if self.takes("!=") {
            return Ok(Node::Unequal(Box::new(left), Box::new(self.single()?)));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Node, Refusal> {
        match self.next() {
            Some(Token::Sign("!")) => Ok(Node::Not(Box::new(self.single()?))),
            Some(Token::Sign("(")) => {
                let inner = self.either()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Token::Text(text)) => Ok(Node::Literal(Value::String(text))),
            Some(Token::Number(number)) => Ok(Node::Literal(Value::Number(number))),
            Some(Token::Name(name)) => self.named(name),
            Some(token) => Err(format!("{token:?} is not expected")),
            None => Err("it ends too early".into()),
        }
    }

    fn named(&mut self, name: String) -> Result<Node, Refusal> {
        match name.as_str() {
            "true" => return Ok(Node::Literal(Value::Bool(true))),
            "false" => return Ok(Node::Literal(Value::Bool(false))),
            "null" => return Ok(Node::Literal(Value::Null)),
            _ => {}
        }
        if self.takes("(") {
            return Ok(Node::Call(name, self.arguments()?));
        }
        let mut path = vec![name];
        while self.takes(".") {
            match self.next() {
                Some(Token::Name(name)) => path.push(name),
                Some(Token::Sign("*")) => path.push("*".into()),
                other => return Err(format!("{other:?} behind a dot")),
            }
        }
        Ok(Node::Path(path))
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Refusal> {
        let mut arguments = Vec::new();
        if self.takes(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.either()?);
            if self.takes(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        let is_next = self.tokens.get(self.position) == Some(&Token::Sign(sign));
        self.position += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Refusal> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(format!("{sign:?} is missing")),
        }
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.position).cloned();
        self.position += 1;
        token
    }
}
