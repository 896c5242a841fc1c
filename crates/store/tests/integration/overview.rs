//! What an overview asks: days, repositories, courses of releases, ends of incidents, and whether
//! anything is new.

use crate::sample::{accepted, at, event, of_repository, refused, told};
use crate::target::{ask, on_every_store};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use provost_record::{EventKind, EventStatus};
use provost_store::{Day, KpiFilter, ReleaseHistory};

const DAY: i64 = 86_400;

#[test]
fn repositories_are_named_once_and_sorted() {
    on_every_store(|target| {
        let service = target.service();
        assert!(ask!(service.repositories(10)).is_empty());
        let of = |name: Option<&str>, run| of_repository(accepted("v1", run, 0), name);
        let told = told(EventKind::Notified, EventStatus::Success, "v1", 9, 0);
        let told = of_repository(told, Some("Acme/app"));
        ask!(service.append(&[
            of(Some("acme/lib"), 1),
            of(Some("acme/lib"), 2),
            of(None, 3),
            of(Some("acme/app"), 4),
            told,
        ]));
        assert_eq!(ask!(service.repositories(10)), ["Acme/app", "acme/app", "acme/lib"]);
        assert_eq!(ask!(service.repositories(2)), ["Acme/app", "acme/app"]);
        assert!(ask!(service.repositories(0)).is_empty());
    });
}

#[test]
fn days_are_summed_over_the_repositories_or_of_one() {
    on_every_store(|target| {
        let service = target.service();
        let lib = |event| of_repository(event, Some("acme/lib"));
        ask!(service.append(&[
            accepted("v1", 1, 0),
            refused("v2", 2, 1),
            lib(accepted("v1", 1, 2)),
            // Moves to the day after.
            refused("v3", 3, 3),
            accepted("v3", 3, DAY),
            told(EventKind::Validated, EventStatus::Pending, "v4", 4, DAY),
            told(EventKind::Dispatched, EventStatus::Pending, "v5", 5, DAY),
            lib(accepted("v2", 2, 3 * DAY)),
        ]));
        let day =
            |day, runs, succeeded, failed, pending| Day { day, runs, succeeded, failed, pending };
        let all = [
            day(date(2026, 11, 23), 3, 2, 1, 0),
            day(date(2026, 11, 24), 2, 1, 0, 1),
            day(date(2026, 11, 26), 1, 1, 0, 0),
        ];
        assert_eq!(ask!(service.daily(None, Date::MIN)), all);
        assert_eq!(ask!(service.daily(None, date(2026, 11, 24))), all[1..]);
        assert!(ask!(service.daily(None, Date::MAX)).is_empty());
        let lib = [day(date(2026, 11, 23), 1, 1, 0, 0), all[2]];
        assert_eq!(ask!(service.daily(Some("acme/lib"), Date::ZERO)), lib);
        for nobody in ["", "acme/none", "acme/\0"] {
            assert!(ask!(service.daily(Some(nobody), Date::MIN)).is_empty(), "{nobody}");
        }
    });
}

#[test]
fn histories_are_of_the_releases_first_heard_of_since() {
    on_every_store(|target| {
        let service = target.service();
        ask!(service.append(&[
            told(EventKind::Dispatched, EventStatus::Pending, "v1", 1, 0),
            refused("v1", 1, 60),
            accepted("v1", 2, 120),
            of_repository(accepted("v1", 1, 200), Some("acme/lib")),
            // Accepted once, and fallen since.
            of_repository(accepted("v2", 1, 300), None),
            of_repository(refused("v2", 1, 400), None),
            told(EventKind::Reconciled, EventStatus::Failure, "", 0, 500),
        ]));
        let history = |first, dispatched: Option<i64>, accepted: i64, stands| ReleaseHistory {
            first_at: at(first),
            dispatched_at: dispatched.map(at),
            accepted_at: Some(at(accepted)),
            accepted: stands,
        };
        let all = [
            history(0, Some(0), 120, true),
            history(200, None, 200, true),
            history(300, None, 300, false),
        ];
        let asked = |repository: Option<&'static str>, since| {
            let mut found = ask!(service.histories(repository, since));
            found.sort_by_key(|it| it.first_at);
            found
        };
        assert_eq!(asked(None, Timestamp::MIN), all);
        assert_eq!(asked(None, at(0)), all);
        // Heard of before, though not of its second run.
        assert_eq!(asked(None, at(1)), all[1..]);
        assert_eq!(asked(Some("acme/lib"), at(0)), all[1..2]);
        assert!(asked(Some("acme/lib"), at(201)).is_empty());
        assert!(asked(Some(""), Timestamp::MIN).is_empty());
        assert!(asked(Some("acme/\0"), Timestamp::MIN).is_empty());
        assert_eq!(all[0].time_to_accepted().unwrap().as_secs(), 120);
    });
}

#[test]
fn an_incident_ends_with_the_first_later_success_of_its_release() {
    on_every_store(|target| {
        let service = target.service();
        let lib = |event| of_repository(event, Some("acme/lib"));
        ask!(service.append(&[
            refused("v1", 1, 0),
            refused("v1", 1, 10),
            told(EventKind::Provenance, EventStatus::Success, "v1", 2, 20),
            accepted("v1", 2, 30),
            refused("v1", 3, 40),
            lib(refused("v1", 1, 5)),
            of_repository(refused("v1", 1, 6), None),
            of_repository(accepted("v1", 1, 7), None),
            told(EventKind::Notified, EventStatus::Success, "v1", 3, 50),
        ]));
        let settled = |filter: &KpiFilter| {
            let asked = filter.clone();
            let rows = ask!(service.settled_incidents(&asked));
            let asked = filter.clone();
            let plain = ask!(service.incidents(&asked));
            assert!(rows.iter().map(|row| &row.incident).eq(&plain));
            let ends: Vec<(Timestamp, Option<Timestamp>)> =
                rows.into_iter().map(|row| (row.incident.occurred_at, row.resolved_at)).collect();
            ends
        };
        let ends = [
            (at(40), None),
            (at(10), Some(at(20))),
            (at(6), Some(at(7))),
            (at(5), None),
            (at(0), Some(at(20))),
        ];
        assert_eq!(settled(&KpiFilter::default()), ends);
        assert_eq!(settled(&KpiFilter { limit: Some(2), ..KpiFilter::default() }), ends[..2]);
        assert_eq!(settled(&KpiFilter { since: Some(at(10)), ..KpiFilter::default() }), ends[..2]);
        let lib = KpiFilter { repository: Some("acme/lib".to_owned()), ..KpiFilter::default() };
        assert_eq!(settled(&lib), ends[3..4]);
        // Page by page.
        let mut filter = KpiFilter { limit: Some(2), ..KpiFilter::default() };
        let mut all = Vec::new();
        loop {
            let asked = filter.clone();
            let rows = ask!(service.settled_incidents(&asked));
            let page = provost_store::Page::cut(rows, 1);
            all.extend(page.items.iter().map(|row| row.incident.occurred_at));
            let Some(next) = page.next else { break };
            filter.after = Some(next);
        }
        assert_eq!(all, ends.map(|(occurred_at, _)| occurred_at));
    });
}

#[test]
fn the_mark_changes_with_every_row_and_with_nothing_else() {
    on_every_store(|target| {
        let service = target.service();
        let empty = ask!(service.mark());
        ask!(service.append(&[accepted("v1", 1, 0)]));
        let one = ask!(service.mark());
        assert_ne!(one, empty);
        assert_eq!(ask!(service.mark()), one);
        // It is there already.
        ask!(service.append(&[accepted("v1", 1, 0)]));
        let after_the_repeat = ask!(service.mark());
        ask!(service.append(&[accepted("v2", 2, 0), accepted("v3", 3, 0)]));
        assert_ne!(ask!(service.mark()), after_the_repeat);
        // From another connection.
        let before = ask!(service.mark());
        target.log().append(&[refused("v4", 4, 0)]).unwrap();
        assert_ne!(ask!(service.mark()), before);
    });
}

#[test]
fn the_newest_event_of_a_kind_is_found_or_nothing() {
    on_every_store(|target| {
        let service = target.service();
        for kind in EventKind::ALL {
            assert_eq!(ask!(service.newest_of(kind, None)), None);
        }
        for kind in EventKind::ALL {
            let of = move |seconds, repository| {
                of_repository(event(kind, EventStatus::Success, seconds), repository)
            };
            ask!(service.append(&[of(1, Some("acme/app")), of(3, None), of(2, Some("acme/lib"))]));
        }
        for kind in EventKind::ALL {
            let newest = |repository: Option<&'static str>| {
                let found = ask!(service.newest_of(kind, repository));
                found.map(|it| {
                    assert_eq!(it.event.kind, kind);
                    it.event.occurred_at
                })
            };
            assert_eq!(newest(None), Some(at(3)), "{kind:?}");
            assert_eq!(newest(Some("acme/lib")), Some(at(2)), "{kind:?}");
            assert_eq!(newest(Some("acme/none")), None, "{kind:?}");
        }
    });
}
