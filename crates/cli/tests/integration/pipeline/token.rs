use super::world::{REPOSITORY, World};
use provost_github::{GitHub, RepositoryName, Settings};
use provost_outbound::Secret;
use provost_testkit::github::{Issue, Token};

fn problems(world: &World, token: &str, code: i32) -> Vec<String> {
    let check = world.provost(["token", "check", "--format", "json"]);
    let output = check.env("PROVENANCE_DISPATCH_TOKEN", token).run().expect(code);
    assert!(!output.stdout.contains(token) && !output.stderr.contains(token));
    let report = output.json();
    let problems = report["problems"].as_array().unwrap().iter();
    problems.map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_rotation_is_noted_and_then_the_token_has_an_age() {
    let world = World::new();
    let writer = world.github.token(Token::of_job(REPOSITORY, &["issues:write"]));
    let issue = world.repository.issue(Issue::new("octocat", "Rotation of the dispatch token"));
    world.configure(&format!("[dispatch]\nrotation_issue = {issue}"));
    let check = |code| problems_with(&world, &writer, code);
    assert_eq!(check(11), ["age-unknown"]);
    let rotated = || {
        world
            .provost(["token", "rotated", "--issue", &issue.to_string()])
            .env("GITHUB_TOKEN", &writer)
            .env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher)
            .env("GITHUB_ACTOR", "octocat")
    };
    rotated().run().expect(0);
    assert_eq!(check(0), [""; 0]);
    let comments = &world.repository.issues()[0].comments;
    assert_eq!(comments.len(), 1);
    let body = &comments[0].body;
    assert!(body.contains("`octocat`") && body.contains("fine-grained"), "{body}");
    assert!(!body.contains(world.dispatcher.as_str()), "{body}");
    // Without a token of the job nothing is written: the dispatch token must not be able to.
    let output = rotated().env("GITHUB_TOKEN", "").run().expect(2);
    assert!(output.stderr.contains("GITHUB_TOKEN"), "{}", output.stderr);
}

fn problems_with(world: &World, reader: &str, code: i32) -> Vec<String> {
    let check = world.provost(["token", "check", "--format", "json"]);
    let check = check.env("GITHUB_TOKEN", reader);
    let output = check.env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher).run().expect(code);
    let report = output.json();
    let problems = report["problems"].as_array().unwrap().iter();
    problems.map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn somebody_else_s_note_is_no_rotation() {
    let world = World::new();
    let writer = world.github.token(Token::of_job(REPOSITORY, &["issues:write"]));
    let now = jiff::Timestamp::now();
    let forged = format!("<!-- provost:token-rotated {now} -->\nrotated");
    let issue = world.repository.issue(Issue::new("octocat", "Rotation"));
    let stranger = Token::fine_grained("stranger", &["issues:write"]);
    let stranger = Secret::new(world.github.token(stranger), "the stranger's token").unwrap();
    let settings = Settings::new(world.github.api_url(), &[]).unwrap();
    let github = GitHub::new(settings, Some(stranger), &[]).unwrap();
    let name = RepositoryName::parse(REPOSITORY).unwrap();
    github.repository(name).comment(issue, &forged).unwrap();
    world.configure(&format!("[dispatch]\nrotation_issue = {issue}"));
    assert_eq!(problems_with(&world, &writer, 11), ["age-unknown"]);
}

#[test]
fn what_github_tells_is_held_against_the_policy() {
    let world = World::new();
    let token = |token: Token| world.github.token(token);
    let installation = token(Token::installation("release-app", &["actions:write"]));
    assert_eq!(problems(&world, &installation, 0), [""; 0]);
    let powerful = token(Token::classic("octocat", &["repo", "delete_repo"]));
    assert_eq!(problems(&world, &powerful, 11), ["too-powerful", "age-unknown"]);
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    let soon = soon.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let ending = token(Token::fine_grained("octocat", &["actions:write"]).expires(&soon));
    assert_eq!(problems(&world, &ending, 11), ["expires-soon", "age-unknown"]);
    let unknown = world.provost(["token", "check"]).env("PROVENANCE_DISPATCH_TOKEN", "ghp_x");
    assert!(unknown.run().expect(1).stderr.contains("does not know the token"));
    let missing = world.provost(["token", "check"]).run().expect(2);
    assert!(missing.stderr.contains("PROVENANCE_DISPATCH_TOKEN is not set"), "{}", missing.stderr);
}
