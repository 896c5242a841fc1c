//! Tokens that were used, and how often a sender called.

use super::database;
use provost_testkit::postgres::{Flavour, Session};

#[test]
fn a_token_is_new_once_then_a_repeat_or_reused() {
    let Some(database) = database(Flavour::Supabase) else { return };
    let service = database.supabase_role("service_role");
    let token = |issuer: &str, jti: &str, body: &str| {
        service
            .execute(&format!(
                "select use_provenance_token('{issuer}', '{jti}', '{body}', now() + interval '5 min')"
            ))
            .unwrap()
    };
    assert_eq!(token("a", "1", "body"), "new");
    assert_eq!(token("a", "1", "body"), "repeat");
    assert_eq!(token("a", "1", "other"), "reused");
    assert_eq!(token("a", "2", "other"), "new");
    assert_eq!(token("b", "1", "other"), "new");
}

#[test]
fn a_token_was_not_used_when_its_transaction_fails() {
    let Some(database) = database(Flavour::Plain) else { return };
    let token = "select use_provenance_token('a', '1', 'body', now() + interval '5 min');";
    let owner = database.owner();
    assert_eq!(owner.execute(&format!("begin; {token} rollback; {token}")).unwrap(), "new\nnew");
}

#[test]
fn tokens_are_forgotten_an_hour_after_they_expired() {
    let Some(database) = database(Flavour::Plain) else { return };
    let owner = database.owner();
    let old = "insert into provenance_token_use (issuer, jti, body_sha256, expires_at)
        select 'a', number::text, 'body', now() - number * interval '25 minutes'
        from generate_series(1, 6) as number";
    owner.execute(old).unwrap();
    let kept = "select string_agg(jti, ' ' order by jti) from provenance_token_use";
    owner.execute("select use_provenance_token('a', 'new', 'body', now())").unwrap();
    assert_eq!(owner.execute(kept).unwrap(), "1 2 new");
}

/// Whether each of so many requests in a row is let in.
fn requests(session: &Session, sender: &str, count: usize) -> String {
    let call = format!("select count_provenance_request('{sender}', 3) = 0;\n");
    session.execute(&call.repeat(count)).unwrap().replace('\n', "")
}

/// What was asked within one minute; asked again when the minute ended meanwhile.
fn within_a_minute<T>(session: &Session, mut ask: impl FnMut(&str) -> T) -> T {
    let minute = || session.execute("select date_trunc('minute', clock_timestamp())").unwrap();
    for sender in ["a", "b", "c"] {
        let before = minute();
        let answer = ask(sender);
        if minute() == before {
            return answer;
        }
    }
    panic!("a few calls took three minutes");
}

#[test]
fn each_sender_has_its_own_minute() {
    let Some(database) = database(Flavour::Supabase) else { return };
    let service = database.supabase_role("service_role");
    let answers = within_a_minute(&service, |sender| {
        let first = requests(&service, sender, 5);
        let other = requests(&service, &format!("other than {sender}"), 1);
        let wait = format!("select count_provenance_request('{sender}', 3) between 1 and 60");
        (first, other, service.execute(&wait).unwrap())
    });
    assert_eq!(answers, ("tttff".to_owned(), "t".to_owned(), "t".to_owned()));
    // A minute that ended begins anew, and so does one of a clock that was set back.
    for direction in ['-', '+'] {
        let answers = within_a_minute(&service, |sender| {
            requests(&service, sender, 4);
            let moved = format!(
                "update provenance_allowance set minute = minute {direction} interval '1 hour'"
            );
            service.execute(&moved).unwrap();
            requests(&service, sender, 4)
        });
        assert_eq!(answers, "tttf", "{direction}");
    }
}

#[test]
fn senders_who_do_not_come_back_are_forgotten() {
    let Some(database) = database(Flavour::Plain) else { return };
    let owner = database.owner();
    let old = "insert into provenance_allowance
        select 's' || number, date_trunc('minute', now()) - number * interval '20 hours', 1
        from generate_series(0, 4) as number";
    owner.execute(old).unwrap();
    requests(&owner, "new", 1);
    let kept = "select string_agg(sender, ' ' order by sender) from provenance_allowance";
    assert_eq!(owner.execute(kept).unwrap(), "new s0 s1");
}

#[test]
fn requests_at_the_same_time_are_all_counted() {
    let Some(database) = database(Flavour::Plain) else { return };
    let answers: String = within_a_minute(&database.owner(), |sender| {
        std::thread::scope(|scope| {
            let send = || scope.spawn(|| requests(&database.owner(), sender, 5));
            let threads: Vec<_> = (0..6).map(|_| send()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    });
    let count = |word| answers.chars().filter(|each| *each == word).count();
    assert_eq!((count('t'), count('f')), (3, 27));
}
