//! Actions of others: what each needs and does, checked against their own READMEs.

use super::{Act, Download, Effect, Lost, Need, Setting, StepFacts, Token, Unknown};
use crate::model::Step;
use crate::place::Span;
use crate::scope::{Access, Scope};

/// An action of the table.
struct Known {
    /// `owner/name[/path]` in lower case; a trailing `*` stands for any ending.
    name: &'static str,
    /// `scope:access`; with a leading `?` it may use it and can do without.
    needs: &'static str,
}

const fn known(name: &'static str, needs: &'static str) -> Known {
    Known { name, needs }
}

const TABLE: &[Known] = &[
    known("actions/cache*", ""),
    known("actions/checkout", ""),
    known("actions/configure-pages", "?pages:write ?pages:read"),
    known("actions/create-github-app-token", ""),
    known("actions/create-release", "contents:write"),
    known("actions/dependency-review-action", "contents:read ?pull-requests:write"),
    known("actions/deploy-pages", "pages:write id-token:write"),
    known("actions/download-artifact", ""),
    known("actions/first-interaction", "?issues:write ?pull-requests:write"),
    known("actions/github-script", ""),
    known("actions/labeler", "pull-requests:write contents:read ?issues:write"),
    known("actions/setup-*", ""),
    known("actions/stale", "?issues:write ?pull-requests:write ?actions:write"),
    known("actions/upload-artifact*", ""),
    known("actions/upload-pages-artifact", ""),
    known("actions/upload-release-asset", "contents:write"),
    known("actions/attest", ATTEST),
    known("actions/attest-build-provenance", ATTEST),
    known("actions/attest-sbom", ATTEST),
    known("actions-rs/*", ""),
    known("actions-rust-lang/setup-rust-toolchain", ""),
    known("anchore/sbom-action*", "?contents:write ?actions:read"),
    known("aquasecurity/trivy-action", ""),
    known("astral-sh/setup-uv", ""),
    known("aws-actions/configure-aws-credentials", "?id-token:write"),
    known("azure/login", "?id-token:write"),
    known("benc-uk/workflow-dispatch", "actions:write"),
    known("bufbuild/*", ""),
    known("changesets/action", "contents:write pull-requests:write ?id-token:write"),
    known("codecov/codecov-action", "?id-token:write"),
    known("crate-ci/typos", ""),
    known("crazy-max/ghaction-*", ""),
    known("dawidd6/action-download-artifact", "actions:read"),
    known("denoland/setup-deno", ""),
    known("docker/bake-action", "?packages:write ?packages:read"),
    known("docker/build-push-action", "?packages:write ?packages:read"),
    known("docker/login-action", "?packages:write ?packages:read"),
    known("docker/metadata-action", ""),
    known("docker/scout-action", "?pull-requests:write"),
    known("docker/setup-*", ""),
    known("dorny/paths-filter", "?pull-requests:read ?contents:read"),
    known("dorny/test-reporter", "checks:write ?actions:read"),
    known("dtolnay/rust-toolchain", ""),
    known("embarkstudios/cargo-deny-action", ""),
    known("erlef/setup-beam", ""),
    known("github/codeql-action/analyze", "security-events:write ?actions:read ?contents:read"),
    known("github/codeql-action/autobuild", ""),
    known("github/codeql-action/init", "?security-events:write ?actions:read ?contents:read"),
    known(
        "github/codeql-action/upload-sarif",
        "security-events:write ?actions:read ?contents:read",
    ),
    known("golangci/golangci-lint-action", "?pull-requests:read ?checks:write"),
    known("google-github-actions/auth", "?id-token:write"),
    known("google-github-actions/setup-gcloud", ""),
    known("googleapis/release-please-action", "contents:write pull-requests:write ?issues:write"),
    known("goreleaser/goreleaser-action", "?contents:write ?packages:write ?id-token:write"),
    known("gradle/actions/setup-gradle", "?contents:write ?pull-requests:write"),
    known("gradle/gradle-build-action", ""),
    known("gradle/wrapper-validation-action", ""),
    known("hashicorp/setup-terraform", ""),
    known("helm/*", "?contents:write"),
    known("imjasonh/setup-*", "?packages:write"),
    known("jetbrains/qodana-action", "?checks:write ?pull-requests:write ?contents:read"),
    known("jetli/*", ""),
    known("julia-actions/*", ""),
    known("ko-build/setup-ko", "?packages:write"),
    known("microsoft/setup-msbuild", ""),
    known("mikepenz/release-changelog-builder-action", "?contents:read ?pull-requests:read"),
    known("mozilla-actions/sccache-action", ""),
    known("msys2/setup-msys2", ""),
    known("ncipollo/release-action", "contents:write"),
    known(
        "ossf/scorecard-action",
        "?security-events:write ?id-token:write ?contents:read ?actions:read",
    ),
    known("oven-sh/setup-bun", ""),
    known("peaceiris/actions-gh-pages", "contents:write"),
    known("peter-evans/create-issue-from-file", "issues:write"),
    known("peter-evans/create-pull-request", "contents:write pull-requests:write"),
    known("peter-evans/repository-dispatch", "contents:write"),
    known("pnpm/action-setup", ""),
    known("pre-commit/action", ""),
    known("pypa/cibuildwheel", ""),
    known("pypa/gh-action-pypi-publish", ""),
    known("renovatebot/*", ""),
    known("ruby/setup-ruby", ""),
    known("rubygems/release-gem", "id-token:write ?contents:write"),
    known("rust-lang/crates-io-auth-action", "id-token:write"),
    known("rustsec/audit-check", "?checks:write ?issues:write"),
    known("sigstore/cosign-installer", ""),
    known("sigstore/gh-action-sigstore-python", "id-token:write ?contents:write"),
    known("slackapi/slack-github-action", ""),
    known("slsa-framework/slsa-verifier/actions/installer", ""),
    known(
        "slsa-framework/slsa-github-generator/*",
        "id-token:write contents:write actions:read ?packages:write",
    ),
    known("softprops/action-gh-release", "contents:write"),
    known("step-security/harden-runner", ""),
    known("stefanzweifel/git-auto-commit-action", "contents:write"),
    known("subosito/flutter-action", ""),
    known("supabase/setup-cli", ""),
    known("svenstaro/upload-release-action", "contents:write"),
    known("swatinem/rust-cache", ""),
    known("swift-actions/setup-swift", ""),
    known("taiki-e/create-gh-release-action", "contents:write"),
    known("taiki-e/install-action", ""),
    known("taiki-e/upload-rust-binary-action", "contents:write"),
    known("tibdex/github-app-token", ""),
    known("timonvs/pr-labeler-action", "pull-requests:write"),
    known("zizmorcore/zizmor-action", "?security-events:write ?contents:read ?actions:read"),
    // Its verbs are looked at one by one.
    known("provost-dev/provost", ""),
];

const ATTEST: &str =
    "id-token:write attestations:write ?contents:read ?artifact-metadata:write ?packages:write";

/// Looks an action up; `false` when it is not known.
pub(super) fn run(name: &str, step: &Step, setting: &Setting<'_>, facts: &mut StepFacts) -> bool {
    let Some(known) = lookup(name) else { return false };
    let span = step.uses.as_ref().map_or(step.span, |uses| uses.span);
    let mut use_of = Use { step, setting, facts, span, by: format!("`{}`", short(name)) };
    for word in known.needs.split(' ').filter(|word| !word.is_empty()) {
        let (word, required) = match word.strip_prefix('?') {
            Some(word) => (word, false),
            None => (word, true),
        };
        let Some((scope, access)) = word.split_once(':') else { continue };
        if let (Some(scope), Some(access)) = (Scope::named(scope), Access::named(access)) {
            use_of.need(scope, access, required);
        }
    }
    use_of.special(name);
    true
}

fn lookup(name: &str) -> Option<&'static Known> {
    TABLE.iter().find(|known| match known.name.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => known.name == name,
    })
}

/// Without the ref; the name is in lower case.
fn short(name: &str) -> &str {
    name
}

struct Use<'a, 'b> {
    step: &'a Step,
    setting: &'a Setting<'b>,
    facts: &'a mut StepFacts,
    span: Span,
    by: String,
}

impl Use<'_, '_> {
    /// The value of an input, with what is known put in.
    fn input(&self, name: &str) -> String {
        let pair = self.step.input(name);
        pair.and_then(|pair| self.setting.expand(&pair.value).into_iter().next())
            .unwrap_or_default()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.input(name).eq_ignore_ascii_case(value)
    }

    /// The token that the action works with: an input, a variable, or the job's own by default.
    fn token(&self) -> Token {
        for name in [
            "token",
            "github-token",
            "github_token",
            "repo-token",
            "repo_token",
            "gh-token",
            "gh_token",
        ] {
            if self.step.input(name).is_some() {
                return Token::of(&self.input(name));
            }
        }
        Token::Job
    }

    fn need(&mut self, scope: Scope, access: Access, is_required: bool) {
        let token = if scope == Scope::ID_TOKEN { Token::Job } else { self.token() };
        let Some(draws) = token.draws() else { return };
        self.facts.needs.push(Need {
            any_of: vec![(scope, access)],
            is_required: is_required && draws,
            at: self.setting.at(self.span),
            by: self.by.clone(),
            lost: self.lost(),
        });
    }

    fn lost(&self) -> Option<Lost> {
        None
    }

    fn does(&mut self, act: Act) {
        let token = self.token();
        let at = self.setting.at(self.span);
        self.facts.effects.push(Effect { act, at, token, lost: None, by: self.by.clone() });
    }

    /// What depends on the inputs.
    fn special(&mut self, name: &str) {
        match name {
            "actions/checkout" => self.checkout(),
            "actions/attest-build-provenance" => self.does(Act::Sign),
            // Other predicates are no provenance.
            "actions/attest" => {
                let other = ["predicate", "predicate-path", "predicate-type", "sbom-path"];
                if other.iter().all(|input| self.step.input(input).is_none()) {
                    self.does(Act::Sign);
                }
            }
            "actions/upload-artifact" => {
                let name = self.input("name");
                let name = if name.is_empty() { "artifact".to_owned() } else { name };
                self.does(Act::Upload { name });
            }
            "actions/download-artifact" => self.download(),
            "dawidd6/action-download-artifact" => {
                let run = if self.input("run_id").is_empty() {
                    String::new()
                } else {
                    self.input("run_id")
                };
                let download = Download { name: self.input("name"), run, from_another_run: true };
                self.does(Act::Download(download));
            }
            "actions/cache"
            | "actions/cache/restore"
            | "actions/cache/save"
            | "swatinem/rust-cache"
            | "mozilla-actions/sccache-action"
            | "gradle/actions/setup-gradle"
            | "gradle/gradle-build-action" => {
                self.does(Act::Cache);
            }
            "actions/setup-go" if !self.is("cache", "false") => self.does(Act::Cache),
            "astral-sh/setup-uv" if !self.is("enable-cache", "false") => self.does(Act::Cache),
            "ruby/setup-ruby" if self.is("bundler-cache", "true") => self.does(Act::Cache),
            "actions/setup-node"
            | "actions/setup-python"
            | "actions/setup-java"
            | "actions/setup-dotnet"
                if !self.input("cache").is_empty() && !self.is("cache", "false") =>
            {
                self.does(Act::Cache);
            }
            "docker/build-push-action" if self.input("cache-from").contains("type=gha") => {
                self.does(Act::Build);
                self.does(Act::Cache);
            }
            "docker/build-push-action"
            | "docker/bake-action"
            | "goreleaser/goreleaser-action"
            | "pypa/cibuildwheel" => self.does(Act::Build),
            "actions/create-release"
            | "softprops/action-gh-release"
            | "ncipollo/release-action"
            | "taiki-e/create-gh-release-action"
            | "svenstaro/upload-release-action" => {
                let is_draft = self.is("draft", "true");
                self.does(Act::Release { is_draft });
            }
            "pypa/gh-action-pypi-publish" => {
                if self.step.input("password").is_none() {
                    self.need(Scope::ID_TOKEN, Access::Write, true);
                    self.does(Act::Sign);
                }
                self.does(Act::Publish);
            }
            "rubygems/release-gem" => self.does(Act::Publish),
            "peter-evans/repository-dispatch" => {
                let event = Some(self.input("event-type")).filter(|event| !event.is_empty());
                let elsewhere = super::gh::is_elsewhere(&self.input("repository"));
                self.does(Act::RepositoryDispatch { event, elsewhere });
            }
            "benc-uk/workflow-dispatch" => {
                let elsewhere = super::gh::is_elsewhere(&self.input("repo"));
                let targets = vec![self.input("workflow")];
                self.does(Act::Dispatch { targets, inputs: Vec::new(), elsewhere });
            }
            "stefanzweifel/git-auto-commit-action" => self.does(Act::Push),
            "slackapi/slack-github-action" => self.does(Act::Notify),
            "peter-evans/create-issue-from-file" => self.does(Act::Notify),
            "actions/github-script" => self.script(),
            _ if name.starts_with("slsa-framework/slsa-github-generator/") => self.does(Act::Sign),
            _ => {}
        }
    }

    fn checkout(&mut self) {
        let token = match self.step.input("token") {
            Some(_) => Token::of(&self.input("token")),
            None => Token::Job,
        };
        let repository = self.input("repository");
        let is_own = repository.is_empty() || repository == super::setting::OWN;
        if token == Token::Job && self.step.input("ssh-key").is_none() {
            // Of another repository the job's token reads what is public.
            self.need(Scope::CONTENTS, Access::Read, is_own);
        }
        let persists = !self.is("persist-credentials", "false");
        let reference = self.input("ref");
        let at = self.setting.at(self.span);
        let act = Act::Checkout { reference, repository, persists };
        let by = self.by.clone();
        self.facts.effects.push(Effect { act, at, token, lost: None, by });
    }

    fn download(&mut self) {
        let name = Some(self.input("name")).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| self.input("pattern"));
        let run = self.input("run-id");
        let from_another_run = self.step.input("run-id").is_some();
        if from_another_run {
            self.need(Scope::ACTIONS, Access::Read, true);
        }
        self.does(Act::Download(Download { name, run, from_another_run }));
    }

    fn script(&mut self) {
        let token = self.token();
        let Some(script) = &self.step.script else {
            let at = self.setting.at(self.span);
            let what = "`actions/github-script` with a script that is not here".to_owned();
            self.facts.unknowns.push(Unknown { at, what });
            return;
        };
        super::octokit::script(script, self.setting, &token, self.facts);
    }
}
