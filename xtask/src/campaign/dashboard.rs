//! `cargo xtask campaign dashboard`: the overview over a million events, with twenty readers.

use super::program::Choice;
use crate::benchmarks::Section;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use provost_testkit::load::{Connection, Place, Release, Service, Stage, get, post};
use provost_testkit::postgres::Settings;
use sqlx::Connection as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the issue of a slow page is: the goal for 99 of 100 readers.
const GOAL: Duration = Duration::from_millis(100);
/// The largest page, in bytes.
const PAGE_BYTES: usize = 60_000;
const READERS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Runs of three events each.
    releases: u64,
    runs: usize,
    time: Duration,
}

const FULL: Plan = Plan { releases: 333_334, runs: 5, time: Duration::from_secs(10) };
const SHORT: Plan = Plan { releases: 2_000, runs: 1, time: Duration::from_secs(1) };

/// What one run came to.
struct Run {
    p50: Duration,
    p99: Duration,
    pages: usize,
    largest: usize,
    reference: Duration,
}

/// Measures both databases; the long form writes its section of the page.
pub(crate) fn run(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let plan = if choice.is_short { &SHORT } else { &FULL };
    let program = choice.program(workspace)?;
    let mut lines = vec![
        "| event log | overview p50 | overview p99 | goal | pages/s | one page | p99 of `/healthz` beside it |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    let postgres = Stage::postgres(&program, &Settings::default()).context("no PostgreSQL here")?;
    lines.push(measure("PostgreSQL", &postgres, plan)?);
    drop(postgres);
    let sqlite = Stage::sqlite(&program, None)?;
    lines.push(measure("SQLite", &sqlite, plan)?);
    let body = format!(
        "{}\n\n{READERS} readers ask for `/` one after the other on kept connections, while ten events a \
         second are written; {} events of one year in one repository of ten. Medians of {} runs of {} s; \
         client, server and database on the same machine.\n",
        lines.join("\n"),
        plan.releases * 3,
        plan.runs,
        plan.time.as_secs(),
    );
    say!("{body}");
    if choice.is_short {
        say!("Not checked here: figures worth keeping; they take the long form.");
        return Ok(());
    }
    let path = Section::Dashboard.write(workspace.root(), &body)?;
    say!("wrote {}", path.display());
    Ok(())
}

fn measure(name: &str, stage: &Stage, plan: &Plan) -> Result<String> {
    let filling = Instant::now();
    fill(stage, plan.releases)?;
    say!("{name}: {} events in {:.0} s", plan.releases * 3, filling.elapsed().as_secs_f64());
    let service = stage.serve()?;
    let first = Instant::now();
    page(&mut Connection::open(service.address(), PATIENCE)?)?;
    say!("{name}: the first overview took {:.2} s", first.elapsed().as_secs_f64());
    let mut runs: Vec<Run> = Vec::new();
    // One more, which is not counted.
    for number in 0..=plan.runs {
        let run = read(&service, plan.time, number as u64)?;
        say!("{name}: p50 {:?}, p99 {:?}, {} pages", run.p50, run.p99, run.pages);
        if number > 0 {
            runs.push(run);
        }
    }
    let largest = runs.iter().map(|run| run.largest).max().unwrap_or_default();
    if largest >= PAGE_BYTES {
        bail!("a page has {largest} bytes");
    }
    let p99 = median(runs.iter().map(|run| run.p99));
    let met = if p99 < GOAL { "met" } else { "missed" };
    let pages = runs.iter().map(|run| run.pages).sum::<usize>() as f64
        / (plan.time.as_secs_f64() * runs.len() as f64);
    Ok(format!(
        "| {name} | {} | {} | below {} ms, {met} | {pages:.0} | {:.1} kB | {} |",
        milliseconds(median(runs.iter().map(|run| run.p50))),
        milliseconds(p99),
        GOAL.as_millis(),
        largest as f64 / 1000.0,
        milliseconds(median(runs.iter().map(|run| run.reference))),
    ))
}

/// Twenty readers, and somebody who writes.
fn read(service: &Service, time: Duration, number: u64) -> Result<Run> {
    let address = service.address();
    let is_over = AtomicBool::new(false);
    let largest = AtomicU64::new(0);
    let (mut pages, mut probes) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| -> Result<()> {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                scope.spawn(|| {
                    ask(address, time, |reader| {
                        let bytes = page(reader)?;
                        largest.fetch_max(bytes as u64, Ordering::Relaxed);
                        Ok(())
                    })
                })
            })
            .collect();
        let prober = scope.spawn(|| {
            ask(address, time, |reader| {
                let answer = reader.call(&get("/healthz", ""))?;
                std::thread::sleep(Duration::from_millis(10));
                if answer.status != 200 {
                    bail!("{}", answer.text())
                }
                Ok(())
            })
        });
        let writer = scope.spawn(|| write(address, &is_over, number));
        for reader in readers {
            pages.extend(reader.join().map_err(|_| anyhow::anyhow!("a reader ended"))??);
        }
        probes = prober.join().map_err(|_| anyhow::anyhow!("the prober ended"))??;
        is_over.store(true, Ordering::SeqCst);
        writer.join().map_err(|_| anyhow::anyhow!("the writer ended"))??;
        Ok(())
    })?;
    pages.sort_unstable();
    // The wait between two probes is not theirs.
    let mut probes: Vec<Duration> =
        probes.into_iter().map(|it| it.saturating_sub(Duration::from_millis(10))).collect();
    probes.sort_unstable();
    Ok(Run {
        p50: rank(&pages, 50),
        p99: rank(&pages, 99),
        pages: pages.len(),
        largest: largest.load(Ordering::Relaxed) as usize,
        reference: rank(&probes, 99),
    })
}

fn ask(
    address: SocketAddr,
    time: Duration,
    mut once: impl FnMut(&mut Connection) -> Result<()>,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address, PATIENCE)?;
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let asked = Instant::now();
        once(&mut connection)?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// The overview; its bytes.
fn page(reader: &mut Connection) -> Result<usize> {
    let answer = reader.call(&get("/", provost_testkit::load::TOKEN))?;
    match answer.status == 200 && answer.text().contains("KPI") {
        true => Ok(answer.body.len()),
        false => bail!("{}: {}", answer.status, answer.text()),
    }
}

fn write(address: SocketAddr, is_over: &AtomicBool, run: u64) -> Result<()> {
    let mut connection = Connection::open(address, PATIENCE)?;
    let mut next = 900_000_000 + run * 100_000;
    while !is_over.load(Ordering::SeqCst) {
        next += 1;
        let path = "/functions/v1/provenance-validate";
        let request = post(path, provost_testkit::load::TOKEN, &Release(next).validation());
        let answer = connection.call(&request)?;
        if answer.status != 200 {
            bail!("{}: {}", answer.status, answer.text());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn rank(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    rank(&times, 50)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// A year of runs that end now, each started, built and judged; one of a hundred failed, and one of
/// a thousand was not mended.
fn fill(stage: &Stage, releases: u64) -> Result<()> {
    match stage.place() {
        Place::Postgres(database) => {
            let owner = database.owner();
            for first in (0..releases).step_by(20_000) {
                let last = (first + 20_000).min(releases) - 1;
                let sql = POSTGRES
                    .replace("{first}", &first.to_string())
                    .replace("{last}", &last.to_string())
                    .replace("{all}", &releases.to_string());
                owner.execute(&sql).map_err(|refused| anyhow::anyhow!("{refused}"))?;
            }
            owner
                .execute("vacuum analyze provenance_audit_log, provenance_run, provenance_day")
                .map_err(|refused| anyhow::anyhow!("{refused}"))?;
            Ok(())
        }
        Place::Sqlite(_) => {
            // The file with its schema comes from the program.
            drop(stage.serve()?);
            let sql = SQLITE.replace("{all}", &releases.to_string());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut log = sqlx::SqliteConnection::connect(&stage.store_url()).await?;
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut log).await?;
                log.close().await
            })?;
            Ok(())
        }
    }
}

const POSTGRES: &str = "
  insert into provenance_audit_log (run_id, tag, release_url, status, failure_reason, created_at,
    repository, event, event_key, occurred_at, validated_at, builder_id, slsa_build_level)
  select run, 'v' || run, 'https://github.com/acme/app/releases/tag/v' || run,
    case when part = 0 then 'pending' when run % 100 = 0 and part = 2 then 'failure' else 'success' end,
    case when part = 2 and run % 100 = 0 then 'refused: source-ref' end,
    at, 'acme/app-' || run % 10, (array['dispatched', 'provenance', 'validated'])[part + 1],
    part || ':' || run, at + part * interval '3 min', case part when 2 then at + interval '6 min' end,
    'https://github.com/acme/app/.github/workflows/slsa-builder.yml@refs/tags/v' || run, 3
  from generate_series({first}, {last}) as run
  cross join generate_series(0, 2) as part
  cross join lateral (select now() - interval '365 days' * (1 - run / {all}.0) - interval '10 min' as at) as time";

const SQLITE: &str = "
  with recursive runs (run) as (select 0 union all select run + 1 from runs where run + 1 < {all}),
    parts (part) as (values (0), (1), (2))
  insert into provenance_audit_log (id, run_id, tag, release_url, status, failure_reason, created_at,
    repository, event, event_key, occurred_at, validated_at, builder_id, slsa_build_level)
  select printf('01a20e71-928e-72d6-%04x-%012x', part, run), run, 'v' || run,
    'https://github.com/acme/app/releases/tag/v' || run,
    case when part = 0 then 'pending' when run % 100 = 0 and part = 2 then 'failure' else 'success' end,
    case when part = 2 and run % 100 = 0 then 'refused: source-ref' end,
    at, 'acme/app-' || run % 10, case part when 0 then 'dispatched' when 1 then 'provenance' else 'validated' end,
    part || ':' || run, at, case part when 2 then at end,
    'https://github.com/acme/app/.github/workflows/slsa-builder.yml@refs/tags/v' || run, 3
  from (select run, part, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now',
      printf('-%d seconds', 31536000 - run * 31536000 / {all} + 600 - part * 180)) as at
    from runs cross join parts)";
