//! The facts of one step, followed into actions of the repository.

use super::{Act, At, Setting, StepFacts, Token, Unknown, action, command};
use crate::input::Files;
use crate::model::{Pair, Step, UsesKind};
use crate::place::Span;
use crate::shell::Shell;

/// How deep actions may use actions; GitHub's own limit is 10.
const MAX_DEPTH: usize = 10;
/// Bytes of scripts that are read with the grammar in one file; the rest counts as unknown.
pub(crate) const SCRIPT_BUDGET: usize = 128 * 1024;

/// What is known of a step; `setting` learns which credentials a checkout leaves behind.
pub(crate) fn facts(
    files: &Files,
    step: &Step,
    setting: &mut Setting<'_>,
    budget: &mut usize,
    depth: usize,
) -> StepFacts {
    let mut facts = StepFacts::default();
    let mut inner = setting.clone();
    inner.env(&step.env);
    if step.run.is_some() {
        run(step, &inner, budget, &mut facts);
    }
    if let Some(uses) = &step.uses {
        let at = setting.at(uses.span);
        match &uses.value.kind {
            UsesKind::Local(path) => {
                local(files, path, step, &inner, budget, depth, at, &mut facts);
            }
            UsesKind::Remote { .. } => {
                let name = uses.value.remote_name().unwrap_or_default();
                if !action::run(&name, step, &inner, &mut facts) {
                    match files.third_party(&name) {
                        Some(file) => {
                            composite(files, file, step, &inner, budget, depth, at, &mut facts)
                        }
                        None => unknown(&mut facts, at, &uses.value.raw),
                    }
                }
            }
            _ => unknown(&mut facts, at, &uses.value.raw),
        }
    }
    for effect in &facts.effects {
        if let Act::Checkout { repository, persists: true, .. } = &effect.act
            && (repository.is_empty() || repository == super::setting::OWN)
            && step.uses.is_some()
        {
            setting.git = effect.token.clone();
        }
    }
    facts
}

fn unknown(facts: &mut StepFacts, at: At, raw: &str) {
    let what = format!("`{}`", raw.split('@').next().unwrap_or(raw));
    facts.unknowns.push(Unknown { at, what });
}

fn run(step: &Step, setting: &Setting<'_>, budget: &mut usize, facts: &mut StepFacts) {
    let Some(script) = &step.run else { return };
    let shell = step.shell.as_deref().unwrap_or_default();
    let is_shell = shell.is_empty()
        || ["bash", "sh"].iter().any(|name| shell.starts_with(name) || shell.contains("/bin/"));
    if !is_shell {
        let token = setting.token(&Default::default(), "GITHUB_TOKEN");
        let token = token.or(setting.token(&Default::default(), "GH_TOKEN"));
        if token == Token::Job {
            let what = format!("a script for `{shell}` with a token in its environment");
            facts.unknowns.push(Unknown { at: setting.at(script.span), what });
        }
        return;
    }
    if !command::is_interesting(&script.text) {
        return;
    }
    if script.text.len() > *budget {
        let what = format!("a script beyond the {SCRIPT_BUDGET} bytes that are read of a file");
        facts.unknowns.push(Unknown { at: setting.at(first_line(script.span, script)), what });
        return;
    }
    *budget -= script.text.len();
    // `bash` alone stands for `bash --noprofile --norc -eo pipefail`, nothing for `bash -e`.
    let errexit = matches!(shell, "" | "bash" | "sh") || shell.contains("-e");
    let pipefail = shell == "bash" || shell.contains("pipefail");
    let shell = Shell::read(&script.text, errexit, pipefail);
    command::script(script, &shell, setting, facts);
    if shell.is_partial && facts.unknowns.is_empty() && mentions_token(&script.text) {
        let what = "a script that no shell grammar reads".to_owned();
        facts.unknowns.push(Unknown { at: setting.at(first_line(script.span, script)), what });
    }
}

fn mentions_token(text: &str) -> bool {
    ["gh ", "TOKEN", "api.github.com"].iter().any(|word| text.contains(word))
}

fn first_line(span: Span, script: &crate::script::Script) -> Span {
    let place = script.place(0, script.text.len());
    if place == span { span } else { place }
}

#[expect(clippy::too_many_arguments, reason = "two of them are only passed on")]
fn local(
    files: &Files,
    path: &str,
    step: &Step,
    setting: &Setting<'_>,
    budget: &mut usize,
    depth: usize,
    at: At,
    facts: &mut StepFacts,
) {
    match files.local_action(path) {
        Some(file) => composite(files, file, step, setting, budget, depth, at, facts),
        // A missing or broken action is told by its own rule.
        None => {
            let what = format!("the action `./{path}`, which is not among the files");
            facts.unknowns.push(Unknown { at, what });
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "two of them are only passed on")]
fn composite(
    files: &Files,
    file: usize,
    step: &Step,
    setting: &Setting<'_>,
    budget: &mut usize,
    depth: usize,
    at: At,
    facts: &mut StepFacts,
) {
    let Some(action) = files.all()[file].action() else {
        unknown(facts, at, &files.all()[file].path);
        return;
    };
    if depth >= MAX_DEPTH {
        facts.unknowns.push(Unknown { at, what: "actions that use actions too deeply".to_owned() });
        return;
    }
    if action.using != "composite" {
        // A program of its own, which is given the token only where an input takes it.
        let takes = action.inputs.iter().any(|input| {
            let default = input.default.as_deref().unwrap_or_default();
            let given = step.input(&input.name.value).map(|pair| pair.value.as_str());
            Token::of(given.unwrap_or(default)) == Token::Job
        });
        if takes {
            unknown(facts, at, step.uses.as_ref().map_or("an action", |uses| &uses.value.raw));
        }
        return;
    }
    let given = |pair: &Pair| (pair.key.value.clone(), setting.expand(&pair.value).remove(0));
    let mut inputs: Vec<(String, String)> = step.with.iter().map(given).collect();
    for input in &action.inputs {
        let known = inputs.iter().any(|(name, _)| name.eq_ignore_ascii_case(&input.name.value));
        if let (false, default) = (known, input.default.clone().unwrap_or_default()) {
            inputs.push((input.name.value.clone(), default));
        }
    }
    let mut inner = Setting { inputs, outer: Some(at), ..setting.clone() };
    for step in &action.steps {
        let found = self::facts(files, step, &mut inner, budget, depth + 1);
        facts.needs.extend(found.needs);
        facts.unknowns.extend(found.unknowns);
        facts.effects.extend(found.effects);
    }
}
