use super::scene::{MAIN, TAG, can_run, ended, hosted, only_entry, release, rows};
use provost_testkit::workflow::Event;

#[test]
fn what_could_not_be_pushed_waits_and_the_nightly_pushes_it_once() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v0.1.0"]);
    hosted.protect(true);
    let (run, dispatched) = release(&hosted, &[("tag", TAG)]);
    let [provenance] = dispatched.as_slice() else { panic!("{}", run.transcript()) };
    let sync = ended(provenance, "manifest-sync", "failure");
    assert_eq!(sync.step("Gate").outcome, "success", "{}", provenance.transcript());
    assert_eq!(sync.step("Push the manifest").outcome, "failure");
    assert!(sync.step("Push the manifest").log.contains("GH006"));
    assert!(hosted.manifest().is_empty());
    let runs = hosted.repository().runs();
    let queue = runs.iter().find(|run| run.id() == provenance.id).unwrap();
    let [(path, _)] = &queue.artifact_files("provenance-queue")[..] else {
        panic!("{}", provenance.transcript())
    };
    assert_eq!(path, "queue.jsonl");
    ended(provenance, "notify-on-failure", "success");

    hosted.protect(false);
    let nightly = || hosted.start("provenance-nightly.yml", Event::schedule("main")).unwrap();
    let first = nightly();
    let job = first.job("reconcile");
    for step in ["Download the queues of earlier runs", "Flush them", "Push the manifest"] {
        assert_eq!(job.step(step).outcome, "success", "{step}\n{}", first.transcript());
    }
    assert_eq!(
        (job.output("event_name"), job.output("run_id")),
        ("schedule", &*first.id.to_string())
    );
    // The run ended with a failure, whatever its entry says, and the nightly tells that once.
    let log = &job.step("Reconcile").log;
    assert!(log.contains("run-failed") && !log.contains("row-without-entry"), "{log}");
    let told = || hosted.github().requests_to("POST", "/services/T0FAKE/B0FAKE/webhook").len();
    let (entry, head, told_before) = (only_entry(&hosted), hosted.head(), told());
    assert_eq!((&entry["tag"], &entry["decision"]), (&TAG.into(), &"accepted".into()));
    let second = nightly();
    assert_eq!(only_entry(&hosted), entry, "{}", second.transcript());
    assert_eq!((hosted.head(), told()), (head, told_before), "{}", second.transcript());
    let rows = rows(&hosted, "validated");
    assert!(rows.iter().all(|row| row.status == "success") && rows.len() == 1, "{rows:#?}");
}

#[test]
fn the_nightly_runs_on_the_default_branch_alone() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.git(&["push", "--quiet", "origin", "HEAD:refs/heads/other"]);
    let on_other = Event::dispatch("refs/heads/other", &[]);
    let run = hosted.start("provenance-nightly.yml", on_other).unwrap();
    ended(&run, "reconcile", "skipped");
    let on_main = Event::dispatch(MAIN, &[]);
    let run = hosted.start("provenance-nightly.yml", on_main).unwrap();
    ended(&run, "reconcile", "success");
}
