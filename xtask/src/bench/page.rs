//! The tables of `docs/benchmarks.md`, and its section about verification.

use super::scenario::Outcome;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "\
Whole processes, after one uncounted pair; the ratio is taken pair by pair.
`cargo bench -p provost-control` (criterion) compares warm verification inside one process.

";

/// The section about verification.
pub(crate) fn verification(results: &[Outcome], root: &Path) -> String {
    let mut page = String::from(HEAD);
    page.push_str(&tables(results));
    page.push_str(&warm(root));
    page
}

/// Ratios with their goals, and the figures behind them.
pub(super) fn tables(results: &[Outcome]) -> String {
    let mut page = String::from("| what | reference | goal | runs | ratio | met |\n");
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
