//! `provost serve` under load while things go wrong: the short forms of `cargo xtask campaign faults`.

use crate::program::EXECUTABLE;
use provost_testkit::load::fault::{self, FakeClock, SlowPart};
use provost_testkit::load::{Broken, SmallDisk, Stage};
use provost_testkit::postgres::Settings;
use std::path::Path;

fn sqlite() -> Stage {
    Stage::sqlite(Path::new(EXECUTABLE), None).unwrap()
}

fn postgres(what: &str) -> Option<Stage> {
    let stage = Stage::postgres(Path::new(EXECUTABLE), &Settings::default());
    stage.inspect_err(|why| not_checked(what, why)).ok()
}

#[allow(clippy::print_stdout, reason = "the test run collects these lines")]
fn not_checked(what: &str, why: impl std::fmt::Display) {
    println!("not checked here: {what} ({why})");
}

#[track_caller]
fn holds(finding: Result<String, Broken>) {
    finding.unwrap_or_else(|broken| panic!("{broken}"));
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled_when_the_server_is_killed_over_sqlite() {
    holds(fault::kill_server(&sqlite(), 10));
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled_when_the_server_is_killed_over_postgresql() {
    if let Some(stage) = postgres("kills of the server over PostgreSQL") {
        holds(fault::kill_server(&stage, 10));
    }
}

#[test]
fn the_server_says_no_while_postgresql_is_down_and_goes_on_afterwards() {
    if let Some(stage) = postgres("crashes of PostgreSQL") {
        holds(fault::crash_postgres(&stage, 3));
    }
}

#[test]
fn a_full_disk_is_told_and_writing_goes_on_when_there_is_room_again() {
    match SmallDisk::mount(8) {
        Err(why) => not_checked("a full disk", why),
        Ok(disk) => {
            let stage = Stage::sqlite(Path::new(EXECUTABLE), Some(disk.folder())).unwrap();
            holds(fault::fill_disk(&stage, &disk));
        }
    }
}

#[test]
fn a_clock_that_jumps_costs_no_event() {
    match FakeClock::library() {
        Err(why) => not_checked("jumps of the clock", why),
        Ok(_) => holds(fault::clock_jumps(&sqlite())),
    }
}

#[test]
fn slow_clients_are_cut_and_others_are_served() {
    let stage = sqlite();
    let service = stage.serve().unwrap();
    holds(fault::slow_clients(&service, 200, SlowPart::Head));
}

#[test]
fn bodies_and_tokens_that_are_far_too_large_are_refused_and_cost_no_memory() {
    let stage = sqlite();
    let service = stage.serve().unwrap();
    holds(fault::large_bodies(&service, 100 << 20));
    holds(fault::dots(&service, 100 << 20));
    let kib = service.peak_memory_kib().unwrap();
    assert!(kib < 128 * 1024, "{kib} KiB");
}

#[test]
fn metrics_do_not_grow_with_the_names_that_are_sent() {
    let stage = sqlite();
    let service = stage.serve().unwrap();
    holds(fault::many_tags(&service, 3_000));
}
