//! Refs, tags, commits and files without a repository on disk.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::objects::{CommitObject, Content, FileChange, FileEntry, Person, Ref, TagObject};

const SOME_DATE: &str = "2026-01-02T03:04:05Z";

#[derive(Default)]
pub(crate) struct MemoryObjects {
    refs: BTreeMap<String, Ref>,
    tags: BTreeMap<String, TagObject>,
    commits: BTreeMap<String, CommitObject>,
    /// By commit and path.
    files: BTreeMap<(String, String), Vec<u8>>,
}

impl MemoryObjects {
    pub(crate) fn refs(&self) -> Vec<Ref> {
        self.refs.values().cloned().collect()
    }

    pub(crate) fn tag(&self, sha: &str) -> Option<TagObject> {
        self.tags.get(sha).cloned()
    }

    pub(crate) fn commit(&self, sha: &str) -> Option<CommitObject> {
        self.commits.get(sha).cloned()
    }

    pub(crate) fn content(&self, commit: &str, path: &str) -> Option<Content> {
        let path = path.trim_matches('/');
        if let Some(bytes) = self.files.get(&(commit.to_owned(), path.to_owned())) {
            return Some(Content::File(file_entry(path, bytes), bytes.clone()));
        }
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut entries = BTreeMap::new();
        for ((own, file), bytes) in &self.files {
            let Some(rest) = file.strip_prefix(&prefix).filter(|_| own == commit) else { continue };
            let entry = match rest.split_once('/') {
                Some((name, _)) => directory_entry(&format!("{prefix}{name}")),
                None => file_entry(file, bytes),
            };
            entries.insert(entry.path.clone(), entry);
        }
        (!entries.is_empty()).then(|| Content::Directory(entries.into_values().collect()))
    }

    pub(crate) fn change_file(&mut self, change: &FileChange<'_>) -> Option<String> {
        let branch = format!("refs/heads/{}", change.branch);
        let parent = self.refs.get(&branch)?.sha.clone();
        let seed = format!("{parent} {} {:?}", change.path, change.bytes);
        let commit = sha_of(seed.as_bytes());
        let inherited: Vec<_> =
            self.files_of(&parent).filter(|(path, _)| path != change.path).collect();
        let changed = change.bytes.map(|bytes| (change.path.to_owned(), bytes.to_vec()));
        for (path, bytes) in inherited.into_iter().chain(changed) {
            self.files.insert((commit.clone(), path), bytes);
        }
        self.add_commit(&commit, vec![parent], change.message);
        self.point(&branch, "commit", &commit);
        Some(commit)
    }

    fn files_of(&self, commit: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
        let own = self.files.iter().filter(move |((own, _), _)| own == commit);
        own.map(|((_, path), bytes)| (path.clone(), bytes.clone()))
    }

    pub(crate) fn add_commit(&mut self, sha: &str, parents: Vec<String>, message: &str) {
        let person = Person {
            name: "Release Engineer".into(),
            email: "release@example.org".into(),
            date: SOME_DATE.into(),
        };
        let commit = CommitObject {
            sha: sha.to_owned(),
            tree: sha_of(format!("tree {sha}").as_bytes()),
            parents,
            message: message.to_owned(),
            author: person.clone(),
            committer: person,
        };
        self.commits.insert(sha.to_owned(), commit);
    }

    /// Points a ref at a commit, which comes to be if it is new.
    pub(crate) fn point_at_commit(&mut self, name: &str, sha: &str) {
        if !self.commits.contains_key(sha) {
            self.add_commit(sha, Vec::new(), "A commit");
        }
        self.point(name, "commit", sha);
    }

    /// Makes a tag object and points `refs/tags/NAME` at it; its sha.
    pub(crate) fn annotate(&mut self, name: &str, commit: &str, message: &str) -> String {
        let full = format!("refs/tags/{name}");
        self.point_at_commit(&full, commit);
        let sha = sha_of(format!("tag {name} {commit} {message}").as_bytes());
        let tagger = self.commits[commit].committer.clone();
        let tag = TagObject {
            name: name.to_owned(),
            message: message.to_owned(),
            target_kind: "commit".into(),
            target: commit.to_owned(),
            tagger,
        };
        self.tags.insert(sha.clone(), tag);
        self.point(&full, "tag", &sha);
        sha
    }

    pub(crate) fn remove_ref(&mut self, name: &str) {
        self.refs.remove(name);
    }

    pub(crate) fn put_file(&mut self, commit: &str, path: &str, bytes: &[u8]) {
        self.files.insert((commit.to_owned(), path.to_owned()), bytes.to_vec());
    }

    fn point(&mut self, name: &str, kind: &str, sha: &str) {
        let (name, kind, sha) = (name.to_owned(), kind.to_owned(), sha.to_owned());
        self.refs.insert(name.clone(), Ref { name, kind, sha });
    }
}

fn file_entry(path: &str, bytes: &[u8]) -> FileEntry {
    let mut blob = format!("blob {}\0", bytes.len()).into_bytes();
    blob.extend_from_slice(bytes);
    FileEntry { path: path.to_owned(), kind: "file", sha: sha_of(&blob), size: bytes.len() }
}

fn directory_entry(path: &str) -> FileEntry {
    let sha = sha_of(format!("tree {path}").as_bytes());
    FileEntry { path: path.to_owned(), kind: "dir", sha, size: 0 }
}

/// SHA-1 in hexadecimal digits: git's own for blobs, made up for other objects.
pub(crate) fn sha_of(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes))
}
