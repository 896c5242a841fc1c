//! What lies where the log should be: nothing, something else, something newer, something damaged.

use crate::helper::{acknowledged, process};
use crate::sample::{Place, accepted, raw};
use provost_store::{EventLog, KpiFilter, Outcome, StoreError};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Every file beside the log with its bytes.
fn bytes(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let folder = place.path().parent().unwrap().to_owned();
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// The refusal of a file, which is byte for byte what it was.
fn refusal(place: &Place) -> StoreError {
    let before = bytes(place);
    let refused = EventLog::open(&place.url()).unwrap_err();
    assert!(bytes(place) == before, "{refused}");
    let path = place.path().display().to_string();
    assert!(refused.to_string().contains(&path), "{refused}");
    refused
}

fn place_with(content: &[u8]) -> Place {
    let place = Place::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), content).unwrap();
    place
}

fn place_with_sql(statements: &str) -> Place {
    let place = place_with(b"");
    place.execute(statements).unwrap();
    place
}

#[test]
fn a_missing_folder_is_made() {
    let place = Place::new();
    let url = "sqlite:a/b/c d/\u{e4}%20#.db";
    let url = provost_store::StoreUrl::parse(url, place.folder()).unwrap();
    EventLog::open(&url).unwrap().append(&[accepted("v1", 1, 0)]).unwrap();
    assert!(place.folder().join("a/b/c d/\u{e4}%20#.db").is_file());
    let again = EventLog::open(&url).unwrap().append(&[accepted("v1", 1, 0)]).unwrap();
    assert_eq!(again[0].outcome, Outcome::Duplicate);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = place_with(b"");
    let url = "sqlite:new/events.db/below/events.db";
    let url = provost_store::StoreUrl::parse(url, place.folder()).unwrap();
    let refused = EventLog::open(&url).unwrap_err();
    assert!(matches!(refused, StoreError::CreateFolder { .. }), "{refused}");
    assert!(refused.to_string().contains("new/events.db/below"));
}

#[test]
fn nobody_else_may_write_what_is_made_whatever_the_umask() {
    let place = Place::new();
    let helper = process(&place, [1]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]);
    shell.arg(helper.get_program()).args(helper.get_args());
    shell.envs(helper.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path()), 0o644);
    assert_eq!(mode(place.path().parent().unwrap()), 0o755);
}

#[test]
fn an_empty_file_becomes_a_log() {
    let place = place_with(b"");
    let appended = place.log().append(&[accepted("v1", 1, 0)]).unwrap();
    assert_eq!(appended[0].outcome, Outcome::Inserted);
}

#[test]
fn the_log_is_written_ahead_and_says_what_it_is() {
    let place = Place::new();
    drop(place.log());
    let header = fs::read(place.path()).unwrap();
    // File format 2 is write-ahead logging; <https://sqlite.org/fileformat2.html>, section 1.3.
    assert_eq!(header[18..20], [2, 2]);
    assert_eq!(&header[68..72], b"Prov");
    assert_eq!(header[60..64], 20_260_401_u32.to_be_bytes());
    // Closing tidies up.
    assert_eq!(bytes(&place).into_keys().collect::<Vec<_>>(), ["events.db"]);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let place = Place::new();
    drop(place.log());
    let log = fs::read(place.path()).unwrap();
    let mut damaged_magic = log.clone();
    damaged_magic[3] ^= 1;
    for content in [
        b"TAG,RUN\nv1,77\n".to_vec(),
        b"x".to_vec(),
        vec![0; 4096],
        vec![b'S'; 100_000],
        b"SQLite format 3\0".to_vec(),
        damaged_magic,
        vec![0],
        vec![0; 511],
    ] {
        let refused = refusal(&place_with(&content));
        assert!(matches!(refused, StoreError::NotADatabase { .. }), "{refused:?}");
    }
}

#[test]
fn a_folder_in_the_place_of_the_file_is_an_error() {
    let place = Place::new();
    fs::create_dir_all(place.path()).unwrap();
    let refused = EventLog::open(&place.url()).unwrap_err();
    assert!(matches!(refused, StoreError::Io { .. }), "{refused:?}");
    assert!(place.path().is_dir());
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    for statements in [
        "create table accounts (name text)",
        "pragma application_id = 7",
        "pragma user_version = 20260201",
        "pragma user_version = 20260201; create table provenance_audit_log (id text)",
        // Our mark with a version that never was.
        "pragma application_id = 0x50726f76",
        "pragma application_id = 0x50726f76; pragma user_version = 20250101",
        "pragma application_id = 0x50726f76; pragma user_version = -1",
        "pragma journal_mode = wal; create table accounts (name text)",
    ] {
        let refused = refusal(&place_with_sql(statements));
        assert!(matches!(refused, StoreError::ForeignDatabase { .. }), "{statements}: {refused:?}");
    }
}

#[test]
fn what_another_program_has_not_yet_checkpointed_is_left_alone() {
    let place = place_with(b"");
    let copied = place_with(b"");
    raw(&place.path(), async |connection| {
        let statements = "pragma journal_mode = wal; create table accounts (name text)";
        sqlx::raw_sql(statements).execute(connection).await?;
        // As a crash would leave it.
        for name in ["events.db", "events.db-wal"] {
            let to = copied.path().with_file_name(name);
            fs::copy(place.path().with_file_name(name), to).unwrap();
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(bytes(&copied).len(), 2);
    let refused = refusal(&copied);
    assert!(matches!(refused, StoreError::ForeignDatabase { .. }), "{refused:?}");
}

#[test]
fn a_newer_schema_is_refused_naming_both_versions() {
    let place = Place::new();
    place.log().append(&[accepted("v1", 1, 0)]).unwrap();
    place.execute("pragma user_version = 20270303").unwrap();
    let refused = refusal(&place);
    let versions =
        matches!(refused, StoreError::NewerSchema { found: 20_270_303, supported: 20_260_401, .. });
    assert!(versions, "{refused:?}");
    let text = refused.to_string();
    assert!(text.contains("20270303") && text.contains("20260401"), "{text}");
    // With the version it had, the log is as it was.
    place.execute("pragma user_version = 20260401").unwrap();
    assert_eq!(place.log().kpi(&KpiFilter::default()).unwrap().len(), 1);
}

#[test]
fn a_damaged_log_is_an_error_and_never_an_empty_answer() {
    let place = Place::new();
    let events: Vec<_> = (0..200).map(|run| accepted(&format!("v{run}"), run, 0)).collect();
    place.log().append(&events).unwrap();
    let sound = fs::read(place.path()).unwrap();
    let pages = sound.len() / 4096;
    let mut found = 0;
    for page in 1..pages {
        let damaged = {
            let mut bytes = sound.clone();
            bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
            place_with(&bytes)
        };
        let read = EventLog::open(&damaged.url()).and_then(|log| {
            Ok((log.kpi(&KpiFilter::default())?.len(), log.latest(&KpiFilter::default())?.len()))
        });
        match read {
            // The page was not needed for the answer.
            Ok(rows) => assert_eq!(rows, (200, 200), "page {page}"),
            Err(StoreError::Corrupt { .. }) => found += 1,
            Err(other) => panic!("page {page}: {other:?}"),
        }
    }
    assert!(found > pages / 4, "{found} of {pages}");
}

#[test]
fn a_truncated_log_is_an_error() {
    let place = Place::new();
    let events: Vec<_> = (0..200).map(|run| accepted(&format!("v{run}"), run, 0)).collect();
    place.log().append(&events).unwrap();
    let sound = fs::read(place.path()).unwrap();
    let cut = place_with(&sound[..sound.len() / 2]);
    let read = EventLog::open(&cut.url()).and_then(|log| log.kpi(&KpiFilter::default()));
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
}

#[test]
fn a_log_that_vanishes_is_not_made_anew_by_an_open_one() {
    let place = Place::new();
    let log = place.log();
    let sent = accepted("v1", 1, 0);
    log.append(std::slice::from_ref(&sent)).unwrap();
    // A refused append makes the log connect anew.
    let conflicting = provost_record::Event { run_id: 2, ..sent };
    assert!(log.append(&[conflicting]).is_err());
    fs::remove_file(place.path()).unwrap();
    let refused = log.append(&[accepted("v2", 2, 0)]).unwrap_err();
    assert!(matches!(refused, StoreError::Gone { .. }), "{refused:?}");
    assert!(!place.path().exists());
}

#[test]
fn a_read_only_file_can_be_read_and_refuses_events() {
    let test = "files::a_read_only_file_can_be_read_and_refuses_events";
    let place = Place::new();
    place.log().append(&[accepted("v1", 1, 0)]).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o444)).unwrap();
    if fs::OpenOptions::new().append(true).open(place.path()).is_err() {
        let log = place.log();
        assert_eq!(log.kpi(&KpiFilter::default()).unwrap().len(), 1);
        let refused = log.append(&[accepted("v2", 2, 0)]).unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
        return;
    }
    // The superuser may write everything, so the event is sent by somebody else.
    let folder = place.path().parent().unwrap().to_owned();
    for folder in [place.folder(), &folder] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let helper = process(&place, [2]);
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    nobody.arg(helper.get_program()).args(helper.get_args());
    nobody.envs(helper.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let Ok(output) = nobody.output() else {
        tell!("SKIPPED: {test}: setpriv is not installed, and the superuser writes everything");
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("setpriv") {
        tell!("SKIPPED: {test}: {stderr}");
        return;
    }
    assert!(!output.status.success());
    assert_eq!(acknowledged(&output.stdout), []);
    assert!(stderr.contains("ReadOnly"), "{stderr}");
    assert_eq!(place.keys(), [accepted("v1", 1, 0).key.as_str()]);
}

#[test]
fn a_log_that_stays_locked_is_named_as_locked() {
    let place = Place::new();
    let log = place.log();
    raw(&place.path(), async |connection| {
        sqlx::raw_sql("begin immediate").execute(connection).await?;
        let blocked = || {
            // Reading goes on meanwhile.
            assert_eq!(log.kpi(&KpiFilter::default()).unwrap(), []);
            log.append(&[accepted("v1", 1, 0)]).unwrap_err()
        };
        let refused = std::thread::scope(|scope| scope.spawn(blocked).join().unwrap());
        assert!(matches!(refused, StoreError::Locked { .. }), "{refused:?}");
        Ok(())
    })
    .unwrap();
    assert_eq!(log.append(&[accepted("v1", 1, 0)]).unwrap()[0].outcome, Outcome::Inserted);
}
