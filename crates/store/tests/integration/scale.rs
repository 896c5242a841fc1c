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
    // All repositories together are read in the order of an index, not sorted.
    for view in ["provenance_kpi", "provenance_kpi_daily"] {
        let plan = steps(&place, &format!("select * from {view}"));
        let in_order = "SCAN provenance_audit_log USING INDEX provenance_audit_log_words";
        assert!(plan.iter().any(|step| step == in_order), "{view}: {plan:#?}");
    }
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
