//! Strings that others wrote never reach a screen, a log or a table as orders.

use crate::attested::{Attested, BYTES, SIGNED_AT, identity};
use crate::program::{Output, Provost};
use provost_testkit::{SigningRequest, SubjectName, statement};

/// Orders to a terminal, to a runner of GitHub Actions, and to a reader's eye.
const ORDERS: [&str; 7] = [
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://evil.example\u{7}link",
    "a\n::error::injected",
    "a\r\n::set-output name=x::y",
    "##[group]x",
    "\u{202e}gpj.exe",
    "\u{9b}31m\u{200b}",
];

#[track_caller]
fn is_inert(what: &str, output: &Output) {
    for text in [&output.stdout, &output.stderr] {
        for line in text.split('\n') {
            let odd = line
                .chars()
                .find(|char| char.is_control() || ['\u{202e}', '\u{200b}', '\u{7}'].contains(char));
            assert_eq!(odd, None, "{what}: {line:?}");
            let ours = ["::error title=", "::error file=", "::warning title=", "::notice title="];
            let is_command = line.trim_start().starts_with("::") || line.contains("##[");
            assert!(
                !is_command || ours.iter().any(|start| line.starts_with(start)),
                "{what}: {line:?}"
            );
        }
    }
}

const FORMATS: [&[&str]; 3] = [&[], &["-v"], &["--format", "github"]];

#[test]
fn names_of_artifacts() {
    let attested = Attested::new();
    for order in ORDERS {
        let name = order.replace('/', "_");
        attested.write(&name, BYTES);
        attested.write(&format!("x{name}"), "other");
        for format in FORMATS {
            is_inert(order, &attested.verify([&name]).args(format).run().expect(0));
            is_inert(order, &attested.verify([&format!("x{name}")]).args(format).run().expect(10));
            is_inert(order, &attested.verify([&format!("y{name}")]).args(format).run().expect(1));
        }
        let report = attested.verify([&name]).report(0);
        assert_eq!(report["decisions"][0]["subject"]["name"], name, "JSON keeps it whole");
    }
}

#[test]
fn names_of_subjects_and_claims_of_certificates() {
    for order in ORDERS {
        let mut identity = identity();
        let subjects =
            [statement::subject("app.txt", BYTES), statement::subject(order, b"another file")];
        let ascii: String = order.chars().filter(char::is_ascii).collect();
        identity.subject_names = vec![SubjectName::Uri(format!("https://x/{ascii}"))];
        let statement = statement::actions_attest(&identity, &subjects);
        let edited = identity.clone().with(9, order).with(14, order).with(20, order);
        for identity in [identity, edited] {
            let attested = Attested::request(&SigningRequest::new(&statement, identity, SIGNED_AT));
            for format in FORMATS {
                let output = attested.verify(["app.txt"]).args(format).run().expect(10);
                is_inert(order, &output);
            }
            attested.verify(["app.txt"]).report(10);
        }
    }
}

#[test]
fn bundles_that_hold_orders() {
    let attested = Attested::new();
    for order in ORDERS {
        let name = serde_json::Value::from(order).to_string();
        for text in [
            format!("{{\"mediaType\":{name},\"dsseEnvelope\":{{}}}}"),
            format!("{{{name}:1,{name}:2}}"),
            order.to_owned(),
        ] {
            attested.write("app.json", text);
            for format in FORMATS {
                let output = attested.verify(["app.txt"]).args(format).run();
                assert_ne!(output.code, Some(0));
                is_inert(order, &output);
            }
        }
    }
}

#[test]
fn arguments_and_configurations() {
    let attested = Attested::new();
    for order in ORDERS {
        for format in FORMATS {
            for arguments in [
                &["--source-tag", order][..],
                &["--source-digest", order],
                &["--builder-id", order],
                &["--min-level", order],
                &["--config", order],
                &["--trusted-root", order],
                &["--key", order],
                &["--bundle", order],
                &["--vsa-out", order],
                &[&format!("--min-level={order}")],
                &[&format!("--{order}")],
            ] {
                let output = attested.verify(["app.txt"]).args(arguments).args(format).run();
                is_inert(&format!("{arguments:?}"), &output);
            }
            for verb in [
                &["explain", order][..],
                &[order],
                &["gate", "--config", order],
                &["gate", "--run", order],
                &["ingest", order],
                &["notify", "--run=1", "--reason=x", "--tag", order],
                &["notify", "--tag=v1", "--reason=x", "--run", order],
                &["notify", "--tag=v1", "--run=1", "--root=none", "--reason", order],
                &["notify", "--tag=v1", "--run=1", "--reason=x", "--release-url", order],
                &["notify", "--tag=v1", "--run=1", "--recovered", "--root", order],
                &["kpi", "--since", order],
                &["kpi", "--store", order],
                &["manifest", "show", "--root", order],
                &["manifest", "lint", order],
                &["manifest", "add", "--run=1", "--status=success", "--tag", order],
                &["man", order],
            ] {
                let output = Provost::new(verb).args(format).cwd(attested.root()).run();
                is_inert(&format!("{verb:?}"), &output);
            }
        }
        let value = serde_json::Value::from(order).to_string();
        attested.write("provost.toml", format!("[source]\nrepository = {value}\n[x]\n"));
        for format in FORMATS {
            let gate = Provost::new(["gate"]).args(format).cwd(attested.root());
            is_inert(order, &gate.run().expect(2));
        }
    }
}
