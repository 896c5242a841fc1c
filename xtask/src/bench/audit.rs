//! The audit of workflows: many files beside parsing them alone, and single files of 1 MiB.

use super::child::sample;
use super::page::tables;
use super::sample::Spread;
use super::scenario::{Outcome, Reading, Scenario, words};
use super::workflows;
use crate::screen::say;
use anyhow::Result;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const FEW: usize = 48;
const MANY: usize = 1000;
/// Runs of every file of 1 MiB; the slowest counts.
const RUNS: usize = 5;
/// What a file of 1 MiB may take, in milliseconds, and the process in all, in MiB.
const LIMIT_MS: f64 = 100.0;
const LIMIT_MIB: f64 = 40.0;

/// A file of 1 MiB.
pub(super) struct Shape {
    name: &'static str,
    ms: Spread,
    mib: Spread,
}

/// The scenarios; their files are made in `folder`.
pub(super) fn all(root: &Path, folder: &Path) -> Result<Vec<Scenario>> {
    let (few, many) = (workflows::repository(folder, FEW)?, workflows::repository(folder, MANY)?);
    let mut parse = vec![root.join("target/release/examples/parse").into()];
    parse.push(few.clone().into());
    Ok(vec![
        Scenario {
            name: "48 workflows of 150 lines, whole process",
            ours: audit(root, &few),
            theirs: parse,
            reference: "a program that reads the same files and parses them with serde-saphyr",
            goal: "at most 4.00",
            runs: 31,
            reading: Reading::AtMost(4.0),
        },
        Scenario {
            name: "1,000 workflows of 150 lines, whole process",
            ours: audit(root, &many),
            theirs: audit(root, &few),
            reference: "the audit of 48 of them",
            goal: "at most 24.00; peak memory below 40 MiB",
            runs: 15,
            reading: Reading::AtMost(24.0),
        },
    ])
}

fn audit(root: &Path, folder: &Path) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec![root.join("target/release/provost").into()];
    command.extend(words(["workflows", "audit"]));
    command.push(folder.into());
    command
}

/// The same through a shell that takes findings (11) and a refusal (1) for an end as good as any.
fn judged(root: &Path, folder: &Path) -> Vec<OsString> {
    let script = "\"$@\"; case $? in 0|1|11) ;; *) exit 1 ;; esac";
    let mut command = words(["sh", "-c", script, "sh"]);
    command.extend(audit(root, folder));
    command
}

/// Measures every shape of 1 MiB.
pub(super) fn shapes(root: &Path, folder: &Path) -> Result<Vec<Shape>> {
    let mut measured = Vec::new();
    for (number, (name, text)) in workflows::shapes().into_iter().enumerate() {
        let place: PathBuf = workflows::single(folder, &format!("shape-{number}"), &text)?;
        let command = judged(root, &place);
        let mut samples = Vec::new();
        for run in 0..=RUNS {
            let sample = sample(&command)?;
            if run > 0 {
                samples.push(sample);
            }
        }
        let of = |figure: &dyn Fn(&super::sample::Sample) -> f64| {
            Spread::of(samples.iter().map(figure).collect())
        };
        let ms = of(&|sample| sample.nanoseconds as f64 / 1e6);
        let mib = of(&|sample| sample.peak_kib as f64 / 1024.0);
        say!("  1 MiB, {name}: {} ms, {} MiB", ms.show(1), mib.show(1));
        measured.push(Shape { name, ms, mib });
    }
    measured.sort_by(|a, b| b.ms.median.total_cmp(&a.ms.median));
    Ok(measured)
}

const HEAD: &str = "\
Whole processes, after one uncounted pair; the ratio is taken pair by pair.

";

/// The section of these results.
pub(super) fn page(results: &[Outcome], shapes: &[Shape]) -> String {
    let mut page = String::from(HEAD);
    page.push_str(&tables(results));
    let slowest = shapes.iter().map(|shape| shape.ms.median).fold(0.0, f64::max);
    let largest = shapes.iter().map(|shape| shape.mib.maximum).fold(0.0, f64::max);
    let met = |is_met: bool| if is_met { "met" } else { "missed" };
    let _ = writeln!(
        page,
        "\nOne file of 1 MiB, whole process, {RUNS} runs of each of {} shapes: the slowest takes \
         {slowest:.1} ms; goal below 100 ms, {}.\n\
         The shell that starts each of them is counted.\nLargest resident memory of any of them: \
         {largest:.1} MiB; goal below 40 MiB, {}.\n",
        shapes.len(),
        met(slowest < LIMIT_MS),
        met(largest < LIMIT_MIB),
    );
    page.push_str("| 1 MiB of | ms | peak MiB |\n| --- | --- | --- |\n");
    for shape in shapes {
        let _ = writeln!(page, "| {} | {} | {} |", shape.name, shape.ms.show(1), shape.mib.show(1));
    }
    page
}
