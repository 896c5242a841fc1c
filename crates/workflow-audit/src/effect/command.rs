//! The commands of a script, one after the other.

use super::{Act, At, Effect, Lost, Need, Setting, StepFacts, Token, Unknown};
use super::{gh, git, http, program, provost};
use crate::scope::{Access, Scope};
use crate::script::Script;
pub(crate) use crate::shell::How;
use crate::shell::{Command, Shell, Variables, Word};

/// A script is only read with the grammar when one of these stands in it: nothing else that a
/// shell does matters to a release.
const INTERESTING: [&str; 43] = [
    "gh",
    "git",
    "curl",
    "wget",
    "provost",
    "cosign",
    "slsa-verifier",
    "jq",
    "npm",
    "provenance",
    "attest",
    "intoto",
    "twine",
    "cargo",
    "make",
    "docker",
    "podman",
    "gem ",
    "pip",
    "yarn",
    "pnpm",
    "mvn",
    "gradle",
    "./",
    ".sh",
    "cmake",
    "ninja",
    "bazel",
    "dotnet",
    "msbuild",
    "swift",
    "zig",
    "poetry",
    "hatch",
    "deno",
    "bun ",
    "python",
    "node ",
    "go ",
    "gcc",
    "mail",
    "eval",
    "TOKEN",
];

/// Whether a script may hold anything that matters.
pub(super) fn is_interesting(text: &str) -> bool {
    INTERESTING.iter().any(|word| text.contains(word)) || text.contains("$'")
}

/// What the commands of a script do.
pub(super) fn script(script: &Script, shell: &Shell, setting: &Setting<'_>, facts: &mut StepFacts) {
    for command in &shell.commands {
        let mut call = Call { script, command, setting, local: &shell.variables, facts };
        call.run();
    }
}

/// One command and everything to judge it by.
pub(super) struct Call<'a, 'b> {
    pub(super) script: &'a Script,
    pub(super) command: &'a Command,
    pub(super) setting: &'a Setting<'b>,
    pub(super) local: &'a Variables,
    pub(super) facts: &'a mut StepFacts,
}

impl Call<'_, '_> {
    fn run(&mut self) {
        self.written_files();
        match self.command.name.as_str() {
            "gh" => gh::run(self),
            "git" => git::run(self),
            "curl" | "wget" | "http" | "https" | "xh" => http::run(self),
            "provost" => provost::run(self),
            _ => program::run(self),
        }
    }

    /// The command with its first words, as a person would name it.
    pub(super) fn title(&self, words: usize) -> String {
        let plain = self.command.words.iter().filter(|word| !word.text.starts_with('-'));
        let words: Vec<&str> = plain.map(|word| word.text.as_str()).take(words).collect();
        let title = [&[self.command.name.as_str()], words.as_slice()].concat().join(" ");
        format!("`{}`", title.replace('\n', " "))
    }

    pub(super) fn at(&self) -> At {
        let range = &self.command.range;
        self.setting.at(self.script.place(range.start, range.end))
    }

    fn lost(&self) -> Option<Lost> {
        let swallowed = self.command.swallowed.as_ref()?;
        let span = self.script.place(swallowed.range.start, swallowed.range.end);
        Some(Lost { how: swallowed.how, at: self.setting.at(span) })
    }

    pub(super) fn first(&self, word: &str) -> String {
        self.setting.first(self.local, word)
    }

    pub(super) fn all(&self, word: &str) -> Vec<String> {
        self.setting.resolve(self.local, word)
    }

    /// The token in the first of these variables that is set: before the command, in the script,
    /// in `env`.
    pub(super) fn token(&self, names: &[&str]) -> Token {
        for name in names {
            let own = self.command.assignments.iter().find(|(key, _)| key == name);
            if let Some((_, word)) = own {
                return Token::of(&self.first(&word.text));
            }
            match self.setting.token(self.local, name) {
                Token::Absent => {}
                token => return token,
            }
        }
        Token::Absent
    }

    pub(super) fn need(&mut self, scope: Scope, access: Access, token: &Token, by: &str) {
        self.need_any(&[(scope, access)], token, by);
    }

    pub(super) fn need_any(&mut self, any_of: &[(Scope, Access)], token: &Token, by: &str) {
        let Some(is_required) = token.draws() else { return };
        self.add_need(any_of, is_required, by);
    }

    /// What the command may use and can do without.
    pub(super) fn may(&mut self, scope: Scope, access: Access, by: &str) {
        self.add_need(&[(scope, access)], false, by);
    }

    fn add_need(&mut self, any_of: &[(Scope, Access)], is_required: bool, by: &str) {
        let need = Need {
            any_of: any_of.to_vec(),
            is_required,
            at: self.at(),
            by: by.to_owned(),
            lost: self.lost(),
        };
        self.facts.needs.push(need);
    }

    pub(super) fn does(&mut self, act: Act, token: Token, by: &str) {
        let (at, lost) = (self.at(), self.lost());
        self.facts.effects.push(Effect { act, at, token, lost, by: by.to_owned() });
    }

    pub(super) fn unknown(&mut self, what: String) {
        let at = self.at();
        self.facts.unknowns.push(Unknown { at, what });
    }

    /// `> provenance.json`: a file that only calls itself provenance.
    fn written_files(&mut self) {
        let writers =
            ["cat", "echo", "printf", "jq", "tee", "envsubst", "yq", "sed", "python", "python3"];
        if !writers.contains(&self.command.name.as_str()) {
            return;
        }
        let redirected = self.command.redirects.iter().filter(|redirect| redirect.writes);
        let mut targets: Vec<Word> = redirected.map(|redirect| redirect.target.clone()).collect();
        if self.command.name == "tee" {
            targets.extend(self.command.positionals(&[]).cloned());
        }
        for target in targets {
            let file = self.first(&target.text);
            if is_provenance_file(&file) {
                let by = format!("`{} > {}`", self.command.name, target.text);
                self.does(Act::WriteProvenance { file }, Token::Absent, &by);
            }
        }
    }
}

/// Whether a path is that of provenance by its name.
pub(super) fn is_provenance_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_named = ["provenance", "intoto", "in-toto", "attestation", "slsa"]
        .iter()
        .any(|word| name.contains(word));
    let is_data = [".json", ".jsonl", ".intoto", ".sigstore", ".att", ".dsse"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_named && is_data
}
