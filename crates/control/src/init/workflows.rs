//! The workflows: their templates, and the values that go in.

use super::git::Repository;
use super::settings::{ActionRef, ArtifactGlob, BuildCommand, Install, OPEN_ACTION, RunnerLabel};
use super::template::{fill, kept};
use super::{InitError, InitRequest, file};

const RELEASE: &str = include_str!("../../../../templates/workflows/release.yml");
const BUILDER: &str = include_str!("../../../../templates/workflows/slsa-builder.yml");
const PROVENANCE: &str = include_str!("../../../../templates/workflows/slsa-provenance.yml");
const SECURITY: &str = include_str!("../../../../templates/workflows/security-provenance.yml");
const NIGHTLY: &str = include_str!("../../../../templates/workflows/provenance-nightly.yml");

/// How a job ends: what it came to, in the log and in its outputs.
const REPORT: &str = include_str!("../../../../templates/report.sh");

/// Where the builder is written.
const BUILDER_PATH: &str = ".github/workflows/slsa-builder.yml";

/// The templates by the path they are written to.
const WORKFLOWS: [(&str, &str); 5] = [
    (".github/workflows/release.yml", RELEASE),
    (BUILDER_PATH, BUILDER),
    (".github/workflows/slsa-provenance.yml", PROVENANCE),
    (".github/workflows/security-provenance.yml", SECURITY),
    (".github/workflows/provenance-nightly.yml", NIGHTLY),
];

/// What differs between one repository's workflows and another's.
#[derive(Debug, Clone)]
pub struct WorkflowSettings {
    /// How a release is built.
    pub build: BuildCommand,
    /// Which files are released; at least one pattern.
    pub artifacts: Vec<ArtifactGlob>,
    /// Where it is built; at least one label.
    pub runners: Vec<RunnerLabel>,
    /// How provost comes onto a runner.
    pub install: Install,
}

/// A file that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its path in the repository, with `/`.
    pub path: String,
    /// Its text, with a final line feed.
    pub text: String,
}

/// The five workflows with these settings.
pub(super) fn render_workflows(settings: &WorkflowSettings) -> Vec<Rendered> {
    let rendered = |(path, template): &(&str, &str)| Rendered {
        path: (*path).to_owned(),
        text: settings.fill(template),
    };
    WORKFLOWS.iter().map(rendered).collect()
}

impl WorkflowSettings {
    /// A template of a workflow with these settings.
    pub fn fill(&self, template: &str) -> String {
        self.with_values(|values| fill(template, values))
    }

    /// Calls `use_values` with what goes into a template.
    pub(super) fn with_values<T>(&self, use_values: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let join = |texts: Vec<&str>, with| texts.join(with);
        let artifacts = join(self.artifacts.iter().map(ArtifactGlob::as_str).collect(), "\n");
        let runners = join(self.runners.iter().map(RunnerLabel::as_str).collect(), ", ");
        use_values(&[
            ("build", self.build.as_str()),
            ("artifacts", &artifacts),
            ("runners", &runners),
            ("install", &self.install.steps()),
            ("report", REPORT),
        ])
    }

    /// What is asked for; what is not, as the repository's builder has it; what that does not
    /// have, the default.
    pub(super) fn for_repository(
        request: &InitRequest,
        repository: &Repository,
    ) -> Result<Self, InitError> {
        let there = file::read(repository.root(), BUILDER_PATH)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&there);
        let release = file::read(repository.root(), WORKFLOWS[0].0)?.unwrap_or_default();
        let release = String::from_utf8_lossy(&release);
        let artifacts = request.artifacts.clone().or_else(|| kept_artifacts(&text));
        Ok(Self {
            build: request
                .build
                .clone()
                .or_else(|| kept_build(&text))
                .unwrap_or_else(BuildCommand::missing),
            artifacts: match artifacts {
                Some(artifacts) => artifacts,
                None => vec!["dist/*".parse()?],
            },
            runners: request
                .runners
                .clone()
                .or_else(|| kept_runners(&text))
                .unwrap_or_else(|| vec![RunnerLabel::default_label()]),
            install: request
                .action
                .clone()
                .or_else(|| kept_action(&release))
                .map_or(Install::Open, Install::Action),
        })
    }
}

/// The command of a builder that an earlier call wrote.
fn kept_build(builder: &str) -> Option<BuildCommand> {
    let command = kept(builder, "      - name: Build\n        run: |", "      - name: Collect")?;
    match command == BuildCommand::missing().as_str() {
        true => None,
        false => command.parse().ok(),
    }
}

fn kept_artifacts(builder: &str) -> Option<Vec<ArtifactGlob>> {
    let globs = kept(builder, "          ARTIFACTS: |", "        run: |")?;
    globs.lines().map(|glob| glob.parse().ok()).collect()
}

fn kept_runners(builder: &str) -> Option<Vec<RunnerLabel>> {
    let (_, rest) = builder.split_once("        runner: [")?;
    let (labels, _) = rest.split_once("]\n")?;
    labels.split(", ").map(|label| label.parse().ok()).collect()
}

fn kept_action(release: &str) -> Option<ActionRef> {
    let (_, rest) = release.split_once("- name: Install provost\n        uses: ")?;
    let action = rest.lines().next().filter(|action| *action != OPEN_ACTION)?;
    action.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> WorkflowSettings {
        WorkflowSettings {
            build: "if true; then\n  make dist\nfi".parse().expect("command"),
            artifacts: vec!["dist/*".parse().expect("glob"), "a b/**/c".parse().expect("glob")],
            runners: vec![RunnerLabel::default_label(), "ubuntu-24.04-arm".parse().expect("label")],
            install: Install::Open,
        }
    }

    #[test]
    fn no_place_is_left_empty() {
        for rendered in render_workflows(&settings()) {
            let mut rest = rendered.text.as_str();
            while let Some((before, after)) = rest.split_once("{{") {
                assert!(before.ends_with('$'), "{}: {}", rendered.path, &after[..20]);
                rest = after;
            }
            assert!(rendered.text.ends_with('\n') && !rendered.text.ends_with("\n\n"));
        }
    }

    #[test]
    fn what_was_chosen_is_found_again() {
        let rendered = render_workflows(&settings());
        let builder = &rendered[1].text;
        assert_eq!(kept_build(builder), Some(settings().build));
        assert_eq!(kept_artifacts(builder), Some(settings().artifacts));
        assert_eq!(kept_runners(builder), Some(settings().runners));
        assert_eq!(kept_action(&rendered[0].text), None);
        let action: ActionRef =
            "o/r@1234567890123456789012345678901234567890 # v1.0.0".parse().expect("action");
        let pinned = WorkflowSettings {
            install: Install::Action(action.clone()),
            build: BuildCommand::missing(),
            ..settings()
        };
        let rendered = render_workflows(&pinned);
        assert_eq!(kept_action(&rendered[0].text), Some(action));
        assert_eq!(kept_build(&rendered[1].text), None, "a missing command is asked for again");
    }
}
