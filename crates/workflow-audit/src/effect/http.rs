//! `curl` and its like: requests to GitHub, and to everybody else.

use super::command::Call;
use super::{Act, Token, gh};
use crate::scope::{Access, Scope};
use crate::shell::Command;

/// Flags of curl and wget that take a value.
const VALUED: [&str; 33] = [
    "-X",
    "--request",
    "-H",
    "--header",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "-F",
    "--form",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-w",
    "--write-out",
    "--retry",
    "--retry-delay",
    "-m",
    "--max-time",
    "--connect-timeout",
    "-T",
    "--upload-file",
    "--json",
    "-K",
    "--config",
    "--cacert",
    "-e",
    "-b",
    "-O",
];

pub(super) fn run(call: &mut Call<'_, '_>) {
    let command = call.command;
    let valued: &[&str] = if command.name == "curl" { &VALUED[..32] } else { &VALUED };
    let explicit = command.flag(&["--url"]);
    let targets = command.positionals(valued).map(|word| word.text.clone()).chain(explicit);
    let targets: Vec<String> = targets.collect();
    let method = method(command).map(|method| call.first(&method));
    for written in targets {
        let shown = written.replace('\n', " ");
        for target in call.all(&written) {
            let by = format!("`{} {shown}`", command.name);
            one(call, method.as_deref(), &written, &target, &by);
        }
    }
}

fn one(call: &mut Call<'_, '_>, method: Option<&str>, written: &str, target: &str, by: &str) {
    let Some(host) = host(target) else {
        // Only a variable is known, and its name says the most about it.
        if let Some(act) = by_name(written).or_else(|| by_name(target)) {
            call.does(act, Token::Other, by);
        }
        return;
    };
    let has_body = !call.command.flags(&BODY).is_empty();
    let method = method.unwrap_or(if has_body { "POST" } else { "GET" });
    match host.as_str() {
        "api.github.com" => {
            let token = authorization(call);
            // Without a token public data is read, and nothing is written.
            if token != Token::Absent || !method.eq_ignore_ascii_case("GET") {
                let event = body_event(call);
                gh::request(call, method, target, &token, &[], event.as_deref(), by);
            }
        }
        "uploads.github.com" => {
            let token = authorization(call);
            call.need(Scope::CONTENTS, Access::Write, &token, by);
        }
        "hooks.slack.com"
        | "slack.com"
        | "discord.com"
        | "api.pagerduty.com"
        | "events.pagerduty.com" => {
            call.does(Act::Notify, Token::Other, by);
        }
        "raw.githubusercontent.com" | "github.com" | "objects.githubusercontent.com" => {}
        _ => match by_name(written) {
            Some(act) => call.does(act, Token::Other, by),
            None => call.does(Act::Call { service: host }, Token::Other, by),
        },
    }
}

const BODY: [&str; 7] =
    ["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "-F", "--json"];

fn method(command: &Command) -> Option<String> {
    if command.has(&["-I", "--head"]) {
        return Some("HEAD".to_owned());
    }
    command.flag(&["-X", "--request", "--method"]).or_else(|| {
        // `-sSXPOST`, `-fX POST`.
        let words = &command.words;
        let index = words.iter().position(|word| {
            word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('X')
        })?;
        let (_, rest) = words[index].text.split_once('X')?;
        if rest.is_empty() {
            words.get(index + 1).map(|word| word.text.clone())
        } else {
            Some(rest.to_owned())
        }
    })
}

fn authorization(call: &Call<'_, '_>) -> Token {
    let headers = call.command.flags(&["-H", "--header", "-u", "--user", "--oauth2-bearer"]);
    let mut found = Token::Absent;
    for header in headers {
        // `Authorization: …`, or `user:password`; other headers carry no token.
        let name = header.split_once(": ").map(|(name, _)| name.to_ascii_lowercase());
        if name.is_none_or(|name| name == "authorization") {
            found = found.or(Token::of(&call.first(&header)));
        }
    }
    found
}

/// `"event_type": "x"` of a body.
fn body_event(call: &Call<'_, '_>) -> Option<String> {
    let body = call.command.flags(&BODY).join(" ");
    let (_, after) = body.split_once("event_type")?;
    let mut quoted =
        after.split('"').skip(1).filter(|part| !part.trim().is_empty() && part.trim() != ":");
    quoted.next().map(str::to_owned)
}

fn host(target: &str) -> Option<String> {
    let (_, rest) = target.split_once("://")?;
    let host = rest.split(['/', '?', ':']).next()?;
    let host = host.rsplit('@').next()?.to_ascii_lowercase();
    (!host.is_empty() && !host.contains('$')).then_some(host)
}

/// What an address is for, by the name of the variable or secret that holds it.
fn by_name(target: &str) -> Option<Act> {
    let upper = target.to_ascii_uppercase();
    if !upper.contains('$') {
        return None;
    }
    let tells = ["SLACK", "WEBHOOK", "NOTIFY", "ALERT", "DISCORD", "TEAMS", "PAGERDUTY"];
    if tells.iter().any(|word| upper.contains(word)) {
        return Some(Act::Notify);
    }
    Some(Act::Call { service: target.to_owned() })
}
