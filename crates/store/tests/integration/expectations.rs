//! A release that is waited for is found when it does not come.

use crate::sample::{accepted, at, refused};
use crate::target::{Service, ask, on_every_store};
use provost_store::{Expectation, Overdue, Settlement};

fn expectation(tag: &str, expected_at: i64, deadline: i64) -> Expectation {
    Expectation {
        repository: "acme/app".to_owned(),
        tag: tag.to_owned(),
        run_id: 77,
        release_url: Some("https://github.com/acme/app/releases/tag/v1".to_owned()),
        expected_at: at(expected_at),
        deadline: at(deadline),
    }
}

fn expect(service: &Service, expectation: Expectation) -> bool {
    ask!(service.expect_release(&expectation))
}

fn overdue(service: &Service, now: i64) -> Vec<Overdue> {
    ask!(service.overdue(at(now), 10))
}

fn settle(service: &Service, tag: &'static str, settlement: Settlement, now: i64) -> bool {
    ask!(service.settle_expectation("acme/app", tag, settlement, at(now)))
}

#[test]
fn a_release_is_overdue_from_its_deadline_on_until_it_is_settled() {
    on_every_store(|target| {
        let service = target.service();
        assert!(expect(&service, expectation("v1", 0, 60)));
        assert_eq!(overdue(&service, 59), []);
        let found = overdue(&service, 60);
        assert_eq!(found, [Overdue { expectation: expectation("v1", 0, 60), accepted: false }]);
        assert!(settle(&service, "v1", Settlement::Overdue, 61));
        // Of several watchers one is told so.
        assert!(!settle(&service, "v1", Settlement::Overdue, 61));
        assert!(!settle(&service, "v2", Settlement::Overdue, 61));
        assert_eq!(overdue(&service, 999), []);
    });
}

#[test]
fn an_accepted_release_is_named_as_such() {
    on_every_store(|target| {
        let service = target.service();
        for tag in ["v1", "v2", "v3"] {
            expect(&service, expectation(tag, 0, 60));
        }
        // Accepted before it was waited for counts as well.
        target.log().append(&[accepted("v1", 1, -5), refused("v2", 2, 5)]).unwrap();
        let found: Vec<(String, bool)> =
            overdue(&service, 60).into_iter().map(|it| (it.expectation.tag, it.accepted)).collect();
        assert_eq!(found, [("v1".into(), true), ("v2".into(), false), ("v3".into(), false)]);
    });
}

#[test]
fn waiting_twice_is_waiting_once_and_a_settled_release_may_be_waited_for_again() {
    on_every_store(|target| {
        let service = target.service();
        assert!(expect(&service, expectation("v1", 0, 60)));
        assert!(!expect(&service, expectation("v1", 10, 90)));
        assert_eq!(overdue(&service, 60).len(), 1);
        assert!(settle(&service, "v1", Settlement::Accepted, 61));
        assert!(!expect(&service, expectation("v1", 0, 60)));
        assert!(expect(&service, expectation("v1", 100, 160)));
        assert_eq!(overdue(&service, 159), []);
        assert_eq!(overdue(&service, 160)[0].expectation, expectation("v1", 100, 160));
    });
}
