//! Refs, tags, commits and files, from a real repository or from memory.

use super::git::GitRepository;
use super::memory::MemoryObjects;

/// A ref and what it points at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Ref {
    /// Full name, such as `refs/tags/v1`.
    pub(crate) name: String,
    /// `commit` or `tag`.
    pub(crate) kind: String,
    pub(crate) sha: String,
}

/// An annotated tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TagObject {
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) target_kind: String,
    pub(crate) target: String,
    pub(crate) tagger: Person,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CommitObject {
    pub(crate) sha: String,
    pub(crate) tree: String,
    pub(crate) parents: Vec<String>,
    pub(crate) message: String,
    pub(crate) author: Person,
    pub(crate) committer: Person,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    /// RFC 3339.
    pub(crate) date: String,
}

/// What stands at a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    File(FileEntry, Vec<u8>),
    Directory(Vec<FileEntry>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FileEntry {
    pub(crate) path: String,
    /// `file` or `dir`.
    pub(crate) kind: &'static str,
    pub(crate) sha: String,
    pub(crate) size: usize,
}

/// A change of one file on a branch.
pub(crate) struct FileChange<'a> {
    pub(crate) branch: &'a str,
    pub(crate) path: &'a str,
    /// Absent to remove the file.
    pub(crate) bytes: Option<&'a [u8]>,
    pub(crate) message: &'a str,
}

pub(crate) enum Objects {
    Git(GitRepository),
    Memory(MemoryObjects),
}

impl Objects {
    pub(crate) fn is_git(&self) -> bool {
        matches!(self, Self::Git(_))
    }

    /// Every ref, sorted by name.
    pub(crate) fn refs(&self) -> Vec<Ref> {
        match self {
            Self::Git(git) => git.refs(),
            Self::Memory(memory) => memory.refs(),
        }
    }

    /// The ref of that full name.
    pub(crate) fn find_ref(&self, name: &str) -> Option<Ref> {
        self.refs().into_iter().find(|own| own.name == name)
    }

    pub(crate) fn tag(&self, sha: &str) -> Option<TagObject> {
        match self {
            Self::Git(git) => git.tag(sha),
            Self::Memory(memory) => memory.tag(sha),
        }
    }

    pub(crate) fn commit(&self, sha: &str) -> Option<CommitObject> {
        match self {
            Self::Git(git) => git.commit(sha),
            Self::Memory(memory) => memory.commit(sha),
        }
    }

    pub(crate) fn content(&self, commit: &str, path: &str) -> Option<Content> {
        match self {
            Self::Git(git) => git.content(commit, path),
            Self::Memory(memory) => memory.content(commit, path),
        }
    }

    /// Commits the change; the new commit, or `None` if the branch does not exist.
    pub(crate) fn change_file(&mut self, change: &FileChange<'_>) -> Option<String> {
        match self {
            Self::Git(git) => git.change_file(change),
            Self::Memory(memory) => memory.change_file(change),
        }
    }

    /// The commit that a branch, a tag, a full ref or a commit's sha means, tags peeled.
    pub(crate) fn peel(&self, revision: &str) -> Option<String> {
        let found = self.full_ref(revision);
        let mut object = match found {
            Some(found) => (found.kind, found.sha),
            None => ("commit".to_owned(), revision.to_owned()),
        };
        while object.0 == "tag" {
            let tag = self.tag(&object.1)?;
            object = (tag.target_kind, tag.target);
        }
        let sha = object.1;
        let written = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        (written && self.commit(&sha).is_some()).then_some(sha)
    }

    /// The ref that a short or full name means; a branch wins over a tag of the same name.
    pub(crate) fn full_ref(&self, name: &str) -> Option<Ref> {
        let refs = self.refs();
        let forms = [
            name.to_owned(),
            format!("refs/heads/{name}"),
            format!("refs/tags/{name}"),
            format!("refs/{name}"),
        ];
        forms.iter().find_map(|form| refs.iter().find(|own| &own.name == form)).cloned()
    }
}
