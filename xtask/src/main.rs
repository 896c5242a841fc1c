//! The chores of the project, one subcommand each.
//!
//! Reading order: [`mod@test`] (the table of steps), then a file a step. What a shell script would
//! otherwise do is done here, with the same cargo that started this program and without a shell.

mod api;
mod bench;
mod benchmarks;
mod browser;
mod campaign;
mod cargo;
mod checks_page;
mod corpus;
mod deny;
mod example;
mod examples;
mod fuzz;
mod generate;
mod mutate;
mod program;
mod recipes;
mod rules_page;
mod screen;
mod served;
mod services;
mod simulate;
mod step;
mod test;
mod workflows;
mod workspace;

use crate::screen::{complain, say};
use crate::workspace::Workspace;
use std::path::Path;
use std::process::ExitCode;

/// Exit code for a call that is none of those in the usage.
const BAD_ARGUMENTS: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::here();
    let done = match words.as_slice() {
        ["corpus", folder] => corpus::run(Path::new(folder)),
        ["bench", words @ ..] => match bench::Part::parse(words) {
            Some(parts) => bench::run(&workspace, parts),
            None => return refuse("bench takes `verification` or `audit`, or nothing for both"),
        },
        ["screens"] => browser::screens(&workspace),
        ["measure", ..] => {
            let command: Vec<_> = std::env::args_os().skip(2).collect();
            bench::measure_child(&command)
        }
        ["campaign", "push", words @ ..] => match campaign::push::Plan::parse(words) {
            Some(plan) => campaign::push::run(&workspace, &plan),
            None => return refuse("campaign push takes [--writers N] [--tags N], both from 1"),
        },
        ["campaign", "load", words @ ..] => match campaign::Choice::parse(words) {
            Some(choice) => campaign::load::run(&workspace, &choice),
            None => return refuse("campaign load takes [--short] [--program FILE]"),
        },
        ["campaign", "faults", words @ ..] => match campaign::Choice::parse(words) {
            Some(choice) => campaign::faults::run(&workspace, &choice),
            None => return refuse("campaign faults takes [--short] [--program FILE]"),
        },
        ["campaign", "dashboard", words @ ..] => match campaign::Choice::parse(words) {
            Some(choice) => campaign::dashboard::run(&workspace, &choice),
            None => return refuse("campaign dashboard takes [--short] [--program FILE]"),
        },
        ["generate"] => generate::write(&workspace),
        ["workflows"] => workflows::write(&workspace),
        ["recipes"] => recipes::run(&workspace),
        ["simulate", story, folder] => match simulate::Story::named(story) {
            Some(story) => simulate::run(&workspace, story, Path::new(folder)),
            None => return refuse("simulate takes `release` or `failure`, and a folder"),
        },
        ["mutate", words @ ..] => match mutate::Plan::parse(words) {
            Some(plan) => mutate::run(&workspace, &plan),
            None => return refuse("mutate takes [--slice N/M] [--bundle NAME]"),
        },
        ["test", names @ ..] => match test::select(names) {
            Ok(steps) => test::run(&steps, &workspace),
            Err(unknown) => return refuse(&unknown),
        },
        ["help" | "--help" | "-h"] => {
            say!("{}", usage());
            Ok(())
        }
        [] => return refuse("no chore is named"),
        [unknown, ..] => {
            return refuse(&format!("{unknown:?} is no chore, or lacks its arguments"));
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(problem: &str) -> ExitCode {
    complain!("error: {problem}\n\n{}", usage());
    ExitCode::from(BAD_ARGUMENTS)
}

fn usage() -> String {
    let mut text = "\
usage: cargo xtask CHORE

  test [STEP...]   run every step, or only those named, and say what was not checked
  corpus DIR       judge the real provenance in DIR and compare with the known verdicts
  generate         write the files that are generated from the code
  workflows        write this project's workflows from the templates
  recipes          do what docs/validation.md says and compare what comes of it
  simulate STORY DIR
                   run the workflows of a fresh repository against a fake GitHub and keep what comes
                   of it in DIR; STORY is `release` (it goes out) or `failure` (other bytes, Slack down)
  mutate           judge every mutant of good bundles; [--slice N/M] takes every Mth, beginning
                   with the Nth, [--bundle NAME] those of one bundle
  campaign push    many writers push to one bare repository and a fifth of them is killed;
                   [--writers N] (50) and [--tags N] in all (1000), minutes
  campaign load    ratios of ingestion to the database alone, and the server's memory, into
                   docs/benchmarks.md (minutes); [--short] tries it out and writes nothing,
                   [--program FILE] takes a program that was built before
  campaign faults  kills, crashes, full disks, jumping clocks, slow and excessive clients, into
                   docs/benchmarks.md (minutes); both flags as well
  campaign dashboard
                   the overview over a million events, into docs/benchmarks.md (minutes); both flags
  screens          take the pictures of docs/images with a browser, of made events
  bench [PART]     measure ratios in one run and write docs/benchmarks.md (minutes); PART is
                   `verification` or `audit`, without it both

steps of test:
"
    .to_owned();
    for step in &test::STEPS {
        text.push_str(&format!("  {:<16} {}\n", step.name, step.asks));
    }
    text.push_str(
        "
environment:
  PROVOST_CORPUS   folder of the corpus, instead of ../shared/corpus
  PROVOST_INSTALL  1: install a missing tool with cargo, which takes minutes",
    );
    text
}
