//! What the log comes to is what its definition says, in whatever order and batches events come.

use super::database;
use super::script::append;
use provost_testkit::postgres::{Database, Flavour};
use serde_json::{Value, json};

/// Small numbers without meaning, the same on every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed * 2 + 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX constants; the low bits are not random enough.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

fn random_event(dice: &mut Dice, number: usize) -> Value {
    let kinds = [
        "dispatched",
        "provenance",
        "validated",
        "validated",
        "notified",
        "reconciled",
        "rolled_back",
    ];
    let time = format!("2026-11-2{}T23:59:5{}Z", dice.below(4), dice.below(3));
    json!({
        "run_id": dice.below(4),
        "tag": dice.one_of(&["v1", "v2", "", "ü"]),
        "status": dice.one_of(&["success", "failure", "pending"]),
        "repository": dice.one_of(&[json!("acme/app"), json!("acme/lib"), Value::Null]),
        "event": dice.one_of(&kinds),
        "event_key": format!("key {number}"),
        "occurred_at": time,
        "validated_at": dice.one_of(&[json!(time), Value::Null]),
        "attempt": dice.one_of(&[json!(1), json!(2), Value::Null]),
        "failure_reason": dice.one_of(&[json!("no"), Value::Null]),
        "release_url": dice.one_of(&[json!("https://a.example"), Value::Null]),
        "slsa_build_level": dice.one_of(&[json!(3), Value::Null]),
        "builder_id": dice.one_of(&[json!("https://b.example"), Value::Null]),
    })
}

/// How many columns, the relations that are kept, and their definitions from the log alone.
const DEFINITIONS: [(usize, &str, &str); 5] = [
    (
14,         "select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
           slsa_build_level, failure_reason, event, attempt, occurred_at, id
         from provenance_latest",
        "select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
           slsa_build_level, failure_reason, event, attempt, occurred_at, id
         from latest",
    ),
    (
        1, "select id from provenance_kpi",
        "select id from latest where status = 'success'",
    ),
    (
        1, "select id from provenance_open_incidents",
        "select id from provenance_audit_log as incident
         where status = 'failure' and event in ('provenance', 'validated', 'rolled_back')
           and not exists (
             select 1 from provenance_audit_log as later
             where later.event in ('provenance', 'validated') and later.status = 'success'
               and later.repository is not distinct from incident.repository
               and later.tag = incident.tag
               and (later.occurred_at, later.id) > (incident.occurred_at, incident.id))",
    ),
    (
        6, "select day, repository, runs, succeeded, failed, pending from provenance_kpi_daily",
        "select (occurred_at at time zone 'UTC')::date, repository, count(*),
           count(*) filter (where status = 'success'), count(*) filter (where status = 'failure'),
           count(*) filter (where status = 'pending')
         from latest group by 1, 2",
    ),
    (
        8, "select repository, tag, run_id, first_at, dispatched_at, accepted_at, succeeded_at, failed_at
         from provenance_run",
        "select repository, tag, run_id, min(occurred_at),
           min(occurred_at) filter (where event = 'dispatched'),
           min(occurred_at) filter (where event = 'validated' and status = 'success'),
           max(occurred_at) filter (where event in ('provenance', 'validated') and status = 'success'),
           max(occurred_at) filter (where status = 'failure'
             and event in ('provenance', 'validated', 'rolled_back'))
         from provenance_audit_log group by 1, 2, 3",
    ),
];

/// Panics when a kept relation is not what the log comes to.
pub(crate) fn holds(database: &Database) {
    let latest = "latest as (
        select * from (
          select *, row_number() over (partition by repository, tag, run_id
            order by coalesce(attempt, 1) desc, occurred_at desc, id desc) as newness
          from provenance_audit_log where event in ('provenance', 'validated')
        ) as word where newness = 1)";
    for (width, kept, defined) in DEFINITIONS {
        let query = format!(
            "with {latest}, kept as ({kept}), defined as ({defined})
             select 'kept', x from (select to_jsonb(kept) from kept except all
               select to_jsonb(defined) from defined) as x
             union all
             select 'defined', x from (select to_jsonb(defined) from defined except all
               select to_jsonb(kept) from kept) as x"
        );
        // Both sides under the names of the first.
        let names: Vec<String> = (0..14).map(|number| format!("c{number}")).collect();
        let query = query
            .replace("kept as (", &format!("kept ({}) as (", names[..width].join(", ")))
            .replace("defined as (", &format!("defined ({}) as (", names[..width].join(", ")));
        let difference = database.owner().execute(&query).unwrap();
        assert_eq!(difference, "", "{kept}");
    }
}

#[test]
fn runs_days_and_views_are_what_the_log_comes_to() {
    let Some(database) = database(Flavour::Plain) else { return };
    let mut dice = Dice::new(2026);
    let session = database.owner();
    let mut number = 0;
    for round in 0..12 {
        let batch: Vec<Value> = (0..1 + dice.below(40))
            .map(|_| {
                number += 1;
                random_event(&mut dice, number)
            })
            .collect();
        let answers = append(&session, &json!(batch));
        assert!(answers.iter().all(|answer| answer.outcome == "inserted"), "round {round}");
        holds(&database);
    }
}

#[test]
fn the_order_in_which_events_come_does_not_matter() {
    let Some(first) = database(Flavour::Plain) else { return };
    let Some(second) = database(Flavour::Plain) else { return };
    let mut dice = Dice::new(7);
    let mut events: Vec<Value> = (0..150).map(|number| random_event(&mut dice, number)).collect();
    // With ids of their own, so that ties fall the same way in both.
    for (number, event) in events.iter_mut().enumerate() {
        event["id"] = json!(format!("01890a5d-ac96-774b-bcce-{:012x}", (number * 7919) % 150));
        event["created_at"] = json!("2026-11-24T00:00:00Z");
    }
    append(&first.owner(), &json!(events));
    dice.shuffle(&mut events);
    for batch in events.chunks(7) {
        append(&second.owner(), &json!(batch));
    }
    holds(&first);
    holds(&second);
    for relation in ["provenance_run", "provenance_kpi_daily", "provenance_open_incidents"] {
        let rows = format!("select x from {relation} as x order by x::text");
        assert_eq!(
            first.owner().execute(&rows).unwrap(),
            second.owner().execute(&rows).unwrap(),
            "{relation}"
        );
    }
}

#[test]
fn a_row_that_the_owner_inserts_by_hand_counts_like_any_other() {
    let Some(database) = database(Flavour::Plain) else { return };
    let insert = "insert into provenance_audit_log (run_id, tag, status, event, event_key, occurred_at)
        select number, 'v' || number % 5, (array['success', 'failure'])[1 + number % 2],
          'validated', 'key ' || number, '2026-11-23T12:00:00Z'::timestamptz + number * interval '1 hour'
        from generate_series(1, 100) as number";
    database.owner().execute(insert).unwrap();
    holds(&database);
}
