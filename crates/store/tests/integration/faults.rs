//! A full or failing disk is an error, never a lost event, and the log goes on afterwards.

use crate::helper::{
    Moment, accepted_of, acknowledged, can_trace, moments, of_the_log, patient, traced,
};
use crate::sample::Place;
use provost_store::KpiFilter;
use std::process::Output;

const RUNS: [u64; 2] = [1, 2];

/// The calls that a disk can fail.
const OF_THE_DISK: &str = "openat,mkdir,pread64,pwrite64,fsync,fdatasync,ftruncate,unlink,mmap";

/// As many faults as there is time for, an error code each.
const FAULTS: usize = 120;

/// A fault and what became of the process that met it.
struct Met {
    moment: Moment,
    error: &'static str,
    output: Output,
}

impl Met {
    fn acknowledged_all(&self) -> bool {
        acknowledged(&self.output.stdout).len() == RUNS.len()
    }

    /// Whether an append or the opening failed at least once.
    fn noticed(&self) -> bool {
        String::from_utf8_lossy(&self.output.stdout).contains("\nfailed ")
    }
}

#[test]
fn one_failed_call_is_got_over_in_the_same_process() {
    let test = "faults::one_failed_call_is_got_over_in_the_same_process";
    let Some(met) = sweep(test, "") else {
        return;
    };
    let mut got_over = 0;
    for met in met {
        // `strace` counts anew for the thread of every connection, so that the fault may strike
        // each try of opening; it strikes no log twice that was opened.
        let opened = !acknowledged(&met.output.stdout).is_empty();
        assert!(met.acknowledged_all() || !opened, "{:?} {}", met.moment, met.error);
        got_over += usize::from(met.noticed() && met.acknowledged_all());
    }
    assert!(got_over >= 10, "only {got_over}");
    tell!("{test}: {got_over} failures were got over");
}

#[test]
fn a_disk_that_fails_from_some_moment_on_loses_nothing() {
    let test = "faults::a_disk_that_fails_from_some_moment_on_loses_nothing";
    let Some(met) = sweep(test, "+") else {
        return;
    };
    let mut failed = 0;
    for met in met {
        // Whoever is told that all is written may rely on it; `check` does.
        let all = met.acknowledged_all();
        assert_eq!(met.output.status.success(), all, "{:?} {}", met.moment, met.error);
        failed += usize::from(!all);
    }
    assert!(failed >= 40, "only {failed}");
    tell!("{test}: {failed} processes failed");
}

/// Fails the calls one after the other, `more` saying whether all later ones of the kind fail too.
/// `None` where that cannot be done.
fn sweep(test: &str, more: &str) -> Option<Vec<Met>> {
    if !can_trace(test) {
        return None;
    }
    let moments = moments(test, &Place::new(), &RUNS, OF_THE_DISK, FAULTS);
    let mut met = Vec::new();
    for error in ["ENOSPC", "EIO"] {
        for moment in &moments {
            let place = Place::new();
            let Moment { call, count } = moment;
            let inject = format!("inject={call}:error={error}:when={count}{more}");
            let mut arguments = of_the_log(&place);
            arguments.extend(["-f", "-qq", "-o", "/dev/null", "-e", &inject].map(str::to_owned));
            let output = patient(&mut traced(&place, RUNS, &arguments)).output().unwrap();
            check(&place, &output, &inject);
            met.push(Met { moment: moment.clone(), error, output });
        }
    }
    Some(met)
}

/// With the disk sound again, what was acknowledged is there and the rest can be written.
fn check(place: &Place, output: &Output, fault: &str) {
    let log = place.log();
    let rows = log.kpi(&KpiFilter::default()).unwrap();
    for it in acknowledged(&output.stdout) {
        let kept = rows.iter().any(|row| row.run_id == it.run_id && row.id.to_string() == it.id);
        assert!(kept, "{fault}: run {} was lost", it.run_id);
    }
    log.append(&RUNS.map(accepted_of)).unwrap();
    drop(log);
    assert_eq!(place.keys().len(), RUNS.len(), "{fault}");
    assert_eq!(place.integrity(), "ok", "{fault}");
}
