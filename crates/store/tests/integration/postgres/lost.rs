//! A connection that is lost around a commit: nothing is lost, nothing doubles.

use super::{Program, database, or_say};
use crate::sample::accepted;
use provost_store::{
    EntryStanding, OutboxMessage, PostgresError, StoreError, Submission, SubmissionBody, Submitted,
};
use provost_testkit::postgres::{Cluster, Contents, Cut, Cutter, Database, Flavour, Settings};
use serde_json::Value;
use std::sync::Arc;

fn submission(run: u64) -> Submission {
    Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(vec![accepted("v1", run, 0)]),
        messages: vec![OutboxMessage {
            key: format!("message {run}"),
            kind: "slack".to_owned(),
            payload: Value::Null,
        }],
    }
}

fn submit(program: &Program, run: u64) -> Result<EntryStanding, StoreError> {
    let submitted = program.run(async move |it| it.submit(vec![submission(run)]).await)?;
    let Submitted::Done(outcomes) = &submitted[0] else { panic!("{submitted:?}") };
    Ok(outcomes[0].outcome)
}

fn rows(database: &Database) -> String {
    let rows = "select (select count(*) from provenance_audit_log),
        (select count(*) from provenance_outbox), (select sum(runs) from provenance_kpi_daily)";
    database.owner().execute(rows).unwrap()
}

#[test]
fn a_connection_lost_around_a_commit_neither_loses_nor_doubles() {
    let Some(database) = database(Flavour::Plain) else { return };
    let cutter = Cutter::start(database.cluster().port());
    let program = Program::open(&database.url_over(cutter.port(), true));
    // The client cannot tell the two apart; what the second try finds can.
    let cases = [
        (Cut::BeforeCommit, EntryStanding::Inserted),
        (Cut::AfterCommit, EntryStanding::Duplicate),
    ];
    for (run, (cut, expected)) in cases.into_iter().enumerate() {
        cutter.break_next(&[cut]);
        assert_eq!(submit(&program, run as u64).unwrap(), expected, "{cut:?}");
        assert_eq!(cutter.outstanding(), 0);
        let count = run + 1;
        assert_eq!(rows(&database), format!("{count}|{count}|{count}"), "{cut:?}");
    }
}

#[test]
fn a_line_that_breaks_again_is_an_error_and_the_same_may_be_sent_again() {
    let Some(database) = database(Flavour::Plain) else { return };
    let cutter = Cutter::start(database.cluster().port());
    let program = Program::open(&database.url_over(cutter.port(), true));
    for (run, cuts) in [
        [Cut::BeforeCommit, Cut::BeforeCommit],
        [Cut::BeforeCommit, Cut::AfterCommit],
        [Cut::AfterCommit, Cut::BeforeCommit],
        [Cut::AfterCommit, Cut::AfterCommit],
    ]
    .into_iter()
    .enumerate()
    {
        cutter.break_next(&cuts);
        let refused = submit(&program, run as u64).unwrap_err();
        let is_lost = matches!(refused, StoreError::Postgres(PostgresError::Lost { .. }));
        assert!(is_lost, "{refused}");
        submit(&program, run as u64).unwrap();
        let count = run + 1;
        assert_eq!(rows(&database), format!("{count}|{count}|{count}"), "{cuts:?}");
    }
}

#[test]
fn a_program_goes_on_when_its_server_crashed_and_came_back() {
    let Some(cluster) = or_say(Cluster::start(&Settings::default())) else { return };
    let cluster = Arc::new(cluster);
    let database = Database::of(&cluster, Contents::Migrated).unwrap();
    let program = Program::open(&database.url(true));
    for run in 0..3 {
        assert_eq!(submit(&program, run).unwrap(), EntryStanding::Inserted);
        cluster.crash();
        cluster.start_again();
    }
    assert_eq!(rows(&database), "3|3|3");
}
