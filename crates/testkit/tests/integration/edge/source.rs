//! The functions as text: formatted, linted, typed, and importing nothing that can change.

use super::world::{entry, functions, not_checked};
use provost_testkit::deno::Deno;
use std::path::Path;

#[test]
fn they_are_formatted_linted_and_typed() {
    let deno = match Deno::find() {
        Ok(deno) => deno,
        Err(why) => return not_checked(&why),
    };
    if let Err(why) = deno.fetch(&entry("telemetry")) {
        return not_checked(&why);
    }
    let all = functions();
    let (telemetry, validate) = (entry("telemetry"), entry("provenance-validate"));
    for (words, paths) in [
        (&["fmt", "--check", "--no-config"][..], &[all.as_path()][..]),
        (&["lint", "--no-config"], &[all.as_path()]),
        (&["check", "--no-config", "--cached-only"], &[telemetry.as_path(), validate.as_path()]),
    ] {
        let output = deno.command().args(words).args(paths).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "deno {words:?}: {said}");
    }
}

#[test]
fn they_import_exact_versions_of_packages_and_files_beside_them() {
    let mut count = 0;
    each_file(&functions(), &mut |path, text| {
        for from in text.split(" from \"").skip(1) {
            let module = from.split('"').next().unwrap();
            let is_pinned = module.strip_prefix("npm:").is_some_and(|package| {
                let (_, version) = package.rsplit_once('@').unwrap();
                version.split('.').count() == 3 && !version.contains(['^', '~', '*', 'x'])
            });
            assert!(is_pinned || module.starts_with('.'), "{}: {module}", path.display());
            count += 1;
        }
        assert!(!text.contains("import("), "{}", path.display());
    });
    assert!(count > 20, "{count}");
}

fn each_file(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => each_file(&path, look),
            false => look(&path, &std::fs::read_to_string(&path).unwrap()),
        }
    }
}
