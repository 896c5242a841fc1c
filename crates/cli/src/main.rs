//! The program `provost`: arguments in, one exit code out.

mod args;
mod core_dump;
mod exit;
mod output;
mod screen;
mod sink;
mod verb;

use args::{Cli, Format, Verb};
use clap::Parser;
use exit::Exit;
use output::Output;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything is read that nobody else may see.
    core_dump::forbid();
    // A debug build lets a test put a panic into any check, to see that it never becomes a pass.
    if cfg!(debug_assertions)
        && let Ok(id) = std::env::var("PROVOST_TEST_PANIC_IN")
    {
        provost_verify::fault::arm(&id);
    }
    // The one place where a panic is caught: it is a fault of this program, and never a verdict.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| output::after_panic()).into()
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::after_bad_arguments(&error),
    };
    if cli.output.format == Some(Format::Sarif) && !cli.speaks_sarif() {
        return output::after_bad_arguments(&args::sarif_elsewhere());
    }
    let output = Output::new(&cli.output, cli.prints_provenance());
    let outcome = match cli.verb {
        None => verb::welcome::run(&output),
        Some(Verb::Verify(args)) => verb::verify::run(&args, &output),
        Some(Verb::Gate(args)) => verb::gate::run(&args, &output),
        Some(Verb::Dispatch(args)) => verb::dispatch::run(&args, &output),
        Some(Verb::Reconcile(args)) => verb::reconcile::run(&args, &output),
        Some(Verb::Recover(args)) => verb::recover::run(&args, &output),
        Some(Verb::Token(verb)) => verb::token::run(&verb, &output),
        Some(Verb::Notify(args)) => verb::notify::run(&args, &output),
        Some(Verb::Manifest(verb)) => verb::manifest::run(&verb, &output),
        Some(Verb::Ingest(args)) => verb::ingest::run(&args, &output),
        Some(Verb::Kpi(args)) => verb::kpi::run(&args, &output),
        Some(Verb::Store(verb)) => verb::store::run(&verb, &output),
        Some(Verb::Serve(args)) => verb::serve::run(&args, &output),
        Some(Verb::Init(args)) if args.ruleset => verb::ruleset::run(&args, &output),
        Some(Verb::Init(args)) => verb::init::run(&args, &output),
        Some(Verb::Workflows(verb)) => verb::workflows::run(&verb, &output),
        Some(Verb::Explain(args)) => verb::explain::run(&args, &output),
        Some(Verb::Completions { shell }) => verb::completions::run(shell, &output),
        Some(Verb::Man { folder }) => verb::man::run(&folder, &output),
    };
    // What could not be shown was not done: a full disk or a closed pipe is no success.
    outcome.unwrap_or_else(|error| output.after_write_failure(&error))
}

/// The format in force when none is asked for.
fn default_format() -> Format {
    match std::env::var("GITHUB_ACTIONS") {
        Ok(value) if value == "true" => Format::Github,
        _ => Format::Text,
    }
}
