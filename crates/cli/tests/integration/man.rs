//! Completions and manual pages.

use crate::program::{Provost, VERBS};
use std::process::{Command, Stdio};

fn completions(shell: &str) -> String {
    Provost::new(["completions", shell]).run().expect(0).stdout
}

#[test]
fn completions_name_every_verb() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = completions(shell);
        for word in VERBS.into_iter().chain(["source-uri", "min-level", "manifest", "lint"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    Provost::new(["completions", "cmd"]).run().expect(2);
}

#[test]
fn the_shells_that_are_here_can_read_their_script() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let path = folder.path().join(shell);
        std::fs::write(&path, completions(shell)).unwrap();
        let status = Command::new(shell).arg("-n").arg(&path).stdin(Stdio::null()).status();
        match status {
            Ok(status) => assert!(status.success(), "{shell}"),
            Err(_) => eprintln!("SKIPPED: {shell} is not installed"),
        }
    }
}

#[test]
fn every_verb_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    Provost::new(["man"]).arg(folder.path()).run().expect(0);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("provost.1").contains(".TH provost 1"));
    for verb in VERBS {
        let text = page(&format!("provost-{verb}.1"));
        assert!(text.contains(&format!(".TH provost-{verb} 1")), "{verb}");
        assert!(text.contains(".SH SYNOPSIS"), "{verb}");
    }
    assert!(page("provost-gate.1").contains("bundle"));
    assert!(page("provost-manifest-lint.1").contains(".SH NAME"));
    Provost::new(["man"]).arg(folder.path().join("none")).run().expect(1);
}
