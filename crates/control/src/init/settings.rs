//! What a person may choose of the workflows: values that land in YAML and in a shell.

use std::fmt;
use std::str::FromStr;

/// The longest build command, in bytes.
const MAX_COMMAND_BYTES: usize = 16 * 1024;

/// Why a value cannot be written into a workflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?}: {reason}")]
pub struct InvalidSetting {
    /// Which setting.
    pub what: &'static str,
    /// The value, cut to a readable length.
    pub value: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

fn invalid(what: &'static str, value: &str, reason: &'static str) -> InvalidSetting {
    let shown = value.chars().take(120).collect();
    InvalidSetting { what, value: shown, reason }
}

/// Characters that end a line for YAML, that it forbids, or that show a reader another text than
/// the shell sees.
fn is_treacherous(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

const TREACHEROUS: &str = "it holds control characters or invisible ones";
const EXPRESSION: &str = "it holds `${{`, which GitHub would expand before the shell sees it; use an environment variable";

/// A build command: one or more lines of bash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCommand(String);

impl BuildCommand {
    /// What stands in place of a command that nobody has given: it fails and says so.
    const MISSING: &str = "echo \"error: say how a release is built: \
                           provost init --force --build COMMAND --artifacts GLOB\"\nexit 1";

    /// The command that fails because none was given.
    pub fn missing() -> Self {
        Self(Self::MISSING.to_owned())
    }

    /// Whether it is that one.
    pub(super) fn is_missing(&self) -> bool {
        self.0 == Self::MISSING
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BuildCommand {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let refuse = |reason| Err(invalid("--build", text, reason));
        if text.len() > MAX_COMMAND_BYTES {
            return refuse("it is longer than 16 KiB; put it into a script of the repository");
        }
        if text.contains(|char| char != '\n' && is_treacherous(char)) {
            return refuse(TREACHEROUS);
        }
        if text.contains("${{") {
            return refuse(EXPRESSION);
        }
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let command = lines.join("\n").trim_matches('\n').to_owned();
        // The indentation of a block scalar is that of its first line.
        if command.is_empty() || command.starts_with(' ') {
            return refuse("it must begin with a command, not with a blank");
        }
        Ok(Self(command))
    }
}

/// A pattern for released files, relative to the checkout; bash expands it with `**`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactGlob(String);

impl ArtifactGlob {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ArtifactGlob {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let refuse = |reason| Err(invalid("--artifacts", text, reason));
        if text.contains(is_treacherous) {
            return refuse(TREACHEROUS);
        }
        if text.contains("${{") {
            return refuse(EXPRESSION);
        }
        if text.is_empty() || text.trim() != text || text.len() > 1024 {
            return refuse("it must be a pattern of 1 to 1024 bytes without blanks at its ends");
        }
        if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return refuse("it must stay in the checkout: no leading `/`, no `..`");
        }
        if text.ends_with('/') || text.contains('\\') {
            return refuse("it must name files: no trailing `/`, no backslash");
        }
        Ok(Self(text.to_owned()))
    }
}

/// The label of a hosted runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerLabel(String);

impl RunnerLabel {
    /// The runner when nobody names one.
    pub fn default_label() -> Self {
        Self("ubuntu-24.04".to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunnerLabel {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let refuse = |reason| Err(invalid("--runner", text, reason));
        let is_label =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if text.is_empty() || text.len() > 100 || !text.bytes().all(is_label) {
            return refuse("it must be a label such as ubuntu-24.04");
        }
        if text.eq_ignore_ascii_case("self-hosted") {
            return refuse(
                "a self-hosted runner keeps what earlier jobs left, so it isolates nothing",
            );
        }
        Ok(Self(text.to_owned()))
    }
}

/// An action at a commit: `OWNER/REPO@COMMIT`, with ` # VERSION` behind it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRef(String);

impl FromStr for ActionRef {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let refuse = |reason| Err(invalid("--action", text, reason));
        let (reference, version) = match text.split_once(" # ") {
            Some((reference, version)) => (reference, Some(version)),
            None => (text, None),
        };
        let Some((slug, commit)) = reference.split_once('@') else {
            return refuse("it must be OWNER/REPO@COMMIT");
        };
        if !provost_attestation::git_ref::is_commit(commit) {
            return refuse(
                "it must be pinned: 40 lower-case hex digits behind `@`, since tags move",
            );
        }
        let server = provost_attestation::repository::GITHUB;
        if provost_attestation::repository::Repository::from_slug(slug, server).is_err() {
            return refuse("before `@` it must be OWNER/REPO");
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
        if version.is_some_and(|version| version.is_empty() || !version.bytes().all(is_word)) {
            return refuse("behind ` # ` it must be a version such as v1.2.3");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ActionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How provost comes onto a runner: the steps before it is first called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// By an action at a commit.
    Action(ActionRef),
    /// Nobody has said which; the place says what belongs there.
    Open,
    /// Steps of the caller's own, lines of YAML that begin with `- `. For this project alone,
    /// which builds provost from the checkout.
    Steps(String),
}

/// Stands where an action has to be filled in: a commit that no repository has.
pub(super) const OPEN_ACTION: &str =
    "provost-dev/provost@0000000000000000000000000000000000000000 # v0.0.0";

impl Install {
    /// Whether somebody still has to fill it in.
    pub(super) fn is_open(&self) -> bool {
        *self == Self::Open
    }

    /// The steps, lines of YAML.
    pub(super) fn steps(&self) -> String {
        match self {
            Self::Action(action) => format!("- name: Install provost\n  uses: {action}"),
            Self::Open => format!(
                "# Not released yet: put the commit of a provost release here, or call\n\
                 # `provost init --force --action OWNER/REPO@COMMIT`. As it stands the job cannot start.\n\
                 - name: Install provost\n  uses: {OPEN_ACTION}"
            ),
            Self::Steps(steps) => steps.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_command_may_be_any_visible_bash() {
        for good in [
            "make dist",
            "make dist\n",
            "if true; then\n  make\n\nfi",
            "echo '{{x}}' \"$HOME\" `id` # : - [x] {y} & *z !w %v @u",
            "echo h\u{e9}",
        ] {
            let command: BuildCommand = good.parse().expect(good);
            assert_eq!(command.as_str(), good.trim_end());
        }
    }

    #[test]
    fn a_build_command_cannot_leave_its_block() {
        for bad in [
            "",
            " \n ",
            "  make",
            "make\rx",
            "make\t",
            "make\0",
            "make \u{1b}[2J",
            "make \u{85}permissions: write-all",
            "make \u{2028}x",
            "make \u{feff}",
            "make \u{202e}tsil",
            "make ${{ github.event.issue.title }}",
        ] {
            assert!(bad.parse::<BuildCommand>().is_err(), "{bad:?}");
        }
        assert!("x".repeat(MAX_COMMAND_BYTES).parse::<BuildCommand>().is_ok());
        assert!("x".repeat(MAX_COMMAND_BYTES + 1).parse::<BuildCommand>().is_err());
    }

    #[test]
    fn a_pattern_stays_in_the_checkout_and_on_its_line() {
        for good in ["dist/*", "target/**/app-*.tar.gz", "app", "a b/*.txt", "*.{zip,gz}"] {
            assert!(good.parse::<ArtifactGlob>().is_ok(), "{good}");
        }
        for bad in [
            "",
            " x",
            "x ",
            "/etc/*",
            "../x",
            "a/../../x",
            "dist/",
            "a\nb",
            "${{ x }}",
            "a\\b",
            "a\u{202e}b",
        ] {
            assert!(bad.parse::<ArtifactGlob>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_runner_is_one_hosted_label() {
        for good in ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15"] {
            assert!(good.parse::<RunnerLabel>().is_ok(), "{good}");
        }
        for bad in ["", "self-hosted", "SELF-HOSTED", "a, b", "a]", "${{ x }}", "a b"] {
            assert!(bad.parse::<RunnerLabel>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_action_is_pinned_by_commit() {
        let commit = "1".repeat(40);
        for good in [format!("o/r@{commit}"), format!("o/r@{commit} # v1.2.3")] {
            assert!(good.parse::<ActionRef>().is_ok(), "{good}");
        }
        for bad in [
            "o/r@v1".to_owned(),
            "o/r".to_owned(),
            format!("./@{commit}"),
            format!("o/r/../x@{commit}"),
            format!("o/r@{commit} # v1\n      run: id"),
            format!("o/r@{commit} # "),
            format!("o/r@{}", "A".repeat(40)),
        ] {
            assert!(bad.parse::<ActionRef>().is_err(), "{bad:?}");
        }
    }
}
