//! Through a pooler that lends a connection for one transaction.

use super::{Program, empty_database, or_say};
use crate::sample::{accepted, at, refused};
use jiff::Timestamp;
use provost_store::{
    EntryStanding, Expectation, KpiFilter, OutboxMessage, Settlement, Submission, SubmissionBody,
    Submitted, TokenUse,
};
use provost_testkit::postgres::{Flavour, Pool};
use serde_json::json;
use std::time::Duration;

/// Every kind of call once, writing and reading.
pub(super) fn everything_of_a_service(program: &Program) {
    let submission = Submission {
        token: Some(TokenUse {
            issuer: "issuer".to_owned(),
            jti: "1".to_owned(),
            body_sha256: "ab".to_owned(),
            expires_at: Timestamp::now() + jiff::SignedDuration::from_mins(5),
        }),
        delivery: Some("delivery".to_owned()),
        body: SubmissionBody::Events(vec![accepted("v1", 1, 0), refused("v2", 2, 0)]),
        messages: vec![OutboxMessage {
            key: "message".to_owned(),
            kind: "slack".to_owned(),
            payload: json!({"tag": "v2"}),
        }],
    };
    let submitted = program.run(async move |it| it.submit(vec![submission]).await).unwrap();
    let Submitted::Done(outcomes) = &submitted[0] else { panic!("{submitted:?}") };
    assert!(outcomes.iter().all(|it| it.outcome == EntryStanding::Inserted));
    program
        .run(async |it| {
            let all = KpiFilter::default();
            assert_eq!(it.kpi(&all).await?.len(), 1);
            assert_eq!(it.latest(&all).await?.len(), 2);
            assert_eq!(it.incidents(&all).await?.len(), 1);
            assert_eq!(it.open_incidents(&all).await?.len(), 1);
            assert_eq!(it.dispatches(&all).await?.len(), 0);
            assert_eq!(it.releases(&all).await?.items.len(), 2);
            assert_eq!(it.summary(&all, at(60)).await?.coverage.releases, 2);
            assert_eq!(it.events_after(0, 10).await?.len(), 2);
            let now = Timestamp::now() + jiff::SignedDuration::from_secs(1);
            let leased = it.lease("worker", 10, Duration::from_secs(60), now).await?;
            assert_eq!(leased.len(), 1);
            assert!(it.lease("other", 10, Duration::from_secs(60), now).await?.is_empty());
            assert!(it.delivered("worker", "message", now).await?);
            let expectation = Expectation {
                repository: "acme/app".to_owned(),
                tag: "v1".to_owned(),
                run_id: 1,
                release_url: None,
                expected_at: at(0),
                deadline: at(60),
            };
            assert!(it.expect_release(&expectation).await?);
            assert!(it.overdue(at(61), 10).await?[0].accepted);
            assert!(it.settle_expectation("acme/app", "v1", Settlement::Accepted, at(61)).await?);
            assert_eq!(it.seal(at(70)).await?.rows, 2);
            let verification = it.verify(&[]).await?;
            assert_eq!((verification.rows, verification.fault), (2, None));
            assert_eq!(it.counts().await?.unsealed, 0);
            it.ping().await
        })
        .unwrap();
}

#[test]
fn everything_works_through_a_pooler_by_transaction() {
    let Some(database) = empty_database(Flavour::Plain) else { return };
    let Some(pool) = or_say(Pool::start(database.cluster(), 2)) else { return };
    let url = format!("{}?prepared=off", database.url_over(pool.port(), true));
    let program = Program::open(&url);
    everything_of_a_service(&program);
}

#[test]
fn many_clients_share_few_connections_of_a_pooler() {
    let Some(database) = empty_database(Flavour::Plain) else { return };
    let Some(pool) = or_say(Pool::start(database.cluster(), 2)) else { return };
    let url = format!("{}?prepared=off&pool_max=8", database.url_over(pool.port(), true));
    let programs: Vec<Program> = (0..3).map(|_| Program::open(&url)).collect();
    std::thread::scope(|scope| {
        for (number, program) in programs.iter().enumerate() {
            scope.spawn(move || {
                for run in 0..15 {
                    let event = accepted("v1", number as u64 * 100 + run, 0);
                    program.run(async move |it| it.append(&[event]).await).unwrap();
                    let rows = program.run(async |it| it.kpi(&KpiFilter::default()).await);
                    assert!(!rows.unwrap().is_empty());
                }
            });
        }
    });
    let rows = "select count(*) from provenance_audit_log";
    assert_eq!(database.owner().execute(rows).unwrap(), "45");
}
