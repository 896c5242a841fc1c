//! Secrets that can be recognised, through every verb that is given one, and a search for them in
//! every byte that was written or sent.

use super::secrets::{Place, Secrets};
use super::world::{REPOSITORY, TAG, World, artifact};
use crate::program::{Output, Provost};
use provost_testkit::github::{Fault, Host, Issue, On, RunHandle, ServiceAnswer, Token};
use provost_testkit::scripted_server::{ScriptedServer, answer};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The ways in which a call may be made: inside of GitHub Actions or not, and how it shows itself.
const WAYS: [(bool, &[&str]); 6] = [
    (false, &["-v"]),
    (false, &["--format", "json", "-o", "report.json"]),
    (false, &["--format", "github"]),
    (true, &["-v"]),
    (true, &["--format", "json", "-v", "-o", "report.json"]),
    (true, &["--format", "text", "-o", "report.json"]),
];

/// A world whose every secret is known, with a clone that has a remote.
struct Canary {
    world: World,
    bare: TempDir,
    secrets: Secrets,
    written: Vec<(String, Output)>,
}

fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]);
    let output = command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    output.stdout
}

impl Canary {
    fn new() -> Self {
        let world = World::new();
        let own = ["contents:write", "actions:read", "attestations:read", "issues:write"];
        let own = world.github.token(Token::of_job(REPOSITORY, &own));
        let secrets = Secrets {
            own,
            dispatch: world.dispatcher.clone(),
            function: "ops-canary-4b1d9e70".into(),
            webhook: world.github.webhook_url(),
            remote: "push-canary-07a5f1c8".into(),
            store_password: "password-canary-61c0aa".into(),
            store_token: "store-canary-d2f7e411".into(),
            identity: "identity-canary-9b3e20".into(),
        };
        std::fs::create_dir(world.path("written")).unwrap();
        let bare = tempfile::tempdir().unwrap();
        git(bare.path(), &["init", "--quiet", "--bare", "--initial-branch=main"]);
        git(world.root(), &["init", "--quiet", "--initial-branch=main"]);
        // The remote has the token in its URL; where it leads is on this machine.
        let remote = format!("https://x-access-token:{}@git.example/o/r.git", secrets.remote);
        git(world.root(), &["remote", "add", "origin", &remote]);
        let canary = Self { world, bare, secrets, written: Vec::new() };
        canary.lead_remote_to(Some(canary.bare.path()));
        let root = canary.world.root();
        git(root, &["commit", "--quiet", "--allow-empty", "--message", "begin"]);
        git(root, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        canary
    }

    /// Where a push really goes: into a folder, or nowhere.
    fn lead_remote_to(&self, folder: Option<&Path>) {
        let url = format!("https://x-access-token:{}@git.example/o/r.git", self.secrets.remote);
        let path = folder.map_or_else(
            || format!("https://x-access-token:{}@127.0.0.1:1/o/r.git", self.secrets.remote),
            |folder| folder.display().to_string(),
        );
        let config = std::fs::read_to_string(self.world.path(".git/config")).unwrap();
        let config = config.split("[url ").next().unwrap();
        let rule = format!("[url \"{path}\"]\n\tinsteadOf = {url}\n");
        std::fs::write(self.world.path(".git/config"), format!("{config}{rule}")).unwrap();
    }

    /// Makes a call with every secret in its environment, and none among its arguments.
    fn call(&mut self, way: usize, arguments: &[&str], panic_in: &str) {
        self.call_with("", way, arguments, panic_in);
    }

    /// The same with an event log that the environment names.
    fn call_with(&mut self, store: &str, way: usize, arguments: &[&str], panic_in: &str) {
        let (inside, flags) = WAYS[way % WAYS.len()];
        // Each report is kept.
        let report = format!("written/report-{}.json", self.written.len());
        let all: Vec<&str> = arguments
            .iter()
            .chain(flags)
            .map(|word| if *word == "report.json" { report.as_str() } else { word })
            .collect();
        for argument in &all {
            assert_eq!(self.secrets.found_in(argument.as_bytes(), Place::Anywhere), None);
        }
        let output = Provost::new(&all)
            .cwd(self.world.root())
            .env("GITHUB_TOKEN", &self.secrets.own)
            .env("PROVENANCE_DISPATCH_TOKEN", &self.secrets.dispatch)
            .env("OPS_NOTIFY_TOKEN", &self.secrets.function)
            .env("SLACK_WEBHOOK_URL", &self.secrets.webhook)
            .env("PROVOST_STORE_URL", store)
            .env("PROVOST_STORE_PASSWORD", &self.secrets.store_password)
            .env("PROVOST_STORE_TOKEN", &self.secrets.store_token)
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:1/identity")
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &self.secrets.identity)
            .env("GITHUB_ACTIONS", if inside { "true" } else { "" })
            .env("GITHUB_OUTPUT", self.world.path("written/outputs"))
            .env("GITHUB_STEP_SUMMARY", self.world.path("written/summary"))
            .env("GITHUB_RUN_ID", "4711")
            .env("GITHUB_ACTOR", "octocat")
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_WORKFLOW", "release")
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .env("PROVOST_TEST_NO_PAUSE", "1")
            .env("PROVOST_TEST_PANIC_IN", panic_in)
            .run();
        assert!(output.code.is_some(), "{all:?}: {output:?}");
        self.written.push((format!("{all:?} inside {inside}"), output));
    }

    /// Everything that was written or sent, with a name and who may see it there.
    fn everything(&self) -> Vec<(String, Place, Vec<u8>)> {
        let mut all = Vec::new();
        for (call, output) in &self.written {
            let inside = call.ends_with("true");
            let is_mask = |line: &&str| inside && line.starts_with("::add-mask::");
            let shown = output.stderr.lines().filter(|line| !is_mask(line));
            let shown = shown.collect::<Vec<_>>().join("\n");
            all.push((format!("stdout of {call}"), Place::Anywhere, output.stdout.clone().into()));
            all.push((format!("stderr of {call}"), Place::Anywhere, shown.into()));
        }
        let mut folders = vec![self.world.root().to_owned(), self.bare.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                let is_ours = path.ends_with(".git/config");
                match path.is_dir() {
                    true => folders.push(path),
                    // The test itself wrote the remote into it.
                    false if is_ours => {}
                    false => {
                        let bytes = std::fs::read(&path).unwrap();
                        all.push((path.display().to_string(), Place::Anywhere, bytes));
                    }
                }
            }
        }
        for folder in [self.world.root(), self.bare.path()] {
            let objects = git(folder, &["cat-file", "--batch-all-objects", "--batch"]);
            all.push((format!("objects of {}", folder.display()), Place::Anywhere, objects));
        }
        for request in self.world.github.requests() {
            let name = format!("{request:?}");
            for (header, value) in &request.headers {
                let place = match (request.host, header.as_str()) {
                    (Host::Api, "authorization") => Place::GithubAuthorization,
                    (Host::Services, "authorization") => Place::FunctionAuthorization,
                    _ => Place::Anywhere,
                };
                all.push((format!("{header} of {name}"), place, value.clone().into()));
            }
            let is_webhook = request.host == Host::Services && !request.path.contains("/functions");
            let place = if is_webhook { Place::WebhookAddress } else { Place::Anywhere };
            let address = format!("{}?{:?}", request.path, request.query);
            all.push((format!("address of {name}"), place, address.into()));
            all.push((format!("body of {name}"), Place::Anywhere, request.body.clone()));
        }
        all
    }

    #[track_caller]
    fn holds_no_secret(&self) {
        for (name, place, bytes) in self.everything() {
            if let Some(secret) = self.secrets.found_in(&bytes, place) {
                let at = String::from_utf8_lossy(&bytes).into_owned();
                panic!("{secret} is seen in {name}:\n{at}");
            }
        }
    }

    fn configure(&self, function: bool) {
        let issue = self.world.repository.issues()[0].number;
        let slack = match function {
            true => format!("slack_function_url = {:?}", self.world.github.function_url()),
            false => "slack_hosts = [\"127.0.0.1\"]".to_owned(),
        };
        self.world.configure(&format!(
            "[notify]\n{slack}\n[dispatch]\nrotation_issue = {issue}\n\
             [reconcile]\ndeadline_minutes = 0\n[manifest]\nbranch = \"main\""
        ));
    }

    /// Three runs that are told apart by how the gate ends: accepted, refused, without an answer.
    fn runs(&self) -> [RunHandle; 3] {
        let world = &self.world;
        world.repository.issue(Issue::new("octocat", "Rotation"));
        world.repository.release(world.release().draft());
        let refused = world.attested_run();
        refused.complete("failure");
        let expired = world.run();
        expired.artifact(artifact(&world.bundle(&expired)).expired());
        [world.attested_run(), refused, expired]
    }
}

/// The verbs that are given a secret.
fn verbs(runs: &[RunHandle; 3], failed: usize) -> Vec<Vec<String>> {
    let [accepted, refused, expired] = runs.each_ref().map(|run| run.id().to_string());
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    vec![
        words(&format!("dispatch --tag {TAG} --release-url https://github.com/o/r/releases/1")),
        words("token check"),
        words("token rotated"),
        words(&format!("gate --tag {TAG} --run {expired}")),
        words(&format!("gate --tag {TAG} --run {refused}")),
        words(&format!("notify --tag v1.3.0 --run {failed} --reason broken --root .")),
        words(&format!("gate --tag {TAG} --run {accepted} --publish")),
        words("gate --manifest docs/reports --online --allow-no-release"),
        words("reconcile --fix"),
        words("recover --tag v1.3.0"),
        words("init --ruleset --apply"),
        words("manifest push"),
        words(&format!("notify --tag {TAG} --run {accepted} --recovered")),
    ]
}

fn call_all(canary: &mut Canary, verbs: &[Vec<String>], way: usize) {
    for (number, verb) in verbs.iter().enumerate() {
        let verb: Vec<&str> = verb.iter().map(String::as_str).collect();
        canary.call(way + number, &verb, "");
    }
}

#[test]
fn no_secret_is_written_when_all_goes_well() {
    for function in [true, false] {
        let mut canary = Canary::new();
        let runs = canary.runs();
        canary.configure(function);
        for round in 0..2 {
            call_all(&mut canary, &verbs(&runs, 77 + round), round * 2 + usize::from(function));
            // From now on the message goes into an issue.
            canary.world.github.webhook(ServiceAnswer::NotDelivered);
            canary.world.github.function(ServiceAnswer::NotDelivered);
        }
        assert!(canary.world.repository.issues().len() > 1);
        canary.call(0, &["gate", "--tag", TAG, "--run", &runs[0].id().to_string()], "signature");
        canary.holds_no_secret();
        // All of it was used, and the records are there.
        let requests = canary.world.github.requests();
        let sent = |secret: &str| {
            let bearer = format!("Bearer {secret}");
            requests.iter().any(|request| request.header("authorization") == Some(&bearer))
        };
        assert!(sent(&canary.secrets.own) && sent(&canary.secrets.dispatch));
        assert_eq!(sent(&canary.secrets.function), function);
        let slack = requests.iter().filter(|request| request.host == Host::Services);
        assert!(slack.count() > 1);
        let objects = git(canary.bare.path(), &["cat-file", "--batch-all-objects", "--batch"]);
        assert!(String::from_utf8_lossy(&objects).contains("v1.3.0"));
        let codes: Vec<_> = canary.written.iter().map(|(_, output)| output.code).collect();
        for code in [0, 1, 10, 11] {
            assert!(codes.contains(&Some(code)), "{code}: {codes:?}");
        }
    }
}

#[test]
fn no_secret_is_written_when_github_and_slack_fail() {
    let faults = [
        Fault::Echo(401, "application/json"),
        Fault::Echo(403, "application/json"),
        Fault::Echo(422, "application/json"),
        Fault::Echo(200, "application/json"),
        Fault::Echo(200, "text/html; charset=utf-8"),
        Fault::Echo(500, "text/html; charset=utf-8"),
        Fault::CutBeforeAnswer,
        Fault::CutAfter(7),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let mut canary = Canary::new();
        let runs = canary.runs();
        canary.configure(number % 2 == 0);
        canary.lead_remote_to(None);
        canary.world.github.webhook(ServiceAnswer::NotDelivered);
        canary.world.github.function(ServiceAnswer::NotDelivered);
        if number % 3 == 1 {
            canary.world.github.fault(
                On::new("*", "/**").host(Host::Services).always(),
                Fault::Echo(500, "application/json"),
            );
        }
        // Half of the verbs with one fault, the others with the next.
        let verbs = verbs(&runs, 77);
        for (index, verb) in verbs.iter().enumerate().skip(number % 2).step_by(2) {
            let verb: Vec<&str> = verb.iter().map(String::as_str).collect();
            // At the first call, or somewhere on the way.
            canary
                .world
                .github
                .fault(On::new("*", "/**").after((number + index) % 4).always(), fault.clone());
            canary.call(number + index, &verb, "");
            canary.world.github.clear_faults();
        }
        canary.holds_no_secret();
        let is_failure = |(_, output): &&(String, Output)| output.code == Some(1);
        assert!(canary.written.iter().filter(is_failure).count() > 2);
    }
}

#[test]
fn no_secret_is_written_when_the_event_log_fails() {
    let mut canary = Canary::new();
    let runs = canary.runs();
    canary.configure(true);
    let token = canary.secrets.store_token.clone();
    // It repeats what it was sent.
    let echo = format!("{{\"errors\":[{{\"code\":\"x\",\"detail\":\"no {token}\"}}]}}");
    let endpoint = ScriptedServer::always(answer(403, &[], &echo));
    let password = canary.secrets.store_password.clone();
    let stores = [
        endpoint.url("/functions/v1"),
        "http://127.0.0.1:1/functions/v1".to_owned(),
        format!("postgres://me:{password}@127.0.0.1:1/events"),
        format!("postgres://me:{password}@127.0.0.1:x/events"),
        "postgres://me@127.0.0.1:1/events".to_owned(),
    ];
    let more =
        ["kpi", "ingest .", "store verify --git", "store seal", "store export written/lines"];
    for (number, store) in stores.iter().enumerate() {
        // Who does not answer is waited for, so not every verb asks each of them.
        let mut verbs = verbs(&runs, 77);
        verbs.retain(|verb| number == 0 || verb[0] == "notify");
        verbs.extend(more.map(|verb| verb.split(' ').map(str::to_owned).collect()));
        for (index, verb) in verbs.iter().enumerate() {
            let verb: Vec<&str> = verb.iter().map(String::as_str).collect();
            canary.call_with(store, number + index, &verb, "");
        }
    }
    assert!(!endpoint.stop().is_empty(), "it was asked");
    canary.holds_no_secret();
}

#[test]
fn a_secret_is_found_wherever_it_is_written() {
    let mut canary = Canary::new();
    canary.runs();
    canary.configure(true);
    // What is told as a reason goes everywhere; this one looks like a secret, and is none yet.
    let planted = "planted-canary-5512";
    let reason = format!("the token {planted} was refused");
    for way in [0, 1, 2] {
        let run = (80 + way).to_string();
        canary.call(
            way,
            &["notify", "--tag", "v1.3.0", "--run", &run, "--reason", &reason, "--root", "."],
            "",
        );
    }
    let url = format!("https://github.com/o/r/releases/tag/{planted}");
    for way in [1, 2] {
        canary.call(way, &["dispatch", "--tag", TAG, "--release-url", &url], "");
    }
    canary.call(0, &["manifest", "push"], "");
    canary.secrets.function = planted.into();
    let found: Vec<String> = canary
        .everything()
        .into_iter()
        .filter(|(_, place, bytes)| canary.secrets.found_in(bytes, *place).is_some())
        .map(|(name, ..)| name)
        .collect();
    for place in [
        "stdout of",
        "written/report-",
        "written/outputs",
        "written/summary",
        "manifest.json",
        "failure.json",
        "events.db",
        "objects of",
        "body of Services",
        "body of Api",
    ] {
        assert!(found.iter().any(|name| name.contains(place)), "{place}: {found:#?}");
    }
    let bare = format!("objects of {}", canary.bare.path().display());
    assert!(found.contains(&bare), "{found:#?}");
    // And what is allowed in one place is not allowed in another.
    let own = format!("Bearer {}", canary.secrets.own);
    let seen = |place| canary.secrets.found_in(own.as_bytes(), place);
    assert_eq!(seen(Place::GithubAuthorization), None);
    for place in [Place::Anywhere, Place::FunctionAuthorization, Place::WebhookAddress] {
        assert!(seen(place).is_some());
    }
}
