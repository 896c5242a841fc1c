use super::scene::{MAIN, can_run, ended, hosted, release, released};
use provost_testkit::workflow::{Event, RunReport};

/// The steps that have a text anywhere in their environment.
fn steps_with(run: &RunReport, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for job in &run.jobs {
        for step in &job.steps {
            if step.env.values().any(|value| value.contains(text)) {
                found.push(format!("{}: {}", job.id, step.name));
            }
        }
    }
    found
}

#[test]
fn the_dispatch_token_is_seen_by_one_step_of_all() {
    if !can_run() {
        return;
    }
    let (hosted, run, provenance) = released();
    let secret = hosted.secret_value("PROVENANCE_DISPATCH_TOKEN");
    let nightly = hosted.start("provenance-nightly.yml", Event::schedule("main")).unwrap();
    let check = Event::push(MAIN, &"0".repeat(40));
    let security = hosted.start("security-provenance.yml", check).unwrap();
    let seen = [&run, &provenance, &nightly, &security].map(|run| steps_with(run, &secret));
    assert_eq!(seen.concat(), ["slsa-provenance-dispatch: Dispatch the provenance"]);
    for run in [&run, &provenance, &nightly, &security] {
        let shown = run.transcript().replace(&format!("::add-mask::{secret}"), "");
        assert!(!shown.contains(&secret));
        // The job that builds has no secret at all, and only who needs it can sign.
        for job in run.jobs.iter().filter(|job| !job.steps.is_empty()) {
            let has = |name: &str| job.steps.iter().any(|step| step.env.contains_key(name));
            let signs = ["provenance/attest", "ingest", "reconcile", "provenance-validate"];
            let is_signer = signs.contains(&job.id.as_str());
            assert_eq!(has("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), is_signer, "{}", job.id);
            if job.id == "provenance/build" {
                assert!(!has("GITHUB_TOKEN") && !has("GH_TOKEN"));
            }
        }
    }
}

#[test]
fn every_call_of_a_release_is_one_that_its_job_may_make() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let path = ".github/workflows/release.yml";
    let workflow = hosted.read(path).unwrap();
    // The fake refuses what a job's permissions do not name, so the same release ends as soon as
    // one of them is taken away.
    for (permission, job) in [
        ("      contents: write # pushes the tag, makes the draft\n", "draft"),
        (
            "      actions: write # watches the run; starts it where allow_github_token = true\n",
            "slsa-provenance-dispatch",
        ),
        ("      actions: read # reads the files of the provenance run\n", "assets"),
        ("      contents: write # publishes the draft, pushes the decision\n", "publish"),
    ] {
        assert!(workflow.contains(permission), "{permission}");
        let less = permission.replace("write", "read").replace("actions: read", "issues: read");
        hosted.commit(&[(path, &workflow.replacen(permission, &less, 1))]);
        let (run, _) = release(&hosted, &[]);
        ended(&run, job, "failure");
    }
}

#[test]
fn a_called_job_may_do_no_more_than_its_caller() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let path = ".github/workflows/slsa-provenance.yml";
    let workflow = hosted.read(path).unwrap();
    let permission = "      attestations: write # its job `attest` stores the attestation\n";
    assert!(workflow.contains(permission));
    hosted.commit(&[(path, &workflow.replacen(permission, "", 1))]);
    hosted.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v0.1.0"]);
    let run = hosted.start("slsa-provenance.yml", Event::release("acme/app", "v0.1.0"));
    assert!(run.unwrap_err().contains("attestations: write is more than its caller gives"));
}
