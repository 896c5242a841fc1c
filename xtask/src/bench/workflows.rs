//! Workflows to measure the audit with: repositories of many files, and single files of 1 MiB.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

const CHECKOUT: &str = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7";

/// Makes a repository of workflows of about 150 lines.
pub(super) fn repository(folder: &Path, files: usize) -> io::Result<PathBuf> {
    let root = folder.join(format!("{files}-files"));
    for number in 0..files {
        put(&root, &format!("w{number}.yml"), &workflow(number, files))?;
    }
    Ok(root)
}

/// Makes a repository of one file.
pub(super) fn single(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let root = folder.join(name);
    put(&root, "a.yml", text)?;
    Ok(root)
}

fn put(root: &Path, name: &str, text: &str) -> io::Result<()> {
    let folder = root.join(".github/workflows");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), text)?;
    Ok(())
}

/// Checkouts, builds, scripts, artifacts, and a dispatch of the next file.
fn workflow(number: usize, files: usize) -> String {
    let mut text = format!(
        "# purpose: Number {number}.\nname: w{number}\n\non:\n  push:\n    branches: [main]\n  \
         workflow_dispatch:\n    inputs:\n      tag:\n        required: true\n\npermissions: {{}}\n\njobs:\n"
    );
    for job in 0..4 {
        let _ = write!(
            text,
            "  job{job}:\n    name: Job {job}\n    runs-on: ubuntu-24.04\n    permissions:\n      \
             contents: read\n      actions: write\n    strategy:\n      matrix:\n        \
             version: [1, 2, 3]\n    steps:\n      - name: Check out\n        uses: {CHECKOUT}\n        \
             with:\n          persist-credentials: false\n      - name: Build\n        run: |\n          \
             set -euo pipefail\n          for part in one two three; do\n            \
             make \"$part\" VERSION=${{{{ matrix.version }}}}\n          done\n      - name: Keep\n        \
             uses: actions/upload-artifact@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7\n        \
             with:\n          name: dist-{job}-${{{{ matrix.version }}}}\n      - name: Start the next\n        \
             env:\n          GH_TOKEN: ${{{{ github.token }}}}\n        \
             run: gh workflow run w{}.yml -f tag=\"$TAG\"\n",
            (number + 1) % files
        );
    }
    text
}

/// Bytes of a file that is as long as a file may be.
const LENGTH: usize = (1 << 20) - 8;

/// Files of 1 MiB, each dense in another way.
pub(super) fn shapes() -> Vec<(&'static str, String)> {
    let job = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n";
    let fill = |head: &str, line: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        for number in 0.. {
            let line = line(number);
            if text.len() + line.len() > LENGTH {
                break;
            }
            text.push_str(&line);
        }
        text
    };
    let flow = |head: &str, item: &dyn Fn(usize) -> String, tail: &str| {
        fill(head, item).trim_end_matches([',', ' ']).to_owned() + tail
    };
    let mut shapes = vec![
        (
            "one script",
            fill(&format!("{job}      - run: |\n"), &|n| {
                format!("          gh workflow run w{n}.yml -f tag=\"$TAG\" || echo \"no\"\n")
            }),
        ),
        ("a script of one line", {
            fill(&format!("{job}      - run: gh a"), &|n| format!(" && gh b{n} | c"))
        }),
        (
            "a script of nested substitutions",
            fill(&format!("{job}      - run: gh "), &|_| "$(gh ".to_owned()),
        ),
        ("steps with a script each", fill(job, &|_| "      - run: gh a\n".to_owned())),
        ("steps without a script that matters", fill(job, &|_| "      - run: b\n".to_owned())),
        ("steps with unknown actions", fill(job, &|n| format!("      - uses: a/b{n}@v1\n"))),
        (
            "steps with expressions",
            fill(job, &|_| "      - run: echo \"${{ github.head_ref }}\"\n".to_owned()),
        ),
        (
            "long expressions",
            fill(job, &|_| {
                let inner = "github.head_ref && ".repeat(1000);
                format!("      - run: echo ${{{{ {inner}x.y }}}}\n        if: {inner}x.y\n")
            }),
        ),
        (
            "deep expressions",
            fill(job, &|_| {
                let (open, close) = ("(".repeat(10_000), ")".repeat(10_000));
                format!("      - run: echo ${{{{ {open}a.b{close} }}}}\n")
            }),
        ),
        (
            "jobs",
            fill("on: push\njobs:\n", &|n| {
                format!("  j{n}:\n    runs-on: x\n    steps:\n      - run: make\n")
            }),
        ),
        ("jobs that need all jobs", {
            let all: Vec<String> = (0..480).map(|n| format!("j{n}")).collect();
            fill("on: push\njobs:\n", &|n| {
                let needs = all[..n.min(480)].join(", ");
                format!("  j{n}:\n    needs: [{needs}]\n    runs-on: x\n    steps: [run: make]\n")
            })
        }),
        (
            "jobs that call a workflow",
            fill("on: [push, workflow_call]\njobs:\n", &|n| {
                format!("  j{n}:\n    uses: ./.github/workflows/a.yml\n")
            }),
        ),
        ("keys", fill("on: push\nenv:\n", &|n| format!("  k{n}: x\n"))),
        ("env of a job with many steps", {
            let variable = |n: usize| format!("      K{n}: ${{{{ secrets.S }}}}\n");
            let head: String = (0..10_000).map(variable).collect();
            fill(
                &format!("on: push\njobs:\n  a:\n    runs-on: x\n    env:\n{head}    steps:\n"),
                &|_| "      - run: echo\n".to_owned(),
            )
        }),
        ("flow sequences", flow("on: push\njobs: [", &|_| "[],".to_owned(), "]\n")),
        ("scalars on one line", flow("on: push\njobs: [", &|_| "a,".to_owned(), "]\n")),
        (
            "letters beyond ASCII on one line",
            flow("on: push\njobs: [", &|_| "ä,".to_owned(), "]\n"),
        ),
        (
            "steps on one line beyond ASCII",
            flow(
                "on: push\njobs: {a: {runs-on: ä, steps: [",
                &|_| "{run: 'echo ${{ github.head_ref }}'},".to_owned(),
                "]}}\n",
            ),
        ),
        ("anchors", fill(job, &|n| format!("      - run: &a{n} gh a\n      - run: *a{n}\n"))),
        (
            "one anchor, many aliases",
            fill(&format!("{job}      - &s {{run: gh a}}\n"), &|_| "      - *s\n".to_owned()),
        ),
        ("an anchor that is large, with aliases", {
            let script = "gh a; ".repeat(4000);
            fill(&format!("{job}      - &s {{run: '{script}'}}\n"), &|_| "      - *s\n".to_owned())
        }),
        ("comments", fill("on: push\n", &|_| "# provost: ignore[silent-trigger] x\n".to_owned())),
        ("quotes and marks", fill("on: push\n", &|_| "# '\"'\"\n".to_owned())),
        (
            "matrix",
            fill(
                &format!(
                    "{job}      - run: echo ${{{{ matrix.k }}}}\n    strategy:\n      matrix:\n        k:\n"
                ),
                &|n| format!("          - ${{{{ github.head_ref }}}}{n}\n"),
            ),
        ),
        (
            "variables",
            fill(&format!("{job}      - run: |\n          gh $V\n"), &|n| {
                format!("          V{n}=$V{n}$V\n")
            }),
        ),
        ("triggers", fill("on:\n  push:\n    tags:\n", &|n| format!("      - v{n}\n"))),
        ("blanks", fill("on: push\njobs:", &|_| " ".to_owned())),
        ("line feeds", fill("on: push\njobs:", &|_| "\n".to_owned())),
        ("brackets", fill("on: ", &|_| "[".to_owned())),
    ];
    shapes.push((
        "JavaScript",
        fill(
            &format!(
                "{job}      - uses: actions/github-script@v8\n        with:\n          script: |\n"
            ),
            &|_| {
                "            github.rest.actions.createWorkflowDispatch({workflow_id: 'a.yml'})\n"
                    .to_owned()
            },
        ),
    ));
    shapes.extend(at_the_limits(job));
    shapes
}

/// As much of everything as is still read, and comments up to 1 MiB.
fn at_the_limits(job: &str) -> Vec<(&'static str, String)> {
    let full = |text: String| {
        let mut text = text;
        while text.len() + 80 < LENGTH {
            text.push_str("# a comment of some length that nobody reads, one line of very many\n");
        }
        text
    };
    let lines = |head: &str, count: usize, line: &dyn Fn(usize) -> String| {
        full(head.to_owned() + &(0..count).map(line).collect::<String>())
    };
    let script = format!("{job}      - run: |\n");
    let token = "        env:\n          GH_TOKEN: ${{ github.token }}\n";
    vec![
        (
            "comments behind a script as long as is read",
            lines(&script, 2550, &|n| {
                format!("          gh workflow run w{n:04}.yml -f tag=\"$TAG\" || echo no\n")
            }),
        ),
        (
            "comments behind a script of substitutions",
            lines(&script, 8000, &|_| "          a=$(gh \"$a\")\n".to_owned()),
        ),
        (
            "comments behind as many steps as are read",
            lines(job, 2000, &|n| {
                format!("      - run: gh workflow run w{n}.yml || true\n{token}")
            }),
        ),
        (
            "comments behind 5,000 short steps",
            lines(job, 4990, &|_| "      - run: gh a || true\n".to_owned()),
        ),
        (
            "comments behind 500 jobs that dispatch",
            lines("on: push\njobs:\n", 499, &|n| {
                format!(
                    "  j{n}:\n    runs-on: x\n    steps:\n      - run: gh workflow run a.yml || true\n        env:\n          GH_TOKEN: ${{{{ secrets.DISPATCH_TOKEN }}}}\n"
                )
            }),
        ),
        (
            "comments behind as many expressions as are read",
            lines(job, 1900, &|_| {
                "      - run: echo \"${{ github.event.issue.title }}\"\n".to_owned()
            }),
        ),
        (
            "comments behind one expression as long as is read",
            lines(job, 3, &|_| {
                let inner = "a.b && ".repeat(2900);
                format!("      - run: echo ${{{{ {inner}github.head_ref }}}}\n")
            }),
        ),
        (
            "comments behind a matrix that scripts paste",
            lines(
                &format!(
                    "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        k:\n{}    steps:\n",
                    (0..4000)
                        .map(|n| format!("        - v{n}${{{{ matrix.k }}}}\n"))
                        .collect::<String>()
                ),
                20,
                &|_| format!("      - run: echo {}\n", "${{ matrix.k }}".repeat(60)),
            ),
        ),
        (
            "comments behind 500 jobs that call their own workflow",
            lines("on: [push, workflow_call]\njobs:\n", 499, &|n| {
                format!("  j{n}:\n    uses: ./.github/workflows/a.yml\n")
            }),
        ),
        (
            "comments behind variables in reach of steps",
            lines(
                &{
                    let variables: String =
                        (0..1000).map(|n| format!("  K{n}: ${{{{ secrets.S }}}}\n")).collect();
                    format!("on: push\nenv:\n{variables}jobs:\n  a:\n    runs-on: x\n    steps:\n")
                },
                60,
                &|_| "      - run: echo\n".to_owned(),
            ),
        ),
        (
            "comments behind JavaScript as long as is read",
            lines(
                &format!(
                    "{job}      - uses: actions/github-script@v8\n        with:\n          script: |\n"
                ),
                1700,
                &|_| {
                    "            github.rest.actions.createWorkflowDispatch({workflow_id: 'a.yml'})\n".to_owned()
                },
            ),
        ),
    ]
}
