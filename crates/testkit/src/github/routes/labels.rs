//! Labels, of a repository and of an issue.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::issue::Label;
use super::super::percent::encoded_value;
use super::issues::label_names;
use super::{Names, Route, Routed, node};

impl Route<'_> {
    pub(super) fn list_labels(&mut self) -> Routed {
        let names = self.names();
        let labels = self.repository().labels.clone();
        let page = self.page_of(labels);
        let body: Vec<_> = page.items.iter().map(|label| names.label(label)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn create_label(&mut self) -> Routed {
        let wish = self.call.json();
        let name = wish["name"].as_str().unwrap_or_default().to_owned();
        let names = self.names();
        let repository = self.repository();
        if repository.labels.iter().any(|label| label.name.eq_ignore_ascii_case(&name)) {
            return Err(Answer::invalid("Label", "name", "already_exists"));
        }
        repository.ensure_label(&name);
        let label = repository.labels.last_mut().expect("a label was just added");
        if let Some(color) = wish["color"].as_str() {
            label.color = color.to_owned();
        }
        label.description = wish["description"].as_str().map(str::to_owned);
        let (body, place) = (names.label(label), names.url("/labels"));
        Ok(Answer::json(201, &body).header("location", &place))
    }

    pub(super) fn list_labels_of_issue(&mut self) -> Routed {
        let labels = self.labels_of_issue()?;
        let page = self.page_of(labels);
        Ok(page.answer(&json!(page.items)))
    }

    pub(super) fn add_labels(&mut self) -> Routed {
        let added = label_names(&self.call.json()["labels"]);
        let issue = self.issue()?;
        let (number, mut labels) = (issue.number, issue.labels.clone());
        labels.extend(added);
        self.replace_labels(number, labels);
        Ok(Answer::json(200, &json!(self.labels_of_issue()?)))
    }

    pub(super) fn set_labels(&mut self) -> Routed {
        let labels = label_names(&self.call.json()["labels"]);
        let number = self.issue()?.number;
        self.replace_labels(number, labels);
        Ok(Answer::json(200, &json!(self.labels_of_issue()?)))
    }

    pub(super) fn remove_labels(&mut self) -> Routed {
        self.issue()?.labels.clear();
        Ok(Answer::empty(204))
    }

    /// The labels of an issue, each once; new ones come to be in the repository.
    pub(super) fn replace_labels(&mut self, number: u64, wanted: Vec<String>) {
        let repository = self.repository();
        let mut labels: Vec<String> = Vec::new();
        for name in wanted {
            repository.ensure_label(&name);
            if !labels.iter().any(|own| own.eq_ignore_ascii_case(&name)) {
                labels.push(name);
            }
        }
        let issue = repository.issues.iter_mut().find(|issue| issue.number == number);
        issue.expect("the issue was just found").labels = labels;
    }

    fn labels_of_issue(&mut self) -> Result<Vec<Value>, Answer> {
        let own = self.issue()?.labels.clone();
        let names = self.names();
        let labels = &self.repository().labels;
        let known = own
            .iter()
            .filter_map(|name| labels.iter().find(|label| label.name.eq_ignore_ascii_case(name)));
        Ok(known.map(|label| names.label(label)).collect())
    }
}

impl Names {
    pub(super) fn label(&self, label: &Label) -> Value {
        json!({
            "id": label.id, "node_id": node("LA", label.id), "name": label.name,
            "color": label.color, "default": false, "description": label.description,
            "url": self.url(&format!("/labels/{}", encoded_value(&label.name))),
        })
    }
}
