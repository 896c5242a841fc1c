//! Messages are told at least once, by one worker at a time, or seen as dead.

use crate::sample::at;
use crate::target::{Service, ask, on_every_store};
use jiff::{SignedDuration, Timestamp};
use provost_store::{LeasedMessage, OutboxMessage, Submission, SubmissionBody};
use serde_json::json;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

fn keep(service: &Service, keys: &[&str]) {
    let messages = keys.iter().map(|key| OutboxMessage {
        key: (*key).to_owned(),
        kind: "slack".to_owned(),
        payload: json!({"text": format!("{key} ü \u{202e}")}),
    });
    let submission = Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(Vec::new()),
        messages: messages.collect(),
    };
    ask!(service.submit(vec![submission]));
}

fn lease(
    service: &Service,
    worker: &'static str,
    limit: u32,
    now: Timestamp,
) -> Vec<LeasedMessage> {
    ask!(service.lease(worker, limit, LEASE, now))
}

fn keys(leased: &[LeasedMessage]) -> Vec<&str> {
    let mut keys: Vec<&str> = leased.iter().map(|it| it.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

#[test]
fn a_message_is_leased_to_one_worker_until_the_lease_ends() {
    on_every_store(|target| {
        let service = target.service();
        keep(&service, &["a", "b", "c"]);
        let now = after(1);
        let first = lease(&service, "one", 2, now);
        assert_eq!(first.len(), 2);
        assert_eq!((first[0].kind.as_str(), first[0].attempts), ("slack", 1));
        assert_eq!(first[0].payload, json!({"text": format!("{} ü \u{202e}", first[0].key)}));
        let second = lease(&service, "two", 9, now);
        assert_eq!(second.len(), 1);
        let mut all = [keys(&first), keys(&second)].concat();
        all.sort_unstable();
        assert_eq!(all, ["a", "b", "c"]);
        assert_eq!(lease(&service, "three", 9, now), []);
        // A worker that died leaves its messages to the others.
        let later = lease(&service, "three", 9, after(120));
        assert_eq!(keys(&later), ["a", "b", "c"]);
        assert!(later.iter().all(|it| it.attempts == 2));
    });
}

#[test]
fn only_the_holder_of_the_lease_settles_a_message() {
    on_every_store(|target| {
        let service = target.service();
        keep(&service, &["a"]);
        lease(&service, "one", 1, after(1));
        assert!(!ask!(service.delivered("two", "a", at(0))));
        assert!(!ask!(service.retry_at("two", "a", at(0), "no")));
        assert!(!ask!(service.dead("two", "a", at(0), "no")));
        lease(&service, "two", 1, after(120));
        assert!(!ask!(service.delivered("one", "a", at(0))));
        assert!(ask!(service.delivered("two", "a", at(0))));
        assert!(!ask!(service.delivered("two", "a", at(0))));
        assert_eq!(lease(&service, "one", 1, after(999)), []);
        let state = ask!(service.outbox_state());
        assert_eq!((state.waiting, state.delivered, state.dead), (0, 1, 0));
        // Its key is known for good.
        keep(&service, &["a"]);
        assert_eq!(lease(&service, "one", 1, after(999)), []);
    });
}

#[test]
fn a_message_given_back_comes_again_when_it_is_due() {
    on_every_store(|target| {
        let service = target.service();
        keep(&service, &["a"]);
        lease(&service, "one", 1, after(1));
        assert!(ask!(service.retry_at("one", "a", after(300), "HTTP 503")));
        assert_eq!(lease(&service, "one", 1, after(200)), []);
        assert_eq!(lease(&service, "two", 1, after(301))[0].attempts, 2);
        let state = ask!(service.outbox_state());
        assert_eq!(state.waiting, 1);
        assert!(state.oldest_waiting.is_some());
    });
}

#[test]
fn a_dead_letter_is_seen_and_never_leased_again() {
    on_every_store(|target| {
        let service = target.service();
        keep(&service, &["a", "b"]);
        lease(&service, "one", 9, after(1));
        assert!(ask!(service.dead("one", "a", at(5), "HTTP 410")));
        assert_eq!(keys(&lease(&service, "two", 9, after(999))), ["b"]);
        let dead = ask!(service.dead_letters(9));
        assert_eq!(dead.len(), 1);
        assert_eq!((dead[0].key.as_str(), dead[0].problem.as_str()), ("a", "HTTP 410"));
        assert_eq!((dead[0].dead_at, dead[0].attempts), (at(5), 1));
        assert_eq!(ask!(service.outbox_state()).dead, 1);
    });
}

#[test]
fn workers_at_once_share_the_messages_without_doubling() {
    on_every_store(|target| {
        let service = target.service();
        let names: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
        keep(&service, &names.iter().map(String::as_str).collect::<Vec<_>>());
        let now = after(1);
        let mut leased = std::thread::scope(|scope| {
            let workers: Vec<_> = ["one", "two", "three", "four"]
                .map(|worker| {
                    let service = &service;
                    scope.spawn(move || {
                        let mut all = Vec::new();
                        loop {
                            let some = lease(service, worker, 3, now);
                            if some.is_empty() {
                                return all;
                            }
                            all.extend(some.into_iter().map(|it| it.key));
                        }
                    })
                })
                .into();
            workers.into_iter().flat_map(|it| it.join().unwrap()).collect::<Vec<_>>()
        });
        leased.sort();
        assert_eq!(leased, names);
    });
}
