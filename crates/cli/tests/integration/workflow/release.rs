use super::scene::{
    BUNDLE, RELEASE_URL, TAG, can_run, ended, hosted, only_entry, release, released, rows,
};
use provost_testkit::workflow::{Event, Hosted, RunReport};

#[test]
fn a_release_is_tagged_proven_recorded_and_published() {
    if !can_run() {
        return;
    }
    let (hosted, run, provenance) = released();
    is_told_by_every_job(&run, "workflow_dispatch");
    is_told_by_every_job(&provenance, "release");
    is_in_the_archive_at_its_path(&hosted, &provenance);
    is_recorded_once(&hosted, &provenance);
    is_published_with_its_file(&hosted);
    needs_nobody_else_to_publish_it(&hosted);
}

/// Tag, run, release and status: in the outputs of every job that ran, and in its log.
fn is_told_by_every_job(run: &RunReport, event_name: &str) {
    let id = run.id.to_string();
    let mut told = 0;
    for job in run.jobs.iter().filter(|job| !job.steps.is_empty()) {
        let dispatched = ["slsa-provenance-dispatch", "assets", "publish"].contains(&&*job.id);
        let log = &job.step("Say what this job came to").log;
        for (name, value) in [
            ("event_name", event_name),
            ("tag", TAG),
            ("run_id", &id),
            ("release_url", RELEASE_URL),
            ("status", "success"),
        ] {
            let line = format!("{name}={}", job.output(name));
            assert!(log.lines().any(|own| own == line), "{}: {line}\n{log}", job.id);
            // These three speak of the run that was dispatched.
            let is_other = name == "run_id" && dispatched;
            assert_eq!(job.output(name) == value, !is_other, "{}: {name}\n{log}", job.id);
        }
        told += 1;
    }
    assert_eq!(told, 5, "{}", run.transcript());
}

fn is_in_the_archive_at_its_path(hosted: &Hosted, provenance: &RunReport) {
    let bundle = ended(provenance, "provenance", "success").output("bundle_artifact").to_owned();
    let runs = hosted.repository().runs();
    let run = runs.iter().find(|run| run.id() == provenance.id).unwrap();
    let files = run.artifact_files(&bundle);
    assert_eq!(files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), [BUNDLE]);
    // The one that is kept is the one that was made.
    assert_eq!(hosted.read(BUNDLE).unwrap().as_bytes(), files[0].1);
    assert!(run.artifact_files("provenance-queue").is_empty());
}

fn is_recorded_once(hosted: &Hosted, provenance: &RunReport) {
    let entry = only_entry(hosted);
    assert_eq!(entry["run"], provenance.id.to_string());
    assert_eq!((&entry["tag"], &entry["status"]), (&TAG.into(), &"success".into()));
    assert_eq!((&entry["artifact"], &entry["release_url"]), (&BUNDLE.into(), &RELEASE_URL.into()));
    assert_eq!((&entry["decision"], &entry["slsa_build_level"]), (&"accepted".into(), &3.into()));
    let dispatched = rows(hosted, "dispatched");
    assert_eq!((dispatched.len(), dispatched[0].status.as_str()), (1, "pending"));
    let validated = rows(hosted, "validated");
    assert_eq!((validated.len(), validated[0].status.as_str()), (1, "success"));
    assert_eq!(validated[0].run_id, i64::try_from(provenance.id).unwrap());
    assert_eq!(validated[0].release_url.as_deref(), Some(RELEASE_URL));
}

fn is_published_with_its_file(hosted: &Hosted) {
    let releases = hosted.repository().releases();
    let [release] = releases.as_slice() else { panic!("{releases:?}") };
    assert!(!release.draft && release.tag == TAG);
    let [asset] = release.assets.as_slice() else { panic!("{:?}", release.assets) };
    assert_eq!((asset.name.as_str(), asset.bytes.as_slice()), ("app.txt", &b"app v0.1.0\n"[..]));
}

/// The release event of a person fires as well: the second run finds the entry and builds nothing.
fn needs_nobody_else_to_publish_it(hosted: &Hosted) {
    let head = hosted.head();
    let run = hosted.start("slsa-provenance.yml", Event::release("acme/app", TAG)).unwrap();
    let results: Vec<(&str, &str)> = run.results().into_iter().collect();
    let skipped = ["ingest", "manifest-sync", "notify-on-failure", "provenance"];
    let mut expected: Vec<(&str, &str)> = skipped.map(|job| (job, "skipped")).to_vec();
    expected.insert(0, ("context", "success"));
    assert_eq!(results, expected, "{}", run.transcript());
    assert_eq!(run.job("context").output("event_name"), "release");
    assert_eq!(run.job("context").output("recorded"), "success");
    assert_eq!((hosted.head(), hosted.manifest().len()), (head, 1));
    assert!(hosted.repository().issues().is_empty());
}

#[test]
fn a_published_release_is_proven_where_nobody_dispatched() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v0.1.0"]);
    let run = hosted.start("slsa-provenance.yml", Event::release("acme/app", TAG)).unwrap();
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    assert_eq!(run.job("provenance/attest").output("event_name"), "release");
    assert_eq!(only_entry(&hosted)["decision"], "accepted");
}

#[test]
fn a_dry_run_changes_nothing() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let head = hosted.head();
    let (run, dispatched) = release(&hosted, &[("dry_run", "true")]);
    let plan = ended(&run, "plan", "success");
    assert!(plan.step("Decide the tag").log.contains("the tag `v0.1.0` would be made at"));
    let others = run.jobs.iter().filter(|job| job.id != "plan");
    assert!(others.clone().all(|job| job.result == "skipped"), "{}", run.transcript());
    assert_eq!(others.count(), 5);
    assert!(dispatched.is_empty() && hosted.repository().releases().is_empty());
    assert_eq!(hosted.repository().runs().len(), 1);
    assert_eq!((hosted.repository().peel(TAG), hosted.head()), (None, head));
    assert!(!hosted.event_log().exists());
}

#[test]
fn a_pushed_tag_is_released_as_it_is() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    hosted.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v2.0.0"]);
    let zero = "0".repeat(40);
    let run = hosted.start("release.yml", Event::push("refs/tags/v2.0.0", &zero)).unwrap();
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    let draft = ended(&run, "draft", "success");
    assert_eq!(draft.step("Make and push the tag").outcome, "skipped");
    assert_eq!(draft.output("event_name"), "push");
    assert_eq!(only_entry(&hosted)["tag"], "v2.0.0");
    assert!(!hosted.repository().releases()[0].draft);
}
