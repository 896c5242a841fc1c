//! What an audit costs, beside parsing the same files with serde-saphyr in the same run.

#![allow(missing_docs, reason = "the macros of criterion make undocumented functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use provost_workflow_audit::{Input, SourceFile, audit};
use std::hint::black_box;

/// Workflows of about 150 lines: checkouts, builds, dispatches, artifacts.
fn workflow(number: usize) -> String {
    let mut text = format!(
        "# purpose: Number {number}.\nname: w{number}\n\non:\n  push:\n    branches: [main]\n  workflow_dispatch:\n\n\
         permissions: {{}}\n\njobs:\n"
    );
    for job in 0..6 {
        text.push_str(&format!(
            "  job{job}:\n    runs-on: ubuntu-24.04\n    permissions:\n      contents: read\n      actions: write\n\
             \x20   steps:\n      - name: Check out\n        uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7\n\
             \x20       with:\n          persist-credentials: false\n      - name: Build\n        run: |\n          set -euo pipefail\n\
             \x20         for part in one two three; do\n            make \"$part\"\n          done\n      - name: Start the next\n\
             \x20       env:\n          GH_TOKEN: ${{{{ github.token }}}}\n        run: gh workflow run w{}.yml -f tag=\"$TAG\"\n",
            (number + 1) % 48
        ));
    }
    text
}

fn repository(files: usize) -> Input {
    let file = |number: usize| SourceFile {
        path: format!(".github/workflows/w{number}.yml"),
        bytes: workflow(number).into_bytes(),
    };
    Input { files: (0..files).map(file).collect(), actions: Vec::new() }
}

/// One file of 1 MiB, of several shapes.
fn large(shape: &str) -> Input {
    let mut text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n".to_owned();
    if shape == "script" {
        text.push_str("      - run: |\n");
    }
    while text.len() < (1 << 20) - 200 {
        text.push_str(match shape {
            "script" => "          gh workflow run a.yml -f tag=\"$TAG\" || echo \"no\"\n",
            "comments" => "# a comment of some length that nobody reads, one line of very many\n",
            _ => "      - name: a step of a very long job, with ${{ github.sha }} in its name\n        run: echo \"${{ github.sha }}\"\n",
        });
    }
    let file = SourceFile { path: ".github/workflows/a.yml".to_owned(), bytes: text.into_bytes() };
    Input { files: vec![file], actions: Vec::new() }
}

fn costs(criterion: &mut Criterion) {
    let small = repository(48);
    criterion.bench_function("parse 48 files with serde-saphyr", |bencher| {
        bencher.iter(|| {
            for file in &small.files {
                let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
                let value: Result<serde_json::Value, _> = serde_saphyr::from_str(text);
                let _ = black_box(value);
            }
        });
    });
    criterion.bench_function("audit 48 files", |bencher| bencher.iter(|| black_box(audit(&small))));
    let many = repository(1000);
    criterion
        .bench_function("audit 1000 files", |bencher| bencher.iter(|| black_box(audit(&many))));
    for shape in ["script", "comments", "steps"] {
        let input = large(shape);
        criterion.bench_function(&format!("audit 1 MiB of {shape}"), |bencher| {
            bencher.iter(|| black_box(audit(&input)));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).without_plots();
    targets = costs
}
criterion_main!(benches);
