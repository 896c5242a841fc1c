use crate::world::{BELOW, World, of};
use provost_github::NewIssue;
use provost_testkit::github::{Fault, Gate, Issue, On, Token};

fn new(label: &str) -> NewIssue {
    NewIssue { title: "Title".into(), body: "Text".into(), label: label.into() }
}

#[test]
fn issues_of_a_label_are_listed_over_all_pages_without_pull_requests() {
    let world = World::new();
    let client = world.client();
    for number in 0..130 {
        let issue = Issue::new("bot", &number.to_string()).label("incident");
        let issue = if number % 2 == 0 { issue.closed() } else { issue };
        world.repository.issue(issue);
    }
    world.repository.issue(Issue::new("bot", "pull").label("incident").pull_request());
    world.repository.issue(Issue::new("bot", "other").label("other"));
    let issues = of(&client).issues("incident").expect("issues");
    assert_eq!(issues.len(), 130);
    assert_eq!(issues.iter().filter(|issue| issue.is_open).count(), 65);
    assert!(issues.iter().all(|issue| issue.author == "bot"));
    assert!(of(&client).issues("nothing").expect("none").is_empty());
}

#[test]
fn an_issue_is_opened_commented_closed_and_opened_again() {
    let world = World::new();
    let client = world.client();
    let issue = of(&client).open_issue(&new("incident")).expect("opened");
    assert!(issue.is_open && issue.author == "release-bot" && issue.body == "Text");
    for number in 0..120 {
        of(&client).comment(issue.number, &format!("comment {number}")).expect("comment");
    }
    let comments = of(&client).comments(issue.number).expect("comments");
    assert_eq!(comments.len(), 120);
    assert_eq!(comments[119], ("release-bot".to_owned(), "comment 119".to_owned()));
    for open in [false, false, true] {
        of(&client).set_issue_open(issue.number, open).expect("changed");
        assert_eq!(of(&client).issues("incident").expect("issues")[0].is_open, open);
    }
    assert_eq!(world.repository.issues()[0].state_reason.as_deref(), Some("reopened"));
    assert!(of(&client).comments(99).expect_err("no such issue").is_not_found());
}

#[test]
fn what_may_have_been_written_is_not_written_again() {
    let world = World::new();
    let client = world.client();
    let number = of(&client).open_issue(&new("incident")).expect("opened").number;
    let below = format!("{BELOW}/issues");
    for fault in [Fault::ExecuteThenCut, Fault::Status(502), Fault::CutBeforeAnswer, Fault::Html] {
        for path in [below.clone(), format!("{below}/{number}/comments")] {
            let asked = world.fake.requests_to("POST", &path).len();
            world.fake.fault(On::new("POST", &path), fault.clone());
            let result = match path == below {
                true => of(&client).open_issue(&new("incident")).map(drop),
                false => of(&client).comment(number, "text"),
            };
            assert_eq!(world.fake.requests_to("POST", &path).len(), asked + 1);
            // The answer of a comment is not read: that it is a success is enough.
            if !matches!(fault, Fault::Html) || path == below {
                assert!(result.expect_err("unknown").is_ambiguous());
            }
        }
    }
    assert_eq!(world.repository.issues().len(), 2);
    assert_eq!(world.repository.issues()[0].comments.len(), 1);
}

#[test]
fn a_label_is_made_once_also_when_another_run_makes_it_meanwhile() {
    let world = World::new();
    let client = world.client();
    let labels = format!("{BELOW}/labels");
    of(&client).ensure_label("Incident").expect("made");
    of(&client).ensure_label("incident").expect("there");
    assert_eq!(world.fake.requests_to("POST", &labels).len(), 1);

    // Both have seen that there is none before either makes it.
    let gate = Gate::new();
    world.fake.fault(On::new("POST", &labels).times(2), Fault::Hold(gate.clone()));
    std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| of(&client).ensure_label("race")));
        gate.wait_for_arrivals(2);
        gate.open();
        for one in both {
            one.join().expect("thread").expect("there in the end");
        }
    });
    // The answer is lost, and the label is there.
    world.fake.fault(On::new("POST", &labels), Fault::ExecuteThenCut);
    of(&client).ensure_label("lost").expect("made");
    world.fake.fault(On::new("POST", &labels), Fault::CutBeforeAnswer);
    assert!(of(&client).ensure_label("never").expect_err("not made").is_ambiguous());
    let refusal =
        br#"{"message":"Validation Failed","errors":[{"field":"name","code":"invalid"}]}"#;
    let fault = Fault::Body(422, "application/json", refusal.to_vec());
    world.fake.fault(On::new("POST", &labels), fault);
    let error = of(&client).ensure_label("bad").expect_err("refused");
    assert!(error.to_string().contains("name invalid"), "{error}");
    let reader = world.fake.token(Token::fine_grained("bot", &["issues:read"]));
    let reader = world.client_with(Some(&reader), |_| {});
    let error = of(&reader).ensure_label("new").expect_err("not allowed");
    assert!(error.to_string().contains("issues=write"), "{error}");
}
