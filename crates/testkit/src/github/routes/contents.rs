//! Files: read at a ref, written on a branch.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::objects::{Content, FileChange, FileEntry};
use super::super::percent::{encoded_path, encoded_value};
use super::git::person_json;
use super::{Names, Route, Routed};

impl Route<'_> {
    pub(super) fn get_content(&mut self) -> Routed {
        let path = self.matched.parameter("path").trim_matches('/').to_owned();
        let names = self.names();
        let default_branch = names.settings.default_branch.clone();
        let revision = self.call.query("ref").unwrap_or(&default_branch).to_owned();
        let objects = &self.repository().objects;
        let unknown = || Answer::error(404, &format!("No commit found for the ref {revision}"));
        let commit = objects.peel(&revision).ok_or_else(unknown)?;
        let content = objects.content(&commit, &path).ok_or_else(Answer::not_found)?;
        Ok(match content {
            Content::File(_, bytes) if self.wants_raw() => {
                Answer::bytes(200, "application/vnd.github.raw+json", bytes)
            }
            Content::File(entry, bytes) => {
                Answer::json(200, &names.file(&entry, &bytes, &revision))
            }
            Content::Directory(entries) => {
                let body: Vec<_> =
                    entries.iter().map(|entry| names.entry(entry, &revision)).collect();
                Answer::json(200, &json!(body))
            }
        })
    }

    pub(super) fn wants_raw(&self) -> bool {
        self.call.header("accept").is_some_and(|accept| accept.contains("raw"))
    }

    pub(super) fn put_content(&mut self) -> Routed {
        let wish = self.call.json();
        // GitHub takes base64 with line breaks.
        let text: String =
            wish["content"].as_str().unwrap_or_default().split_whitespace().collect();
        let Ok(bytes) = STANDARD.decode(text) else {
            return Err(Answer::error(422, "content is not valid Base64"));
        };
        self.change_content(&wish, Some(&bytes))
    }

    pub(super) fn delete_content(&mut self) -> Routed {
        let wish = self.call.json();
        self.change_content(&wish, None)
    }

    /// Without the sha of the file that is there, or with another, nothing is changed.
    fn change_content(&mut self, wish: &Value, bytes: Option<&[u8]>) -> Routed {
        let path = self.matched.parameter("path").to_owned();
        let names = self.names();
        let branch = wish["branch"].as_str().unwrap_or(&names.settings.default_branch).to_owned();
        let objects = &mut self.repository().objects;
        let tip = objects.find_ref(&format!("refs/heads/{branch}"));
        let missing = || Answer::error(404, &format!("Branch {branch} not found"));
        let tip = tip.ok_or_else(missing)?.sha;
        let present = match objects.content(&tip, &path) {
            Some(Content::File(entry, _)) => Some(entry.sha),
            Some(Content::Directory(_)) => {
                return Err(Answer::error(422, &format!("{path} is a directory")));
            }
            None => None,
        };
        match (&present, wish["sha"].as_str()) {
            (None, None) => {}
            (Some(present), Some(given)) if present == given => {}
            (Some(_), None) => {
                return Err(Answer::error(422, "Invalid request.\n\n\"sha\" wasn't supplied."));
            }
            (_, Some(given)) => {
                return Err(Answer::error(409, &format!("{path} does not match {given}")));
            }
        }
        let message = wish["message"].as_str().unwrap_or_default();
        let change = FileChange { branch: &branch, path: &path, bytes, message };
        let Some(sha) = objects.change_file(&change) else {
            return Err(Answer::error(409, "the branch moved"));
        };
        let commit = objects.commit(&sha).expect("the commit was just made");
        let content = match objects.content(&sha, &path) {
            Some(Content::File(entry, _)) => names.entry(&entry, &branch),
            _ => Value::Null,
        };
        let body = json!({
            "content": content,
            "commit": {
                "sha": sha, "message": commit.message,
                "url": names.url(&format!("/git/commits/{sha}")),
                "html_url": names.page(&format!("/commit/{sha}")),
                "author": person_json(&commit.author),
                "committer": person_json(&commit.committer),
                "tree": { "sha": commit.tree,
                          "url": names.url(&format!("/git/trees/{}", commit.tree)) },
                "parents": [],
            },
        });
        let created = present.is_none() && bytes.is_some();
        Ok(Answer::json(if created { 201 } else { 200 }, &body))
    }
}

impl Names {
    fn file(&self, entry: &FileEntry, bytes: &[u8], revision: &str) -> Value {
        let mut body = self.entry(entry, revision);
        body["encoding"] = json!("base64");
        body["content"] = json!(in_lines(&STANDARD.encode(bytes)));
        body
    }

    fn entry(&self, entry: &FileEntry, revision: &str) -> Value {
        let path = encoded_path(&entry.path);
        let (page, object) =
            if entry.kind == "dir" { ("tree", "trees") } else { ("blob", "blobs") };
        let url = self.url(&format!("/contents/{path}?ref={}", encoded_value(revision)));
        let git = self.url(&format!("/git/{object}/{}", entry.sha));
        let html = self.page(&format!("/{page}/{}/{path}", encoded_path(revision)));
        let (full, at) = (self.settings.full_name(), encoded_path(revision));
        let download = format!("https://raw.githubusercontent.com/{full}/{at}/{path}");
        json!({
            "name": entry.path.rsplit('/').next(), "path": entry.path, "sha": entry.sha,
            "size": entry.size, "type": entry.kind, "url": url, "git_url": git, "html_url": html,
            "download_url": if entry.kind == "dir" { Value::Null } else { json!(download) },
            "_links": { "self": url, "git": git, "html": html },
        })
    }
}

/// GitHub breaks base64 after 60 characters.
fn in_lines(text: &str) -> String {
    let lines = text.as_bytes().chunks(60).map(|line| String::from_utf8_lossy(line).into_owned());
    lines.map(|line| line + "\n").collect()
}
