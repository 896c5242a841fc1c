//! How much a file may hold: far beyond what anybody writes, and little enough that no file of
//! 1 MiB takes longer than its size allows. What holds more is not read, and that is told with the
//! place; it is no word on whether GitHub would load it.

use super::{Action, Job, Pair, Problem, Step, Workflow};
use crate::expression::expressions;
use crate::place::Span;

/// Longer than any file that GitHub would take as a workflow.
pub(super) const MAX_BYTES: usize = 1 << 20;
const MAX_JOBS: usize = 500;
const MAX_STEPS: usize = 5000;
const MAX_NEEDS: usize = 10_000;
/// Bytes of scripts: reading them with their grammar is what costs most.
pub(crate) const MAX_SCRIPT_BYTES: usize = 128 << 10;
/// Bytes of expressions, with conditions.
const MAX_EXPRESSION_BYTES: usize = 64 << 10;
/// Bytes of variables and of values of a matrix, counted for every step that has them in reach.
const MAX_SHARED_BYTES: usize = 4 << 20;

/// Why the file has too many bytes.
pub(super) fn too_long(bytes: &[u8]) -> Option<Problem> {
    let count = bytes.len();
    (count > MAX_BYTES).then(|| {
        let what = format!("the file has {count} bytes; more than {MAX_BYTES} are not read");
        Problem::new(Span::default(), what)
    })
}

/// The first place at which a workflow holds too much of anything.
pub(super) fn workflow(workflow: &Workflow) -> Option<Problem> {
    let mut size = Size::default();
    size.expressions(workflow.env.iter().map(|pair| (pair.value.as_str(), pair.span)));
    let shared = bytes_of(&workflow.env);
    for job in &workflow.jobs {
        size.job(job, shared);
    }
    size.problem
}

/// The same of an action.
pub(super) fn action(action: &Action) -> Option<Problem> {
    let mut size = Size::default();
    for step in &action.steps {
        size.step(step, 0);
    }
    size.problem
}

#[derive(Default)]
struct Size {
    jobs: usize,
    steps: usize,
    needs: usize,
    scripts: usize,
    expressions: usize,
    shared: usize,
    problem: Option<Problem>,
}

impl Size {
    fn job(&mut self, job: &Job, shared: usize) {
        self.jobs += 1;
        self.needs += job.needs.len();
        self.refuse(job.id.span, "jobs", self.jobs, MAX_JOBS);
        self.refuse(job.id.span, "`needs`", self.needs, MAX_NEEDS);
        let pairs = job.env.iter().chain(&job.with).chain(&job.outputs);
        self.expressions(pairs.map(|pair| (pair.value.as_str(), pair.span)));
        if let Some(condition) = &job.condition {
            self.condition(&condition.value, condition.span);
        }
        let values = job.matrix.iter().flat_map(|(_, values)| values);
        self.expressions(values.clone().map(|value| (value.as_str(), job.id.span)));
        let matrix: usize = values.map(|value| value.len() + PAIR).sum();
        let shared = shared + bytes_of(&job.env) + matrix;
        for step in &job.steps {
            self.step(step, shared);
        }
    }

    fn step(&mut self, step: &Step, shared: usize) {
        self.steps += 1;
        self.shared += shared + bytes_of(&step.env) + bytes_of(&step.with);
        self.refuse(step.span, "steps", self.steps, MAX_STEPS);
        let what = "bytes of variables in reach of steps";
        self.refuse(step.span, what, self.shared, MAX_SHARED_BYTES);
        for script in step.run.iter().chain(&step.script) {
            self.scripts += script.text.len();
            self.refuse(script.span, "bytes of scripts", self.scripts, MAX_SCRIPT_BYTES);
            self.expressions([(script.text.as_str(), script.span)].into_iter());
        }
        let pairs = step.env.iter().chain(&step.with);
        self.expressions(pairs.map(|pair| (pair.value.as_str(), pair.span)));
        if let Some(condition) = &step.condition {
            self.condition(&condition.value, condition.span);
        }
    }

    fn expressions<'a>(&mut self, texts: impl Iterator<Item = (&'a str, Span)>) {
        for (text, span) in texts.filter(|(text, _)| text.contains("${{")) {
            for expression in expressions(text) {
                self.condition(expression.inner, span);
            }
        }
    }

    fn condition(&mut self, text: &str, span: Span) {
        self.expressions += text.len();
        self.refuse(span, "bytes of expressions", self.expressions, MAX_EXPRESSION_BYTES);
    }

    fn refuse(&mut self, span: Span, what: &str, count: usize, limit: usize) {
        if count > limit && self.problem.is_none() {
            let what = format!("here the file has more than {limit} {what}, which are not read");
            self.problem = Some(Problem::new(span, what));
        }
    }
}

/// What a variable costs beside its text.
const PAIR: usize = 48;

fn bytes_of(pairs: &[Pair]) -> usize {
    pairs.iter().map(|pair| pair.key.value.len() + pair.value.len() + PAIR).sum()
}
