//! A sender that sends too much: counted in the database, for all instances of a function.

use super::world::{READER, WRITER, entry_of, post, reply, request, tag, world};
use provost_testkit::postgres::{Database, Flavour, database};
use serde_json::json;

/// Statuses of requests that were all made in one minute; made again when it ended meanwhile.
fn within_a_minute(database: &Database, ask: impl Fn() -> Vec<u16>) {
    let minute = "select date_trunc('minute', clock_timestamp())";
    let forget = "delete from provenance_allowance";
    for _ in 0..3 {
        database.owner().execute(forget).unwrap();
        let before = database.owner().execute(minute).unwrap();
        let statuses = ask();
        if database.owner().execute(minute).unwrap() == before {
            assert_eq!(statuses, [200, 401, 403, 400, 200, 429, 429, 401, 200, 200]);
            return;
        }
    }
    panic!("a few requests took three minutes");
}

#[test]
fn each_sender_has_its_own_requests_a_minute() {
    let Some(world) = world() else { return };
    let database = database(Flavour::Supabase).expect("as the world's");
    let variables = world.variables().with("SUPABASE_DB_URL", &database.url(true));
    let variables = variables.with("PROVOST_REQUESTS_PER_MINUTE", "3");
    let functions = [world.own_telemetry(&variables), world.own_telemetry(&variables)];
    within_a_minute(&database, || {
        let body = json!([entry_of(&tag())]);
        let job = tag();
        let token = || world.issuer.token(&format!("refs/tags/{job}"));
        let of_job = json!([entry_of(&job)]);
        let limited = || {
            let reply = post(&functions[1], WRITER, &body);
            let wait = reply.headers.iter().find(|(name, _)| name == "retry-after");
            let wait = wait.and_then(|(_, seconds)| seconds.parse::<u64>().ok());
            assert_eq!(reply.code(), "too-many-requests", "{reply:?}");
            assert!(wait.is_some_and(|wait| (1..=60).contains(&wait)), "{reply:?}");
            reply.status
        };
        vec![
            post(&functions[0], WRITER, &body).status,
            // Who is not let in is not counted.
            post(&functions[0], "nobody", &body).status,
            post(&functions[0], READER, &body).status,
            // What is let in counts, whatever it is.
            reply(request(&functions[0], WRITER, "{")).status,
            post(&functions[1], WRITER, &body).status,
            limited(),
            limited(),
            post(&functions[1], "nobody", &body).status,
            // Another sender has its own.
            post(&functions[0], &token(), &of_job).status,
            post(&functions[0], &token(), &of_job).status,
        ]
    });
    let senders = "select string_agg(sender, ', ' order by sender) from provenance_allowance";
    let senders = database.owner().execute(senders).unwrap();
    assert_eq!(senders, "repository 486325809, token writer");
}

#[test]
fn a_limit_that_is_no_number_is_an_error_of_the_settings() {
    let Some(world) = world() else { return };
    for wrong in ["0", "-1", "x", "1e9", "10000000"] {
        let variables = world.variables().with("PROVOST_REQUESTS_PER_MINUTE", wrong);
        let function = world.own_telemetry(&variables);
        let reply = post(&function, WRITER, &json!([entry_of(&tag())]));
        assert_eq!((reply.status, reply.code()), (503, "unavailable"), "{wrong}: {reply:?}");
        function.log_with("PROVOST_REQUESTS_PER_MINUTE");
    }
}
