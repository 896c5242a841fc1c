//! Events travel between logs whole, once, and not half of them unnoticed.

use crate::sample::{accepted, at, event, of_repository, refused};
use crate::target::on_every_store;
use provost_record::{Event, EventKind, EventStatus};
use provost_store::{EventLog, Imported, KpiFilter, TransferError};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};

fn events() -> Vec<Event> {
    let mut events = vec![
        event(EventKind::Validated, EventStatus::Success, 0),
        of_repository(refused("v2\u{202e}\n'\"", 2, 1), None),
        Event::of_dispatch("acme/app", 3, "v3", "", None, at(2)),
    ];
    // More than one part of an export.
    events.extend((10..1_200).map(|run| accepted(&format!("v{run}"), run, 3)));
    events
}

fn export(log: &EventLog) -> String {
    let mut lines = Vec::new();
    let exported = log.export(&mut lines).unwrap();
    let text = String::from_utf8(lines).unwrap();
    assert_eq!(text.lines().count() as u64, exported.events + 2);
    text
}

/// The head, but for the version of the store's schema, which is its own, and all other lines.
fn sorted(lines: &str) -> (Value, Vec<&str>) {
    let (head, rest) = lines.split_once('\n').unwrap();
    let mut head: Value = serde_json::from_str(head).unwrap();
    assert!(head["store_schema"].take().is_number(), "{head}");
    let mut lines: Vec<&str> = rest.lines().collect();
    lines.sort_unstable();
    (head, lines)
}

fn import(log: &EventLog, lines: &str) -> Result<Imported, TransferError> {
    log.import(&mut BufReader::new(lines.as_bytes()))
}

#[test]
fn an_export_into_an_empty_log_is_the_same_log() {
    on_every_store(|from| {
        let log = from.log();
        log.append(&events()).unwrap();
        let lines = export(&log);
        on_every_store(|to| {
            let copy = to.log();
            let all = events().len() as u64;
            assert_eq!(
                import(&copy, &lines).unwrap(),
                Imported { inserted: all, duplicates: 0 },
                "{} to {}",
                from.name(),
                to.name()
            );
            // Ids and times included. In what order a store numbers what comes at once is its own.
            assert!(sorted(&export(&copy)) == sorted(&lines), "{} to {}", from.name(), to.name());
            assert_eq!(
                copy.latest(&KpiFilter::default()).unwrap(),
                log.latest(&KpiFilter::default()).unwrap()
            );
            assert_eq!(import(&copy, &lines).unwrap(), Imported { inserted: 0, duplicates: all });
        });
    });
}

#[test]
fn an_empty_log_is_a_header_and_a_trailer() {
    on_every_store(|target| {
        let log = target.log();
        let lines = export(&log);
        assert_eq!(import(&log, &lines).unwrap(), Imported::default());
        let (header, trailer) = lines.split_once('\n').unwrap();
        assert!(header.contains(r#""schema":"https://provost.dev/events/v1""#), "{header}");
        assert_eq!(trailer, "{\"events\":0}\n");
    });
}

#[test]
fn a_truncated_export_is_refused_wherever_it_ends() {
    on_every_store(|target| {
        let source = crate::sample::Place::new();
        source.log().append(&events()[..3]).unwrap();
        let lines = export(&source.log());
        let log = target.log();
        // Without its last line end alone it is whole.
        let ends = lines.char_indices().map(|(index, _)| index).step_by(7).skip(1);
        for index in ends.filter(|&index| index < lines.len() - 1) {
            let refused = import(&log, &lines[..index]).unwrap_err();
            let early =
                matches!(refused, TransferError::CutOff { .. } | TransferError::BadLine { .. });
            assert!(early, "{index}: {refused:?}");
        }
        let whole_lines: String = lines.lines().take(3).map(|line| format!("{line}\n")).collect();
        match import(&log, &whole_lines).unwrap_err() {
            TransferError::CutOff { line: 3, taken } => {
                assert_eq!(taken.inserted + taken.duplicates, 2)
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_bad_line_is_named_and_what_came_before_it_is_taken() {
    on_every_store(|target| {
        let source = crate::sample::Place::new();
        source.log().append(&events()[..3]).unwrap();
        let lines = export(&source.log());
        let with_line = |number: usize, text: &str| -> String {
            let mut changed: Vec<&str> = lines.lines().collect();
            changed[number - 1] = text;
            changed.join("\n") + "\n"
        };
        let third = lines.lines().nth(2).unwrap();
        let cases = [
            (1, "{}".to_owned(), 0, "header"),
            (
                1,
                r#"{"schema":"https://other.example/v1","store_schema":1}"#.to_owned(),
                0,
                "header",
            ),
            (3, "{".to_owned(), 1, ""),
            (3, "[]".to_owned(), 1, ""),
            (3, third.replace("validated", "deleted"), 1, "event"),
            (3, third.replace(r#""status":"#, r#""surprise":1,"status":"#), 1, "surprise"),
            (3, third.replacen(r#"{"id":""#, r#"{"id":"x"#, 1), 1, "id"),
            (3, third.replacen(r#"{"id":"#, r#"{"idd":"#, 1), 1, "idd"),
            (3, third.replacen(r#""tag":"#, r#""tag":"other","tag":"#, 1), 1, "duplicate field"),
            (5, r#"{"events":4}"#.to_owned(), 3, "4 events"),
        ];
        for (number, text, before, named) in cases {
            let log = target.log();
            match import(&log, &with_line(number, &text)).unwrap_err() {
                TransferError::BadLine { line, problem, taken } => {
                    assert_eq!(line, number as u64, "{text}: {problem}");
                    assert_eq!(taken.inserted + taken.duplicates, before, "{text}");
                    assert!(problem.contains(named), "{text}: {problem}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        // Something after the end.
        let more = format!("{lines}{{}}\n");
        assert!(matches!(
            import(&target.log(), &more),
            Err(TransferError::BadLine { line: 6, .. })
        ));
    });
}

#[test]
fn an_event_that_contradicts_the_log_is_a_bad_line() {
    on_every_store(|target| {
        let source = crate::sample::Place::new();
        let known = accepted("v1", 1, 0);
        source.log().append(&[accepted("v0", 9, 0), Event { run_id: 2, ..known.clone() }]).unwrap();
        let log = target.log();
        log.append(&[known]).unwrap();
        match import(&log, &export(&source.log())).unwrap_err() {
            TransferError::BadLine { line: 3, problem, taken } => {
                assert!(problem.contains("run_id"), "{problem}");
                assert_eq!(taken, Imported { inserted: 1, duplicates: 0 });
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_line_without_end_is_refused_and_not_held_in_memory() {
    let place = crate::sample::Place::new();
    let log = place.log();
    let header = export(&log).lines().next().unwrap().to_owned() + "\n";
    let endless = header.as_bytes().chain(std::io::repeat(b'x'));
    let mut lines: Box<dyn BufRead> = Box::new(BufReader::new(endless));
    match log.import(&mut lines).unwrap_err() {
        TransferError::BadLine { line: 2, .. } => {}
        other => panic!("{other:?}"),
    }
}
