//! Whatever GitHub and Slack answer, no text of it is an order where it is shown or written.
//!
//! Each sink shows every hostile value in tests of its own; here every field of an answer is seen
//! to reach a sink only through them.

use super::world::{REPOSITORY, TAG, World};
use crate::event_rows::event_rows;
use crate::program::{Output, Provost};
use provost_testkit::github::{
    Artifact, Asset, Fault, Host, Issue, Job, On, Release, Ruleset, RunHandle, ServiceAnswer, Token,
};
use provost_testkit::hostile::{self, order_in, runner_command};
use serde_json::Value;

const FORMATS: [&[&str]; 3] = [&["-v"], &["--format", "json"], &["--format", "github"]];

/// Short enough to be shown whole beside others.
fn values() -> Vec<String> {
    let short = hostile::values().map(|(_, value)| value).filter(|value| value.len() < 200);
    short.filter(|value| !value.is_empty()).collect()
}

/// Eight values, each at the start of a line.
fn several(from: usize) -> String {
    let values = values();
    let chosen = (0..8).map(|more| values[(from * 8 + more) % values.len()].as_str());
    chosen.collect::<Vec<_>>().join("\n")
}

struct Hostile {
    world: World,
    writer: String,
    calls: usize,
    /// Calls that showed a sign in its escaped form.
    shown: usize,
}

impl Hostile {
    fn new() -> Self {
        let world = World::new();
        let rights = ["contents:write", "actions:read", "attestations:read", "issues:write"];
        let rights = [&rights[..], &["administration:write"]].concat();
        let writer = world.github.token(Token::of_job(REPOSITORY, &rights));
        world.repository.issue(Issue::new("octocat", "Rotation"));
        world.configure(&format!(
            "[dispatch]\nrotation_issue = 1\n[reconcile]\ndeadline_minutes = 0\n\
             [notify]\nslack_function_url = {:?}",
            world.github.function_url()
        ));
        Self { world, writer, calls: 0, shown: 0 }
    }

    /// A call in one of the formats, whose outputs are judged.
    fn call(&mut self, what: &str, arguments: &[&str]) -> Output {
        let flags = FORMATS[self.calls % FORMATS.len()];
        self.calls += 1;
        let (outputs, summary) = (self.world.path("outputs"), self.world.path("summary"));
        let _ = std::fs::remove_file(&outputs);
        let output = Provost::new(arguments)
            .args(flags)
            .cwd(self.world.root())
            .env("GITHUB_TOKEN", &self.writer)
            .env("PROVENANCE_DISPATCH_TOKEN", &self.world.dispatcher)
            .env("GITHUB_RUN_ID", "4711")
            .env("GITHUB_ACTOR", "octocat")
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("PROVOST_TEST_NO_PAUSE", "1")
            .run();
        if [&output.stdout, &output.stderr].iter().any(|text| text.contains("\\u")) {
            self.shown += 1;
        }
        let what = format!("{arguments:?} {flags:?}: {what}");
        log(&what, &output.stderr);
        log(&what, &output.stdout);
        if flags[0] == "--format" && flags[1] == "json" {
            output.json();
        }
        for (name, value) in step_outputs(&self.world.read("outputs")) {
            let known = ["dispatch_tag", "run_id", "run_url", "release_url", "decision"];
            let is_known = known.contains(&name.as_str()) || name == "slsa_build_level";
            assert!(is_known, "{what}: output {name} = {value:?}");
            let is_url = name.ends_with("_url") && !value.is_empty();
            assert!(!is_url || is_address(&value), "{what}: output {name} = {value:?}");
        }
        for line in self.world.read("summary").split('\n') {
            assert_eq!(order_in(&line.replace('\u{2060}', "")), None, "{what}: {line:?}");
        }
        output
    }

    /// The same with every text of that name in the answers replaced.
    fn spelt(&mut self, name: &'static str, arguments: &[&str]) {
        for start in ["", "https://github.com/"].iter().take(1 + usize::from(name == "html_url")) {
            let text = format!("{start}{}", several(self.calls));
            self.world
                .github
                .fault(On::new("GET", "/**").always(), Fault::Spell(name, text.clone()));
            self.call(&format!("{name} {text:?}"), arguments);
            self.world.github.clear_faults();
        }
        self.records();
    }

    /// What was recorded and told: sound, and the same in both records.
    fn records(&self) {
        if self.world.has_manifest() {
            let lint = self.world.provost(["manifest", "lint"]).run().expect(0);
            log("lint", &lint.stdout);
            for entry in self.world.manifest().as_array().unwrap() {
                let reason = entry["failure_reason"].as_str().unwrap_or_default();
                assert!(reason.chars().count() <= 2000, "{reason:?}");
                let url = entry["release_url"].as_str().unwrap();
                assert!(url.is_empty() || is_address(url), "{url:?}");
            }
        }
        if self.world.path(".provost/events.db").exists() {
            let tags = event_rows(&self.world.path(".provost/events.db"));
            assert!(tags.iter().all(|row| row.tag == TAG || row.tag == "v1.3.0"));
        }
        for request in self.world.github.requests() {
            let body = request.json();
            let is_issue = request.path.contains("/issues") && request.method == "POST";
            if is_issue {
                for key in ["title", "body"] {
                    let text = body[key].as_str().unwrap_or_default();
                    let line = text.replace(['\n', '\u{2060}'], "");
                    assert_eq!(order_in(&line), None, "{key}: {text:?}");
                    let markers = text.lines().filter(|line| line.contains("<!--"));
                    assert!(markers.clone().all(|line| line.starts_with("<!-- provost:")));
                    assert!(!line.contains("@everyone") || key == "body", "{text:?}");
                }
            }
            if request.host == Host::Services {
                let all = body.to_string();
                assert!(!all.contains("<!") && !all.contains("<@"), "{all}");
                assert_eq!(order_in(&strings(&body).replace(['\n', '\u{2060}'], "")), None);
            }
        }
    }
}

/// An address that means nothing else to a shell.
fn is_address(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@%+=,".contains(&byte);
    text.starts_with("https://") && text.bytes().all(harmless)
}

/// All texts of a document.
fn strings(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(strings).collect(),
        Value::Object(members) => members.values().map(strings).collect(),
        _ => String::new(),
    }
}

/// What a terminal or the log of a job is given.
#[track_caller]
fn log(what: &str, text: &str) {
    let ours = ["::error title=", "::warning title=", "::notice title="];
    for line in text.split('\n') {
        assert_eq!(order_in(line), None, "{what}: {line:?}");
        if !ours.iter().any(|start| line.starts_with(start)) {
            assert_eq!(runner_command(line), None, "{what}: {line:?}");
        }
    }
}

/// What the runner reads from `GITHUB_OUTPUT`.
fn step_outputs(text: &str) -> Vec<(String, String)> {
    let mut lines = text.split('\n').filter(|line| !line.is_empty());
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    found
}

/// Names that GitHub lets others choose.
fn run_with_names(hostile: &Hostile, text: &str) -> RunHandle {
    let world = &hostile.world;
    let run = world.attested_run();
    run.change(|run| {
        run.title = text.to_owned();
        run.workflow_name = text.to_owned();
        run.actor = text.to_owned();
    });
    run.job(Job::new(text).conclusion("failure"));
    run.artifact(Artifact::of(text, &[("provenance.json", b"{}")]));
    run
}

#[test]
fn names_of_runs_jobs_artifacts_assets_and_releases() {
    let mut shown = 0;
    for number in 0..values().len().div_ceil(8) {
        let mut hostile = Hostile::new();
        let text = several(number);
        let mut release = Release::new(TAG).with_asset(Asset::new(&text, b"bytes"));
        release.name = Some(text.clone());
        release.body = Some(text.clone());
        hostile.world.repository.release(release);
        hostile.world.repository.ruleset(Ruleset::for_branches(&text));
        let run = run_with_names(&hostile, &text);
        let id = run.id().to_string();
        hostile.calls = number;
        hostile.call(&text, &["gate", "--tag", TAG, "--run", &id]);
        hostile.call(&text, &["reconcile"]);
        hostile.records();
        shown += hostile.shown;
    }
    assert!(shown > 5, "{shown}");
}

#[test]
fn every_text_of_an_answer_to_the_gate() {
    let mut hostile = Hostile::new();
    hostile.world.repository.release(hostile.world.release());
    let id = hostile.world.attested_run().id().to_string();
    for name in [
        "html_url",
        "name",
        "conclusion",
        "status",
        "full_name",
        "head_branch",
        "head_sha",
        "event",
        "path",
        "digest",
        "state",
        "tag_name",
        "url",
        "ref",
        "type",
        "sha",
        "label",
        "login",
    ] {
        hostile.spelt(name, &["gate", "--tag", TAG, "--run", &id]);
    }
    assert!(hostile.shown > 3, "{}", hostile.shown);
}

#[test]
fn every_text_of_an_answer_to_the_other_verbs() {
    let mut hostile = Hostile::new();
    hostile.world.repository.release(hostile.world.release());
    let run = hostile.world.run();
    run.complete("failure");
    let id = run.id().to_string();
    hostile.call("", &["notify", "--tag", "v1.3.0", "--run", &id, "--reason", "broken"]);
    for (name, arguments) in [
        ("html_url", &["dispatch", "--tag", TAG, "--wait"][..]),
        ("conclusion", &["dispatch", "--tag", TAG, "--wait"]),
        ("head_sha", &["dispatch", "--tag", TAG]),
        ("event", &["dispatch", "--tag", TAG]),
        ("display_title", &["dispatch", "--tag", TAG]),
        ("login", &["token", "check"]),
        ("body", &["token", "check"]),
        ("login", &["token", "rotated"]),
        ("tag_name", &["reconcile"]),
        ("name", &["reconcile"]),
        ("conclusion", &["reconcile"]),
        ("html_url", &["recover", "--tag", "v1.3.0"]),
        ("status", &["recover", "--tag", "v1.3.0"]),
        ("name", &["init", "--ruleset", "--apply"]),
        ("default_branch", &["gate", "--manifest", "docs/reports", "--online"]),
    ] {
        hostile.spelt(name, arguments);
    }
    for name in ["enforcement", "context", "type", "target"] {
        hostile.spelt(name, &["init", "--ruleset", "--apply"]);
    }
    assert!(hostile.shown > 5, "{}", hostile.shown);
}

#[test]
fn bodies_of_errors_and_answers_of_slack() {
    let mut hostile = Hostile::new();
    hostile.world.repository.release(hostile.world.release());
    let id = hostile.world.attested_run().id().to_string();
    let kinds = ["application/json", "text/x ##[add-mask]y ::error::z"];
    for (number, status) in [403, 422, 500, 200].into_iter().enumerate() {
        for (verb, arguments) in [
            &["gate", "--tag", TAG, "--run", &id][..],
            &["dispatch", "--tag", TAG],
            &["token", "check"],
            &["reconcile"],
            &["init", "--ruleset", "--apply"],
        ]
        .into_iter()
        .enumerate()
        {
            let text = several(number + verb);
            let error = serde_json::json!({ "message": text, "errors": [{ "message": text }] });
            let body = if status == 200 { Value::from(text.clone()) } else { error };
            let kind = kinds[(number + verb) % 2];
            let fault = Fault::Body(status, kind, body.to_string().into_bytes());
            let at = On::new("*", "/**").after((number + verb) % 3).always();
            hostile.world.github.fault(at, fault);
            hostile.call(&text, arguments);
            hostile.world.github.clear_faults();
        }
    }
    for number in 0..6_usize {
        let text = several(number);
        hostile.world.github.function(ServiceAnswer::Refused(500, text.clone()));
        let run = (900 + number).to_string();
        hostile.call(&text, &["notify", "--tag", TAG, "--run", &run, "--reason", &text]);
    }
    hostile.records();
    let rows = event_rows(&hostile.world.path(".provost/events.db"));
    let reasons: Vec<_> = rows.iter().filter_map(|row| row.failure_reason.as_deref()).collect();
    let manifest = hostile.world.manifest();
    for entry in manifest.as_array().unwrap() {
        if let Some(reason) = entry["failure_reason"].as_str() {
            assert!(reasons.contains(&reason), "the log says something else than {reason:?}");
        }
    }
    assert!(hostile.world.repository.issues().len() > 3);
    assert!(hostile.shown > 5, "{}", hostile.shown);
}

#[test]
fn the_address_of_a_run_is_an_address_and_nothing_else() {
    let mut hostile = Hostile::new();
    let page = "https://github.com/$(id)`x`;'y'[z](w)\n::set-output name=x::y";
    hostile
        .world
        .github
        .fault(On::new("GET", "/**").always(), Fault::Spell("html_url", page.into()));
    hostile.calls = 2;
    hostile.call("html_url", &["dispatch", "--tag", TAG]).expect(0);
    let outputs = step_outputs(&hostile.world.read("outputs"));
    let url = &outputs.iter().find(|(name, _)| name == "run_url").unwrap().1;
    let wanted = "https://github.com/%24%28id%29%60x%60%3B%27y%27%5Bz%5D%28w%29%0A::set-output%20";
    assert!(url.starts_with(wanted), "{url}");
}
