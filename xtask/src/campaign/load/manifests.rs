//! Manifests of 1,000 entries: by the function, over HTTP, and by one plain statement.

use super::comparison::{Comparison, Goal};
use super::{Numbers, Plan, http};
use anyhow::{Context, Result, bail};
use provost_testkit::load::{Place, Release, Service, Stage, TOKEN, post};
use provost_testkit::postgres::PASSWORD;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use std::time::Instant;

/// Entries of a manifest.
const ENTRIES: u64 = 1_000;

/// Connections over HTTP, beside one.
const SEVERAL: usize = 4;

/// One statement into the same table. It is given the keys; the function computes them.
const PLAIN: &str = "insert into provenance_audit_log (run_id, tag, release_url, artifact_path, \
    status, repository, event, event_key, occurred_at, attempt, validated_at, commit_sha) \
    select run::bigint, tag, release_url, artifact, status, repository, 'validated', key, \
    validated_at, attempt, validated_at, \"commit\" \
    from jsonb_to_recordset($1::jsonb) as entry (run text, tag text, release_url text, \
    artifact text, status text, repository text, key text, validated_at timestamptz, \
    attempt bigint, \"commit\" text) on conflict do nothing";

const FUNCTION: &str =
    "select count(*) from ingest_provenance_manifest($1::jsonb) where outcome = 'inserted'";

pub(super) fn compare(
    plan: &Plan,
    stage: &Stage,
    service: &Service,
    numbers: &Numbers,
) -> Result<Vec<Comparison>> {
    let plain = "one `INSERT … SELECT jsonb_to_recordset … ON CONFLICT DO NOTHING` into the table, \
                 keys given";
    let new = |what, goal| Comparison::new(what, plain, "rows/s", goal);
    let mut function = new(
        "manifests of 1,000 entries, `ingest_provenance_manifest`, one connection",
        Goal::AtLeast(0.7),
    );
    let mut one = new("manifests of 1,000 entries over HTTP, one connection", Goal::None);
    let mut several = new("manifests of 1,000 entries over HTTP, four connections", Goal::None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut connection = runtime.block_on(connect(stage))?;
    for run in 0..=plan.runs {
        let by_plain = manifests(plan, numbers, true);
        let theirs = runtime.block_on(statements(&mut connection, PLAIN, &by_plain))?;
        let by_function = manifests(plan, numbers, false);
        let ours = runtime.block_on(statements(&mut connection, FUNCTION, &by_function))?;
        let by_one = over_http(plan, service, numbers, 1)?;
        let by_several = over_http(plan, service, numbers, SEVERAL)?;
        if run > 0 {
            function.push(ours, theirs);
            one.push(by_one, theirs);
            several.push(by_several, theirs);
        }
    }
    runtime.block_on(connection.close())?;
    Ok(vec![function, one, several])
}

async fn connect(stage: &Stage) -> Result<PgConnection> {
    let Place::Postgres(database) = stage.place() else { bail!("no PostgreSQL") };
    let cluster = database.cluster();
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(cluster.port())
        .username(cluster.flavour().owner())
        .password(PASSWORD)
        .database(database.name());
    Ok(PgConnection::connect_with(&options).await?)
}

/// The manifests of one run, made before the clock runs.
fn manifests(plan: &Plan, numbers: &Numbers, with_keys: bool) -> Vec<String> {
    (0..plan.manifests)
        .map(|_| {
            let first = numbers.take(ENTRIES);
            let entries = (first..first + ENTRIES).map(|number| {
                let mut entry = Release(number).entry();
                if with_keys {
                    entry["key"] = key(number).into();
                }
                entry
            });
            Value::from(entries.collect::<Vec<_>>()).to_string()
        })
        .collect()
}

/// As long and as much without order as a real one.
fn key(number: u64) -> String {
    let mut dice = provost_testkit::load::Dice::new(number);
    let words: String = (0..4).map(|_| format!("{:016x}", dice.below(u64::MAX))).collect();
    format!("validated:{words}")
}

/// Rows a second.
async fn statements(
    connection: &mut PgConnection,
    statement: &'static str,
    manifests: &[String],
) -> Result<f64> {
    let start = Instant::now();
    for manifest in manifests {
        let query = sqlx::query(statement).bind(manifest);
        let inserted = match statement == PLAIN {
            true => query.execute(&mut *connection).await?.rows_affected(),
            false => {
                let count: i64 = query.fetch_one(&mut *connection).await?.try_get(0)?;
                u64::try_from(count)?
            }
        };
        if inserted != ENTRIES {
            bail!("{inserted} of {ENTRIES} entries were written");
        }
    }
    Ok(manifests.len() as f64 * ENTRIES as f64 / start.elapsed().as_secs_f64())
}

fn over_http(plan: &Plan, service: &Service, numbers: &Numbers, connections: usize) -> Result<f64> {
    let share = usize::try_from(plan.manifests)?.div_ceil(connections);
    let made = manifests(plan, numbers, false);
    let more = manifests(plan, numbers, false);
    let requests: Vec<Vec<u8>> = made
        .iter()
        .chain(&more)
        .take(share * connections)
        .map(|manifest| post("/functions/v1/telemetry", TOKEN, manifest))
        .collect();
    let waiting = std::sync::Mutex::new(requests);
    let next = || {
        let mut waiting = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.pop().unwrap_or_default()
    };
    let run = http::run(service.address(), connections, next, |_, count| count >= share)
        .context("manifests over HTTP")?;
    Ok(run.a_second(ENTRIES))
}
