use super::scene::{MAIN, can_run, ended, hosted};
use provost_testkit::workflow::Event;

/// Tags that git may allow and the pipeline does not.
const HOSTILE: [&str; 12] = [
    "v1$(touch${IFS}pwned)",
    "v1`touch pwned`",
    "v1;touch pwned",
    "v1\ntag=v9",
    "v1 --draft=false",
    "-v1",
    "v1/../../x",
    "v1..2",
    "v1.lock",
    "v1.",
    "v1\u{202e}gnp",
    "v${{ github.token }}",
];

#[test]
fn a_hostile_tag_ends_the_first_job_and_does_nothing() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let head = hosted.head();
    for tag in HOSTILE {
        let run = hosted.start("release.yml", Event::dispatch(MAIN, &[("tag", tag)])).unwrap();
        let plan = ended(&run, "plan", "failure");
        assert_eq!((plan.output("tag"), plan.output("status")), ("", "failure"), "{tag:?}");
        let others = run.jobs.iter().filter(|job| job.id != "plan");
        for job in others {
            assert_eq!(job.result, "skipped", "{tag:?}: {}", run.transcript());
        }
        let log = &plan.step("Decide the tag").log;
        assert!(log.contains("error: the tag must be v and") && !log.contains("pwned"), "{log}");
    }
    assert_eq!(hosted.head(), head);
    assert!(hosted.repository().releases().is_empty());
}

#[test]
fn a_hostile_tag_that_is_dispatched_is_told_in_harmless_letters() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    for tag in [HOSTILE[0], HOSTILE[3], HOSTILE[6], HOSTILE[11]] {
        let event = Event::dispatch(MAIN, &[("tag", tag)]);
        let run = hosted.start("slsa-provenance.yml", event).unwrap();
        assert_eq!(run.conclusion, "failure");
        let context = ended(&run, "context", "failure");
        let harmless = |c: char| c.is_ascii_alphanumeric() || "._:/@%+~=-".contains(c);
        assert!(context.output("tag").chars().all(harmless), "{:?}", context.outputs);
        assert_eq!(context.output("status"), "failure");
        ended(&run, "provenance", "skipped");
        // `manifest add` refuses what is no tag of git, and records what is.
        assert!(!run.transcript().contains("command not found"), "{}", run.transcript());
    }
    for entry in hosted.manifest() {
        assert_eq!(entry["status"], "failure", "{entry}");
        assert!(entry["artifact"].as_str().unwrap_or_default().is_empty(), "{entry}");
    }
}
