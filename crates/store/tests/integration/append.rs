//! Events are written once, whole, and together or not at all.

use crate::sample::{Place, accepted, at, event, of_attempt, of_repository, refused};
use crate::target::{on_every_log, on_every_store};
use jiff::Timestamp;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{Database, EventLog, Outcome, StoreError};
use sqlx::Row;

#[test]
fn an_event_is_kept_with_every_column() {
    let place = Place::new();
    let sent = event(EventKind::Validated, EventStatus::Success, 5);
    let appended = place.log().append(std::slice::from_ref(&sent)).unwrap();
    assert_eq!(appended.len(), 1);
    assert_eq!(appended[0].outcome, Outcome::Inserted);
    assert_eq!(appended[0].id.get_version_num(), 7);

    let (columns, values): (Vec<String>, Vec<Option<String>>) = place
        .raw(async |connection| {
            let columns: Vec<(String, String)> =
                sqlx::query_as("select name, type from pragma_table_info('provenance_audit_log')")
                    .fetch_all(&mut *connection)
                    .await?;
            let texts: Vec<String> =
                columns.iter().map(|(name, _)| format!("cast({name} as text)")).collect();
            let query = format!("select {} from provenance_audit_log", texts.join(", "));
            let row = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_one(connection).await?;
            let values = (0..columns.len()).map(|index| row.get(index)).collect();
            Ok((columns.into_iter().map(|(name, kind)| format!("{name} {kind}")).collect(), values))
        })
        .unwrap();
    assert_eq!(
        columns,
        [
            "id TEXT",
            "run_id bigint",
            "tag TEXT",
            "release_url TEXT",
            "artifact_path TEXT",
            "status TEXT",
            "failure_reason TEXT",
            "created_at TEXT",
            "repository TEXT",
            "event TEXT",
            "event_key TEXT",
            "occurred_at TEXT",
            "attempt INTEGER",
            "validated_at TEXT",
            "commit_sha TEXT",
            "builder_id TEXT",
            "slsa_build_level INTEGER",
            "decision TEXT",
            "manifest_sha256 TEXT",
            "actor TEXT",
        ]
    );
    let created_at: Timestamp = values[7].as_deref().unwrap().parse().unwrap();
    assert!(created_at.duration_until(Timestamp::now()).as_secs().abs() < 60);
    let mut values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
    values.remove(7);
    let id = appended[0].id.to_string();
    assert_eq!(
        values,
        [
            Some(id.as_str()),
            Some("77"),
            Some("v1.4.0"),
            sent.release_url.as_deref(),
            sent.artifact_path.as_deref(),
            Some("success"),
            None,
            Some("acme/app"),
            Some("validated"),
            Some(sent.key.as_str()),
            Some("2026-11-23T12:00:05.000000Z"),
            Some("1"),
            Some("2026-11-23T12:00:05.000000Z"),
            sent.commit_sha.as_deref(),
            sent.builder_id.as_deref(),
            Some("3"),
            Some(r#"{"outcome":"success"}"#),
            sent.manifest_sha256.as_deref(),
            Some("octocat"),
        ]
    );
}

#[test]
fn a_repeat_is_a_duplicate_with_the_first_id() {
    on_every_log(|target| {
        let sent = accepted("v1", 1, 0);
        let first = target.log().append(std::slice::from_ref(&sent)).unwrap()[0];
        for _ in 0..2 {
            let again = target.log().append(std::slice::from_ref(&sent)).unwrap()[0];
            assert_eq!((again.id, again.outcome), (first.id, Outcome::Duplicate));
        }
        assert_eq!(target.keys(), [sent.key.as_str()]);
    });
}

#[test]
fn a_repeat_within_one_batch_is_a_duplicate_too() {
    on_every_log(|target| {
        let (one, other) = (accepted("v1", 1, 0), accepted("v2", 2, 0));
        let appended = target.log().append(&[one.clone(), other, one]).unwrap();
        let outcomes: Vec<Outcome> = appended.iter().map(|it| it.outcome).collect();
        assert_eq!(outcomes, [Outcome::Inserted, Outcome::Inserted, Outcome::Duplicate]);
        assert_eq!(appended[0].id, appended[2].id);
        assert_ne!(appended[0].id, appended[1].id);
        assert_eq!(target.keys().len(), 2);
    });
}

#[test]
fn no_events_are_no_rows() {
    on_every_log(|target| {
        assert_eq!(target.log().append(&[]).unwrap(), []);
        assert_eq!(target.keys(), [""; 0]);
    });
}

#[test]
fn a_recording_knowing_less_or_made_anew_is_the_same_event() {
    on_every_log(|target| {
        let sent = refused("v1", 1, 0);
        let first = target.log().append(std::slice::from_ref(&sent)).unwrap()[0];
        let from_manifest =
            Event { attempt: None, builder_id: None, decision: None, actor: None, ..sent.clone() };
        let made_anew = Event {
            decision: Some(serde_json::json!({"verified_at": "later"})),
            manifest_sha256: Some("cd".repeat(32)),
            actor: Some("hubot".to_owned()),
            ..sent.clone()
        };
        for repeat in [from_manifest, made_anew] {
            let again = target.log().append(&[repeat]).unwrap()[0];
            assert_eq!((again.id, again.outcome), (first.id, Outcome::Duplicate));
        }
        // The first recording stands.
        let kept = target.value("select actor from provenance_audit_log");
        assert_eq!(kept.as_deref(), Some("octocat"));
    });
}

#[test]
fn the_same_key_with_another_content_is_refused_naming_the_key() {
    on_every_store(|target| {
        let sent = accepted("v1", 1, 0);
        let first = target.log().append(std::slice::from_ref(&sent)).unwrap()[0];
        let changed = |change: fn(&mut Event)| {
            let mut event = sent.clone();
            change(&mut event);
            event
        };
        let other = || Some("other".to_owned());
        let cases = [
            ("event", changed(|it| it.kind = EventKind::Provenance)),
            ("status", changed(|it| it.status = EventStatus::Failure)),
            ("run_id", changed(|it| it.run_id = 2)),
            ("tag", changed(|it| it.tag = "v2".to_owned())),
            ("repository", changed(|it| it.repository = Some("acme/other".to_owned()))),
            ("occurred_at", changed(|it| it.occurred_at = at(1))),
            ("attempt", changed(|it| it.attempt = Some(2))),
            ("validated_at", changed(|it| it.validated_at = Some(at(1)))),
            ("commit_sha", Event { commit_sha: other(), ..sent.clone() }),
            ("builder_id", Event { builder_id: other(), ..sent.clone() }),
            ("slsa_build_level", changed(|it| it.slsa_build_level = Some(2))),
            ("release_url", Event { release_url: other(), ..sent.clone() }),
            ("artifact_path", Event { artifact_path: other(), ..sent.clone() }),
        ];
        let log = target.log();
        for (expected, event) in cases {
            let refused = log.append(&[accepted("v9", 9, 0), event]).unwrap_err();
            let text = refused.to_string();
            let StoreError::KeyConflict { key, id, column } = refused else {
                panic!("{expected}: {text}");
            };
            assert_eq!((key.as_str(), id, column), (sent.key.as_str(), first.id, expected));
            assert!(text.contains(&key) && text.contains(expected), "{text}");
        }
        // Nothing of a refused batch is written, and the log goes on.
        assert_eq!(target.keys(), [sent.key.as_str()]);
        assert_eq!(log.append(&[accepted("v9", 9, 0)]).unwrap()[0].outcome, Outcome::Inserted);
    });
}

#[test]
fn a_value_without_a_place_in_the_log_is_refused() {
    on_every_store(|target| {
        let log = target.log();
        let good = accepted("v1", 1, 0);
        let before_year_0: Timestamp = "-000001-01-01T00:00:00Z".parse().unwrap();
        for (expected, event) in [
            ("run_id", Event { run_id: 1 << 63, ..good.clone() }),
            ("occurred_at", Event { occurred_at: before_year_0, ..good.clone() }),
            ("validated_at", Event { validated_at: Some(before_year_0), ..good.clone() }),
        ] {
            let refused = log.append(&[event]).unwrap_err();
            assert!(
                matches!(refused, StoreError::Unstorable { column, .. } if column == expected),
                "{refused}"
            );
        }
        assert_eq!(target.keys(), [""; 0]);
        let largest = Event { run_id: (1 << 63) - 1, attempt: Some(u32::MAX), ..good };
        assert_eq!(log.append(&[largest]).unwrap()[0].outcome, Outcome::Inserted);
        let row = &log.kpi(&Default::default()).unwrap()[0];
        assert_eq!((row.run_id, row.attempt), ((1 << 63) - 1, Some(u32::MAX)));
    });
}

#[test]
fn hostile_texts_come_back_as_they_went_in() {
    let place = Place::new();
    let log = place.log();
    let texts = [
        "'; drop table provenance_audit_log; --".to_owned(),
        "a\0b\nc\u{202e}d\u{1f600}$1?1:x".to_owned(),
        "x".repeat(1 << 20),
        String::new(),
    ];
    for (run, text) in texts.iter().enumerate() {
        let event = Event {
            release_url: Some(text.clone()),
            tag: text.clone(),
            decision: Some(serde_json::json!({ "text": text })),
            ..accepted("", run as u64, 0)
        };
        log.append(&[crate::sample::keyed(event)]).unwrap();
    }
    let mut rows = log.kpi(&Default::default()).unwrap();
    rows.sort_by_key(|row| row.run_id);
    assert_eq!(rows.len(), texts.len());
    for (row, text) in rows.iter().zip(&texts) {
        assert_eq!((&row.tag, row.release_url.as_ref()), (text, Some(text)));
    }
    let matching = "select count(*) from provenance_audit_log where decision ->> 'text' = tag";
    assert_eq!(place.value(matching).as_deref(), Some("4"));
}

#[test]
fn absent_facts_are_null_and_known_again_as_absent() {
    on_every_log(|target| {
        let bare = Event {
            release_url: None,
            artifact_path: None,
            validated_at: None,
            commit_sha: None,
            builder_id: None,
            slsa_build_level: None,
            decision: None,
            manifest_sha256: None,
            actor: None,
            ..of_attempt(of_repository(accepted("v1", 0, 0), None), None)
        };
        let log = target.log();
        let first = log.append(std::slice::from_ref(&bare)).unwrap()[0];
        assert_eq!(log.append(&[bare]).unwrap()[0].id, first.id);
        let absent = [
            "release_url",
            "artifact_path",
            "failure_reason",
            "repository",
            "attempt",
            "validated_at",
            "commit_sha",
            "builder_id",
            "slsa_build_level",
            "decision",
            "manifest_sha256",
            "actor",
        ];
        let absent = absent.map(|column| format!("{column} is null")).join(" and ");
        let nulls = format!("select count(*) from provenance_audit_log where {absent}");
        assert_eq!(target.value(&nulls).as_deref(), Some("1"));
    });
}

#[test]
fn threads_may_share_one_log() {
    on_every_log(|target| {
        fn shareable<T: Send + Sync>() {}
        shareable::<EventLog>();
        shareable::<Database>();
        let log = target.log();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let log = &log;
                scope.spawn(move || {
                    for run in 0..10 {
                        log.append(&[accepted("v1", thread * 10 + run, 0)]).unwrap();
                    }
                });
            }
        });
        assert_eq!(target.keys().len(), 40);
    });
}
