//! What a service writes in one transaction, and what one bad request does to the others: nothing.

use crate::sample::{accepted, at, keyed, refused, told};
use crate::target::{Service, Target, ask, on_every_store};
use jiff::Timestamp;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{
    EntryOutcome, EntryStanding, EventFilter, KpiFilter, ManifestEntry, OutboxMessage, Submission,
    SubmissionBody, Submitted, TokenUse,
};
use serde_json::json;

use EntryStanding::{Duplicate, Inserted, Rejected};

fn submission(events: Vec<Event>) -> Submission {
    Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(events),
        messages: Vec::new(),
    }
}

fn token(jti: &str, body: &str) -> Option<TokenUse> {
    Some(TokenUse {
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        jti: jti.to_owned(),
        body_sha256: body.to_owned(),
        expires_at: Timestamp::now() + jiff::SignedDuration::from_mins(5),
    })
}

fn message(key: &str) -> OutboxMessage {
    OutboxMessage { key: key.to_owned(), kind: "slack".to_owned(), payload: json!({"tag": "v1"}) }
}

fn standings(submitted: &Submitted) -> Vec<EntryStanding> {
    match submitted {
        Submitted::Done(outcomes) | Submitted::Repeated(outcomes) => {
            outcomes.iter().map(|it| it.outcome).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn submit(service: &Service, submissions: Vec<Submission>) -> Vec<Submitted> {
    ask!(service.submit(submissions))
}

#[test]
fn every_submission_has_its_own_answer() {
    on_every_store(|target| {
        let service = target.service();
        assert_eq!(submit(&service, Vec::new()), []);
        let known = accepted("v1", 1, 0);
        let first = submit(&service, vec![submission(vec![known.clone()])]);
        let Submitted::Done(outcomes) = &first[0] else { panic!("{first:?}") };
        let EntryOutcome { outcome, id, event_key, problem } = &outcomes[0];
        assert_eq!((*outcome, problem), (Inserted, &None));
        assert_eq!(event_key, known.key.as_str());

        let contradiction = Event { run_id: 2, ..known.clone() };
        let unstorable = Event { run_id: 1 << 63, ..accepted("v7", 7, 0) };
        let submitted = submit(
            &service,
            vec![
                submission(vec![known]),
                submission(vec![accepted("v2", 2, 0), contradiction, accepted("v3", 3, 0)]),
                submission(vec![unstorable]),
                submission(Vec::new()),
                submission(vec![accepted("v4", 4, 0)]),
            ],
        );
        let expected: [&[EntryStanding]; 5] =
            [&[Duplicate], &[Inserted, Rejected, Inserted], &[Rejected], &[], &[Inserted]];
        let found: Vec<Vec<EntryStanding>> = submitted.iter().map(standings).collect();
        assert_eq!(found, expected);
        let Submitted::Done(outcomes) = &submitted[0] else { panic!("{submitted:?}") };
        assert_eq!(outcomes[0].id, *id);
        let Submitted::Done(outcomes) = &submitted[1] else { panic!("{submitted:?}") };
        let problem = outcomes[1].problem.as_deref().unwrap();
        assert!(problem.contains("run_id") && outcomes[1].id.is_none(), "{problem}");
        assert_eq!(target.rows(), 4);
    });
}

/// A failure that was told, as an entry of a manifest is.
fn entry(tag: &str, run_id: u64, issue: Option<u64>) -> ManifestEntry {
    let outcome = refused(tag, run_id, 0);
    let json = json!({
        "run": run_id.to_string(),
        "tag": tag,
        "status": "failure",
        "artifact": outcome.artifact_path,
        "release_url": outcome.release_url,
        "validated_at": outcome.occurred_at.to_string(),
        "failure_reason": outcome.failure_reason,
        "repository": outcome.repository,
        "commit": outcome.commit_sha,
        "builder_id": outcome.builder_id,
        "attempt": outcome.attempt,
        "decision": "refused",
        "notified": issue.map(|issue| json!({"slack": false, "issue": issue})),
    });
    let outcome = Event { decision: None, manifest_sha256: None, actor: None, ..outcome };
    let announcement = issue.map(|issue| Event {
        key: provost_record::EventKey::of_announcement(&outcome.key, false, Some(issue)),
        kind: EventKind::Notified,
        status: EventStatus::Success,
        ..outcome.clone()
    });
    ManifestEntry { json, events: std::iter::once(outcome).chain(announcement).collect() }
}

#[test]
fn an_entry_of_a_manifest_is_one_outcome_whatever_it_consists_of() {
    on_every_store(|target| {
        let log = target.log();
        let standing = |entries: &[ManifestEntry]| -> Vec<EntryStanding> {
            log.ingest(entries).unwrap().into_iter().map(|it| it.outcome).collect()
        };
        assert_eq!(
            standing(&[entry("v1", 1, None), entry("v2", 2, Some(7))]),
            [Inserted, Inserted]
        );
        assert_eq!(target.rows(), 3);
        // The announcement alone is new.
        assert_eq!(
            standing(&[entry("v1", 1, Some(8)), entry("v2", 2, Some(7))]),
            [Inserted, Duplicate]
        );
        assert_eq!(target.rows(), 4);
        // A contradiction rejects the entry whole.
        let mut wrong = entry("v1", 1, Some(9));
        wrong.json["builder_id"] = json!("other");
        for event in &mut wrong.events {
            event.builder_id = Some("other".to_owned());
        }
        assert_eq!(standing(&[wrong, entry("v3", 3, None)]), [Rejected, Inserted]);
        assert_eq!(target.rows(), 5);
    });
}

#[test]
fn a_token_is_good_for_one_body() {
    on_every_store(|target| {
        let service = target.service();
        let with = |token, event| Submission { token, ..submission(vec![event]) };
        let submitted = submit(
            &service,
            vec![
                with(token("a", "one"), accepted("v1", 1, 0)),
                with(token("a", "one"), accepted("v1", 1, 0)),
                with(token("a", "other"), accepted("v2", 2, 0)),
                with(token("b", "other"), accepted("v3", 3, 0)),
            ],
        );
        assert!(matches!(submitted[0], Submitted::Done(_)));
        assert!(matches!(submitted[1], Submitted::Repeated(_)));
        assert_eq!(submitted[2], Submitted::TokenReused);
        assert!(matches!(submitted[3], Submitted::Done(_)));
        assert_eq!(target.rows(), 2);
        let again = submit(&service, vec![with(token("a", "one"), accepted("v1", 1, 0))]);
        assert_eq!(standings(&again[0]), [Duplicate]);
        assert!(matches!(again[0], Submitted::Repeated(_)));
    });
}

#[test]
fn a_delivery_is_taken_once() {
    on_every_store(|target| {
        let service = target.service();
        let with = |delivery: &str, tag: &str, run| Submission {
            delivery: Some(delivery.to_owned()),
            ..submission(vec![accepted(tag, run, 0)])
        };
        let submitted = submit(&service, vec![with("a", "v1", 1), with("a", "v2", 2)]);
        assert_eq!(submitted[1], Submitted::DeliveryKnown);
        assert_eq!(submit(&service, vec![with("a", "v3", 3)]), [Submitted::DeliveryKnown]);
        assert!(matches!(submit(&service, vec![with("b", "v4", 4)])[0], Submitted::Done(_)));
        assert_eq!(target.rows(), 2);
    });
}

fn waiting(service: &Service) -> u64 {
    ask!(service.outbox_state()).waiting
}

#[test]
fn messages_are_written_with_their_events_once_and_not_without_them() {
    on_every_store(|target| {
        let service = target.service();
        let with = |events, key| Submission { messages: vec![message(key)], ..submission(events) };
        let known = accepted("v1", 1, 0);
        let contradiction = Event { run_id: 2, ..known.clone() };
        submit(
            &service,
            vec![
                with(vec![known.clone()], "one"),
                with(vec![known], "one"),
                with(vec![contradiction.clone()], "never"),
                with(vec![contradiction, accepted("v2", 2, 0)], "partly"),
                with(Vec::new(), "alone"),
            ],
        );
        assert_eq!(waiting(&service), 3, "{}", target.name());
    });
}

#[test]
fn many_tasks_may_submit_and_read_at_once() {
    on_every_store(|target| {
        let service = target.service();
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let database = service.database.clone();
                async move {
                    for run in 0..10 {
                        let event = accepted("v1", task * 10 + run, 0);
                        let shared = keyed(accepted("shared", 1_000_000, 0));
                        database.submit(vec![submission(vec![event, shared])]).await?;
                        database.latest(&KpiFilter::default()).await?;
                    }
                    Ok(())
                }
            })
            .collect();
        std::thread::scope(|scope| {
            for task in tasks {
                let service = &service;
                scope.spawn(move || service.ask(task));
            }
        });
        assert_eq!(target.rows(), 81);
    });
}

#[test]
fn a_task_that_is_dropped_in_the_middle_leaves_nothing_half_written() {
    on_every_store(|target| {
        let service = target.service();
        let database = service.database.clone();
        let dropped = service.ask(async move {
            let mut dropped = 0;
            for run in 0..60 {
                // Two events that belong together, and no time to write them in.
                let events = vec![accepted("v1", 2 * run, 0), accepted("v1", 2 * run + 1, 0)];
                let submitted = database.submit(vec![submission(events)]);
                let patience = std::time::Duration::from_micros(run * 50);
                dropped += usize::from(tokio::time::timeout(patience, submitted).await.is_err());
                database.latest(&KpiFilter::default()).await?;
            }
            Ok(dropped)
        });
        assert!(dropped > 0, "{}", target.name());
        let runs = ask!(service.latest(&KpiFilter::default()));
        assert_eq!(runs.len() % 2, 0, "{}", target.name());
        let again = (0..120).map(|run| accepted("v1", run, 0)).collect();
        submit(&service, vec![submission(again)]);
        assert_eq!(target.rows(), 120);
    });
}

#[test]
fn pages_follow_one_another_without_gap_or_repeat() {
    on_every_store(|target| {
        let service = target.service();
        // Some happened at the same time.
        let events: Vec<Event> =
            (0..25).map(|run| accepted(&format!("v{run}"), run, run as i64 / 4)).collect();
        submit(&service, vec![submission(events)]);
        let mut runs = Vec::new();
        let mut filter = EventFilter { limit: Some(7), ..EventFilter::default() };
        let mut pages = 0;
        loop {
            let asked = filter.clone();
            let page = ask!(service.events(&asked));
            assert!(page.items.len() <= 7);
            runs.extend(page.items.iter().map(|it| it.event.run_id));
            pages += 1;
            match page.next {
                // A cursor travels as text.
                Some(next) => filter.after = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!((pages, runs.len()), (4, 25));
        runs.sort_unstable();
        assert_eq!(runs, (0..25).collect::<Vec<u64>>());
        let releases = ask!(service.releases(&KpiFilter { limit: Some(25), ..Default::default() }));
        assert_eq!((releases.items.len(), releases.next), (25, None));
    });
}

#[test]
fn events_are_filtered_and_come_back_whole() {
    on_every_store(|target| {
        let service = target.service();
        let sent = crate::sample::event(EventKind::Validated, EventStatus::Success, 3);
        let others = vec![
            accepted("v2", 2, 9),
            told(EventKind::Notified, EventStatus::Success, "v1.4.0", 77, 4),
        ];
        submit(&service, vec![submission(vec![sent.clone()]), submission(others)]);
        let of = |filter: EventFilter| -> Vec<Event> {
            ask!(service.events(&filter)).items.into_iter().map(|it| it.event).collect()
        };
        let whole = of(EventFilter {
            kind: Some(EventKind::Validated),
            tag: Some("v1.4.0".into()),
            ..Default::default()
        });
        assert_eq!(whole, [sent]);
        assert_eq!(of(EventFilter { since: Some(at(5)), ..Default::default() }).len(), 1);
        assert_eq!(
            of(EventFilter { repository: Some("acme/none".into()), ..Default::default() }),
            []
        );
        let release = ask!(service.release_events(Some("acme/app"), "v1.4.0"));
        assert_eq!(release.len(), 2);
        assert_eq!(ask!(service.release_events(None, "v2")).len(), 1);
        assert_eq!(ask!(service.release_events(Some("acme/none"), "v2")), []);
    });
}

#[test]
fn a_release_stands_where_its_latest_word_stands() {
    let dispatched = |tag: &str, run: u64, seconds: i64| {
        Event::of_dispatch("acme/app", run, tag, "", None, at(seconds))
    };
    on_every_store(|target: &Target| {
        let service = target.service();
        let events = vec![
            dispatched("v1", 1, 0),
            refused("v1", 1, 5),
            accepted("v1", 2, 9),
            dispatched("v1", 3, 20),
            dispatched("v2", 4, 30),
            told(EventKind::Notified, EventStatus::Success, "v3", 5, 40),
        ];
        submit(&service, vec![submission(events)]);
        let page = ask!(service.releases(&KpiFilter::default()));
        let standing: Vec<_> =
            page.items.iter().map(|it| (it.tag.as_str(), it.run_id, it.event, it.status)).collect();
        assert_eq!(
            standing,
            [
                ("v2", 4, EventKind::Dispatched, EventStatus::Pending),
                ("v1", 2, EventKind::Validated, EventStatus::Success),
            ]
        );
    });
}

#[test]
fn a_database_tells_its_size_and_its_schema() {
    on_every_store(|target| {
        let service = target.service();
        ask!(service.ping());
        let schema = ask!(service.schema());
        assert_eq!(schema.found, schema.supported);
        submit(&service, vec![submission(vec![accepted("v1", 1, 0), accepted("v2", 2, 0)])]);
        let counts = ask!(service.counts());
        assert_eq!((counts.events, counts.unsealed), (2, 2));
    });
}
