//! Queries stay within indexes when the log is long.

use crate::sample::{Place, accepted, at, of_repository, refused};
use provost_record::Event;
use provost_store::{Coverage, KpiFilter};

/// Ten repositories with a thousand releases each; every tenth is refused.
fn events() -> Vec<Event> {
    (0..10_000)
        .map(|run| {
            let (repository, tag) = (format!("acme/app-{}", run % 10), format!("v{}", run / 10));
            let seconds = run as i64;
            let event = if run / 10 % 10 == 0 {
                refused(&tag, run, seconds)
            } else {
                accepted(&tag, run, seconds)
            };
            of_repository(event, Some(&repository))
        })
        .collect()
}

#[test]
fn ten_thousand_events_are_answered_from_indexes() {
    let place = Place::new();
    let log = place.log();
    log.append(&events()).unwrap();
    let filter = KpiFilter { repository: Some("acme/app-3".to_owned()), ..KpiFilter::default() };
    assert_eq!(log.kpi(&filter).unwrap().len(), 900);
    assert_eq!(log.open_incidents(&filter).unwrap().len(), 100);
    let summary = log.summary(&filter, at(20_000)).unwrap();
    assert_eq!(summary.coverage, Coverage { releases: 1_000, accepted: 900 });
    let limited = KpiFilter { limit: Some(5), ..filter };
    let newest: Vec<u64> = log.kpi(&limited).unwrap().iter().map(|row| row.run_id).collect();
    assert_eq!(newest, [9_993, 9_983, 9_973, 9_963, 9_953]);

    for query in [
        "select * from provenance_kpi where repository = 'acme/app-3'",
        "select * from provenance_kpi where repository = 'acme/app-3' and occurred_at >= '2026'
           order by occurred_at desc, id desc limit 5",
        "select * from provenance_latest where repository = 'acme/app-3'",
        "select * from provenance_incidents where repository = 'acme/app-3'",
        "select * from provenance_open_incidents where repository = 'acme/app-3'",
        "select id from provenance_audit_log where event_key = 'k'",
        "select * from provenance_audit_log where occurred_at >= '2026' and tag = 'v1'
           order by occurred_at desc, id desc limit 5",
        "select provenance_order.seq, provenance_audit_log.*
           from provenance_order join provenance_audit_log using (id)
           where provenance_order.seq > 7 order by provenance_order.seq limit 5",
        "select 1 from provenance_audit_log where repository = 'acme/app-3' and tag = 'v1'
           and event = 'validated' and status = 'success'",
    ] {
        let plan = steps(&place, query);
        assert!(plan.iter().any(|step| step.starts_with("SEARCH ")), "{query}: {plan:#?}");
        // Without USING, a step reads the whole table.
        let scans = |step: &String| step.starts_with("SCAN provenance_audit_log");
        assert!(!plan.iter().any(scans), "{query}: {plan:#?}");
    }
    // A page of everything is read in the order of time, not sorted.
    let page = "select * from provenance_audit_log where true and (occurred_at, id) < ('2027', 'x')
       order by occurred_at desc, id desc limit 5";
    let plan = steps(&place, page);
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    // What a page is made of is read in its order, not sorted.
    for (question, query) in ordered() {
        let plan = steps(&place, &query);
        assert!(!plan.iter().any(|step| reads_the_whole_log(step)), "{question}: {plan:#?}");
        // The few releases that are only started, and the starts of one of them.
        let mut sorted = plan.iter().filter(|step| step.contains("TEMP B-TREE"));
        let few = plan.iter().any(|step| step.contains("provenance_run_waiting"));
        assert!(
            sorted.all(|step| few || step.contains("RIGHT PART")),
            "{question} is sorted: {plan:#?}"
        );
    }
    // The open ones are few, and sorted.
    for query in [
        "select * from provenance_open_incidents order by occurred_at desc, id desc limit 5",
        "select * from provenance_open_incidents where repository = 'acme/app-3'
           order by occurred_at desc, id desc limit 5",
        "select count(*) from provenance_open_incidents",
    ] {
        let plan = steps(&place, query);
        assert!(plan[0].contains("USING INDEX provenance_run_open"), "{query}: {plan:#?}");
        assert!(plan[1].contains("USING INDEX provenance_audit_log_run_failures"), "{plan:#?}");
        assert!(!plan.iter().any(|step| reads_the_whole_log(step)), "{query}: {plan:#?}");
    }
}

/// The log, or the runs, without an index: the whole of it.
fn reads_the_whole_log(step: &str) -> bool {
    step.starts_with("SCAN ") && !step.contains(" USING ")
}

/// The questions of pages, of which none is sorted, as the program asks them.
fn ordered() -> Vec<(String, String)> {
    let page = "order by occurred_at desc, id desc limit 5";
    let mut questions = Vec::new();
    for view in [
        "provenance_kpi",
        "provenance_latest",
        "provenance_incidents",
        "provenance_audit_log",
        "(select * from provenance_audit_log
           where event = 'dispatched' and event not in ('provenance', 'validated'))",
    ] {
        for condition in ["true", "repository = 'acme/app-3'", "(occurred_at, id) < ('2027', 'x')"]
        {
            let query = format!("select * from {view} where {condition} {page}");
            questions.push((format!("{view} {condition}"), query));
        }
    }
    let uncommon = "and event not in ('provenance', 'validated')";
    let times = "indexed by provenance_audit_log_times";
    for (index, repository, kind, and) in [
        ("", "", "reconciled", uncommon),
        ("", "and repository = 'acme/app-3'", "rolled_back", uncommon),
        (times, "", "validated", ""),
        ("", "and repository = 'acme/app-3'", "validated", ""),
    ] {
        let query = format!(
            "select * from provenance_audit_log {index} where true {repository}
               and event = '{kind}' {and} order by occurred_at desc, id desc limit 1"
        );
        questions.push((format!("newest of {kind} {repository}"), query));
    }
    questions.push(("mark".to_owned(), "select max(seq) from provenance_order".to_owned()));
    let daily = "select day, sum(runs) from provenance_day where day >= '2026'
       group by day having sum(runs) > 0 order by day";
    questions.push(("daily".to_owned(), daily.to_owned()));
    for order in [
        "occurred_at desc, id desc",
        "occurred_at, id",
        "tag, repository_key",
        "tag desc, repository_key desc",
    ] {
        let by_tag = order.starts_with("tag");
        let repository = if by_tag { "repository_key" } else { "repository" };
        for condition in [
            "",
            &format!("and run.{repository} = 'acme/app-3'"),
            if by_tag { "and run.tag > 'v1'" } else { "and run.status = 'success'" },
        ] {
            let query = format!(
                "select run.*
                 from provenance_run as run
                 where run.event is not null and run.tag <> ''
                   and not exists (
                     select 1 from provenance_run as other
                     where other.repository_key = run.repository_key and other.tag = run.tag
                       and other.event is not null
                       and (other.occurred_at, other.id) > (run.occurred_at, run.id)) {condition}
                 union all
                 select run.* from provenance_run as run
                 where run.event is null and run.dispatched_at is not null
                 order by {order} limit 51"
            );
            questions.push((format!("releases by {order} {condition}"), query));
        }
    }
    questions
}

fn steps(place: &Place, query: &str) -> Vec<String> {
    let query = format!("explain query plan {query}");
    let plan: Vec<(i64, i64, i64, String)> = place
        .raw(async |connection| {
            sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_all(connection).await
        })
        .unwrap();
    plan.into_iter().map(|step| step.3).collect()
}
