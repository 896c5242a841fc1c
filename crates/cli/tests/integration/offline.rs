//! `verify` and `gate` need no network and open no connection.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::Provost;
use std::process::{Command, Stdio};

/// Whether this machine permits a program to be run so.
fn permits(words: &[&str]) -> bool {
    let status = Command::new(words[0])
        .args(&words[1..])
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn calls(example: &str, artifact: &str, bundle: &str) -> (Example, Vec<Vec<String>>) {
    let example = Example::copy(example);
    let gate = ["gate", "--config", "provost.toml"];
    let verify = ["verify", artifact, "--bundle", bundle, "--config", "provost.toml"];
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    (example, vec![owned(&gate), owned(&verify)])
}

fn all_calls() -> [(Example, Vec<Vec<String>>); 2] {
    [
        calls(NPM, "artifacts/sigstore-2.0.0.tgz", "provenance.sigstore.json"),
        calls(LEVEL3, "artifacts/app-linux-amd64.txt", "attestation.sigstore.json"),
    ]
}

#[test]
fn both_work_without_a_network() {
    let wrappers: [&[&str]; 2] = [&["unshare", "-rn"], &["unshare", "-n"]];
    let Some(wrapper) = wrappers.into_iter().find(|wrapper| permits(wrapper)) else {
        eprintln!("SKIPPED: no network namespace can be made here (unshare -rn, unshare -n)");
        return;
    };
    for (example, calls) in all_calls() {
        for call in calls {
            let output = Provost::under(wrapper, &call).cwd(&example.root()).run().expect(0);
            assert!(output.stdout.starts_with("accepted  "), "{}", output.stdout);
        }
    }
}

#[test]
fn neither_opens_a_socket() {
    if !permits(&["strace", "-f", "-e", "trace=network"]) {
        eprintln!("SKIPPED: system calls cannot be traced here (strace)");
        return;
    }
    for (example, calls) in all_calls() {
        for call in calls {
            let wrapper = ["strace", "-f", "-o", "trace", "-e", "trace=%network,execve"];
            Provost::under(&wrapper, &call).cwd(&example.root()).run().expect(0);
            let trace = std::fs::read_to_string(example.path("trace")).unwrap();
            assert!(trace.contains("execve("), "the trace holds what happened: {trace}");
            for line in trace.lines() {
                let opens = ["socket(", "connect(", "sendto(", "bind("];
                let is_network = opens.iter().any(|name| line.contains(name));
                assert!(!is_network || line.contains("AF_UNIX"), "{call:?}: {line}");
            }
            std::fs::remove_file(example.path("trace")).unwrap();
        }
    }
}
