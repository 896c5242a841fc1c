//! GH-12: an answer about another repository is an error and never data.

use crate::world::{BELOW, COMMIT, WORKFLOW, World, of};
use provost_github::{GithubError, NewIssue, Repository};
use provost_testkit::github::{Artifact, Fault, Issue, Job, On, Release, Run, Workflow};

type Question = fn(&Repository<'_>, u64) -> Result<(), GithubError>;

#[test]
fn an_answer_about_another_repository_is_an_error() {
    let world = World::new();
    let client = world.client();
    let repository = of(&client);
    world.repository.annotated_tag("v1", COMMIT, "text");
    world.repository.tag("v2", COMMIT);
    world.repository.branch("main", COMMIT);
    world.repository.workflow(Workflow::new(WORKFLOW));
    world.repository.file("main", WORKFLOW, b"on: push");
    world.repository.release(Release::new("v1").asset("a", b"bytes"));
    world.repository.release(Release::new("v2").draft());
    let number = world.repository.issue(Issue::new("bot", "title").label("x"));
    let run = world.repository.run(Run::new(WORKFLOW, "refs/tags/v1", COMMIT));
    run.job(Job::new("build"));
    run.artifact(Artifact::of("provenance", &[]));
    repository.comment(number, "text").expect("comment");

    let questions: [(&str, Question); 14] = [
        ("run", |own, run| own.run(run).map(drop)),
        ("jobs", |own, run| own.jobs(run, 1).map(drop)),
        ("runs", |own, _| {
            own.runs_of("provenance.yml", None, jiff::Timestamp::UNIX_EPOCH).map(drop)
        }),
        ("artifacts", |own, run| own.artifacts(run).map(drop)),
        ("release", |own, _| own.release_of("v1").map(drop)),
        ("draft", |own, _| own.release_of("v2").map(drop)),
        ("releases", |own, _| own.releases().map(drop)),
        ("issues", |own, _| own.issues("x").map(drop)),
        ("comments", |own, _| own.comments(1).map(drop)),
        ("labels", |own, _| own.ensure_label("x")),
        ("annotated tag", |own, _| own.peeled_tag("v1").map(drop)),
        ("tag", |own, _| own.peeled_tag("v2").map(drop)),
        ("tags", |own, _| own.tags().map(drop)),
        ("workflow", |own, _| own.has_workflow_at("provenance.yml", "refs/heads/main").map(drop)),
    ];
    for (what, question) in questions {
        question(&repository, run.id()).expect(what);
        world.fake.fault(On::new("GET", &format!("{BELOW}/**")).always(), Fault::OtherRepository);
        let error = question(&repository, run.id()).expect_err(what);
        assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{what}: {error}");
        world.fake.clear_faults();
    }
    let release = repository.release_of("v1").expect("asked").expect("there");
    repository.assets(&release).expect("assets");
    repository.default_branch().expect("branch");
    for path in ["", "/**"] {
        let on = On::new("*", &format!("{BELOW}{path}"));
        world.fake.fault(on.always(), Fault::OtherRepository);
    }
    repository.assets(&release).expect_err("assets");
    repository.default_branch().expect_err("branch");
    let issue = NewIssue { title: "t".into(), body: "b".into(), label: "x".into() };
    let error = repository.open_issue(&issue).expect_err("issue");
    assert!(error.is_ambiguous(), "{error}");
}
