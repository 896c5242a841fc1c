//! `gate --manifest`: releases that manifest entries name, judged again.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::{failed, outcomes};
use serde_json::Value;

#[test]
fn a_manifest_file_and_a_folder_of_manifests_are_gated_again() {
    for name in [NPM, LEVEL3] {
        let example = Example::copy(name);
        example.gate().run().expect(0);
        let files = example.files();
        let artifacts = example.entries()[0]["subjects"].as_array().unwrap().len();
        let manifest = format!("out/{}", example.manifest());
        for path in ["out", &manifest] {
            let report = example.gate().args(["--manifest", path]).report(0);
            assert_eq!(outcomes(&report), vec!["accepted"; artifacts]);
            let files_too = ["--manifest", path, "--artifacts", "artifacts"];
            let report = example.gate().args(files_too).report(0);
            assert_eq!(outcomes(&report), vec!["accepted"; artifacts]);
        }
        assert!(example.files() == files, "{name}: a repeat changed a file");
        assert_eq!(example.events().len(), 1);
    }
}

#[test]
fn the_bundle_that_the_entry_names_is_what_counts() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    let path = example.path("out/artifacts/slsa/v2.0.0/provenance-v2.0.0.json");
    let bundle = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, bundle.replacen("1692374735", "1692374736", 1)).unwrap();
    let report = example.gate().args(["--manifest", "out"]).report(10);
    assert_eq!(outcomes(&report), ["refused"]);
    assert_eq!(example.entries()[0]["decision"], "refused");
}

#[test]
fn the_digests_that_the_entry_keeps_are_what_counts() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    example.edit(format!("out/{}", example.manifest()), "\"46d4e2f7", "\"46d4e2f8");
    let report = example.gate().args(["--manifest", "out"]).report(10);
    assert_eq!(failed(&report)[0], "subject-digest");
}

#[test]
fn a_run_chooses_its_entries() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    example.gate().args(["--run", "1"]).run().expect(10);
    let of_run =
        |run: &str, code| example.gate().args(["--manifest", "out", "--run", run]).report(code);
    assert_eq!(outcomes(&of_run("5904696764", 0)), ["accepted"]);
    // The refused entry names no bundle, and no entry at all is of run 2.
    for run in ["1", "2"] {
        let report = of_run(run, 3);
        assert_eq!(report["error"]["code"], "nothing-to-check");
        assert_eq!(outcomes(&report), Vec::<&str>::new());
    }
}

#[test]
fn what_cannot_be_found_or_read_is_no_pass() {
    let example = Example::copy(NPM);
    let code = |arguments: [&str; 2], code| -> Value {
        example.gate().args(arguments).report(code)["error"]["code"].clone()
    };
    assert_eq!(code(["--manifest", "none.json"], 1), "unreadable");
    assert_eq!(code(["--manifest", "artifacts"], 3), "nothing-to-check");
    std::fs::write(example.path("manifest.json"), "[{").unwrap();
    assert_eq!(code(["--manifest", "manifest.json"], 1), "manifest");
    std::fs::write(example.path("manifest.json"), "[]\n").unwrap();
    assert_eq!(code(["--manifest", "manifest.json"], 3), "nothing-to-check");
    example.gate().args(["--manifest", "out", "--tag", "v1"]).run().expect(2);
}
