//! The fields of one object: taken one by one, with a problem for each that is not what it must be.

use crate::members::{Member, Members};
use crate::place::{Place, Source};
use crate::problem::{LintCode, LintProblem};
use crate::value::{Fault, kind};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The members of one object, taken one by one; problems are gathered on the way.
pub(crate) struct Fields<'a> {
    source: &'a Source<'a>,
    object: &'a str,
    members: Vec<Member<'a>>,
    problems: Vec<LintProblem>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(source: &'a Source<'a>, object: &'a str) -> Result<Self, LintProblem> {
        let Some(Members(members)) = Members::of(object) else {
            let message = format!("{} stands where an object must stand", kind(object));
            let words = (message, "write an object or remove it".to_owned());
            let place = source.place_of(object);
            return Err(LintProblem::new(source.file, place, LintCode::InvalidValue, words));
        };
        Ok(Self { source, object, members, problems: Vec::new() })
    }

    pub(crate) fn places(&self) -> BTreeMap<String, Place> {
        let place = |member: &Member<'_>| self.source.place_of(member.written_name);
        self.members.iter().map(|member| (member.name.clone(), place(member))).collect()
    }

    /// The text of a value as it stands, for a reader of its own; a problem when it is missing.
    pub(crate) fn required_slice(&mut self, name: &str) -> Option<&'a str> {
        let value = self.take(name);
        if value.is_none() {
            let message = format!("the key `{name}` is missing");
            self.problem(self.object, LintCode::MissingKey, message, "add it");
        }
        value
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn into_problems(self) -> Vec<LintProblem> {
        self.problems
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.members.iter().position(|member| member.name == name)?;
        Some(self.members.remove(index).value)
    }

    fn problem(&mut self, at: &str, code: LintCode, message: String, help: &str) {
        let place = self.source.place_of(at);
        let words = (message, help.to_owned());
        self.problems.push(LintProblem::new(self.source.file, place, code, words));
    }

    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let Some(value) = self.take(name) else {
            let message = format!("the key `{name}` is missing");
            self.problem(self.object, LintCode::MissingKey, message, "add it");
            return None;
        };
        self.read(name, value, read)
    }

    /// Absent is fine; `null` is not, because absent is the one spelling of unknown.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.read(name, value, read)
    }

    fn read<T>(
        &mut self,
        name: &str,
        value: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match read(value) {
            Ok(read) => Some(read),
            Err(fault) => {
                let message = format!("`{name}` {}", fault.message);
                self.problem(value, fault.code, message, fault.help);
                None
            }
        }
    }

    pub(crate) fn optional_object<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.object_at(value, read)
    }

    /// The same for a list that must be there.
    pub(crate) fn required_list<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if !self.members.iter().any(|member| member.name == name) {
            return self.required_slice(name).and(None);
        }
        self.optional_list(name, read)
    }

    pub(crate) fn optional_list<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take(name)?;
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(value) else {
            let message = format!("`{name}` is {}, not an array", kind(value));
            let help = "write an array, or remove the key when it is unknown";
            self.problem(value, LintCode::InvalidValue, message, help);
            return None;
        };
        let read_items: Vec<Option<T>> =
            items.iter().map(|item| self.object_at(item.get(), &read)).collect();
        read_items.into_iter().collect()
    }

    fn object_at<T>(
        &mut self,
        object: &'a str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        match Fields::of(self.source, object) {
            Ok(mut fields) => {
                let value = read(&mut fields);
                self.problems.append(&mut fields.problems);
                value
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// What nobody took.
    pub(crate) fn unknown(&mut self) -> Map<String, Value> {
        let mut unknown = Map::new();
        for member in std::mem::take(&mut self.members) {
            match serde_json::from_str(member.value) {
                Ok(value) => {
                    unknown.insert(member.name, value);
                }
                Err(error) => {
                    let message = format!("`{}` cannot be kept: {error}", member.name);
                    let help = "write a value that every JSON reader takes";
                    self.problem(member.value, LintCode::InvalidValue, message, help);
                }
            }
        }
        unknown
    }
}
