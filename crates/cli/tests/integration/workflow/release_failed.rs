use super::scene::{RELEASE_URL, TAG, can_run, ended, hosted, only_entry, release, rows};
use provost_testkit::github::{Artifact, ServiceAnswer};

#[test]
fn a_build_that_fails_is_recorded_and_told() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.github().webhook(ServiceAnswer::Refused(404, "no_service".into()));
    hosted.commit(&[("build.sh", "echo broken; exit 1\n")]);
    let (run, dispatched) = release(&hosted, &[]);
    let [provenance] = dispatched.as_slice() else { panic!("{}", run.transcript()) };
    ended(provenance, "provenance/build", "failure");
    ended(provenance, "provenance/attest", "skipped");
    ended(provenance, "ingest", "success");
    let told = ended(provenance, "notify-on-failure", "success");
    assert_eq!((told.output("status"), told.output("event_name")), ("success", "release"));
    let entry = only_entry(&hosted);
    assert_eq!(
        (&entry["status"], &entry["run"]),
        (&"failure".into(), &provenance.id.to_string().into())
    );
    let reason = entry["failure_reason"].as_str().unwrap();
    assert_eq!(reason, "context success, provenance failure");
    let issues = hosted.repository().issues();
    let [issue] = issues.as_slice() else { panic!("{issues:?}") };
    assert_eq!(issue.labels, ["ops-alert"]);
    let body = issue.body.as_deref().unwrap();
    let run_url = format!("https://github.com/acme/app/actions/runs/{}", provenance.id);
    assert!(body.contains(&run_url) && body.contains(RELEASE_URL), "{body}");
    // The run that dispatched it fails with it, and leaves the alarm to it.
    assert_eq!(run.conclusion, "failure", "{}", run.transcript());
    ended(&run, "notify-on-failure", "skipped");
    assert!(hosted.repository().releases()[0].draft);
    let failed = rows(&hosted, "provenance");
    let id = i64::try_from(provenance.id).unwrap();
    assert!(!failed.is_empty());
    assert!(failed.iter().all(|row| row.status == "failure" && row.run_id == id), "{failed:?}");
}

#[test]
fn files_that_are_not_those_that_were_attested_are_refused() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.before("manifest-sync", |run| {
        run.remove_artifacts("release-files");
        run.artifact(Artifact::of("release-files", &[("app.txt", b"app v0.1.0, and more\n")]));
    });
    let (run, dispatched) = release(&hosted, &[]);
    let [provenance] = dispatched.as_slice() else { panic!("{}", run.transcript()) };
    let sync = ended(provenance, "manifest-sync", "failure");
    assert_eq!(sync.step("Gate").outcome, "failure");
    assert_eq!(sync.step("Push the manifest").outcome, "success", "{}", provenance.transcript());
    let entry = only_entry(&hosted);
    assert_eq!((&entry["status"], &entry["decision"]), (&"failure".into(), &"refused".into()));
    let failed = entry["checks_failed"].as_array().unwrap();
    assert!(failed.contains(&"subject-digest".into()), "{failed:?}");
    assert_eq!(run.conclusion, "failure");
    ended(&run, "publish", "skipped");
    ended(provenance, "notify-on-failure", "success");
    assert!(hosted.repository().releases()[0].draft);
}

#[test]
fn a_bundle_that_is_missing_is_a_failure_that_is_told() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.before("manifest-sync", |run| {
        run.remove_artifacts(&format!("provenance-{TAG}"));
        run.artifact(Artifact::of(&format!("provenance-{TAG}"), &[("elsewhere.json", b"{}")]));
    });
    let (run, dispatched) = release(&hosted, &[]);
    ended(&dispatched[0], "manifest-sync", "failure");
    let entry = only_entry(&hosted);
    assert_eq!(entry["failure_reason"], "provenance success, but its bundle is missing");
    assert_eq!(run.conclusion, "failure");
    ended(&dispatched[0], "notify-on-failure", "success");
}

#[test]
fn a_run_that_is_cancelled_raises_the_alarm() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.cancel_at("provenance/build", "Build");
    let (run, dispatched) = release(&hosted, &[]);
    let [provenance] = dispatched.as_slice() else { panic!("{}", run.transcript()) };
    assert_eq!(provenance.conclusion, "cancelled", "{}", provenance.transcript());
    let build = ended(provenance, "provenance/build", "cancelled");
    assert_eq!((build.output("status"), build.output("tag")), ("cancelled", TAG));
    ended(provenance, "manifest-sync", "success");
    ended(provenance, "notify-on-failure", "success");
    let entry = only_entry(&hosted);
    assert_eq!(entry["failure_reason"], "context success, provenance cancelled");
    // Slack took it, so nobody needs an issue.
    assert_eq!(hosted.github().requests_to("POST", "/services/T0FAKE/B0FAKE/webhook").len(), 1);
    assert!(hosted.repository().issues().is_empty());
    assert_eq!(run.conclusion, "failure");
}

#[test]
fn a_run_that_never_started_is_told_by_the_run_that_wanted_it() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.secret("PROVENANCE_DISPATCH_TOKEN", "github_pat_revoked");
    let (run, dispatched) = release(&hosted, &[]);
    assert!(dispatched.is_empty());
    let dispatch = ended(&run, "slsa-provenance-dispatch", "failure");
    assert!(dispatch.step("Dispatch the provenance").log.contains("wrong, revoked or expired"));
    let told = ended(&run, "notify-on-failure", "success");
    assert_eq!((told.output("run_id"), told.output("status")), ("", "success"));
    let queue = hosted.repository().runs()[0].artifact_files("provenance-queue-notify");
    assert!(String::from_utf8_lossy(&queue[0].1).contains("dispatch failure"), "{queue:?}");
}
