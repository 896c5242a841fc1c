use super::world::{REPOSITORY, TAG, World};
use provost_testkit::github::{Fault, On};

fn failed(world: &World, run: &str) {
    world
        .provost(["manifest", "add", "--tag", TAG, "--run", run, "--status", "failure"])
        .args(["--failure-reason", "the build broke", "--repository", REPOSITORY])
        .run()
        .expect(0);
}

fn recover(world: &World) -> crate::program::Provost {
    world
        .provost(["recover", "--tag", TAG, "--format", "json"])
        .env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher)
}

#[test]
fn the_failed_run_runs_again() {
    let world = World::new();
    let run = world.run();
    run.complete("failure");
    failed(&world, &run.id().to_string());
    let recovered = recover(&world).run().expect(0).json();
    assert_eq!((&recovered["how"], &recovered["attempt"]), (&"rerun".into(), &2.into()));
    assert_eq!(recovered["run_id"], run.id().to_string());
    assert_eq!(world.repository.runs().len(), 1);
}

#[test]
fn a_run_that_is_gone_or_never_was_is_dispatched_anew() {
    let world = World::new();
    let run = world.run();
    run.complete("failure");
    let id = run.id();
    failed(&world, &id.to_string());
    let rerun = format!("/repos/{REPOSITORY}/actions/runs/{id}/rerun");
    world.github.fault(On::new("POST", &rerun), Fault::Status(422));
    let recovered = recover(&world).run().expect(0).json();
    assert_eq!(
        (&recovered["how"], &recovered["instead_of"]),
        (&"dispatched".into(), &id.to_string().into())
    );
    // The old entry remembers the new run.
    let entry = &world.manifest()[0];
    assert_eq!(entry["recovered_by_run"], recovered["run_id"]);
    assert_eq!((&entry["run"], &entry["status"]), (&id.to_string().into(), &"failure".into()));
    world.provost(["manifest", "lint"]).run().expect(0);

    let world = World::new();
    failed(&world, "0");
    let recovered = recover(&world).run().expect(0).json();
    assert_eq!((&recovered["how"], &recovered["instead_of"]), (&"dispatched".into(), &"0".into()));
}

#[test]
fn nothing_is_started_for_a_success_an_unknown_tag_or_a_run_that_goes_on() {
    let world = World::new();
    let output = recover(&world).run().expect(2);
    assert!(output.stdout.contains("no failure of tag v1.4.0"), "{}", output.stdout);
    let run = world.run();
    run.start();
    failed(&world, &run.id().to_string());
    let output = recover(&world).run().expect(1);
    assert!(output.stdout.contains("is still in_progress"), "{}", output.stdout);
    world.repository.release(world.release());
    let accepted = world.attested_run();
    world.gate().args(["--run", &accepted.id().to_string()]).report(0);
    let output = recover(&world).run().expect(2);
    assert!(output.stdout.contains("has a success"), "{}", output.stdout);
    let runs = world.repository.runs();
    assert_eq!(runs.len(), 2);
}
