//! `git`: what it takes from GitHub and what it pushes.

use super::command::Call;
use super::{Act, Token};
use crate::scope::{Access, Scope};

const VALUED: [&str; 6] = ["-C", "-c", "-o", "--push-option", "--git-dir", "--work-tree"];

pub(super) fn run(call: &mut Call<'_, '_>) {
    let command = call.command;
    let words: Vec<String> =
        command.positionals(&VALUED).flat_map(|word| call.all(&word.text)).collect();
    let verb = words.first().map(String::as_str).unwrap_or_default();
    match verb {
        "push" => push(call, &words),
        "fetch" | "pull" | "clone" | "ls-remote" | "submodule" | "lfs" => {
            let token = token(call, &words);
            if token.draws().is_some() {
                let by = call.title(1);
                call.may(Scope::CONTENTS, Access::Read, &by);
            }
            let takes_pull =
                words.iter().any(|word| word.contains("refs/pull/") || word.starts_with("pull/"));
            if takes_pull
                || words.iter().any(|word| word.contains("head.sha") || word.contains("head_ref"))
            {
                let reference = words.iter().skip(1).cloned().collect::<Vec<_>>().join(" ");
                let by = call.title(1);
                let act = Act::Checkout { reference, repository: String::new(), persists: false };
                call.does(act, token, &by);
            }
        }
        "checkout" | "switch" | "reset" | "merge" => {
            let reference = words.iter().skip(1).cloned().collect::<Vec<_>>().join(" ");
            if reference.contains("${{") || reference.contains("FETCH_HEAD") {
                let by = call.title(1);
                let act = Act::Checkout { reference, repository: String::new(), persists: false };
                call.does(act, Token::Absent, &by);
            }
        }
        _ => {}
    }
}

fn push(call: &mut Call<'_, '_>, words: &[String]) {
    let by = call.title(1);
    if call.command.has(&["--dry-run", "-n"]) {
        return;
    }
    let remote = words.get(1).cloned().unwrap_or_default();
    let elsewhere = remote.contains("://") && {
        let on_github = remote.contains("github.com/") || remote.contains('$');
        !on_github
    };
    if elsewhere {
        call.does(Act::Call { service: host(&remote) }, Token::Other, &by);
        return;
    }
    let token = token(call, words);
    call.need(Scope::CONTENTS, Access::Write, &token, &by);
    let flags = call.command.has(&["--tags", "--follow-tags", "--mirror"]);
    let named = words.iter().skip(2).any(|word| {
        let word = word.rsplit(':').next().unwrap_or(word).to_ascii_lowercase();
        word.contains("refs/tags/") || word.contains("tag") || is_version(&word)
    });
    let branch = words.iter().skip(2).any(|word| !word.to_ascii_lowercase().contains("tag"));
    if flags || named {
        call.does(Act::PushTag, token.clone(), &by);
    }
    if !named || (branch && flags) {
        call.does(Act::Push, token, &by);
    }
}

/// What git authenticates with: a token in the address, in a header, or what a checkout left.
fn token(call: &Call<'_, '_>, words: &[String]) -> Token {
    let configured = call.command.flags(&["-c"]).into_iter().map(|value| call.first(&value));
    let texts = words.iter().cloned().chain(configured);
    for text in texts {
        if (text.contains("://") && text.contains('@')) || text.contains("extraheader") {
            let token = Token::of(&text);
            if token != Token::Absent {
                return token;
            }
        }
    }
    call.setting.git.clone()
}

fn is_version(word: &str) -> bool {
    let rest = word.strip_prefix('v').unwrap_or("");
    rest.starts_with(|c: char| c.is_ascii_digit() || c == '$')
}

fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    host.rsplit('@').next().unwrap_or(host).to_owned()
}
