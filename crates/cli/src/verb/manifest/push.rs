//! `provost manifest push|flush`

use crate::args::{Format, ManifestFlushArgs, ManifestPushArgs, PushToArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown, annotation, chain};
use crate::sink::command::Level;
use crate::sink::terminal;
use crate::verb::event_log::config_in_force;
use crate::verb::{actions, seal};
use jiff::Timestamp;
use provost_control::ControlError;
use provost_control::config::LoadedConfig;
use provost_manifest::{EntryKey, LintProblem, Manifests, PushTarget, Pushed, queue_path};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How to mend a queue that did not empty, wherever this ran.
const REMEDY: &str = "run `provost manifest flush` here, or keep the file and run \
                      `provost manifest flush --from FILE` in another clone";

pub(super) fn push(args: &ManifestPushArgs, output: &Output) -> Shown {
    shown(&args.to, output, |manifests, target| {
        provost_manifest::push(manifests, target, Timestamp::now())
    })
}

pub(super) fn flush(args: &ManifestFlushArgs, output: &Output) -> Shown {
    shown(&args.to, output, |manifests, target| {
        provost_manifest::flush(manifests, args.from.as_deref(), target, Timestamp::now())
    })
}

fn shown(
    args: &PushToArgs,
    output: &Output,
    run: impl FnOnce(&Manifests, &PushTarget) -> Result<Pushed, provost_manifest::ManifestError>,
) -> Shown {
    let not_done = |error: ControlError| {
        output.error("nothing was pushed", error.code(), &error)?;
        Ok(Exit::from(&error))
    };
    let placed = config_in_force(args.config.as_deref())
        .and_then(|config| Ok((place_with(args, config.as_ref())?, config)));
    let ((root, mut target), config) = match placed {
        Ok(placed) => placed,
        Err(error) => return not_done(error),
    };
    target.trailer = seal::trailer(config.as_ref(), output);
    let queue = queue_path().under(&root);
    let pushed = match run(&Manifests::at(&root), &target) {
        Ok(pushed) => pushed,
        Err(error) => {
            // What an earlier push left there must be kept all the same.
            actions::tell_pushed(queue.exists(), None, output)?;
            return not_done(error.into());
        }
    };
    let screen = Screen { pushed: &pushed, remote: target.remote.as_str(), queue: &queue };
    let text = match output.format() {
        Format::Github => screen.text() + &screen.annotations(),
        Format::Text | Format::Json | Format::Sarif => screen.text(),
    };
    output.document(&format!("{}\n", screen.json()), &text)?;
    let is_queued = !pushed.queued.is_empty() || !pushed.problems.is_empty();
    actions::tell_pushed(is_queued, pushed.commit.as_deref(), output)?;
    Ok(if pushed.is_complete() { Exit::Fine } else { Exit::CouldNot })
}

/// Where the manifests are and go to: flags before the file, the file before the defaults.
pub(in crate::verb) fn place(args: &PushToArgs) -> Result<(PathBuf, PushTarget), ControlError> {
    place_with(args, config_in_force(args.config.as_deref())?.as_ref())
}

fn place_with(
    args: &PushToArgs,
    config: Option<&LoadedConfig>,
) -> Result<(PathBuf, PushTarget), ControlError> {
    let section = config.map(|config| config.config.manifest.clone());
    let section = section.unwrap_or_default();
    let root = match (&args.root, config) {
        (Some(root), _) => root.clone(),
        (None, Some(config)) => config.resolve(&section.root),
        (None, None) => section.root.clone(),
    };
    let mut target = section.push_target().map_err(ControlError::Configuration)?;
    let wrong = |flag: &str, error: &dyn std::fmt::Display| {
        ControlError::Configuration(format!("{flag}: {error}"))
    };
    if let Some(remote) = &args.remote {
        target.remote = remote.parse().map_err(|error| wrong("--remote", &error))?;
    }
    if let Some(branch) = &args.branch {
        target.branch = Some(branch.parse().map_err(|error| wrong("--branch", &error))?);
    }
    Ok((root, target))
}

/// A result in words.
struct Screen<'a> {
    pushed: &'a Pushed,
    remote: &'a str,
    queue: &'a Path,
}

impl Screen<'_> {
    fn text(&self) -> String {
        let pushed = self.pushed;
        let branch = pushed.branch.as_deref().unwrap_or("its branch");
        let place = format!("{} of {}", terminal(branch), terminal(self.remote));
        let mut text = match &pushed.commit {
            Some(commit) => {
                let count = entries(pushed.recorded.len());
                format!("pushed {count} to {place} as {commit}\n")
            }
            None if pushed.is_complete() && pushed.tries == 0 => "nothing to push\n".to_owned(),
            None if pushed.is_complete() => format!("{place} holds everything already\n"),
            None => String::new(),
        };
        for key in &pushed.recorded {
            text.push_str(&format!("  {}\n", named(key)));
        }
        for path in &pushed.replaced {
            text.push_str(&format!("  bundle of a newer acceptance: {}\n", terminal(path)));
        }
        for word in self.warnings() {
            text.push_str(&format!("warning: {}\n", terminal(&word)));
        }
        for word in self.errors() {
            text.push_str(&format!("error: {}\n", terminal(&word)));
        }
        if !pushed.queued.is_empty() {
            let queue = self.queue.display().to_string();
            let count = entries(pushed.queued.len());
            text.push_str(&format!("queued: {count} in {}\n", terminal(&queue)));
            for key in &pushed.queued {
                text.push_str(&format!("  {}\n", named(key)));
            }
            text.push_str(&format!("to mend it: {REMEDY}\n"));
        }
        text
    }

    fn annotations(&self) -> String {
        let warnings = self.warnings().into_iter().map(|word| (Level::Warning, word));
        let errors = self.errors().into_iter().map(|word| (Level::Error, word));
        warnings.chain(errors).map(|(level, word)| annotation(level, "provost", &word)).collect()
    }

    fn warnings(&self) -> Vec<String> {
        self.pushed.cut_off.iter().map(ToString::to_string).collect()
    }

    fn errors(&self) -> Vec<String> {
        let failure =
            self.pushed.failure.iter().map(|error| format!("not pushed: {}", chain(error)));
        let conflicts = self.pushed.conflicts.iter().map(|conflict| {
            let (run, tag) = (conflict.key.run, conflict.key.tag.as_str());
            format!(
                "not pushed: run {run}, tag {tag:?} contradicts the branch: {}",
                conflict.reason
            )
        });
        let problems = self.pushed.problems.iter().map(ToString::to_string);
        failure.chain(conflicts).chain(problems).collect()
    }

    fn json(&self) -> Value {
        let pushed = self.pushed;
        let keys = |keys: &[EntryKey]| keys.iter().map(key).collect::<Vec<Value>>();
        let conflicts = pushed.conflicts.iter().map(|conflict| {
            json!({
                "run": conflict.key.run.to_string(),
                "tag": conflict.key.tag.as_str(),
                "reason": conflict.reason,
            })
        });
        let error = pushed.failure.as_ref();
        json!({
            "complete": pushed.is_complete(),
            "remote": self.remote,
            "branch": pushed.branch,
            "commit": pushed.commit,
            "recorded": keys(&pushed.recorded),
            "replaced": pushed.replaced,
            "conflicts": conflicts.collect::<Vec<Value>>(),
            "queue": self.queue.display().to_string(),
            "queued": keys(&pushed.queued),
            "problems": problems(&pushed.problems),
            "cut_off": problems(&pushed.cut_off),
            "tries": pushed.tries,
            "error": error.map(|error| json!({"code": error.code(), "detail": chain(error)})),
        })
    }
}

fn problems(problems: &[LintProblem]) -> Vec<Value> {
    problems.iter().map(super::problem_json).collect()
}

fn key(key: &EntryKey) -> Value {
    json!({"run": key.run.to_string(), "tag": key.tag.as_str()})
}

fn named(key: &EntryKey) -> String {
    format!("run {}, tag {}", key.run, terminal(key.tag.as_str()))
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}
