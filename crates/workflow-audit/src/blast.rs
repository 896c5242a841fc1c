//! Who can read a secret, and by which way.

use crate::effect::{Act, At, Token};
use crate::expression::secrets_in;
use crate::model::{Pair, Secrets};
use crate::world::{JobView, World};

/// How a step comes by a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `env` of the step.
    StepEnv,
    /// An input of the action.
    With,
    /// Written into the script itself.
    Script,
    /// `env` of the job: every step of it.
    JobEnv,
    /// `env` of the workflow: every step of every job.
    WorkflowEnv,
    /// Credentials that a checkout left for git: every later step of the job.
    GitCredentials,
    /// Handed to a reusable workflow by name.
    CallSecrets,
    /// `secrets: inherit`: every secret there is, to a reusable workflow.
    Inherit,
}

impl Way {
    /// What it is called in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StepEnv => "env of the step",
            Self::With => "input of the action",
            Self::Script => "written into the script",
            Self::JobEnv => "env of the job",
            Self::WorkflowEnv => "env of the workflow",
            Self::GitCredentials => "credentials left by the checkout",
            Self::CallSecrets => "secrets of the call",
            Self::Inherit => "secrets: inherit",
        }
    }
}

/// A step, or a call, that can read a secret.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) job: crate::world::JobRef,
    /// The step's place in the job; `None` for the call of a workflow.
    pub(crate) step: Option<usize>,
    pub(crate) way: Way,
    /// Where the way begins: the variable, the input, the checkout.
    pub(crate) at: At,
    pub(crate) secret: String,
}

/// Everybody who can read a secret, by file, job and step.
pub(crate) fn readers(world: &World) -> Vec<Reader> {
    world.jobs().flat_map(|job| of_job(job)).collect()
}

fn of_job(job: JobView<'_>) -> Vec<Reader> {
    let mut readers = Vec::new();
    let file = job.at.file;
    let mut add = |step: Option<usize>, way: Way, span: crate::place::Span, secret: String| {
        if secret != "GITHUB_TOKEN" {
            let at = At { file, span };
            readers.push(Reader { job: job.at, step, way, at, secret });
        }
    };
    let held = |pairs: &[Pair]| -> Vec<(crate::place::Span, String)> {
        let of = |pair: &Pair| {
            let secrets = secrets_in(&pair.value).into_iter();
            let span = crate::place::Span::new(pair.key.span.start, pair.span.end);
            secrets.map(|secret| (span, secret)).collect::<Vec<_>>()
        };
        pairs.iter().flat_map(of).collect()
    };
    let (of_workflow, of_job) = (held(&job.workflow.env), held(&job.job.env));
    for (index, step) in job.job.steps.iter().enumerate() {
        for (span, secret) in &of_workflow {
            add(Some(index), Way::WorkflowEnv, *span, secret.clone());
        }
        for (span, secret) in &of_job {
            add(Some(index), Way::JobEnv, *span, secret.clone());
        }
        for (span, secret) in held(&step.env) {
            add(Some(index), Way::StepEnv, span, secret);
        }
        for (span, secret) in held(&step.with) {
            add(Some(index), Way::With, span, secret);
        }
        if let Some(run) = &step.run {
            for expression in crate::expression::expressions(&run.text) {
                let text = &run.text[expression.start..expression.end];
                for secret in secrets_in(text) {
                    add(
                        Some(index),
                        Way::Script,
                        run.place(expression.start, expression.end),
                        secret,
                    );
                }
            }
        }
    }
    let mut left: Vec<(At, String)> = Vec::new();
    for (index, facts) in job.facts.steps.iter().enumerate() {
        for (at, secret) in &left {
            add(Some(index), Way::GitCredentials, at.span, secret.clone());
        }
        for effect in &facts.effects {
            if let (
                Act::Checkout { persists: true, .. },
                Token::Secret(secret) | Token::SecretOrJob(secret),
            ) = (&effect.act, &effect.token)
            {
                left.push((effect.at, secret.clone()));
            }
        }
    }
    for (span, secret) in held(&job.job.with) {
        add(None, Way::CallSecrets, span, secret);
    }
    match &job.job.secrets {
        Secrets::None => {}
        Secrets::Inherit(span) => add(None, Way::Inherit, *span, "*".to_owned()),
        Secrets::Named(pairs) => {
            for (span, secret) in held(pairs) {
                add(None, Way::CallSecrets, span, secret);
            }
        }
    }
    readers
}
