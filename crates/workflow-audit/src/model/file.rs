//! One file: what it is by its path, and what came of reading it.

use super::{Action, Comment, Problem, Workflow, comments, size};
use crate::place::{Lines, Place, Span};
use crate::yaml;

/// What a path says about its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Directly in `.github/workflows`.
    Workflow,
    /// `action.yml`, anywhere.
    Action,
}

impl Kind {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        let in_workflows = folder == ".github/workflows" || folder.ends_with("/.github/workflows");
        match name {
            "action.yml" | "action.yaml" if !in_workflows => Some(Self::Action),
            _ if is_yaml && in_workflows => Some(Self::Workflow),
            _ => None,
        }
    }
}

/// A file with its text and what it holds.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) lines: Lines,
    pub(crate) comments: Vec<Comment>,
    pub(crate) document: Document,
    /// Whether it is an action of others, of which nothing is reported.
    pub(crate) is_foreign: bool,
}

/// What came of reading a file.
#[derive(Debug)]
pub(crate) enum Document {
    Workflow(Box<Workflow>),
    Action(Box<Action>),
    /// GitHub would not load it.
    Broken(Vec<Problem>),
    /// It holds too much to be read.
    TooLarge(Problem),
}

impl File {
    pub(crate) fn read(path: &str, bytes: &[u8], kind: Kind) -> Self {
        let (text, problem) = decoded(bytes);
        let lines = Lines::of(&text);
        let comments = comments(&text, &lines);
        let document = match (size::too_long(bytes), problem) {
            (Some(problem), _) => Document::TooLarge(problem),
            (None, Some(problem)) => Document::Broken(vec![problem]),
            (None, None) => document(&text, &lines, kind),
        };
        Self { path: path.to_owned(), text, lines, comments, document, is_foreign: false }
    }

    pub(crate) fn workflow(&self) -> Option<&Workflow> {
        match &self.document {
            Document::Workflow(workflow) => Some(workflow),
            _ => None,
        }
    }

    pub(crate) fn action(&self) -> Option<&Action> {
        match &self.document {
            Document::Action(action) => Some(action),
            _ => None,
        }
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        match &self.document {
            Document::Broken(problems) => problems,
            _ => &[],
        }
    }

    /// Whether it has neither workflow nor action in it that is known.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.document, Document::Broken(_) | Document::TooLarge(_))
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        self.lines.place(&self.text, span.start)
    }
}

fn decoded(bytes: &[u8]) -> (String, Option<Problem>) {
    if bytes.len() > size::MAX_BYTES {
        return (String::new(), None);
    }
    match std::str::from_utf8(bytes) {
        // A byte order mark is no part of the text.
        Ok(text) => (text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(), None),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = error.valid_up_to();
            let problem = Problem::new(Span::new(at, at + 3), "the text is no UTF-8");
            (text, Some(problem))
        }
    }
}

fn document(text: &str, lines: &Lines, kind: Kind) -> Document {
    let root = match yaml::read(text, lines) {
        Ok(root) => root,
        Err(problem) if problem.is_limit => return Document::TooLarge(problem.into()),
        Err(problem) => return Document::Broken(vec![problem.into()]),
    };
    let mut problems = Vec::new();
    let (document, too_large) = match kind {
        Kind::Workflow => {
            let workflow = Workflow::read(&root, text, lines, &mut problems);
            let too_large = size::workflow(&workflow);
            (Document::Workflow(Box::new(workflow)), too_large)
        }
        Kind::Action => {
            let action = Action::read(&root, text, lines, &mut problems);
            let too_large = size::action(&action);
            (Document::Action(Box::new(action)), too_large)
        }
    };
    match too_large {
        Some(problem) => Document::TooLarge(problem),
        None if problems.is_empty() => document,
        None => Document::Broken(problems),
    }
}
