//! Recording: where an entry goes, and what a repeat does.

use crate::world::{DAY, NOON, World, failure, success, tag, time};
use provost_manifest::{ManifestError, Notified, SettleOutcome, render};

#[test]
fn the_first_report_goes_into_the_file_of_the_utc_day() {
    let world = World::new();
    let settled =
        world.manifests().record(success(7, "v1"), time("2026-11-23T23:59:59.9Z")).unwrap();
    assert_eq!(settled.outcome, SettleOutcome::Added);
    assert_eq!(settled.path.as_str(), DAY);
    assert_eq!(settled.entry.validated_at, time("2026-11-23T23:59:59Z"));
    let text = world.read(DAY).unwrap();
    assert_eq!(text, render(std::slice::from_ref(&settled.entry)));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    assert_eq!(settled.sha256, hex::encode(hash));
    assert_eq!(world.files(), [DAY]);
}

#[test]
fn a_repeat_changes_nothing_whenever_it_comes() {
    let world = World::new();
    let manifests = world.manifests();
    let first = manifests.record(success(7, "v1"), time(NOON)).unwrap();
    let text = world.read(DAY);
    let written = std::fs::metadata(first.path.under(world.root())).unwrap();
    for now in [NOON, "2026-11-23T13:00:00Z", "2027-01-01T00:00:00Z"] {
        let repeat = manifests.record(success(7, "v1"), time(now)).unwrap();
        assert_eq!(repeat.outcome, SettleOutcome::Unchanged);
        assert_eq!(repeat.entry, first.entry);
        assert_eq!(repeat.sha256, first.sha256);
        assert_eq!(repeat.path, first.path);
    }
    assert_eq!(world.read(DAY), text);
    let now = std::fs::metadata(first.path.under(world.root())).unwrap();
    assert_eq!(now.modified().unwrap(), written.modified().unwrap());
    assert_eq!(world.files(), [DAY]);
}

#[test]
fn an_update_stays_in_the_file_where_the_entry_first_stood() {
    let world = World::new();
    let manifests = world.manifests();
    manifests.record(success(7, "v1"), time(NOON)).unwrap();
    let later = time("2026-11-25T08:00:00Z");
    let settled = manifests.record(failure(7, "v1", "the run was cancelled"), later).unwrap();
    assert_eq!(settled.outcome, SettleOutcome::Updated);
    assert_eq!(settled.path.as_str(), DAY);
    assert_eq!(settled.entry.validated_at, later);
    assert_eq!(world.files(), [DAY]);
    // Another run of the same tag is another entry, and of that day.
    let other = manifests.record(success(8, "v1"), later).unwrap();
    assert_eq!(other.path.as_str(), "docs/reports/2026-11-25/manifest.json");
    assert_eq!(manifests.entries().unwrap().len(), 2);
    assert_eq!(manifests.lint().unwrap(), []);
}

#[test]
fn find_looks_in_every_day() {
    let world = World::new();
    let manifests = world.manifests();
    assert_eq!(manifests.find(7, &tag("v1")).unwrap(), None);
    for (run, now) in [(7, NOON), (8, "2026-12-01T00:00:00Z")] {
        manifests.record(success(run, "v1"), time(now)).unwrap();
    }
    let found = manifests.find(8, &tag("v1")).unwrap().unwrap();
    assert_eq!(found.path.as_str(), "docs/reports/2026-12-01/manifest.json");
    assert_eq!(found.entry.run, 8);
    assert_eq!(manifests.find(8, &tag("v2")).unwrap(), None);
    assert_eq!(manifests.find(9, &tag("v1")).unwrap(), None);
}

#[test]
fn what_lint_would_refuse_is_not_recorded() {
    let world = World::new();
    let mut outside = success(7, "v1");
    outside.artifact = "artifacts/slsa/v2/provenance-v2.json".to_owned();
    let mut without_reason = failure(7, "v1", "x");
    without_reason.failure_reason = None;
    let beyond_sql = success(u64::MAX, "v1");
    for wrong in [outside, without_reason, beyond_sql] {
        let error = world.manifests().record(wrong, time(NOON)).unwrap_err();
        assert!(matches!(error, ManifestError::InvalidEntry { .. }), "{error}");
    }
    assert_eq!(world.files(), [""; 0]);
    let error = world.manifests().record(failure(7, "v1", " "), time(NOON)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing was written: the entry of run 7 and tag \"v1\" has `status` failure and no \
         `failure_reason`; say in `failure_reason` why it failed"
    );
}

#[test]
fn a_report_is_not_written_while_any_day_cannot_be_read() {
    let world = World::new();
    let broken = "docs/reports/2026-01-01/manifest.json";
    world.write(broken, "[\n  {\"run\": \"7\"");
    let error = world.manifests().record(success(7, "v1"), time(NOON)).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{broken}:2:")), "{error}");
    assert_eq!(world.read(broken).unwrap(), "[\n  {\"run\": \"7\"");
    assert_eq!(world.files(), [broken]);
    assert!(world.manifests().find(7, &tag("v1")).is_err());
}

#[test]
fn a_root_that_is_not_there_is_told() {
    let world = World::new();
    let manifests = provost_manifest::Manifests::at(&world.root().join("nowhere"));
    let error = manifests.record(success(7, "v1"), time(NOON)).unwrap_err();
    assert!(matches!(error, ManifestError::Io { .. }), "{error}");
    assert!(manifests.entries().is_err());
    assert!(manifests.lint().is_err());
}

#[test]
fn an_announcement_is_remembered_and_nothing_else_is_touched() {
    let world = World::new();
    let manifests = world.manifests();
    let reported = failure(7, "v1", "the run was cancelled");
    let slack = Notified::new(true, None);
    assert_eq!(manifests.record_announcement(&reported.key(), &slack).unwrap(), None);
    assert_eq!(world.files(), [""; 0]);
    manifests.record(reported.clone(), time(NOON)).unwrap();
    // Somebody else's later word stays.
    let later = manifests.record(success(7, "v1"), time("2026-11-23T13:00:00Z")).unwrap().entry;
    let told = manifests.record_announcement(&reported.key(), &slack).unwrap().unwrap();
    assert_eq!(told.outcome, SettleOutcome::Updated);
    let mut wanted = later;
    wanted.notified = Some(slack.clone());
    assert_eq!(told.entry, wanted);
    // What was announced stays announced, and a repeat writes nothing.
    let issue = Notified::new(false, Some(4));
    let both = manifests.record_announcement(&reported.key(), &issue).unwrap().unwrap();
    assert_eq!(both.entry.notified, Some(Notified::new(true, Some(4))));
    for again in [slack, issue] {
        let repeat = manifests.record_announcement(&reported.key(), &again).unwrap().unwrap();
        assert_eq!(
            (repeat.outcome, repeat.sha256),
            (SettleOutcome::Unchanged, both.sha256.clone())
        );
    }
    assert_eq!(manifests.lint().unwrap(), []);
}
