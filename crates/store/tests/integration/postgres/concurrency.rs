//! Many writers at once: nothing doubles, nothing is lost, and none waits for ever.

use super::database;
use super::projection::{Dice, holds};
use super::script::{entry, event, literal, with};
use provost_testkit::postgres::{Database, Flavour};
use serde_json::{Value, json};

const WRITERS: usize = 8;

/// Runs one script a writer, each on a connection of its own, all at once.
fn all_at_once(database: &Database, scripts: Vec<String>) -> Vec<String> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = scripts
            .into_iter()
            .map(|script| {
                let session = database.owner();
                scope.spawn(move || session.execute(&script).unwrap())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn count(database: &Database, query: &str) -> usize {
    database.owner().execute(query).unwrap().parse().unwrap()
}

#[test]
fn the_same_entries_from_all_writers_are_written_once() {
    let Some(database) = database(Flavour::Plain) else { return };
    let mut dice = Dice::new(3);
    let failed = json!({"status": "failure", "failure_reason": "no", "notified": {"slack": true}});
    let mut entries: Vec<Value> = (0..120)
        .map(|run| match run % 3 {
            0 => with(entry(run, &format!("v{}", run % 10)), failed.clone()),
            _ => entry(run, &format!("v{}", run % 10)),
        })
        .collect();
    let scripts = (0..WRITERS)
        .map(|_| {
            dice.shuffle(&mut entries);
            entries
                .chunks(40)
                .map(|batch| {
                    let text = literal(&json!(batch).to_string());
                    format!("select outcome from ingest_provenance_manifest({text});\n")
                })
                .collect()
        })
        .collect();
    let answers = all_at_once(&database, scripts).join("\n");
    let told = |outcome| answers.lines().filter(|line| *line == outcome).count();
    // Only an announcement can be new by itself; every event is new to one writer.
    assert_eq!(told("inserted"), 120);
    assert_eq!(told("duplicate"), 120 * (WRITERS - 1));
    assert_eq!(count(&database, "select count(*) from provenance_audit_log"), 160);
    holds(&database);
}

#[test]
fn words_on_the_same_runs_from_all_writers_are_all_counted() {
    let Some(database) = database(Flavour::Plain) else { return };
    let mut dice = Dice::new(5);
    let scripts = (0..WRITERS)
        .map(|writer| {
            (0..10)
                .map(|call| {
                    let batch: Vec<Value> = (0..20)
                        .map(|number| {
                            let time =
                                format!("2026-11-2{}T12:00:{:02}Z", dice.below(5), dice.below(60));
                            with(
                                event(&format!("{writer} {call} {number}")),
                                json!({
                                    "run_id": dice.below(6),
                                    "tag": dice.one_of(&["v1", "v2"]),
                                    "status": dice.one_of(&["success", "failure"]),
                                    "occurred_at": time,
                                    "validated_at": time,
                                }),
                            )
                        })
                        .collect();
                    let text = literal(&json!(batch).to_string());
                    format!("select count(*) from append_provenance_events({text});\n")
                })
                .collect()
        })
        .collect();
    all_at_once(&database, scripts);
    assert_eq!(count(&database, "select count(*) from provenance_audit_log"), WRITERS * 200);
    holds(&database);
}

#[test]
fn a_token_is_new_to_one_of_all_that_bring_it() {
    let Some(database) = database(Flavour::Plain) else { return };
    let script = |body: &str| {
        (0..30)
            .map(|jti| {
                format!("select use_provenance_token('issuer', 'jti {jti}', '{body}', now() + interval '5 min');\n")
            })
            .collect::<String>()
    };
    let scripts = (0..WRITERS).map(|writer| script(["a", "b"][writer % 2])).collect();
    let answers = all_at_once(&database, scripts).join("\n");
    let told = |outcome| answers.lines().filter(|line| *line == outcome).count();
    assert_eq!(told("new"), 30);
    assert_eq!(told("repeat"), 30 * (WRITERS / 2 - 1));
    assert_eq!(told("reused"), 30 * WRITERS / 2);
}

#[test]
fn a_writer_that_waits_for_the_same_key_sees_what_became_of_it() {
    let Some(database) = database(Flavour::Plain) else { return };
    for (ending, expected) in [("commit", "duplicate"), ("rollback", "inserted")] {
        let text = literal(&json!([event(ending)]).to_string());
        // The first holds the key until the second is seen waiting for it.
        let first = format!(
            "begin; select outcome from append_provenance_events({text});
             do $$ begin for try in 1..2000 loop
               exit when exists (select 1 from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock');
               perform pg_sleep(0.005); perform pg_stat_clear_snapshot();
             end loop; end $$;
             {ending};"
        );
        let second = format!(
            "do $$ begin for try in 1..2000 loop
               exit when exists (select 1 from pg_locks join pg_class on relation = pg_class.oid
                 where relname = 'provenance_audit_log' and mode = 'RowExclusiveLock' and granted
                   and database = (select oid from pg_database where datname = current_database()));
               perform pg_sleep(0.005);
             end loop; end $$;
             select outcome from append_provenance_events({text});"
        );
        let answers = all_at_once(&database, vec![first, second]);
        assert_eq!(answers, ["inserted", expected], "{ending}");
        let rows =
            format!("select count(*) from provenance_audit_log where event_key = '{ending}'");
        assert_eq!(count(&database, &rows), 1);
        holds(&database);
    }
}
