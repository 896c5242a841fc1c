//! The facts of one step, followed into actions of the repository.

use super::{Act, At, Setting, StepFacts, Token, Unknown, action, command};
use crate::input::Files;
use crate::model::{MAX_SCRIPT_BYTES, Pair, Step, UsesKind};
use crate::place::Span;
use crate::script::Script;
use crate::shell::{Shell, Word};

/// How deep actions may use actions; GitHub's own limit is 10.
const MAX_DEPTH: usize = 10;

/// What is followed for the jobs of one file: their own steps and, again for every use, those of
/// the actions that they use. What is beyond counts as unknown.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    steps: usize,
}

impl Budget {
    pub(crate) fn of_a_file() -> Self {
        Self { bytes: MAX_SCRIPT_BYTES, steps: MAX_FOLLOWED_STEPS }
    }
}

/// Steps with those of the actions.
const MAX_FOLLOWED_STEPS: usize = 10_000;

/// What is known of a step; `setting` learns which credentials a checkout leaves behind.
pub(crate) fn facts(
    files: &Files,
    step: &Step,
    setting: &mut Setting<'_>,
    budget: &mut Budget,
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

fn run(step: &Step, setting: &Setting<'_>, budget: &mut Budget, facts: &mut StepFacts) {
    let Some(script) = &step.run else { return };
    let shell = step.shell.as_deref().unwrap_or_default();
    if !is_shell(shell) {
        other_language(script, shell, setting, facts);
        return;
    }
    if !command::is_interesting(&script.text) && !asks_whose(step) {
        return;
    }
    if script.text.len() > budget.bytes {
        let what = format!("a script beyond the {MAX_SCRIPT_BYTES} bytes that are followed");
        facts.unknowns.push(Unknown { at: setting.at(first_line(script.span, script)), what });
        return;
    }
    budget.bytes -= script.text.len();
    // `bash` alone stands for `bash --noprofile --norc -eo pipefail`, nothing for `bash -e`.
    let errexit = matches!(shell, "" | "bash" | "sh") || shell.contains("-e");
    let pipefail = shell == "bash" || shell.contains("pipefail");
    let shell = Shell::read(&script.text, errexit, pipefail);
    command::script(script, &shell, setting, facts);
    let first = |word: &Word| setting.first(&shell.variables, &word.text);
    facts.equal.extend(shell.equal.iter().map(|(one, other)| (first(one), first(other))));
    if shell.is_partial && facts.unknowns.is_empty() && mentions_token(&script.text) {
        let what = "a script that no shell grammar reads".to_owned();
        facts.unknowns.push(Unknown { at: setting.at(first_line(script.span, script)), what });
    }
}

/// Whether the grammar reads what a `shell:` runs: bash and its like, also behind another program.
fn is_shell(shell: &str) -> bool {
    let names = ["bash", "sh", "dash", "ksh", "zsh"];
    shell.is_empty()
        || shell
            .split_whitespace()
            .map(|word| word.rsplit(['/', '\\']).next().unwrap_or(word))
            .any(|word| names.contains(&word.trim_end_matches(".exe")))
}

/// A script for PowerShell, Python and the like is not read. It is named as unknown where it may
/// matter: by its words, or by a token within its reach.
fn other_language(script: &Script, shell: &str, setting: &Setting<'_>, facts: &mut StepFacts) {
    let has_token = setting.holds_own_token() || Token::of(&script.text) == Token::Job;
    let what = match (has_token, command::is_interesting(&script.text)) {
        (true, _) => format!("a script for `{shell}`, which is not read, with a token in reach,"),
        (false, true) => format!("a script for `{shell}`, which is not read,"),
        (false, false) => return,
    };
    let at = setting.at(first_line(script.span, script));
    facts.unknowns.push(Unknown { at, what });
}

/// Whether the script may compare what is known of another run.
fn asks_whose(step: &Step) -> bool {
    step.env.iter().any(|pair| pair.value.contains("workflow_run"))
        || step.run.as_ref().is_some_and(|script| script.text.contains("workflow_run"))
}

fn mentions_token(text: &str) -> bool {
    ["gh ", "TOKEN", "api.github.com"].iter().any(|word| text.contains(word))
}

fn first_line(span: Span, script: &Script) -> Span {
    let place = script.place(0, script.text.len());
    if place == span { span } else { place }
}

#[expect(clippy::too_many_arguments, reason = "two of them are only passed on")]
fn local(
    files: &Files,
    path: &str,
    step: &Step,
    setting: &Setting<'_>,
    budget: &mut Budget,
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
    budget: &mut Budget,
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
        if budget.steps == 0 {
            let what = format!("a step beyond the {MAX_FOLLOWED_STEPS} that are followed");
            facts.unknowns.push(Unknown { at, what });
            return;
        }
        budget.steps -= 1;
        let found = self::facts(files, step, &mut inner, budget, depth + 1);
        facts.needs.extend(found.needs);
        facts.unknowns.extend(found.unknowns);
        facts.effects.extend(found.effects);
        if step.condition.is_none() && step.continue_on_error.is_none() {
            facts.equal.extend(found.equal);
        }
    }
}
