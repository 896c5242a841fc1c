//! What SQLite keeps beside the log is what the log comes to, by the definitions of the first
//! version, which ask the log alone.

use crate::postgres::projection::Dice;
use crate::sample::Place;
use crate::target::{Service, Target, ask};
use crate::upgrade::{FIRST, of_the_first_version};
use jiff::Timestamp;
use provost_store::{KpiFilter, ReleaseFilter, ReleaseOrder};
use std::fmt::Write;

const VIEWS: [&str; 5] = [
    "provenance_latest",
    "provenance_kpi",
    "provenance_incidents",
    "provenance_open_incidents",
    "provenance_kpi_daily",
];

/// Beside the views, what a run is.
const RUNS: (&str, &str) = (
    "select repository, tag, run_id, first_at, dispatched_at, accepted_at, succeeded_at, failed_at
     from provenance_run",
    "select repository, tag, run_id, min(occurred_at),
       min(occurred_at) filter (where event = 'dispatched'),
       min(occurred_at) filter (where event = 'validated' and status = 'success'),
       max(occurred_at) filter (where event in ('provenance', 'validated') and status = 'success'),
       max(occurred_at) filter (where status = 'failure'
         and event in ('provenance', 'validated', 'rolled_back'))
     from provenance_audit_log group by 1, 2, 3",
);

const RELEASES: &str = "
    select group_concat(id, ' ' order by occurred_at desc, id desc) from (
      select *, row_number() over (
        partition by repository, tag
        order by event <> 'dispatched' desc, occurred_at desc, id desc) as newness
      from provenance_audit_log
      where tag <> ''
        and (event = 'dispatched' or id in (select id from defined_latest)))
    where newness = 1";

const HISTORIES: &str = "
    select group_concat(history, char(10) order by history) from (
      select concat_ws(' ', first_at, dispatched_at, accepted_at, coalesce((
        select run.status = 'success' and exists (
          select 1 from provenance_audit_log as word
          where word.repository is run.repository and word.tag = run.tag
            and word.run_id = run.run_id and word.event = 'validated'
            and word.status = 'success')
        from defined_latest as run
        where run.repository is release.repository and run.tag = release.tag
        order by run.occurred_at desc, run.id desc limit 1), false)) as history
      from (
        select repository, tag, min(occurred_at) as first_at,
          min(case when event = 'dispatched' then occurred_at end) as dispatched_at,
          min(case when event = 'validated' and status = 'success' then occurred_at end)
            as accepted_at
        from provenance_audit_log
        where tag <> ''
        group by repository, tag) as release
      where first_at >= 'SINCE')";

/// Events of few runs and few times, so that everything meets everything.
fn insert(dice: &mut Dice, numbers: std::ops::Range<usize>) -> String {
    let mut statement = "insert into provenance_audit_log (id, run_id, tag, status, created_at,
        repository, event, event_key, occurred_at, attempt, validated_at, failure_reason,
        slsa_build_level) values"
        .to_owned();
    for number in numbers.clone() {
        let separator = if number == numbers.start { ' ' } else { ',' };
        let kinds = [
            "dispatched",
            "provenance",
            "validated",
            "validated",
            "notified",
            "reconciled",
            "rolled_back",
        ];
        // Ids in another order than the rows.
        write!(
            statement,
            "{separator}('01890a5d-ac96-774b-bcce-{:012x}', {}, '{}', '{}',
              '2026-11-24T00:00:00.{:06}Z', {}, '{}', 'key {number}',
              '2026-11-2{}T23:59:5{}.000000Z', {}, null, {}, {})",
            (number * 7919) % 100_003,
            dice.below(4),
            dice.one_of(&["v1", "v2", "", "ü", "v3", "v4", "v5", "v6"]),
            dice.one_of(&["success", "failure", "pending"]),
            number,
            dice.one_of(&["'acme/app'", "'acme/lib'", "null"]),
            dice.one_of(&kinds),
            dice.below(4),
            dice.below(3),
            dice.one_of(&["1", "2", "0", "null"]),
            dice.one_of(&["'no'", "null"]),
            dice.one_of(&["3", "null"]),
        )
        .unwrap();
    }
    statement
}

/// The definitions of the first version beside the views.
fn define(place: &Place) {
    let views = FIRST.split_once("create view").unwrap().1;
    let mut views = format!("create view{views}");
    for view in VIEWS {
        views = views.replace(view, &view.replace("provenance", "defined"));
    }
    place.execute(&views).unwrap();
}

/// Panics when something is not what the log comes to.
fn holds(target: &Target, service: &Service) {
    let Target::Sqlite(place) = target else { panic!("of SQLite") };
    let mut pairs: Vec<(String, String)> = VIEWS
        .iter()
        .map(|view| {
            let defined = view.replace("provenance", "defined");
            (format!("select * from {view}"), format!("select * from {defined}"))
        })
        .collect();
    pairs.push((RUNS.0.to_owned(), RUNS.1.to_owned()));
    for (kept, defined) in pairs {
        let difference = format!(
            "select count(*) from (select * from ({kept} except {defined})
               union all select * from ({defined} except {kept}))"
        );
        assert_eq!(place.value(&difference).as_deref(), Some("0"), "{kept}");
        let rows = |query: &str| place.value(&format!("select count(*) from ({query})"));
        assert_eq!(rows(&kept), rows(&defined), "{kept}");
    }

    for order in [ReleaseOrder::Newest, ReleaseOrder::Tag] {
        let filter = ReleaseFilter { order, limit: Some(1_000), ..ReleaseFilter::default() };
        let mut releases = ask!(service.find_releases(&filter)).items;
        releases.sort_by_key(|it| std::cmp::Reverse((it.occurred_at, it.id)));
        let ids: Vec<String> = releases.iter().map(|it| it.id.to_string()).collect();
        assert_eq!(ids.join(" "), place.value(RELEASES).unwrap_or_default());
    }
    for since in ["0000-01-01T00:00:00.000000Z", "2026-11-21T00:00:00.000000Z"] {
        let from: Timestamp = since.parse().unwrap();
        let mut histories: Vec<String> = ask!(service.histories(None, from))
            .iter()
            .map(|it| {
                let times = [Some(it.first_at), it.dispatched_at, it.accepted_at];
                let mut words: Vec<String> = times
                    .into_iter()
                    .flatten()
                    .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
                    .collect();
                words.push(u8::from(it.accepted).to_string());
                words.join(" ")
            })
            .collect();
        histories.sort_unstable();
        let defined = place.value(&HISTORIES.replace("SINCE", since)).unwrap_or_default();
        assert_eq!(histories.join("\n"), defined);
    }
    let open = "select count(*) from defined_open_incidents";
    let summary = ask!(service.summary(&KpiFilter::default(), Timestamp::UNIX_EPOCH));
    assert_eq!(Some(summary.open_incidents.to_string()), place.value(open));
}

#[test]
fn runs_days_and_views_are_what_the_log_comes_to() {
    let mut dice = Dice::new(2026);
    for round in 0..12 {
        let target = Target::Sqlite(Place::new());
        let service = target.service();
        let Target::Sqlite(place) = &target else { unreachable!() };
        define(place);
        let mut number = round * 1_000;
        while number < round * 1_000 + 400 {
            let next = number + 1 + dice.below(80);
            place.execute(&insert(&mut dice, number..next)).unwrap();
            number = next;
            holds(&target, &service);
        }
    }
}

#[test]
fn the_order_in_which_events_come_does_not_matter() {
    let mut dice = Dice::new(7);
    let all: Vec<String> = (0..1_000).map(|number| insert(&mut dice, number..number + 1)).collect();
    let content = |order: &[String]| {
        let place = Place::new();
        drop(place.log());
        place.execute(&format!("begin; {}; commit", order.join(";"))).unwrap();
        ["provenance_run", "provenance_kpi_daily"].map(|relation| {
            let columns = format!(
                "select group_concat('coalesce(' || name || ', ''-'')', ' || '' '' || ')
                 from pragma_table_info('{relation}')"
            );
            let row = place.value(&columns).unwrap();
            let rows = format!("select group_concat(x, char(10) order by x) from (select {row} as x from {relation})");
            place.value(&rows).unwrap()
        })
    };
    let first = content(&all);
    for _ in 0..5 {
        let mut other = all.clone();
        dice.shuffle(&mut other);
        assert_eq!(content(&other), first);
    }
}

#[test]
fn a_log_of_the_first_version_is_filled_from_its_rows_and_kept_from_then_on() {
    let mut dice = Dice::new(11);
    let place = of_the_first_version(0);
    place.execute(&insert(&mut dice, 0..1_500)).unwrap();
    let target = Target::Sqlite(place);
    let service = target.service();
    let Target::Sqlite(place) = &target else { unreachable!() };
    define(place);
    holds(&target, &service);
    place.execute(&insert(&mut dice, 1_500..3_000)).unwrap();
    holds(&target, &service);
    assert_eq!(place.integrity(), "ok");
}
