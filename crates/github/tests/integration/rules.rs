use crate::world::{BELOW, World, of};
use provost_github::Ruleset;
use provost_testkit::github::{Fault, On, Ruleset as New};
use serde_json::json;

fn requiring(name: &str, check: &str) -> New {
    let parameters = json!({
        "strict_required_status_checks_policy": false,
        "required_status_checks": [{ "context": check }],
    });
    New::for_branches(name)
        .rule("deletion")
        .rule_json(json!({ "type": "required_status_checks", "parameters": parameters }))
}

#[test]
fn a_check_is_required_where_an_active_rule_says_so() {
    let world = World::new();
    let client = world.client();
    let checks = |branch: &str| {
        let checks = of(&client).required_checks(branch).expect("checks");
        checks.into_iter().map(|check| check.context).collect::<Vec<_>>()
    };
    assert!(checks("main").is_empty());
    world.repository.ruleset(requiring("off", "never").disabled());
    world.repository.ruleset(requiring("tags", "gate").include(&["refs/heads/release/*"]));
    assert!(checks("main").is_empty());
    assert_eq!(checks("release/v1"), ["gate"]);
    world.repository.ruleset(requiring("main", "build / gate"));
    assert_eq!(checks("main"), ["build / gate"]);
    let names: Vec<_> = of(&client).rulesets().expect("rulesets");
    assert_eq!(names.len(), 3);
    assert_eq!(names.iter().filter(|one| one.enforcement == "active").count(), 2);
}

#[test]
fn a_ruleset_is_made_once_and_binds() {
    let world = World::new();
    let client = world.client();
    let body = Ruleset::requiring("provenance", "gate", &["~DEFAULT_BRANCH".to_owned()]);
    let made = of(&client).create_ruleset(&body).expect("made");
    assert_eq!((made.name.as_str(), made.enforcement.as_str()), ("provenance", "active"));
    assert_eq!(of(&client).required_checks("main").expect("checks")[0].context, "gate");
    let error = of(&client).create_ruleset(&body).expect_err("there is one");
    assert!(error.to_string().contains("must be unique"), "{error}");
}

#[test]
fn rules_that_cannot_be_read_are_an_error_and_not_none() {
    let world = World::new();
    let client = world.client();
    let path = format!("{BELOW}/rules/branches/main");
    for body in [
        r#"[{"type":"required_status_checks","parameters":{"required_status_checks":[{}]}}]"#,
        r#"[{"type":"required_status_checks","parameters":{"required_status_checks":[7]}}]"#,
        r#"[{"type":"required_status_checks","parameters":{"required_status_checks":7}}]"#,
        r#"[{"type":"required_status_checks"}]"#,
        r#"[{}]"#,
        "{}",
    ] {
        let fault = Fault::Body(200, "application/json", body.into());
        world.fake.fault(On::new("GET", &path), fault);
        of(&client).required_checks("main").expect_err(body);
    }
}
