//! The figures above the KPI table.

use crate::sample::{accepted, at, of_repository, refused, told};
use crate::target::{answer_of_every_store, on_every_store};
use jiff::SignedDuration;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{Coverage, KpiFilter, KpiSummary};

const DAY: i64 = 86_400;

fn summary(events: &[Event], since: Option<i64>, now: i64) -> KpiSummary {
    answer_of_every_store(|target| {
        let log = target.log();
        log.append(events).unwrap();
        let filter = KpiFilter { since: since.map(at), ..KpiFilter::default() };
        log.summary(&filter, at(now)).unwrap()
    })
}

fn dispatched(tag: &str, run_id: u64, seconds: i64) -> Event {
    told(EventKind::Dispatched, EventStatus::Success, tag, run_id, seconds)
}

#[test]
fn an_empty_log_has_no_ratio() {
    let empty = summary(&[], Some(0), DAY);
    assert_eq!(empty.coverage, Coverage::default());
    assert_eq!((empty.coverage.ratio(), empty.coverage_change()), (None, None));
    assert_eq!((empty.time_to_accepted, empty.open_incidents), (None, 0));
}

#[test]
fn coverage_counts_releases_not_events() {
    let provenance_only = told(EventKind::Provenance, EventStatus::Success, "v5", 5, 0);
    let events = [
        accepted("v1", 1, 0),
        accepted("v1", 2, 1),
        refused("v2", 3, 0),
        accepted("v3", 4, 0),
        // Refused after it was accepted.
        refused("v3", 5, 1),
        dispatched("v4", 6, 0),
        // Nobody has judged it.
        provenance_only,
        of_repository(accepted("v2", 7, 0), Some("acme/other")),
        // An event of the whole repository is no release.
        told(EventKind::Reconciled, EventStatus::Success, "", 8, 0),
    ];
    let counted = summary(&events, None, DAY);
    assert_eq!(counted.coverage, Coverage { releases: 6, accepted: 2 });
    assert_eq!(counted.coverage.ratio(), Some(2.0 / 6.0));
    assert_eq!((counted.before, counted.coverage_change()), (None, None));
    assert_eq!(counted.open_incidents, 2);
}

#[test]
fn a_release_refused_first_and_accepted_later_is_covered() {
    let counted = summary(&[refused("v1", 1, 0), accepted("v1", 2, 1)], None, DAY);
    assert_eq!(counted.coverage, Coverage { releases: 1, accepted: 1 });
    assert_eq!(counted.open_incidents, 0);
}

#[test]
fn a_later_event_of_the_run_does_not_take_its_acceptance_away() {
    let late = told(EventKind::Provenance, EventStatus::Success, "v1", 1, 9);
    let counted = summary(&[accepted("v1", 1, 0), late], None, DAY);
    assert_eq!(counted.coverage, Coverage { releases: 1, accepted: 1 });
}

#[test]
fn periods_are_compared_by_when_a_release_was_first_heard_of() {
    let events = [
        // Too old for both periods.
        refused("v0", 1, -3 * DAY),
        // The period before: one of two.
        accepted("v1", 2, -DAY),
        refused("v2", 3, -1),
        // This period: three of four, one of them refused in it and of no account before.
        accepted("v3", 4, 0),
        accepted("v4", 5, 1),
        accepted("v5", 6, DAY - 1),
        refused("v6", 7, 2),
        // A release of the period before stays there, whatever is heard of it now.
        told(EventKind::Notified, EventStatus::Success, "v2", 3, 5),
    ];
    let counted = summary(&events, Some(0), DAY);
    assert_eq!(counted.coverage, Coverage { releases: 4, accepted: 3 });
    assert_eq!(counted.before, Some(Coverage { releases: 2, accepted: 1 }));
    assert_eq!(counted.coverage_change(), Some(0.25));
    // An open incident is open however old.
    assert_eq!(counted.open_incidents, 3);
}

#[test]
fn a_period_without_a_period_before_has_no_change() {
    let counted = summary(&[accepted("v1", 1, 0)], Some(0), DAY);
    assert_eq!(counted.before, Some(Coverage::default()));
    assert_eq!(counted.coverage_change(), None);
    // A beginning after now is an empty period, not an overflow.
    let future = summary(&[accepted("v1", 1, 0)], Some(2 * DAY), DAY);
    assert_eq!(future.coverage, Coverage::default());
}

#[test]
fn time_to_accepted_runs_from_the_dispatch() {
    let mut events = Vec::new();
    for run in 1..=20 {
        let tag = format!("v{run}");
        // Something was heard before the dispatch; the dispatch counts.
        events.push(told(EventKind::Reconciled, EventStatus::Failure, &tag, run, -100));
        events.push(dispatched(&tag, run, 0));
        events.push(accepted(&tag, run, run as i64 * 60));
        // Later acceptances count no more.
        events.push(accepted(&tag, run, 9_999));
    }
    let times = summary(&events, None, DAY).time_to_accepted.unwrap();
    assert_eq!(times.releases, 20);
    assert_eq!(times.p50, SignedDuration::from_mins(10));
    assert_eq!(times.p95, SignedDuration::from_mins(19));
}

#[test]
fn without_a_dispatch_the_first_event_counts_and_alone_it_tells_nothing() {
    let refused_first = [refused("v1", 1, 0), accepted("v1", 2, 90)];
    let times = summary(&refused_first, None, DAY).time_to_accepted.unwrap();
    assert_eq!((times.p50, times.releases), (SignedDuration::from_secs(90), 1));
    assert_eq!(times.p95, times.p50);

    assert_eq!(summary(&[accepted("v1", 1, 0)], None, DAY).time_to_accepted, None);
    assert_eq!(summary(&[dispatched("v1", 1, 0)], None, DAY).time_to_accepted, None);
    // Dispatched again after its acceptance: no time runs backwards.
    let again = [accepted("v1", 1, 0), dispatched("v1", 2, 60)];
    assert_eq!(summary(&again, None, DAY).time_to_accepted, None);
}

#[test]
fn one_repository_alone() {
    on_every_store(|target| {
        let log = target.log();
        let other = |event| of_repository(event, Some("acme/other"));
        let events =
            [accepted("v1", 1, 0), other(refused("v1", 1, 0)), other(accepted("v2", 2, 0))];
        log.append(&events).unwrap();
        let filter =
            KpiFilter { repository: Some("acme/other".to_owned()), ..KpiFilter::default() };
        let counted = log.summary(&filter, at(DAY)).unwrap();
        assert_eq!(counted.coverage, Coverage { releases: 2, accepted: 1 });
        assert_eq!(counted.open_incidents, 1);
    });
}

/// A history in which every case of the figures comes up, out of order.
fn history(releases: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for release in 0..releases {
        let (tag, run) = (format!("v{release}"), release + 1);
        let at = (release * 7_919 % 50_000) as i64;
        let repository = [None, Some("acme/app"), Some("acme/other")][(release % 3) as usize];
        let mut add = |event| events.push(of_repository(event, repository));
        if release % 2 == 0 {
            add(dispatched(&tag, run, at + (release % 5) as i64 * 40 - 60));
        }
        if release % 7 != 3 {
            add(accepted(&tag, run, at + (release * 31 % 997) as i64));
        }
        if release % 11 == 0 {
            add(refused(&tag, 10_000 + run, at + 500));
        }
        if release % 13 == 0 {
            add(told(EventKind::Reconciled, EventStatus::Success, &tag, run, at - 90));
        }
    }
    events
}

#[test]
fn figures_of_all_time_are_those_of_a_period_that_holds_all() {
    on_every_store(|target| {
        let log = target.log();
        for releases in [1, 2, 19, 20, 21, 140] {
            log.append(&history(releases)).unwrap();
            for repository in [None, Some("acme/app"), Some("acme/other"), Some("acme/none")] {
                let repository = repository.map(str::to_owned);
                let of = |since| KpiFilter {
                    since,
                    repository: repository.clone(),
                    ..KpiFilter::default()
                };
                let all = log.summary(&of(None), at(DAY)).unwrap();
                let period = log.summary(&of(Some(at(-DAY))), at(DAY)).unwrap();
                let same = KpiSummary { before: None, ..period };
                assert_eq!(all, same, "{releases} releases of {repository:?}");
            }
        }
    });
}
