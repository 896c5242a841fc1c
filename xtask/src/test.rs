//! `cargo xtask test`: every step in its order, what each cost, and what none of them asked.

use crate::screen::{begin, say};
use crate::step::{Report, Step};
use crate::workspace::Workspace;
use crate::{
    api, browser, cargo, corpus, deny, examples, fuzz, generate, mutate, recipes, services,
    workflows,
};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// The steps, cheap ones first where order is free.
pub(crate) const STEPS: [Step; 15] = [
    Step { name: "fmt", asks: "is the code formatted?", run: cargo::fmt },
    Step { name: "clippy", asks: "is it free of warnings?", run: cargo::clippy },
    Step { name: "docs", asks: "does its documentation build without warnings?", run: cargo::docs },
    Step {
        name: "services",
        asks: "are PostgreSQL, PgBouncer and Deno here, or can they be fetched?",
        run: services::run,
    },
    Step { name: "test", asks: "do unit and integration tests pass?", run: cargo::test },
    Step { name: "corpus", asks: "are real verdicts reproduced?", run: corpus::step },
    Step { name: "generated", asks: "are generated files up to date?", run: generate::check },
    Step {
        name: "workflows",
        asks: "do the workflows follow their templates, and do linters find nothing?",
        run: workflows::check,
    },
    Step {
        name: "examples",
        asks: "do the examples pass, and their forgeries not?",
        run: examples::run,
    },
    Step {
        name: "recipes",
        asks: "does docs/validation.md say what its commands do?",
        run: recipes::check,
    },
    Step {
        name: "api",
        asks: "does the server keep what docs/openapi.json promises?",
        run: api::check,
    },
    Step {
        name: "browser",
        asks: "does the dashboard work in a real browser?",
        run: browser::check,
    },
    Step { name: "fuzz", asks: "do fuzz targets build and replay their seeds?", run: fuzz::run },
    Step { name: "mutate", asks: "is a slice of all mutants refused?", run: mutate::step },
    Step { name: "deny", asks: "may the dependencies be used?", run: deny::run },
];

/// What no step can ask on any machine without accounts.
const NEVER_CHECKED: [&str; 2] = ["live GitHub", "live Supabase"];

/// The steps of these names in the order of the table; all when none is named.
///
/// # Errors
/// The names that are no step.
pub(crate) fn select(names: &[&str]) -> Result<Vec<&'static Step>, String> {
    let is_step = |name: &&&str| STEPS.iter().any(|step| step.name == **name);
    if let Some(unknown) = names.iter().find(|name| !is_step(name)) {
        return Err(format!("{unknown:?} is no step of test"));
    }
    let wanted = |step: &&Step| names.is_empty() || names.contains(&step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

/// Runs all steps, also after one that failed: one run tells everything that is to be mended. Then
/// prints the times and what was not checked.
///
/// # Errors
/// When a step failed; what it said was printed.
pub(crate) fn run(steps: &[&Step], workspace: &Workspace) -> Result<()> {
    let mut times = Vec::new();
    let mut unchecked: Vec<String> = NEVER_CHECKED.map(str::to_owned).to_vec();
    let mut failed = Vec::new();
    for step in steps {
        begin(&format!("{:<10} ", step.name));
        let start = Instant::now();
        let result = (step.run)(workspace);
        let time = start.elapsed();
        times.push((step.name, time));
        match result {
            Ok(report) => {
                say!("{:>8}  {}", seconds(time), report.line());
                unchecked.extend(labelled(step.name, report));
            }
            Err(error) => {
                say!("{:>8}  FAILED\n\n{error:#}\n", seconds(time));
                failed.push(step.name);
            }
        }
    }
    unchecked.extend(left_out(&times));
    summarise(&times, &unchecked);
    if failed.is_empty() {
        return Ok(());
    }
    let names = failed.join(" ");
    bail!("failed: {names}; run it alone with `cargo xtask test {names}`")
}

/// The steps that were not asked for.
fn left_out(times: &[(&str, Duration)]) -> Option<String> {
    let ran = |step: &&Step| times.iter().any(|(name, _)| *name == step.name);
    let names: Vec<&str> = STEPS.iter().filter(|step| !ran(step)).map(|step| step.name).collect();
    (!names.is_empty()).then(|| format!("the steps {}", names.join(", ")))
}

fn labelled(name: &str, report: Report) -> impl Iterator<Item = String> {
    report.unchecked.into_iter().map(move |what| format!("{name}: {what}"))
}

fn summarise(times: &[(&str, Duration)], unchecked: &[String]) {
    say!("\n{:<10} {:>8}", "step", "time");
    for (name, time) in times {
        say!("{name:<10} {:>8}", seconds(*time));
    }
    let total = times.iter().map(|(_, time)| *time).sum();
    say!("{:<10} {:>8}", "total", seconds(total));
    say!("\nNot checked here: {}", unchecked.join("; "));
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name_in_the_order_of_the_table() {
        let names = |asked: &[&str]| -> Vec<&str> {
            select(asked).expect("steps").iter().map(|step| step.name).collect()
        };
        assert_eq!(names(&["corpus", "fmt"]), ["fmt", "corpus"]);
        assert_eq!(names(&[]).len(), STEPS.len());
        for unknown in ["", "Fmt", "fmt ", "all"] {
            assert!(select(&["fmt", unknown]).is_err(), "{unknown:?}");
        }
    }

    const FINE: Step =
        Step { name: "fine", asks: "", run: |_| Ok(Report::checked("all").without("the rest")) };
    const BROKEN: Step = Step { name: "broken", asks: "", run: |_| bail!("it broke") };
    const ALSO: Step = Step { name: "also", asks: "", run: |_| bail!("it broke too") };

    #[test]
    fn every_step_runs_and_all_that_failed_are_named() {
        let workspace = Workspace::here();
        assert!(run(&[&FINE], &workspace).is_ok());
        let error = run(&[&BROKEN, &FINE, &ALSO], &workspace).expect_err("two failures");
        assert!(error.to_string().starts_with("failed: broken also; "), "{error}");
    }

    #[test]
    fn what_was_not_checked_is_said_in_the_step_s_own_line() {
        assert_eq!(Report::checked("").line(), "ok");
        assert_eq!(Report::checked("7 tests").line(), "ok  7 tests");
        assert_eq!(Report::not_checked("no folder").line(), "NOT RUN: no folder");
        let partly = Report::checked("bans").without("advisories");
        assert_eq!(partly.line(), "ok  bans; NOT CHECKED: advisories");
    }
}
