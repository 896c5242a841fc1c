//! Releases are found by name, standing and time, page by page in four orders.

use crate::sample::{accepted, at, event, keyed, of_repository, refused, told};
use crate::target::{Service, answer_of_every_store, ask, on_every_store};
use jiff::Timestamp;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{KpiFilter, ReleaseFilter, ReleaseOrder, StoreError};

/// Releases that are accepted, refused and only started, of two repositories and of an unknown one.
fn events() -> Vec<Event> {
    let dispatched = |tag: &str, run_id, seconds| {
        told(EventKind::Dispatched, EventStatus::Pending, tag, run_id, seconds)
    };
    vec![
        dispatched("v1", 1, 0),
        accepted("v1", 1, 10),
        refused("v2", 2, 20),
        accepted("v2", 3, 30),
        refused("V10%", 4, 40),
        dispatched("v3_rc", 5, 50),
        dispatched("v3_rc", 5, 55),
        dispatched("v3_rc", 4, 60),
        of_repository(accepted("v1", 1, 5), Some("acme/lib")),
        of_repository(refused("w\\1", 7, 25), Some("acme/lib")),
        of_repository(accepted("v1", 1, 15), None),
        of_repository(dispatched("v4", 9, 35), None),
        // Not of a release.
        told(EventKind::Reconciled, EventStatus::Failure, "", 0, 70),
        told(EventKind::Notified, EventStatus::Success, "v9", 9, 80),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, mut event)| {
        // The two starts of one run would have the same key otherwise.
        event.key = provost_record::EventKey::parse(&format!("key-{number}")).unwrap();
        event
    })
    .collect()
}

fn filled(target: &crate::target::Target) -> Service {
    let service = target.service();
    for event in events() {
        ask!(service.append(std::slice::from_ref(&event)));
    }
    service
}

/// Repository, tag and run of all pages.
fn found(service: &Service, filter: &ReleaseFilter) -> Vec<String> {
    let mut filter = filter.clone();
    let mut names = Vec::new();
    loop {
        let asked = filter.clone();
        let page = ask!(service.find_releases(&asked));
        names.extend(page.items.iter().map(|it| {
            format!("{}:{}/{}", it.repository.as_deref().unwrap_or("?"), it.tag, it.run_id)
        }));
        let Some(next) = page.next else { return names };
        // As it comes back from outside.
        filter.after = Some(next.to_string().parse().unwrap());
    }
}

const NEWEST: [&str; 8] = [
    "acme/app:v3_rc/4",
    "acme/app:V10%/4",
    "?:v4/9",
    "acme/app:v2/3",
    "acme/lib:w\\1/7",
    "?:v1/1",
    "acme/app:v1/1",
    "acme/lib:v1/1",
];

const BY_TAG: [&str; 8] = [
    "acme/app:V10%/4",
    "?:v1/1",
    "acme/app:v1/1",
    "acme/lib:v1/1",
    "acme/app:v2/3",
    "acme/app:v3_rc/4",
    "?:v4/9",
    "acme/lib:w\\1/7",
];

#[test]
fn every_order_is_the_same_in_pages_of_any_size() {
    on_every_store(|target| {
        let service = filled(target);
        for (order, backwards, expected) in [
            (ReleaseOrder::Newest, ReleaseOrder::Oldest, NEWEST),
            (ReleaseOrder::Tag, ReleaseOrder::TagDescending, BY_TAG),
        ] {
            for limit in [Some(1), Some(3), Some(8), None] {
                let filter = ReleaseFilter { order, limit, ..ReleaseFilter::default() };
                assert_eq!(found(&service, &filter), expected, "{order:?} {limit:?}");
                let mut other = found(&service, &ReleaseFilter { order: backwards, ..filter });
                other.reverse();
                assert_eq!(other, expected, "{backwards:?} {limit:?}");
            }
        }
        // The newest are those of `releases`.
        let filter = KpiFilter { limit: Some(3), ..KpiFilter::default() };
        let page = ask!(service.releases(&filter));
        let after = KpiFilter { after: page.next, ..KpiFilter::default() };
        let rest = ask!(service.releases(&after)).items;
        let tags: Vec<String> = page.items.into_iter().chain(rest).map(|it| it.tag).collect();
        assert!(tags.iter().zip(NEWEST).all(|(tag, name)| name.contains(&format!(":{tag}/"))));
        assert_eq!(tags.len(), NEWEST.len());
    });
}

#[test]
fn one_thing_can_be_asked_for_in_every_order() {
    let all = ReleaseFilter { limit: Some(1), ..ReleaseFilter::default() };
    let search = |text: &str| ReleaseFilter { search: Some(text.to_owned()), ..all.clone() };
    let status = |status| ReleaseFilter { status: Some(status), ..all.clone() };
    let since = |since: Timestamp| ReleaseFilter { since: Some(since), ..all.clone() };
    let repository =
        |name: &str| ReleaseFilter { repository: Some(name.to_owned()), ..all.clone() };
    let cases: Vec<(ReleaseFilter, &[&str])> = vec![
        (repository("acme/lib"), &["acme/lib:w\\1/7", "acme/lib:v1/1"]),
        (repository("ACME/lib"), &[]),
        (repository(""), &[]),
        (repository("acme/\0"), &[]),
        (status(EventStatus::Failure), &["acme/app:V10%/4", "acme/lib:w\\1/7"]),
        (status(EventStatus::Pending), &["acme/app:v3_rc/4", "?:v4/9"]),
        (since(at(40)), &["acme/app:v3_rc/4", "acme/app:V10%/4"]),
        (since(at(61)), &[]),
        (since(Timestamp::MIN), &NEWEST),
        (search(""), &NEWEST),
        (search("v1"), &["acme/app:V10%/4", "?:v1/1", "acme/app:v1/1", "acme/lib:v1/1"]),
        (search("V3_RC"), &["acme/app:v3_rc/4"]),
        // Each character means itself.
        (search("%"), &["acme/app:V10%/4"]),
        (search("_"), &["acme/app:v3_rc/4"]),
        (search("\\"), &["acme/lib:w\\1/7"]),
        (search("v_"), &[]),
        (search("'"), &[]),
        (search("v1\0"), &[]),
        (
            ReleaseFilter { status: Some(EventStatus::Success), ..repository("acme/app") },
            &["acme/app:v2/3", "acme/app:v1/1"],
        ),
    ];
    on_every_store(|target| {
        let service = filled(target);
        for (filter, expected) in &cases {
            assert_eq!(&found(&service, filter), expected, "{filter:?}");
            for order in [ReleaseOrder::Oldest, ReleaseOrder::Tag, ReleaseOrder::TagDescending] {
                let mut names = found(&service, &ReleaseFilter { order, ..filter.clone() });
                names.sort_unstable();
                let mut expected = expected.to_vec();
                expected.sort_unstable();
                assert_eq!(names, expected, "{order:?} {filter:?}");
            }
        }
    });
}

#[test]
fn a_row_is_the_same_as_in_the_list_of_releases() {
    let rows = answer_of_every_store(|target| {
        let service = target.service();
        let failed = keyed(Event { builder_id: None, ..refused("v1", 1, 10) });
        ask!(service.append(&[event(EventKind::Dispatched, EventStatus::Pending, 0), failed]));
        let page = ask!(service.find_releases(&ReleaseFilter::default()));
        let mut rows = page.items;
        assert_eq!(rows, ask!(service.releases(&KpiFilter::default())).items);
        rows.iter_mut().for_each(|row| row.id = uuid::Uuid::nil());
        rows
    });
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].failure_reason.as_deref(), Some("refused: source-ref"));
    assert_eq!(rows[1].event, EventKind::Dispatched);
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    on_every_store(|target| {
        let service = filled(target);
        let first = ReleaseFilter { limit: Some(1), ..ReleaseFilter::default() };
        let newest = first.clone();
        let next = ask!(service.find_releases(&newest)).next;
        assert_eq!(next.as_ref().unwrap().order(), ReleaseOrder::Newest);
        for (order, refused) in [
            (ReleaseOrder::Newest, false),
            (ReleaseOrder::Oldest, true),
            (ReleaseOrder::Tag, true),
            (ReleaseOrder::TagDescending, true),
        ] {
            let filter = ReleaseFilter { order, after: next.clone(), ..first.clone() };
            let database = service.database.clone();
            let answer = service.ask(async move { Ok(database.find_releases(&filter).await) });
            assert_eq!(matches!(answer, Err(StoreError::Cursor(_))), refused, "{order:?}");
            assert_eq!(answer.is_ok(), !refused, "{order:?}");
        }
    });
}
