//! Appending in a process of its own: this test binary, run again.

use crate::sample::{Place, accepted};
use provost_store::{EventLog, StoreError, StoreUrl};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// The folder of the log.
const FOLDER: &str = "PROVOST_STORE_TEST_FOLDER";
/// The runs to append an event of each, with commas between them.
const RUNS: &str = "PROVOST_STORE_TEST_RUNS";

/// Set when a failure is answered by trying again with the same log.
const PATIENT: &str = "PROVOST_STORE_TEST_PATIENT";

/// How often a patient process tries.
const TRIES: usize = 5;

/// What one process acknowledged: run, id and outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) run_id: u64,
    pub(crate) id: String,
    pub(crate) outcome: String,
}

/// The process that appends [`accepted_of`] each run, one transaction each. It starts when its
/// standard input ends.
pub(crate) fn process(place: &Place, runs: impl IntoIterator<Item = u64>) -> Command {
    configured(Command::new(std::env::current_exe().unwrap()), place, runs)
}

/// The same under `strace` with these arguments.
pub(crate) fn traced(
    place: &Place,
    runs: impl IntoIterator<Item = u64>,
    arguments: &[String],
) -> Command {
    let mut strace = Command::new("strace");
    strace.args(arguments).arg(std::env::current_exe().unwrap());
    configured(strace, place, runs)
}

fn configured(mut command: Command, place: &Place, runs: impl IntoIterator<Item = u64>) -> Command {
    let runs: Vec<String> = runs.into_iter().map(|run| run.to_string()).collect();
    command
        .args(["--exact", "helper::append_events", "--ignored"])
        .args(["--nocapture", "--test-threads=1", "--quiet"])
        .env(FOLDER, place.folder())
        .env(RUNS, runs.join(","))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Makes the process try again after a failure, in the same process and with the same log.
pub(crate) fn patient(command: &mut Command) -> &mut Command {
    command.env(PATIENT, "1")
}

/// Whether processes can be traced here. Where not, it says so.
pub(crate) fn can_trace(test: &str) -> bool {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        tell!("SKIPPED: {test}: strace is not installed or may not trace here");
    }
    can
}

/// `strace` arguments that narrow it to the files of the log.
pub(crate) fn of_the_log(place: &Place) -> Vec<String> {
    let database = place.path();
    let beside = ["", "-wal", "-shm", "-journal"].map(|suffix| {
        let mut path = database.clone().into_os_string();
        path.push(suffix);
        path.into_string().unwrap()
    });
    let folder = database.parent().unwrap().to_str().unwrap().to_owned();
    beside.into_iter().chain([folder]).flat_map(|path| ["-P".to_owned(), path]).collect()
}

/// A moment in the life of a process: just before the `count`th call of a kind by one thread, which
/// is how `strace` counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) call: String,
    pub(crate) count: usize,
}

/// The moments of a process that appends `runs`, by the system calls it makes on the log's files.
/// At most `most` of them, spread evenly; it says how many were stepped over.
pub(crate) fn moments(
    test: &str,
    place: &Place,
    runs: &[u64],
    calls: &str,
    most: usize,
) -> Vec<Moment> {
    let trace = place.folder().join("trace");
    let mut arguments = of_the_log(place);
    let of = format!("trace={calls}");
    arguments.extend(["-f", "-e", &of, "-o", trace.to_str().unwrap()].map(str::to_owned));
    let output = traced(place, runs.iter().copied(), &arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut counts = BTreeMap::<(String, String), usize>::new();
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        if let Some((thread, rest)) = line.split_once(' ')
            && let Some((call, _)) = rest.trim_start().split_once('(')
        {
            *counts.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
        }
    }
    let mut highest = BTreeMap::<String, usize>::new();
    for ((call, _), count) in counts {
        let so_far = highest.entry(call).or_default();
        *so_far = count.max(*so_far);
    }
    let all: Vec<Moment> = highest
        .into_iter()
        .flat_map(|(call, last)| (1..=last).map(move |count| Moment { call: call.clone(), count }))
        .collect();
    let step = all.len().div_ceil(most).max(1);
    let total = all.len();
    let moments: Vec<Moment> = all.into_iter().step_by(step).collect();
    let over = total - moments.len();
    tell!("{test}: {} of {total} moments, {over} stepped over", moments.len());
    moments
}

/// The event that a process appends for a run.
pub(crate) fn accepted_of(run_id: u64) -> provost_record::Event {
    accepted(&format!("v{run_id}"), run_id, 0)
}

/// What a process printed after an append had returned. A line that was cut off does not count.
pub(crate) fn acknowledged(stdout: &[u8]) -> Vec<Acknowledged> {
    let text = String::from_utf8_lossy(stdout);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .filter_map(|line| {
            let mut words = line.strip_prefix("acknowledged ")?.split(' ').map(str::to_owned);
            Some(Acknowledged {
                run_id: words.next()?.parse().ok()?,
                id: words.next()?,
                outcome: words.next()?,
            })
        })
        .collect()
}

#[test]
#[ignore = "does nothing by itself: other tests run it in a process of its own"]
fn append_events() {
    let (Ok(folder), Ok(runs)) = (std::env::var(FOLDER), std::env::var(RUNS)) else {
        return;
    };
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    let tries = if std::env::var_os(PATIENT).is_some() { TRIES } else { 1 };
    let url = StoreUrl::parse("sqlite:new/events.db", folder.as_ref()).unwrap();
    let log = again(tries, || EventLog::open(&url));
    for run in runs.split(',').map(|run| run.parse().unwrap()) {
        let appended = again(tries, || log.append(&[accepted_of(run)]))[0];
        let (id, outcome) = (appended.id, appended.outcome);
        say(&format!("acknowledged {run} {id} {outcome:?}"));
    }
}

/// One write, so that a line is there or not.
fn say(line: &str) {
    let mut stdout = std::io::stdout();
    stdout.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    stdout.flush().unwrap();
}

fn again<T>(tries: usize, act: impl Fn() -> Result<T, StoreError>) -> T {
    for _ in 1..tries {
        match act() {
            Ok(done) => return done,
            Err(error) => say(&format!("failed {error}")),
        }
    }
    act().unwrap()
}
