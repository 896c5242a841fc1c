//! The files for Supabase: migrations, a view, a query and the Edge functions, as this program has
//! them.

use super::file::{self, Target};
use super::function_patch;
use super::{InitError, InitRequest, Rendered};
use std::path::Path;

/// A file of `supabase/` by its path in the repository.
macro_rules! supabase_files {
    ($($path:literal),+ $(,)?) => {
        [$((
            concat!("supabase/", $path),
            include_str!(concat!("../../../../supabase/", $path)),
        )),+]
    };
}

/// Every file that is written, migrations first and in their order.
const FILES: [(&str, &str); 19] = supabase_files![
    "migrations/20260201_provenance_audit.sql",
    "migrations/20260215_provenance_seal.sql",
    "migrations/20260301_provenance_service.sql",
    "migrations/20260401_provenance_bounds.sql",
    "migrations/20260501_provenance_dashboard.sql",
    "views/provenance_kpi.sql",
    "queries/provenance_kpi.sql",
    "functions/_shared/provost/body.ts",
    "functions/_shared/provost/database.ts",
    "functions/_shared/provost/docs_bucket.ts",
    "functions/_shared/provost/event_key.ts",
    "functions/_shared/provost/identity.ts",
    "functions/_shared/provost/keys.ts",
    "functions/_shared/provost/refusal.ts",
    "functions/_shared/provost/serve.ts",
    "functions/_shared/provost/settings.ts",
    "functions/_shared/provost/telemetry.ts",
    "functions/provenance-validate/index.ts",
    "functions/telemetry/index.ts",
];

const MIGRATIONS: &str = "supabase/migrations";
const TELEMETRY: &str = "supabase/functions/telemetry/index.ts";
const CONFIG: &str = "supabase/config.toml";

/// Looks at every place. Nothing of the repository's own is renumbered, and a function
/// `telemetry` that it has is patched when that is asked for.
pub(super) fn targets(request: &InitRequest, root: &Path) -> Result<Vec<Target>, InitError> {
    let theirs = migrations(root)?;
    FILES.iter().map(|(path, text)| target(request, root, (path, text), &theirs)).collect()
}

fn target(
    request: &InitRequest,
    root: &Path,
    (path, text): (&str, &str),
    migrations: &[String],
) -> Result<Target, InitError> {
    if let Some(other) = twin(path, migrations) {
        let reason = format!(
            "{MIGRATIONS}/{other} has the same number, which Supabase knows a migration by: \
             rename that one, unless it was applied already"
        );
        return Ok(Target::refused(root, path, reason));
    }
    if let (TELEMETRY, true, Some(there)) = (path, request.patch, file::read(root, path)?)
        && there != text.as_bytes()
    {
        let patched = function_patch::apply(&there);
        return Ok(Target::patched(root, path, there, patched));
    }
    Target::look_at(root, Rendered { path: path.to_owned(), text: text.to_owned() })
}

/// The migrations of the repository, by their file names, sorted.
fn migrations(root: &Path) -> Result<Vec<String>, InitError> {
    let folder = root.join(MIGRATIONS);
    let listed = match std::fs::read_dir(&folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(file::io("list", &folder, source)),
    };
    let mut names = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|source| file::io("list", &folder, source))?;
        names.extend(entry.file_name().into_string().ok().filter(|name| name.ends_with(".sql")));
    }
    names.sort();
    Ok(names)
}

/// Another migration with the number of this one.
fn twin<'a>(path: &str, migrations: &'a [String]) -> Option<&'a str> {
    let name = path.strip_prefix(MIGRATIONS)?.strip_prefix('/')?;
    let is_twin = |other: &&String| *other != name && number(other) == number(name);
    migrations.iter().find(is_twin).map(String::as_str)
}

/// What stands before the first `_`.
fn number(name: &str) -> &str {
    name.split_once('_').map_or(name, |(number, _)| number)
}

/// What is left for a person to do.
pub(super) fn notes(root: &Path) -> Result<Vec<String>, InitError> {
    let mut notes = Vec::new();
    let config = file::read(root, CONFIG)?.unwrap_or_default();
    let config = String::from_utf8_lossy(&config);
    let is_open = |function: &str| {
        let section = config.split(&format!("[functions.{function}]")).nth(1);
        let section = section.and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        section.lines().any(|line| line.replace(' ', "").starts_with("verify_jwt=false"))
    };
    if !["telemetry", "provenance-validate"].into_iter().all(is_open) {
        notes.push(format!(
            "{CONFIG} must say `verify_jwt = false` under [functions.telemetry] and \
             [functions.provenance-validate]: their callers have tokens of GitHub's, which the \
             functions check themselves"
        ));
    }
    let ours = |name: &String| FILES.iter().any(|(path, _)| path.ends_with(&format!("/{name}")));
    let (mine, theirs): (Vec<String>, Vec<String>) = migrations(root)?.into_iter().partition(ours);
    let first = FILES[0].0.rsplit('/').next().unwrap_or_default();
    let first = mine.first().map_or(first, String::as_str);
    if theirs.iter().any(|name| number(name) > number(first)) {
        notes.push(
            "the repository has migrations with later numbers: where they were pushed already, \
             `supabase db push` needs --include-all"
                .to_owned(),
        );
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Every file below a folder, relative to `supabase/`'s parent.
    fn files_below(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => files_below(&path, root, found),
                false => {
                    let path = path.strip_prefix(root).expect("below the root");
                    found.push(path.to_str().expect("text").to_owned());
                }
            }
        }
    }

    #[test]
    fn every_file_of_supabase_is_written() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut there = Vec::new();
        files_below(&root.join("supabase"), &root, &mut there);
        there.sort();
        let mut written: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        written.sort_unstable();
        assert_eq!(there, written);
    }

    #[test]
    fn a_migration_is_known_by_its_number() {
        let there = ["20260201_own.sql", "20260201_provenance_audit.sql", "2026021_x.sql"];
        let there = there.map(str::to_owned);
        let twin = |path: &str| twin(path, &there).map(str::to_owned);
        assert_eq!(
            twin("supabase/migrations/20260201_provenance_audit.sql").as_deref(),
            Some("20260201_own.sql")
        );
        assert_eq!(twin("supabase/migrations/20260215_provenance_seal.sql"), None);
        assert_eq!(twin("supabase/queries/20260201_x.sql"), None);
    }
}
