//! Programs that sign, verify, publish, build, or merely look.

use super::command::{Call, is_provenance_file};
use super::{Act, Token};
use crate::scope::{Access, Scope};

pub(super) fn run(call: &mut Call<'_, '_>) {
    let command = call.command;
    let name = command.name.as_str();
    let first = command.positional(0, &[]).map(|word| word.text.clone()).unwrap_or_default();
    let by = call.title(1);
    match name {
        "cosign" | "gitsign" => cosign(call, &first, &by),
        "jq" | "yq" | "grep" | "egrep" => look(call),
        "npm" | "pnpm" | "yarn" | "bun" if first == "publish" || first == "npm" => {
            if command.has(&["--provenance", "--provenance=true"]) {
                call.need(
                    Scope::ID_TOKEN,
                    Access::Write,
                    &Token::Job,
                    &format!("`{name} publish --provenance`"),
                );
                call.does(Act::Sign, Token::Job, &by);
            } else {
                // Trusted publishing mints a token where it may.
                call.may(Scope::ID_TOKEN, Access::Write, &by);
            }
            call.does(Act::Publish, Token::Other, &by);
        }
        "npm" if first == "audit" && command.has(&["signatures"]) => {
            call.does(Act::Verify, Token::Absent, &by);
        }
        "twine" if first == "upload" => call.does(Act::Publish, Token::Other, &by),
        "cargo" | "poetry" | "hatch" | "uv" if first == "publish" => {
            call.does(Act::Publish, Token::Other, &by);
        }
        "gem" | "docker" | "podman" | "helm" if first == "push" => {
            if let Some(scope) = Scope::named("packages") {
                call.may(scope, Access::Write, &by);
            }
            call.does(Act::Publish, Token::Other, &by);
        }
        "mail" | "mailx" | "sendmail" => call.does(Act::Notify, Token::Other, &by),
        _ if name.starts_with("slsa-verifier") => call.does(Act::Verify, Token::Absent, &by),
        _ if name.starts_with("slsa-generator") || name == "witness" => {
            call.need(Scope::ID_TOKEN, Access::Write, &Token::Job, &by);
            call.does(Act::Sign, Token::Job, &by);
        }
        _ if is_build(call, name, &first) => {
            call.does(Act::Build, Token::Absent, &by);
            mystery(call, &by);
        }
        _ if is_script(call) => {
            call.does(Act::Build, Token::Absent, &by);
            mystery(call, &by);
        }
        _ => {}
    }
}

/// A program of the repository that finds a token in its environment may do anything with it.
fn mystery(call: &mut Call<'_, '_>, by: &str) {
    let token = call.token(&["GITHUB_TOKEN", "GH_TOKEN"]);
    if token == Token::Job {
        call.unknown(format!("{by} with a token in its environment"));
    }
}

fn cosign(call: &mut Call<'_, '_>, verb: &str, by: &str) {
    match verb {
        "sign" | "sign-blob" | "attest" | "attest-blob" => {
            let keyless = call.command.flag(&["--key", "--sk"]).is_none();
            if keyless {
                call.need(Scope::ID_TOKEN, Access::Write, &Token::Job, by);
            }
            if verb.starts_with("attest") {
                call.does(Act::Sign, Token::Job, by);
            }
        }
        _ if verb.starts_with("verify") => call.does(Act::Verify, Token::Absent, by),
        _ => {}
    }
}

/// Words of provenance that only one who looks into it names.
const INSIDE: [&str; 7] = [
    "predicateType",
    "buildDefinition",
    "runDetails",
    ".predicate",
    ".subject",
    "payloadType",
    "builder.id",
];

/// `jq` and `grep` over provenance: they look, and verify nothing.
fn look(call: &mut Call<'_, '_>) {
    let words = &call.command.words;
    let filter = words.iter().any(|word| INSIDE.iter().any(|inside| word.text.contains(inside)));
    let read = call.command.redirects.iter().filter(|redirect| !redirect.writes);
    let texts = words.iter().chain(read.map(|redirect| &redirect.target));
    let files: Vec<String> = texts.flat_map(|word| call.all(&word.text)).collect();
    let file = files.iter().any(|file| is_provenance_file(file));
    // `jq -n` makes a document and reads none.
    let makes = call.command.has(&["-n", "--null-input"])
        || call.command.words.iter().any(|word| word.text == "-nc" || word.text == "-cn");
    if (file || filter) && !makes {
        let tool = call.command.name.clone();
        let by = call.title(0);
        call.does(Act::LookInto { tool }, Token::Absent, &by);
    }
}

fn is_build(call: &Call<'_, '_>, name: &str, first: &str) -> bool {
    match name {
        "make" | "gmake" | "ninja" | "bazel" | "bazelisk" | "buck2" | "mvn" | "mvnw" | "gradle"
        | "gradlew" | "msbuild" | "xcodebuild" | "goreleaser" | "meson" | "gcc" | "g++"
        | "clang" | "tox" | "nox" => true,
        "cargo" => {
            matches!(
                first,
                "build"
                    | "b"
                    | "install"
                    | "test"
                    | "t"
                    | "run"
                    | "r"
                    | "xtask"
                    | "check"
                    | "auditable"
                    | "zigbuild"
                    | "cross"
            ) || first.starts_with('+')
        }
        "npm" | "pnpm" | "yarn" | "bun" => {
            matches!(
                first,
                "ci" | "i"
                    | "install"
                    | "run"
                    | "build"
                    | "test"
                    | "exec"
                    | "pack"
                    | "add"
                    | "rebuild"
                    | "x"
            ) || (name == "yarn" && first.is_empty())
        }
        "npx" | "bunx" | "pnpx" => true,
        "go" => matches!(first, "build" | "install" | "test" | "run" | "generate"),
        "cmake" => call.command.has(&["--build"]) || !first.is_empty(),
        "dotnet" => matches!(first, "build" | "publish" | "pack" | "test" | "run"),
        "swift" | "zig" => matches!(first, "build" | "test" | "run"),
        "poetry" | "hatch" | "uv" | "pdm" | "flit" => {
            matches!(first, "build" | "install" | "run" | "sync")
        }
        "pip" | "pip3" | "gem" | "bundle" | "composer" => {
            matches!(first, "install" | "build" | "exec")
        }
        "python" | "python3" => {
            let modules = ["build", "pip", "setuptools", "flit", "poetry"];
            call.command.flag(&["-m"]).is_some_and(|module| modules.contains(&module.as_str()))
                || first.ends_with(".py")
        }
        "node" | "deno" | "ruby" | "perl" => {
            !first.is_empty() && !first.starts_with('-') && !call.command.has(&["-e", "-p"])
        }
        "docker" | "podman" | "buildah" => {
            matches!(first, "build" | "buildx" | "bud" | "run" | "compose")
        }
        _ => false,
    }
}

/// A program by its path in the checkout, or a script of it.
fn is_script(call: &Call<'_, '_>) -> bool {
    let command = call.command;
    let raw = call.script.text.get(command.range.clone()).unwrap_or_default().trim_start();
    if raw.starts_with("./") || raw.starts_with("../") || command.name.ends_with(".sh") {
        return true;
    }
    match command.name.as_str() {
        "bash" | "sh" | "zsh" | "source" | "." => command
            .positional(0, &["-c", "-o"])
            .is_some_and(|word| word.text.ends_with(".sh") || word.text.contains('/')),
        _ => false,
    }
}
