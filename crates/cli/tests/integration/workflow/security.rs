use super::scene::{BUNDLE, MAIN, can_run, ended, hosted, released};
use provost_testkit::workflow::{Event, Hosted, RunReport};

const JOB: &str = "provenance-validate";

/// A workflow of the repository's own, to which `provost init --patch` adds the job.
const CALLER: &str = "\
name: security-audit
on:
  workflow_dispatch:
permissions: {}
jobs:
  first:
    name: First
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Nothing
        run: 'true'
";

fn check(hosted: &Hosted, event: Event) -> RunReport {
    hosted.start("security-provenance.yml", event).unwrap()
}

#[test]
fn recorded_releases_are_verified_whatever_starts_it_and_a_tampered_one_fails() {
    if !can_run() {
        return;
    }
    let (hosted, _, _) = released();
    let released = hosted.head();
    let first = hosted.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let every_event = [
        Event::push(MAIN, &first),
        Event::push(MAIN, &"0".repeat(40)),
        Event::pull_request(MAIN, 7, &first),
        Event::merge_group(MAIN, &first),
        Event::workflow_run("main", "acme/app", "v0.1.0", &first),
    ];
    for event in every_event.clone() {
        let run = check(&hosted, event);
        let job = ended(&run, JOB, "success");
        assert_eq!((job.output("status"), job.output("event_name")), ("success", &*run.event));
        let log = &job.step("Verify").log;
        assert!(log.contains("accepted  app.txt"), "{}", run.transcript());
    }
    // Nothing that was recorded has changed since; the newest release is verified all the same.
    let run = check(&hosted, Event::push(MAIN, &released));
    let log = &ended(&run, JOB, "success").step("Verify").log;
    assert!(log.contains("accepted  app.txt"), "{}", run.transcript());
    // Another repository's run tells nothing.
    let of_fork = Event::workflow_run("main", "mallory/app", "v0.1.0", &first);
    ended(&check(&hosted, of_fork), JOB, "skipped");

    let bundle = hosted.read(BUNDLE).unwrap();
    hosted.commit(&[(BUNDLE, &tampered(&bundle))]);
    for event in every_event {
        let run = check(&hosted, event);
        let job = ended(&run, JOB, "failure");
        assert_eq!((run.conclusion.as_str(), job.output("status")), ("failure", "failure"));
        assert!(job.step("Verify").log.contains("refused"), "{}", run.transcript());
    }
}

/// One character of the signature changed.
fn tampered(bundle: &str) -> String {
    let mut bundle: serde_json::Value = serde_json::from_str(bundle).unwrap();
    let signature = &mut bundle["dsseEnvelope"]["signatures"][0]["sig"];
    let mut text = signature.as_str().unwrap().to_owned();
    let other = if text.as_bytes()[20] == b'A' { "B" } else { "A" };
    text.replace_range(20..21, other);
    *signature = text.into();
    bundle.to_string()
}

#[test]
fn a_repository_without_a_release_passes() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let run = check(&hosted, Event::push(MAIN, &"0".repeat(40)));
    ended(&run, JOB, "success");
}

#[test]
fn a_workflow_that_is_there_already_calls_it() {
    if !can_run() {
        return;
    }
    let (hosted, _, _) = released();
    hosted.commit(&[(".github/workflows/security-audit.yml", CALLER)]);
    hosted.patch();
    let event = || Event::dispatch(MAIN, &[]);
    let run = hosted.start("security-audit.yml", event()).unwrap();
    let job = ended(&run, "provenance-validate/provenance-validate", "success");
    assert_eq!(job.name, "Verify the recorded releases / provenance-validate");
    assert_eq!(run.job(JOB).output("status"), "success");
    assert!(job.step("Verify").log.contains("accepted  app.txt"), "{}", run.transcript());
    let bundle = hosted.read(BUNDLE).unwrap();
    hosted.commit(&[(BUNDLE, &tampered(&bundle))]);
    let run = hosted.start("security-audit.yml", event()).unwrap();
    ended(&run, "provenance-validate/provenance-validate", "failure");
    assert_eq!(run.conclusion, "failure");
}
