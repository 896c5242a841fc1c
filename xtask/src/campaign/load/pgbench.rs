//! `pgbench`, which sends one statement as often as it can.

use super::http::Run;
use super::singles::CONNECTIONS;
use anyhow::{Context, Result, bail};
use provost_testkit::load::{Place, Stage};
use provost_testkit::postgres::{PASSWORD, program};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The table of [`Script::Copy`].
const COPY: &str = "load_copy";

/// Makes the table of [`Script::Copy`].
pub(super) fn make_copy(stage: &Stage) -> Result<()> {
    let Place::Postgres(database) = stage.place() else { bail!("no PostgreSQL") };
    let make = format!("create table {COPY} (like provenance_audit_log including all)");
    database.owner().execute(&make)?;
    Ok(())
}

/// What it sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    /// One row, as plainly as it can be written.
    Insert,
    /// The same into a copy of the table with its indexes and without its triggers.
    Copy,
    /// The same row through the function.
    Function,
}

impl Script {
    /// The row has as many and as long values as the one that the server writes; its key and its
    /// run are random, as a hash is, so that the indexes are hit at random by both sides.
    fn text(self) -> String {
        match self {
            Self::Copy => Self::Insert.text().replace("provenance_audit_log", COPY),
            Self::Insert => {
                "\\set n random(1, 9000000000000000000)\n\
                 insert into provenance_audit_log (run_id, tag, release_url, artifact_path, status, \
                 repository, event, event_key, occurred_at, attempt, validated_at, commit_sha) \
                 values (:n::bigint, 'v1.' || :n::bigint, \
                 'https://github.com/example-org/load/releases/tag/v1.' || :n::bigint, \
                 'artifacts/slsa/v1.' || :n::bigint || '/provenance.json', 'success', \
                 'example-org/load', 'validated', \
                 'validated:' || lpad(reverse((:n::bigint)::text), 64, '0'), \
                 '2026-11-20T12:00:00Z'::timestamptz + make_interval(secs => :n::bigint % 60), 1, \
                 '2026-11-20T12:00:00Z'::timestamptz + make_interval(secs => :n::bigint % 60), \
                 lpad((:n::bigint)::text, 40, '0')) on conflict do nothing;\n"
                    .to_owned()
            }
            Self::Function => {
                "\\set n random(1, 9000000000000000000)\n\
                 select outcome from append_provenance_events(jsonb_build_array(jsonb_build_object(\
                 'run_id', (:n::bigint)::text, 'tag', 'v1.' || :n::bigint, 'release_url', \
                 'https://github.com/example-org/load/releases/tag/v1.' || :n::bigint, \
                 'artifact_path', 'artifacts/slsa/v1.' || :n::bigint || '/provenance.json', \
                 'status', 'success', 'repository', 'example-org/load', 'event', 'validated', \
                 'event_key', 'validated:' || lpad(reverse((:n::bigint)::text), 64, '0'), \
                 'occurred_at', '2026-11-20T12:00:00Z', 'attempt', 1, \
                 'validated_at', '2026-11-20T12:00:00Z', \
                 'commit_sha', lpad((:n::bigint)::text, 40, '0'))));\n"
                    .to_owned()
            }
        }
    }
}

/// Runs it for so long, over loopback as the server is connected.
pub(super) fn run(stage: &Stage, script: Script, time: Duration) -> Result<Run> {
    let Place::Postgres(database) = stage.place() else { bail!("no PostgreSQL") };
    let cluster = database.cluster();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script.text())?;
    let output = Command::new(program("pgbench")?)
        .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2", "--log"])
        .args(["--client", &CONNECTIONS.to_string(), "--time", &time.as_secs().to_string()])
        .args(["--host", "127.0.0.1", "--port", &cluster.port().to_string()])
        .args(["--username", cluster.flavour().owner(), "--log-prefix", "transactions"])
        .arg("--file")
        .arg(&file)
        .arg(database.name())
        .env("PGPASSWORD", PASSWORD)
        .current_dir(folder.path())
        .output()
        .context("pgbench")?;
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    let report = String::from_utf8_lossy(&output.stdout);
    let speed: f64 = report
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("no figure from pgbench: {report}"))?;
    let latencies = latencies(folder.path())?;
    let seconds = latencies.len() as f64 / speed;
    Ok(Run::of(latencies.into_iter(), seconds))
}

/// Microseconds of every transaction: the third word of each line of its logs.
fn latencies(folder: &Path) -> Result<Vec<u64>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_log = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("transactions."));
        if is_log {
            for line in std::fs::read_to_string(&path)?.lines() {
                let word = line.split(' ').nth(2).context("a line of pgbench's log")?;
                all.push(word.parse()?);
            }
        }
    }
    Ok(all)
}
