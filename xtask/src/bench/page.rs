//! `docs/benchmarks.md`.

use super::scenario::Outcome;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "\
# Benchmarks

`cargo xtask bench` made this page: both sides run in turn on one machine, whole processes, after \
one uncounted pair.
What counts is the ratio, pair by pair, as median (minimum to maximum); single times move with the \
machine.
A missed goal is a figure here and never a failing test.
`cargo bench -p provost-control` (criterion) compares warm verification inside one process.
";

/// The page of these results.
pub(crate) fn render(results: &[Outcome], root: &Path) -> String {
    let mut page = String::from(HEAD);
    let _ = writeln!(page, "\nMachine: {}; load average at the end {}.\n", machine(), load());
    page.push_str("| what | reference | goal | runs | ratio | met |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for result in results {
        let Outcome { name, reference, goal, runs, .. } = result;
        let ratio = result.ratio.show(2);
        let met = if result.met { "yes" } else { "no" };
        let _ = writeln!(page, "| {name} | {reference} | {goal} | {runs} | {ratio} | {met} |");
    }
    page.push_str("\n| what | ours, ms | reference, ms | ours, peak MiB | reference, peak MiB |\n");
    page.push_str("| --- | --- | --- | --- | --- |\n");
    for result in results {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            result.name,
            result.ours_ms.show(2),
            result.theirs_ms.show(2),
            result.ours_mib.show(1),
            result.theirs_mib.show(1)
        );
    }
    page.push_str(&warm(root));
    page
}

/// The row of `cargo bench -p provost-control`, when it ran before on this machine.
fn warm(root: &Path) -> String {
    let median = |name: &str| -> Option<f64> {
        let folder = root.join("target/criterion/warm").join(name).join("new/estimates.json");
        let estimates: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder).ok()?).ok()?;
        Some(estimates["median"]["point_estimate"].as_f64()? / 1000.0)
    };
    let (Some(verdict), Some(library)) =
        (median("the whole verdict"), median("sigstore-verify alone"))
    else {
        return "\nWarm verification was not measured: run `cargo bench -p provost-control` first.\n"
            .to_owned();
    };
    format!(
        "\nWarm, inside one process, one bundle parsed and judged with all checks: median \
         {verdict:.0} us, `sigstore-verify` alone {library:.0} us, ratio {:.2}; goal at most 1.15.\n",
        verdict / library
    )
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    format!("{model}, {cores} cores, {}", std::env::consts::OS)
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
