//! A bare repository as GitHub's store: whatever is pushed with git, the API shows.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;

use super::objects::{CommitObject, Content, FileChange, FileEntry, Person, Ref, TagObject};
use super::state::written;

pub(crate) struct GitRepository {
    directory: PathBuf,
}

impl GitRepository {
    pub(crate) fn new(directory: &Path) -> Self {
        let repository = Self { directory: directory.to_owned() };
        let found = repository.text(&["rev-parse", "--git-dir"]);
        assert!(found.is_some(), "{} is no git repository", directory.display());
        repository
    }

    pub(crate) fn refs(&self) -> Vec<Ref> {
        let format = "--format=%(objectname) %(objecttype) %(refname)";
        let listed = self.text(&["for-each-ref", format]).unwrap_or_default();
        let refs = listed.lines().filter_map(|line| {
            let mut parts = line.splitn(3, ' ').map(str::to_owned);
            Some(Ref { sha: parts.next()?, kind: parts.next()?, name: parts.next()? })
        });
        refs.collect()
    }

    pub(crate) fn tag(&self, sha: &str) -> Option<TagObject> {
        let text = self.object("tag", sha)?;
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        Some(TagObject {
            name: field(head, "tag")?.to_owned(),
            message: message.to_owned(),
            target_kind: field(head, "type")?.to_owned(),
            target: field(head, "object")?.to_owned(),
            tagger: person(field(head, "tagger").unwrap_or_default()),
        })
    }

    pub(crate) fn commit(&self, sha: &str) -> Option<CommitObject> {
        let text = self.object("commit", sha)?;
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        let parents = head.lines().filter_map(|line| line.strip_prefix("parent "));
        Some(CommitObject {
            sha: sha.to_owned(),
            tree: field(head, "tree")?.to_owned(),
            parents: parents.map(str::to_owned).collect(),
            message: message.to_owned(),
            author: person(field(head, "author").unwrap_or_default()),
            committer: person(field(head, "committer").unwrap_or_default()),
        })
    }

    pub(crate) fn content(&self, commit: &str, path: &str) -> Option<Content> {
        let path = path.trim_matches('/');
        let object = format!("{commit}:{path}");
        let sha = self.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &object])?;
        let sha = sha.trim().to_owned();
        if let Some(bytes) = self.run(&["cat-file", "blob", &sha], b"") {
            let size = bytes.len();
            return Some(Content::File(
                FileEntry { path: path.to_owned(), kind: "file", sha, size },
                bytes,
            ));
        }
        let listed = self.text(&["ls-tree", "-l", "-z", &sha])?;
        let entries = listed.split('\0').filter_map(|line| entry(path, line));
        Some(Content::Directory(entries.collect()))
    }

    pub(crate) fn change_file(&mut self, change: &FileChange<'_>) -> Option<String> {
        let branch = format!("refs/heads/{}", change.branch);
        let parent = self.text(&["rev-parse", "--verify", "--quiet", &branch])?.trim().to_owned();
        let index = tempfile::NamedTempFile::new().expect("a temporary file is made");
        let index = index.into_temp_path();
        // git refuses an index of zero bytes; it makes its own.
        std::fs::remove_file(&index).expect("the temporary file is removed");
        let with_index = |arguments: &[&str]| {
            let output = self.command(arguments).env("GIT_INDEX_FILE", &index).output();
            let output = output.expect("git runs");
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
        };
        with_index(&["read-tree", &parent])?;
        match change.bytes {
            Some(bytes) => {
                let blob = self.run(&["hash-object", "-w", "--stdin"], bytes)?;
                let blob = String::from_utf8_lossy(&blob).trim().to_owned();
                let item = format!("100644,{blob},{}", change.path);
                with_index(&["update-index", "--add", "--cacheinfo", &item])?;
            }
            None => {
                with_index(&["update-index", "--force-remove", "--", change.path])?;
            }
        }
        let tree = with_index(&["write-tree"])?.trim().to_owned();
        let arguments = ["commit-tree", &tree, "-p", &parent, "-m", change.message];
        let commit = self.text(&arguments)?.trim().to_owned();
        self.text(&["update-ref", &branch, &commit, &parent])?;
        Some(commit)
    }

    /// The text of an object of that kind; nothing if the name is no object of it.
    fn object(&self, kind: &str, sha: &str) -> Option<String> {
        let written = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !written || self.text(&["cat-file", "-t", sha])?.trim() != kind {
            return None;
        }
        self.text(&["cat-file", kind, sha])
    }

    fn text(&self, arguments: &[&str]) -> Option<String> {
        let output = self.run(arguments, b"")?;
        Some(String::from_utf8_lossy(&output).into_owned())
    }

    /// Standard output; nothing if git failed.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("git runs");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        // A git that ends early closes the pipe; its exit code tells.
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().expect("git is waited for");
        output.status.success().then_some(output.stdout)
    }

    /// git on this repository, free of the settings of the person who runs the tests.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.directory).args(arguments);
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
            command.env_remove(name);
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (role, name) in [("AUTHOR", "web-flow"), ("COMMITTER", "GitHub")] {
            command.env(format!("GIT_{role}_NAME"), name);
            command.env(format!("GIT_{role}_EMAIL"), "noreply@github.com");
        }
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
}

/// `NAME <EMAIL> SECONDS ZONE`.
fn person(text: &str) -> Person {
    let (name, rest) = text.split_once(" <").unwrap_or((text, ""));
    let (email, time) = rest.split_once("> ").unwrap_or((rest, ""));
    let seconds = time.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let date = Timestamp::from_second(seconds).map(written).unwrap_or_default();
    Person { name: name.to_owned(), email: email.to_owned(), date }
}

/// `MODE TYPE SHA SIZE\tNAME`.
fn entry(directory: &str, line: &str) -> Option<FileEntry> {
    let (facts, name) = line.split_once('\t')?;
    let mut facts = facts.split_whitespace().skip(1);
    let kind = if facts.next()? == "tree" { "dir" } else { "file" };
    let sha = facts.next()?.to_owned();
    let size = facts.next()?.parse().unwrap_or(0);
    let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
    Some(FileEntry { path, kind, sha, size })
}
