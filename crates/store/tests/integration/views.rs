//! The views say what stands, what failed and what is still open.

use crate::sample::{Place, accepted, at, of_attempt, of_repository, refused, told};
use crate::target::{answer_of_every_log, on_every_log};
use provost_record::{Event, EventKind, EventStatus};
use provost_store::KpiFilter;

/// The tags and runs that a log of these events gives: successes, incidents, open incidents.
fn standing(events: &[Event]) -> [Vec<String>; 3] {
    answer_of_every_log(|target| {
        let log = target.log();
        log.append(events).unwrap();
        let all = KpiFilter::default();
        let named = |tag: &str, run_id: u64| format!("{tag}/{run_id}");
        let incident = |it: provost_store::Incident| named(&it.tag, it.run_id);
        [
            log.kpi(&all).unwrap().iter().map(|it| named(&it.tag, it.run_id)).collect(),
            log.incidents(&all).unwrap().into_iter().map(incident).collect(),
            log.open_incidents(&all).unwrap().into_iter().map(incident).collect(),
        ]
    })
}

fn views(kpi: &[&str], incidents: &[&str], open: &[&str]) -> [Vec<String>; 3] {
    [kpi, incidents, open].map(|names| names.iter().map(ToString::to_string).collect())
}

#[test]
fn the_views_have_their_columns_in_order() {
    let place = Place::new();
    drop(place.log());
    let columns = |view: &str| {
        place
            .value(&format!("select group_concat(name, ' ') from pragma_table_info('{view}')"))
            .unwrap()
    };
    assert!(columns("provenance_kpi").starts_with(
        "tag run_id status created_at release_url validated_at repository builder_id \
         slsa_build_level"
    ));
    for view in ["provenance_incidents", "provenance_open_incidents"] {
        assert!(columns(view).starts_with("tag run_id failure_reason created_at"), "{view}");
    }
    assert!(columns("provenance_kpi_daily").starts_with("day repository"));
}

#[test]
fn the_latest_word_counts() {
    assert_eq!(
        standing(&[accepted("v1", 1, 0), refused("v1", 1, 1)]),
        views(&[], &["v1/1"], &["v1/1"])
    );
    // The order of writing does not.
    assert_eq!(
        standing(&[refused("v1", 1, 1), accepted("v1", 1, 0)]),
        views(&[], &["v1/1"], &["v1/1"])
    );
    assert_eq!(
        standing(&[refused("v1", 1, 0), accepted("v1", 1, 1)]),
        views(&["v1/1"], &["v1/1"], &[])
    );
}

#[test]
fn a_fraction_of_a_second_is_an_order() {
    let early = refused("v1", 1, 0);
    let late = crate::sample::keyed(Event {
        occurred_at: at(0) + jiff::SignedDuration::from_millis(500),
        ..accepted("v1", 1, 0)
    });
    assert_eq!(standing(&[late, early]), views(&["v1/1"], &["v1/1"], &[]));
}

#[test]
fn a_later_attempt_outranks_a_later_time() {
    let first = |event| of_attempt(event, Some(1));
    let second = |event| of_attempt(event, Some(2));
    assert_eq!(standing(&[second(refused("v1", 1, 0)), first(accepted("v1", 1, 9))])[0], [""; 0]);
    assert_eq!(standing(&[second(accepted("v1", 1, 0)), first(refused("v1", 1, 9))])[0], ["v1/1"]);
    // Ten attempts are more than nine.
    let tenth = of_attempt(accepted("v1", 1, 0), Some(10));
    assert_eq!(standing(&[tenth, of_attempt(refused("v1", 1, 1), Some(9))])[0], ["v1/1"]);
}

#[test]
fn an_unknown_attempt_counts_as_the_first() {
    let unknown = |event| of_attempt(event, None);
    let numbered = |event, attempt| of_attempt(event, Some(attempt));
    let later = [numbered(refused("v1", 1, 0), 1), unknown(accepted("v1", 1, 1))];
    assert_eq!(standing(&later)[0], ["v1/1"]);
    let outranked = [numbered(refused("v1", 1, 0), 2), unknown(accepted("v1", 1, 1))];
    assert_eq!(standing(&outranked)[0], [""; 0]);
}

#[test]
fn at_the_same_time_the_later_row_counts() {
    on_every_log(|target| {
        let failed = told(EventKind::Provenance, EventStatus::Failure, "v1", 1, 0);
        let log = target.log();
        log.append(&[accepted("v1", 1, 0)]).unwrap();
        log.append(&[failed]).unwrap();
        assert_eq!(log.kpi(&KpiFilter::default()).unwrap(), []);
        assert_eq!(log.open_incidents(&KpiFilter::default()).unwrap().len(), 1);
    });
}

#[test]
fn only_provenance_and_validated_events_are_words() {
    let good = |kind| told(kind, EventStatus::Success, "v1", 1, 9);
    for kind in
        [EventKind::Dispatched, EventKind::Notified, EventKind::Reconciled, EventKind::RolledBack]
    {
        let events = [refused("v1", 1, 0), good(kind)];
        assert_eq!(standing(&events), views(&[], &["v1/1"], &["v1/1"]), "{kind:?}");
        assert_eq!(standing(&[good(kind)]), views(&[], &[], &[]), "{kind:?}");
    }
    for kind in [EventKind::Provenance, EventKind::Validated] {
        assert_eq!(standing(&[good(kind)]), views(&["v1/1"], &[], &[]), "{kind:?}");
    }
}

#[test]
fn pending_is_neither_success_nor_incident() {
    let pending = told(EventKind::Provenance, EventStatus::Pending, "v1", 1, 1);
    assert_eq!(standing(std::slice::from_ref(&pending)), views(&[], &[], &[]));
    // A run that started again is not a success any more, until it ends.
    assert_eq!(standing(&[accepted("v1", 1, 0), pending]), views(&[], &[], &[]));
}

#[test]
fn failures_of_words_and_roll_backs_are_incidents() {
    let bad = |kind| told(kind, EventStatus::Failure, "v1", 1, 0);
    for kind in [EventKind::Provenance, EventKind::Validated, EventKind::RolledBack] {
        assert_eq!(standing(&[bad(kind)]), views(&[], &["v1/1"], &["v1/1"]), "{kind:?}");
    }
    for kind in [EventKind::Dispatched, EventKind::Notified, EventKind::Reconciled] {
        assert_eq!(standing(&[bad(kind)]), views(&[], &[], &[]), "{kind:?}");
    }
}

#[test]
fn a_later_success_of_the_same_tag_closes_an_incident_whatever_its_run() {
    let failed = refused("v1", 1, 5);
    let cases = [
        (accepted("v1", 2, 6), views(&["v1/2"], &["v1/1"], &[])),
        // Earlier, or of another tag, or of another repository, it does not.
        (accepted("v1", 2, 4), views(&["v1/2"], &["v1/1"], &["v1/1"])),
        (accepted("v2", 2, 6), views(&["v2/2"], &["v1/1"], &["v1/1"])),
        (
            of_repository(accepted("v1", 2, 6), Some("acme/other")),
            views(&["v1/2"], &["v1/1"], &["v1/1"]),
        ),
        (of_repository(accepted("v1", 2, 6), None), views(&["v1/2"], &["v1/1"], &["v1/1"])),
    ];
    for (success, expected) in cases {
        assert_eq!(standing(&[failed.clone(), success]), expected);
    }
    let nowhere = |event| of_repository(event, None);
    assert_eq!(
        standing(&[nowhere(failed), nowhere(accepted("v1", 2, 6))]),
        views(&["v1/2"], &["v1/1"], &[])
    );
}

#[test]
fn a_roll_back_stays_open_until_the_tag_succeeds_again() {
    let withdrawn = told(EventKind::RolledBack, EventStatus::Failure, "v1", 1, 5);
    let before = [accepted("v1", 1, 0), withdrawn.clone()];
    assert_eq!(standing(&before), views(&["v1/1"], &["v1/1"], &["v1/1"]));
    let after = [accepted("v1", 1, 0), withdrawn, accepted("v1", 2, 9)];
    assert_eq!(standing(&after), views(&["v1/2", "v1/1"], &["v1/1"], &[]));
}

#[test]
fn repositories_do_not_mix() {
    on_every_log(|target| {
        let log = target.log();
        let other = |event| of_repository(event, Some("acme/other"));
        let events =
            [accepted("v1", 1, 0), other(refused("v1", 1, 1)), other(accepted("v2", 2, 2))];
        log.append(&events).unwrap();
        let of = |repository: Option<&str>| KpiFilter {
            repository: repository.map(str::to_owned),
            ..KpiFilter::default()
        };
        let tags = |filter: &KpiFilter| -> Vec<String> {
            log.kpi(filter).unwrap().into_iter().map(|row| row.tag).collect()
        };
        assert_eq!(tags(&of(Some("acme/app"))), ["v1"]);
        assert_eq!(tags(&of(Some("acme/other"))), ["v2"]);
        assert_eq!(tags(&of(Some("acme/othe"))), [""; 0]);
        assert_eq!(tags(&of(None)), ["v2", "v1"]);
        assert_eq!(log.incidents(&of(Some("acme/app"))).unwrap(), []);
        assert_eq!(log.open_incidents(&of(Some("acme/other"))).unwrap().len(), 1);
    });
}

#[test]
fn rows_are_typed_and_filtered() {
    on_every_log(|target| {
        let log = target.log();
        let success = accepted("v1", 1, 10);
        let failure = refused("v2", 2, 20);
        let ids: Vec<_> = log.append(&[success.clone(), failure.clone()]).unwrap();
        let row = log.kpi(&KpiFilter::default()).unwrap().remove(0);
        assert_eq!((row.tag, row.run_id, row.status), ("v1".into(), 1, EventStatus::Success));
        assert_eq!((row.occurred_at, row.validated_at), (at(10), Some(at(10))));
        assert_eq!((row.release_url, row.repository), (success.release_url, success.repository));
        assert_eq!((row.builder_id, row.slsa_build_level), (success.builder_id, Some(3)));
        assert_eq!((row.event, row.attempt), (EventKind::Validated, Some(1)));
        assert_eq!((row.failure_reason, row.id), (None, ids[0].id));

        let incident = log.open_incidents(&KpiFilter::default()).unwrap().remove(0);
        assert_eq!((incident.tag, incident.run_id), ("v2".into(), 2));
        assert_eq!(incident.failure_reason.as_deref(), Some("refused: source-ref"));
        assert_eq!((incident.occurred_at, incident.id), (at(20), ids[1].id));

        let latest = |since: Option<i64>, limit| -> Vec<String> {
            let filter = KpiFilter { since: since.map(at), limit, ..KpiFilter::default() };
            log.latest(&filter).unwrap().into_iter().map(|row| row.tag).collect()
        };
        assert_eq!(latest(None, None), ["v2", "v1"]);
        assert_eq!(latest(Some(10), None), ["v2", "v1"]);
        assert_eq!(latest(Some(11), None), ["v2"]);
        assert_eq!(latest(Some(21), None), [""; 0]);
        assert_eq!(latest(None, Some(1)), ["v2"]);
        assert_eq!(latest(None, Some(0)), [""; 0]);
    });
}

#[test]
fn days_count_how_the_runs_stand() {
    let place = Place::new();
    let day = 86_400;
    let events = [
        refused("v1", 1, 0),
        accepted("v1", 1, 1),
        refused("v2", 2, 2),
        told(EventKind::Provenance, EventStatus::Pending, "v3", 3, 3),
        accepted("v4", 4, day),
        // Noon plus twelve hours is the next day, UTC.
        accepted("v5", 5, day / 2),
        of_repository(accepted("v6", 6, 0), Some("acme/other")),
    ];
    place.log().append(&events).unwrap();
    let days = place.value(
        "select group_concat(
           day || ' ' || repository || ' ' || runs || succeeded || failed || pending, '; '
           order by day, repository)
         from provenance_kpi_daily",
    );
    assert_eq!(
        days.as_deref(),
        Some("2026-11-23 acme/app 3111; 2026-11-23 acme/other 1100; 2026-11-24 acme/app 2200")
    );
}

#[test]
fn started_runs_are_listed_and_are_no_word_on_them() {
    on_every_log(|target| {
        let dispatched = |tag: &str, run: u64, seconds: i64| {
            Event::of_dispatch("acme/app", run, tag, "", Some("octocat".into()), at(seconds))
        };
        let log = target.log();
        log.append(&[dispatched("v1", 1, 0), dispatched("v2", 2, 5), accepted("v1", 1, 9)])
            .unwrap();
        let started = |filter: &KpiFilter| -> Vec<(String, u64)> {
            log.dispatches(filter).unwrap().into_iter().map(|it| (it.tag, it.run_id)).collect()
        };
        let all = KpiFilter::default();
        assert_eq!(started(&all), [("v2".into(), 2), ("v1".into(), 1)]);
        assert_eq!(started(&KpiFilter { since: Some(at(1)), ..all.clone() }), [("v2".into(), 2)]);
        let elsewhere = KpiFilter { repository: Some("acme/other".into()), ..all.clone() };
        assert_eq!(started(&elsewhere), []);
        assert_eq!(log.latest(&all).unwrap().len(), 1);
    });
}
