//! Validators of single schemas, compiled when first asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, Registry, Resource, Validator};
use serde_json::{Value, json};

const BASE: &str = "https://api.github.invalid/description";
/// More would only repeat themselves (a choice names each alternative).
const SHOWN: usize = 3;

pub(super) struct Validators {
    registry: Registry<'static>,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Validators {
    pub(super) fn new(document: Value) -> Self {
        let resource = Resource::from_contents(document);
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(BASE, resource)
            .and_then(|builder| builder.prepare())
            .expect("the description is a resource");
        Self { registry, compiled: Mutex::default() }
    }

    /// What the schema at `pointer` (`#/…`) holds against `value`.
    pub(super) fn problems(&self, pointer: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(pointer);
        let problems = validator.iter_errors(value).take(SHOWN);
        problems
            .map(|problem| format!("{problem} at {:?}", problem.instance_path().to_string()))
            .collect()
    }

    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = compiled.get(pointer) {
            return Arc::clone(validator);
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .should_validate_formats(true)
            .offline()
            .build(&json!({ "$ref": format!("{BASE}{pointer}") }))
            .expect("a schema of the description compiles");
        let validator = Arc::new(validator);
        compiled.insert(pointer.to_owned(), Arc::clone(&validator));
        validator
    }
}
