//! The screens, word for word. `PROVOST_UPDATE_SCREENS=1` writes them anew, to be read before they
//! are kept.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::{EXECUTABLE, Output, Provost, VERBS};
use std::path::Path;

/// The text must be the one in `screens/NAME.txt`, days and event ids apart.
#[track_caller]
pub(crate) fn is_screen(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/integration/screens")
        .join(format!("{name}.txt"));
    let shown = masked(text);
    if std::env::var_os("PROVOST_UPDATE_SCREENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &shown).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(shown, kept, "{name}:\n{shown}");
    assert!(!shown.contains('\u{1b}'), "{name}: colour where no terminal is");
}

/// What differs from call to call, in as many columns.
fn masked(text: &str) -> String {
    let now = jiff::Timestamp::now();
    let mut text = text.to_owned();
    // A call may run over midnight.
    for day in [now, now - jiff::SignedDuration::from_hours(24)] {
        text = text.replace(&day.strftime("%Y-%m-%d").to_string(), "YYYY-MM-DD");
    }
    let words: Vec<String> = text.split(' ').map(masked_word).collect();
    words.join(" ")
}

fn masked_word(word: &str) -> String {
    let is_time = |text: &str| {
        let shape: String =
            text.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
        shape == "00:00"
    };
    if is_time(word) {
        return "HH:MM".to_owned();
    }
    let (id, rest) = word.split_at_checked(36).unwrap_or(("", word));
    let is_id = id.char_indices().all(|(at, char)| match at {
        8 | 13 | 18 | 23 => char == '-',
        _ => char.is_ascii_hexdigit(),
    });
    if !id.is_empty() && is_id {
        return format!("01234567-89ab-7cde-8f01-23456789abcd{rest}");
    }
    word.to_owned()
}

/// Lines stay within what a terminal of 100 columns shows.
#[track_caller]
fn is_narrow(output: &Output) {
    for line in output.stdout.lines().chain(output.stderr.lines()) {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        assert_eq!(line, line.trim_end(), "blanks at the end of a line");
    }
}

#[test]
fn accepted() {
    let example = Example::copy(NPM);
    let output = example.gate().run().expect(0);
    is_narrow(&output);
    is_screen("accepted", &output.stdout);
    assert_eq!(output.stderr, "");
    let output = example.gate().run().expect(0);
    is_screen("accepted-again", &output.stdout);
    is_screen("accepted-verbose", &example.gate().arg("-v").run().expect(0).stdout);
    let output = Example::copy(LEVEL3).gate().run().expect(0);
    is_narrow(&output);
    is_screen("accepted-level-3", &output.stdout);
}

#[test]
fn refused_by_policy() {
    let example = Example::copy(NPM);
    let output = example.gate().args(["--tag", "v9.9.9"]).run().expect(10);
    is_narrow(&output);
    is_screen("refused", &output.stdout);
    assert_eq!(output.stderr, "");
    example.configure("[\"push\"]", "[\"release\"]");
    example.configure("repository_id = 495574555", "repository_id = 1");
    example.configure("[\"refs/heads/main\"]", "[\"refs/heads/release\"]");
    let all = ["--builder-id", "https://github.com/o/r/.github/workflows/b.yml", "--run", "1"];
    let output = example.gate().args(all).args(["--min-level", "3"]).run().expect(10);
    is_narrow(&output);
    is_screen("refused-all", &output.stdout);
}

#[test]
fn refused_by_signature() {
    let example = Example::copy(NPM);
    example.edit_bundle(|bundle| {
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
        bundle["dsseEnvelope"]["payload"] = payload.replacen('Q', "R", 1).into();
    });
    let output = example.gate().run().expect(10);
    is_narrow(&output);
    is_screen("refused-signature", &output.stdout);
    for unproven in ["sigstore-js", "push", "refs/heads/main", "5904696764"] {
        let (decision, _) = output.stdout.split_once("recorded").unwrap();
        assert!(!decision.contains(unproven), "{unproven} is nobody's word:\n{decision}");
    }
}

#[test]
fn could_not_check() {
    let example = Example::copy(NPM);
    std::fs::remove_file(example.bundle()).unwrap();
    let output = example.gate().run().expect(1);
    assert_eq!(output.stdout, "");
    is_screen("could-not-check", &output.stderr);
    let output = example.provost(["verify", "artifacts/sigstore-2.0.0.tgz"]).run().expect(2);
    assert_eq!(output.stdout, "");
    is_screen("bad-arguments", &output.stderr);
}

#[test]
fn figures() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    example.gate().args(["--tag", "v9.9.9"]).run().expect(10);
    let output = example.provost(["kpi", "--config", "provost.toml"]).run().expect(0);
    is_narrow(&output);
    // The order of two events of one second is the order of their ids.
    is_screen("kpi", &output.stdout);
}

#[test]
fn words_of_help() {
    let provost = |arguments: &[&str]| Provost::new(arguments).run().expect(0);
    let output = provost(&[]);
    is_narrow(&output);
    is_screen("welcome", &output.stdout);
    is_screen("explain", &provost(&["explain", "source-ref"]).stdout);
    is_screen("explain-all", &provost(&["explain"]).stdout);
    for verb in VERBS {
        let output = provost(&[verb, "--help"]);
        for line in output.stdout.lines() {
            assert!(line.chars().count() <= 100, "{verb}: {line}");
        }
        is_screen(&format!("help-{verb}"), &output.stdout);
    }
    assert_eq!(provost(&["--version"]).stdout, format!("provost {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colour_is_for_terminals_and_never_against_no_color() {
    let example = Example::copy(NPM);
    let colours = |provost: Provost| {
        let output = provost.run().expect(0);
        output.stdout.contains('\u{1b}')
    };
    assert!(!colours(example.gate()));
    assert!(!colours(example.gate().env("NO_COLOR", "1")));
    assert!(colours(example.gate().env("CLICOLOR_FORCE", "1")));
    assert!(!colours(example.gate().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    let json = example.gate().env("CLICOLOR_FORCE", "1").report(0);
    assert_eq!(json["decisions"][0]["outcome"], "accepted");
    // The same words, with and without colour.
    let coloured = example.gate().env("CLICOLOR_FORCE", "1").run().stdout;
    assert_eq!(without_colour(&coloured), example.gate().run().stdout);
    assert!(Path::new(EXECUTABLE).is_file());
}

fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn quiet_shows_the_result_and_nothing_else() {
    let example = Example::copy(NPM);
    let verify = |quiet: &[&str]| {
        let artifact = "artifacts/sigstore-2.0.0.tgz";
        let provost = example.provost(["verify", artifact, "--bundle", "provenance.sigstore.json"]);
        provost.args(["--source-uri", "github.com/sigstore/sigstore-js"]).args(quiet).run()
    };
    let loud = verify(&[]).expect(10);
    assert!(loud.stderr.starts_with("note: no builder is named"), "{}", loud.stderr);
    let quiet = verify(&["-q"]).expect(10);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (loud.stdout, ""));
    // An error is a result.
    let output = example.provost(["verify", "x", "-q"]).run().expect(2);
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../../../../README.md").replace("2026-11-23", "YYYY-MM-DD");
    let example = Example::copy(NPM);
    for flags in [&[][..], &["--tag", "v9.9.9"]] {
        let mut command =
            "$ provost gate --config examples/sigstore-js-2.0.0/provost.toml".to_owned();
        for flag in flags {
            command = format!("{command} {flag}");
        }
        let shown = readme.split_once(&format!("{command}\n")).expect(&command).1;
        let shown = shown.split_once("```").unwrap().0;
        let printed = example.gate().args(flags).run().stdout;
        assert_eq!(masked(shown), masked(&printed), "{command}");
    }
}
