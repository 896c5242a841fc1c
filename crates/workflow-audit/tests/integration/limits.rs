//! What holds too much is not read, and that is told with its place; what multiplies is followed
//! as far as a budget goes.

use crate::repository::{one, several};
use provost_workflow_audit::{FileVerdict, audit};

const HEAD: &str = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n";

/// Line and reason of a file that is not read; `None` for one that is.
fn refused(text: &str) -> Option<(usize, String)> {
    let audit = audit(&one("a.yml", text));
    match &audit.files[0].verdict {
        FileVerdict::TooLarge { place, reason } => {
            assert!(audit.findings.is_empty(), "{:?}", audit.findings);
            Some((place.line, reason.clone()))
        }
        FileVerdict::Parsed => None,
        FileVerdict::Unparseable => panic!("{:?}", audit.findings),
    }
}

fn steps(count: usize, step: &str) -> String {
    HEAD.to_owned() + &step.repeat(count)
}

#[test]
fn a_file_that_holds_too_much_is_refused_where_it_does() {
    let script = "      - run: |\n          ".to_owned() + &"gh a; ".repeat(4000) + "\n";
    let calls = |count: usize| {
        let call = |n| format!("  j{n}:\n    uses: ./.github/workflows/b.yml\n");
        "on: push\njobs:\n".to_owned() + &(0..count).map(call).collect::<String>()
    };
    let list = |count: usize| format!("on: push\nenv: {{A: [{}]}}\n", "x,".repeat(count));
    let cases = [
        ("steps", steps(5000, "      - run: b\n"), steps(5001, "      - run: b\n"), 5006),
        ("bytes of scripts", steps(5, &script), steps(6, &script), 17),
        ("jobs", calls(500), calls(501), 1003),
        (
            "bytes of expressions",
            steps(3, &format!("      - run: echo ${{{{ {}x }}}}\n", "a.b && ".repeat(2900))),
            steps(4, &format!("      - run: echo ${{{{ {}x }}}}\n", "a.b && ".repeat(2900))),
            9,
        ),
    ];
    for (what, fits, too_much, line) in cases {
        assert_eq!(refused(&fits), None, "{what}");
        let (at, reason) = refused(&too_much).unwrap_or_else(|| panic!("{what} is read"));
        assert_eq!(at, line, "{what}: {reason}");
        assert!(reason.contains(what) && reason.contains("not read"), "{reason}");
    }
    assert!(refused(&list(100_000)).is_some_and(|(line, why)| line == 2 && why.contains("values")));
    let long = format!("{HEAD}      - run: b\n#{}\n", "x".repeat(1 << 20));
    assert!(refused(&long).is_some_and(|(line, reason)| line == 1 && reason.contains("bytes")));
}

#[test]
fn a_file_that_is_not_read_hides_no_other() {
    let large = steps(5001, "      - run: b\n");
    let caller = "on: push\njobs:\n  c:\n    uses: ./.github/workflows/a.yml\n  d:\n    runs-on: x\n    permissions: {}\n    steps:\n      - run: gh workflow run a.yml\n        env:\n          GH_TOKEN: ${{ github.token }}\n";
    let audit = audit(&several(&[
        (".github/workflows/a.yml", &large),
        (".github/workflows/b.yml", caller),
    ]));
    let found: Vec<&str> = audit.findings.iter().map(|finding| finding.rule).collect();
    assert!(found.contains(&"missing-permission"), "{found:?}");
    // Nothing is said of what is not known.
    assert!(!found.contains(&"dangling-reference"), "{found:?}");
    assert!(!found.contains(&"unparseable-workflow"), "{found:?}");
}

/// Values that hold themselves or each other, and actions that use actions.
#[test]
fn what_multiplies_is_followed_as_far_as_a_budget_goes() {
    let values: String =
        (0..90).map(|n| format!("          - v{n}${{{{ matrix.k }}}}\n")).collect();
    let word = "${{ matrix.k }}".repeat(40);
    let matrix = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        k:\n{values}    steps:\n      - run: gh workflow run {word}\n"
    );
    assert_eq!(refused(&matrix), None);

    let uses = |name: &str| format!("    - uses: ./{name}\n").repeat(60);
    let action = |steps: &str| format!("runs:\n  using: composite\n  steps:\n{steps}");
    let mut files = vec![(".github/workflows/a.yml".to_owned(), steps(60, "      - uses: ./a0\n"))];
    for level in 0..8 {
        let steps = uses(&format!("a{}", level + 1));
        files.push((format!("a{level}/action.yml"), action(&steps)));
    }
    files.push(("a8/action.yml".to_owned(), action("    - run: gh a\n      shell: bash\n")));
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let audit = audit(&several(&files));
    let unknown = &audit.jobs[0].undetermined;
    assert!(unknown.iter().any(|what| what.contains("10000 that are followed")), "{unknown:?}");

    let calls = |name: &str| {
        let call = |n| format!("  j{n}:\n    uses: ./.github/workflows/{name}.yml\n");
        "on: workflow_call\njobs:\n".to_owned() + &(0..90).map(call).collect::<String>()
    };
    let levels: Vec<(String, String)> = (0..9)
        .map(|level| {
            let next = calls(&format!("w{}", (level + 1) % 9));
            (format!(".github/workflows/w{level}.yml"), next)
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        levels.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let root = calls("w0").replace("workflow_call", "{workflow_run: {workflows: [w0]}}");
    files.push((".github/workflows/root.yml", &root));
    let leaf = "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          git push\n          gh run download 1 -n a\n";
    files[8].1 = leaf;
    assert_eq!(provost_workflow_audit::audit(&several(&files)).jobs.len(), 9 * 90 + 1);
}
