//! GitHub's own command line program, `gh`.

use super::command::Call;
use super::rest::Request;
use super::{Act, Download, Token};
use crate::scope::{Access, Scope};

/// Flags that take a value, so that it is not taken for a word.
const VALUED: [&str; 40] = [
    "-R",
    "--repo",
    "-f",
    "--field",
    "-F",
    "--raw-field",
    "-r",
    "--ref",
    "-X",
    "--method",
    "-H",
    "--header",
    "-q",
    "--jq",
    "-t",
    "--template",
    "-n",
    "--name",
    "-D",
    "--dir",
    "-p",
    "--pattern",
    "--notes",
    "--notes-file",
    "--title",
    "--target",
    "-b",
    "--body",
    "--body-file",
    "-l",
    "--label",
    "-a",
    "--assignee",
    "--input",
    "--json",
    "-L",
    "--limit",
    "--hostname",
    "-w",
    "--workflow",
];

pub(super) fn run(call: &mut Call<'_, '_>) {
    let command = call.command;
    let word = |index: usize| {
        command.positional(index, &VALUED).map(|word| word.text.clone()).unwrap_or_default()
    };
    let (noun, verb) = (call.first(&word(0)), call.first(&word(1)));
    let mut token = call.token(&["GH_TOKEN", "GITHUB_TOKEN"]);
    if token == Token::Absent {
        token = call.token(&["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]);
    }
    let by = call.title(2);
    match (noun.as_str(), verb.as_str()) {
        ("api", _) => api(call, &token),
        ("workflow", "run") => {
            let by = call.title(3);
            workflow_run(call, &token, &by);
        }
        ("workflow", "enable" | "disable") | ("run", "rerun" | "cancel" | "delete") => {
            call.need(Scope::ACTIONS, Access::Write, &token, &by);
        }
        ("run", "download") => download(call, &token, &by),
        ("workflow" | "run", _) | ("cache", "list") => {
            call.need(Scope::ACTIONS, Access::Read, &token, &by);
        }
        ("cache", _) => call.need(Scope::ACTIONS, Access::Write, &token, &by),
        ("release", "create" | "edit") => release(call, &verb, token, &by),
        ("release", "upload" | "delete" | "delete-asset") => {
            call.need(Scope::CONTENTS, Access::Write, &token, &by);
        }
        ("release", "verify" | "verify-asset") => {
            call.need(Scope::ATTESTATIONS, Access::Read, &token, &by);
            call.does(Act::Verify, token, &by);
        }
        ("release", _) => call.need(Scope::CONTENTS, Access::Read, &token, &by),
        ("attestation" | "at", "verify") => {
            if !command.has(&["--bundle", "-b"]) && command.flag(&["--bundle", "-b"]).is_none() {
                call.need(Scope::ATTESTATIONS, Access::Read, &token, &by);
            }
            call.does(Act::Verify, token, &by);
        }
        ("attestation" | "at", "download") => {
            call.need(Scope::ATTESTATIONS, Access::Read, &token, &by);
        }
        ("issue", "list" | "view" | "status") | ("label", "list") => {
            call.need(Scope::ISSUES, Access::Read, &token, &by);
        }
        ("issue", "create" | "comment") => {
            call.need(Scope::ISSUES, Access::Write, &token, &by);
            call.does(Act::Notify, token, &by);
        }
        ("issue" | "label", _) => call.need(Scope::ISSUES, Access::Write, &token, &by),
        ("pr", "list" | "view" | "status" | "diff" | "checkout") => {
            call.need(Scope::PULL_REQUESTS, Access::Read, &token, &by);
            if verb == "checkout" {
                let reference = "pull request".to_owned();
                let act = Act::Checkout { reference, repository: String::new(), persists: false };
                call.does(act, token, &by);
            }
        }
        ("pr", "checks") => {
            let read = [(Scope::PULL_REQUESTS, Access::Read)];
            call.need_any(&read, &token, &by);
        }
        ("pr", "merge") => {
            call.need(Scope::PULL_REQUESTS, Access::Write, &token, &by);
            call.need(Scope::CONTENTS, Access::Write, &token, &by);
        }
        ("pr", _) => call.need(Scope::PULL_REQUESTS, Access::Write, &token, &by),
        ("repo", "view" | "clone" | "list") => {
            if token.draws().is_some() {
                call.may(Scope::CONTENTS, Access::Read, &by);
            }
        }
        ("repo", "sync") => call.need(Scope::CONTENTS, Access::Write, &token, &by),
        ("repo", "edit" | "delete" | "archive" | "rename") => {
            beyond(call, "administration", &token, &by)
        }
        ("secret", _) => beyond(call, "secrets", &token, &by),
        ("variable", _) => beyond(call, "variables", &token, &by),
        (
            "auth" | "config" | "help" | "version" | "extension" | "alias" | "completion"
            | "search",
            _,
        )
        | ("", _) => {}
        _ => call.unknown(by),
    }
}

fn beyond(call: &mut Call<'_, '_>, scope: &str, token: &Token, by: &str) {
    if let Some(scope) = Scope::named(scope) {
        call.need(scope, Access::Write, token, by);
    }
}

fn workflow_run(call: &mut Call<'_, '_>, token: &Token, by: &str) {
    let repository = call.command.flag(&["-R", "--repo"]).map(|repo| call.first(&repo));
    let elsewhere = repository.is_some_and(|repository| is_elsewhere(&repository));
    let targets = call.command.positional(2, &VALUED).map(|word| word.text.clone());
    let targets = targets.map(|target| call.all(&target)).unwrap_or_default();
    let fields = call.command.flags(&["-f", "--raw-field", "-F", "--field"]);
    let inputs = fields.iter().filter_map(|field| field.split_once('=')).map(|(key, _)| key.into());
    if !elsewhere {
        call.need(Scope::ACTIONS, Access::Write, token, by);
    }
    call.does(Act::Dispatch { targets, inputs: inputs.collect(), elsewhere }, token.clone(), by);
}

fn download(call: &mut Call<'_, '_>, token: &Token, by: &str) {
    call.need(Scope::ACTIONS, Access::Read, token, by);
    let run = call.command.positional(2, &VALUED).map(|word| call.first(&word.text));
    let name = call.command.flag(&["-n", "--name", "-p", "--pattern"]).unwrap_or_default();
    let download = Download { name, run: run.unwrap_or_default(), from_another_run: true };
    call.does(Act::Download(download), token.clone(), by);
}

fn release(call: &mut Call<'_, '_>, verb: &str, token: Token, by: &str) {
    call.need(Scope::CONTENTS, Access::Write, &token, by);
    let draft = call.command.words.iter().find(|word| word.text.starts_with("--draft"));
    let short = call.command.has(&["-d"]);
    match draft.map(|word| word.text.as_str()) {
        Some("--draft=false") => call.does(Act::Release { is_draft: false }, token, by),
        Some(_) => call.does(Act::Release { is_draft: true }, token, by),
        None if short => call.does(Act::Release { is_draft: true }, token, by),
        None if verb == "create" => call.does(Act::Release { is_draft: false }, token, by),
        None => {}
    }
}

/// `gh api [-X METHOD] PATH`; with fields the method is POST.
fn api(call: &mut Call<'_, '_>, token: &Token) {
    let command = call.command;
    let Some(path) = command.positional(1, &VALUED) else { return };
    let fields = !command.flags(&["-f", "--raw-field", "-F", "--field", "--input"]).is_empty();
    let method = command.flag(&["-X", "--method"]).map(|method| call.first(&method));
    let method = method.unwrap_or_else(|| if fields { "POST" } else { "GET" }.to_owned());
    let by = format!("`gh api {method} {}`", path.text.replace('\n', " "));
    let headers = command.flags(&["-H", "--header"]);
    let header =
        headers.iter().find(|header| header.to_ascii_lowercase().starts_with("authorization"));
    let token = match header {
        Some(header) => Token::of(&call.first(header)),
        None => token.clone(),
    };
    let inputs: Vec<String> = command
        .flags(&["-f", "--raw-field", "-F", "--field"])
        .iter()
        .filter_map(|field| Some(field.split_once('=')?.0.to_owned()))
        .collect();
    let event = command
        .flags(&["-f", "--raw-field", "-F", "--field"])
        .iter()
        .find_map(|field| field.strip_prefix("event_type=").map(str::to_owned));
    for target in call.all(&path.text) {
        request(call, &method, &target, &token, &inputs, event.as_deref(), &by);
    }
}

/// A request to the REST interface, however it is sent.
pub(super) fn request(
    call: &mut Call<'_, '_>,
    method: &str,
    target: &str,
    token: &Token,
    inputs: &[String],
    event: Option<&str>,
    by: &str,
) {
    let Some(request) = Request::parse(method, target) else {
        let plain = target.trim_matches('/');
        let harmless = ["rate_limit", "user", "meta", "zen", "octocat", "emojis"];
        let is_public = method.eq_ignore_ascii_case("GET")
            && (plain.starts_with("users/")
                || plain.starts_with("orgs/")
                || plain.starts_with("search/"));
        if !harmless.contains(&plain) && !is_public && token.draws().is_some() {
            call.unknown(by.to_owned());
        }
        return;
    };
    for act in acts(&request, inputs, event) {
        call.does(act, token.clone(), by);
    }
    match request.endpoint() {
        _ if request.elsewhere => {}
        Some(endpoint) => {
            let any_of = endpoint.any_of().to_vec();
            if !any_of.iter().any(|(scope, _)| *scope == Scope::METADATA) {
                call.need_any(&any_of, token, by);
            }
        }
        None if token.draws().is_some() => call.unknown(by.to_owned()),
        None => {}
    }
}

/// What a request does that matters to a release.
pub(super) fn acts(request: &Request, inputs: &[String], event: Option<&str>) -> Vec<Act> {
    let elsewhere = request.elsewhere;
    let mut acts = Vec::new();
    if request.is("POST", &["actions", "workflows", "{}", "dispatches"]) {
        let targets = vec![request.segments[2].clone()];
        let inputs = inputs.iter().filter_map(|input| input.strip_prefix("inputs["));
        let inputs = inputs.map(|input| input.trim_end_matches(']').to_owned()).collect();
        acts.push(Act::Dispatch { targets, inputs, elsewhere });
    }
    if request.is("POST", &["dispatches"]) {
        acts.push(Act::RepositoryDispatch { event: event.map(str::to_owned), elsewhere });
    }
    if request.is("POST", &["releases"]) {
        let is_draft = inputs.iter().any(|input| input == "draft");
        acts.push(Act::Release { is_draft });
    }
    if request.is("POST", &["git", "refs"]) {
        acts.push(Act::PushTag);
    }
    if request.is("POST", &["attestations"]) {
        acts.push(Act::Sign);
    }
    if request.is("POST", &["issues"]) || request.is("POST", &["issues", "{}", "comments"]) {
        acts.push(Act::Notify);
    }
    if request.is("GET", &["actions", "artifacts"])
        || request.is("GET", &["actions", "artifacts", "{}", "zip"])
        || request.is("GET", &["actions", "runs", "{}", "artifacts"])
    {
        let by_run = request.segments.get(1).is_some_and(|segment| segment == "runs");
        let run = if by_run { request.segments[2].clone() } else { String::new() };
        let fetches = request.segments.last().is_some_and(|segment| segment == "zip");
        if fetches || by_run {
            let run = if fetches { "by id".to_owned() } else { run };
            acts.push(Act::Download(Download { name: String::new(), run, from_another_run: true }));
        }
    }
    acts
}

pub(super) fn is_elsewhere(repository: &str) -> bool {
    !(repository.contains('$') || repository.contains('{')) && repository.contains('/')
}
