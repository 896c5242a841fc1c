//! Single events: over HTTP, and as a plain insert.

use super::comparison::{Comparison, Goal};
use super::{Numbers, Plan, http, pgbench};
use crate::screen::say;
use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use provost_testkit::load::{Release, Service, Stage, TOKEN, post};
use std::time::Duration;

/// Connections of either side.
pub(super) const CONNECTIONS: usize = 32;

/// Rows a second and the 99th percentile, against `pgbench` with a plain insert of the same row. Told
/// beside it: `pgbench` calling the function that the server calls, and a table without triggers.
pub(super) fn compare(
    plan: &Plan,
    stage: &Stage,
    service: &Service,
    numbers: &Numbers,
) -> Result<Vec<Comparison>> {
    let what = "single events over HTTP, 32 connections: rows a second";
    let insert = "`pgbench -c 32 -M prepared`, a plain insert of the same row into the same table";
    let mut rows = Comparison::new(what, insert, "rows/s", Goal::AtLeast(0.5));
    let what = "single events over HTTP, 32 connections: 99th percentile";
    let mut p99 = Comparison::new(what, insert, "ms", Goal::AtMost(3.0));
    let what = "the same beside the function: rows a second";
    let function = "`pgbench -c 32 -M prepared` calling `append_provenance_events` with one event";
    let mut called = Comparison::new(what, function, "rows/s", Goal::None);
    let copy = "the plain insert into a copy of the table without triggers, so without the figures \
                that are kept with every row";
    let what = "the same beside a table without triggers: rows a second";
    let mut copied = Comparison::new(what, copy, "rows/s", Goal::None);
    pgbench::make_copy(stage)?;
    for run in 0..=plan.runs {
        let client = processor_time()?;
        let ours = over_http(plan, service, numbers)?;
        let client = (processor_time()? - client).as_secs_f64() / ours.seconds;
        say!("  the client took {:.0} % of one core", client * 100.0);
        let inserted = pgbench::run(stage, pgbench::Script::Insert, plan.time)?;
        let by_function = pgbench::run(stage, pgbench::Script::Function, plan.time)?;
        let into_copy = pgbench::run(stage, pgbench::Script::Copy, plan.time)?;
        if run > 0 {
            let speed = ours.a_second(1);
            rows.push(speed, inserted.a_second(1));
            called.push(speed, by_function.a_second(1));
            copied.push(speed, into_copy.a_second(1));
            p99.push(ours.p99_ms(), inserted.p99_ms());
        }
    }
    Ok(vec![rows, p99, called, copied])
}

fn over_http(plan: &Plan, service: &Service, numbers: &Numbers) -> Result<http::Run> {
    let request = || {
        let release = Release(numbers.take(1));
        post("/functions/v1/provenance-validate", TOKEN, &release.validation())
    };
    http::run(service.address(), CONNECTIONS, request, |start, _| start.elapsed() >= plan.time)
}

/// Processor time of this process so far.
fn processor_time() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}
