//! Keys made in SQL are those that the program makes.

use super::database;
use super::script::{append, event, ingest, with};
use jiff::Timestamp;
use provost_record::{EventKey, EventKind, Status};
use provost_testkit::hostile;
use provost_testkit::postgres::Flavour;
use serde_json::{Value, json};

const TIMES: [&str; 14] = [
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00.5Z",
    "2026-11-23T12:00:00.500Z",
    "2026-11-23T12:00:00.000Z",
    "2026-11-23T12:00:00.123456Z",
    "2026-11-23T12:00:00.123456789Z",
    "2026-11-23T12:00:00.000000001Z",
    "2026-11-23t12:00:00z",
    "2026-11-23 12:00:00.25Z",
    "2026-11-23T13:30:00.75+01:30",
    "2024-02-29T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-30T22:00:00Z",
];

fn key_of(entry: &Value, kind: EventKind) -> EventKey {
    let text = |key: &str| entry[key].as_str().unwrap();
    let time: Timestamp = text("validated_at").parse().unwrap();
    let status = if text("status") == "success" { Status::Success } else { Status::Failure };
    let run = text("run").parse().unwrap();
    EventKey::of_entry(kind, entry["repository"].as_str(), run, text("tag"), status, time)
}

#[test]
fn keys_of_entries_are_the_program_s_byte_by_byte() {
    let Some(database) = database(Flavour::Plain) else { return };
    let tags = ["v1", "é", "日本", "a\"b", "a'b", "a$b", "a;b", "</script>", "%00", "🦀"];
    // A repository is foreign text too, with every character that JSON writes otherwise.
    let repositories: Vec<String> = hostile::values()
        .map(|(_, value)| value.replace('\0', ""))
        .filter(|value| value.len() <= 512)
        .chain((1..=0x20u8).map(|byte| format!("a{}b", char::from(byte))))
        .chain(["\u{7f}", "\u{80}", "\u{2028}", "\\", "/", "acme/app"].map(str::to_owned))
        .collect();
    let mut entries = Vec::new();
    for (number, time) in TIMES.iter().enumerate() {
        for (run, tag) in tags.iter().enumerate() {
            let decided = if run % 2 == 0 { json!("accepted") } else { json!(null) };
            let changes = json!({"validated_at": time, "decision": decided});
            entries.push(with(super::script::entry((number * 100 + run) as u64, tag), changes));
        }
    }
    for (number, repository) in repositories.iter().enumerate() {
        let run = u64::MAX / 2 - number as u64;
        let changes = json!({"repository": repository, "status": "failure", "failure_reason": "x"});
        entries.push(with(super::script::entry(run, "v1"), changes));
    }
    entries.push(with(super::script::entry(4, "v1"), json!({"repository": null})));
    entries.push(with(super::script::entry(5, "v1"), json!({"repository": ""})));
    let answers = ingest(&database.owner(), &json!(entries));
    assert_eq!(answers.len(), entries.len());
    for (answer, entry) in answers.iter().zip(&entries) {
        let kind = match entry.get("decision") {
            Some(_) => EventKind::Validated,
            None => EventKind::Provenance,
        };
        assert_eq!(answer.outcome, "inserted", "{entry} {answer:?}");
        assert_eq!(answer.event_key.as_deref(), Some(key_of(entry, kind).as_str()), "{entry}");
    }
}

#[test]
fn keys_of_announcements_are_the_program_s_byte_by_byte() {
    let Some(database) = database(Flavour::Plain) else { return };
    let cases =
        [(true, None), (true, Some(3)), (false, Some(3)), (false, Some(u64::MAX)), (true, Some(0))];
    for (run, (slack, issue)) in cases.into_iter().enumerate() {
        let notified = match issue {
            Some(issue) => json!({"slack": slack, "issue": issue}),
            None => json!({"slack": slack}),
        };
        let changes = json!({"status": "failure", "failure_reason": "x", "notified": notified});
        let entry = with(super::script::entry(run as u64, "v1"), changes);
        ingest(&database.owner(), &json!([entry]));
        let announced = format!(
            "select event_key from provenance_audit_log where run_id = {run} and event = 'notified'"
        );
        let outcome = key_of(&entry, EventKind::Provenance);
        let expected = EventKey::of_announcement(&outcome, slack, issue);
        assert_eq!(database.owner().execute(&announced).unwrap(), expected.as_str());
    }
}

#[test]
fn times_finer_than_a_microsecond_are_cut_off_and_not_rounded() {
    let Some(database) = database(Flavour::Plain) else { return };
    for (number, time) in TIMES.iter().chain(&["2026-06-30T23:59:60Z"]).enumerate() {
        let sent = with(event(&format!("k{number}")), json!({"occurred_at": time}));
        let answer = append(&database.owner(), &json!([sent])).remove(0);
        assert_eq!(answer.outcome, "inserted", "{time} {answer:?}");
        let kept = format!(
            "select to_json(occurred_at)#>>'{{}}' from provenance_audit_log where event_key = 'k{number}'"
        );
        let kept: Timestamp = database.owner().execute(&kept).unwrap().parse().unwrap();
        let sent: Timestamp = time.parse().unwrap();
        let cut = sent.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        assert_eq!(kept, cut.parse().unwrap(), "{time}");
    }
}

#[test]
fn what_jiff_does_not_take_is_no_time_here_either() {
    let Some(database) = database(Flavour::Plain) else { return };
    let times = [
        "2026-11-23",
        "2026-11-23T12:00:00",
        "2026-11-23T24:00:00Z",
        "2026-11-23T12:60:00Z",
        "2026-11-23T12:00:61Z",
        "2026-00-23T12:00:00Z",
        "2026-11-31T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "9999-12-31T22:00:00Z",
        "2026-11-23T12:00:00.1234567890Z",
        "2026-11-23T12:00:00Z ",
        "now",
        "infinity",
        "",
    ];
    let events: Vec<Value> = times
        .iter()
        .enumerate()
        .map(|(number, time)| with(event(&format!("k{number}")), json!({"occurred_at": time})))
        .collect();
    for (answer, time) in append(&database.owner(), &json!(events)).iter().zip(times) {
        assert_eq!(answer.outcome, "rejected", "{time}");
        assert!(time.parse::<Timestamp>().is_err(), "{time}");
    }
}
