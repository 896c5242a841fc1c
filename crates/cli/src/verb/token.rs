//! `provost token`

use super::environment::{environment, retry};
use crate::args::{TokenCheckArgs, TokenRotatedArgs, TokenVerb};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen;
use jiff::Timestamp;
use provost_control::config::LoadedConfig;
use provost_control::{
    Connection, ControlError, DispatchToken, TokenReport, check_token, note_rotation,
};

pub(crate) fn run(verb: &TokenVerb, output: &Output) -> Shown {
    match verb {
        TokenVerb::Check(args) => check(args, output),
        TokenVerb::Rotated(args) => rotated(args, output),
    }
}

fn check(args: &TokenCheckArgs, output: &Output) -> Shown {
    match report(args) {
        Ok(report) => {
            output.document(&screen::token::json(&report), &screen::token::render(&report))?;
            Ok(if report.problems.is_empty() { Exit::Fine } else { Exit::Findings })
        }
        Err(error) => {
            output.error("the token was not checked", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn report(args: &TokenCheckArgs) -> Result<TokenReport, ControlError> {
    let (config, tested, own) = connections(&args.config)?;
    let reader = own.as_ref().unwrap_or(&tested);
    check_token(&config.config, &tested, reader, Timestamp::now())
}

fn rotated(args: &TokenRotatedArgs, output: &Output) -> Shown {
    match note(args) {
        Ok(issue) => {
            let json = serde_json::json!({ "issue": issue, "noted": true, "error": null });
            output.document(&format!("{json}\n"), &format!("noted in issue #{issue}\n"))?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            output.error("the rotation was not noted", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn note(args: &TokenRotatedArgs) -> Result<u64, ControlError> {
    let (config, tested, own) = connections(&args.config)?;
    let issue = args.issue.or(config.config.dispatch.rotation_issue).ok_or_else(|| {
        ControlError::Configuration(
            "no issue: give --issue, or `rotation_issue` under [dispatch]".into(),
        )
    })?;
    let Some(writer) = own else {
        return Err(ControlError::Configuration(
            "GITHUB_TOKEN is not set: the note is written with the job's own token (`issues: \
             write`), as the dispatch token must not be able to"
                .into(),
        ));
    };
    let facts = tested.github().token_facts()?;
    let actor = std::env::var("GITHUB_ACTOR").ok();
    note_rotation(issue, &facts, &writer, actor.as_deref(), Timestamp::now())?;
    Ok(issue)
}

/// The configuration, GitHub as the dispatch token sees it, and as the job's own does.
fn connections(
    config: &std::path::Path,
) -> Result<(LoadedConfig, Connection, Option<Connection>), ControlError> {
    let environment = environment()?;
    let config = LoadedConfig::from_file(config)?;
    let token = DispatchToken::choose(&config.config, &environment)?;
    let retry = retry();
    let connect = |token| Connection::new(&config.config, &environment, Some(token), &retry);
    let tested = connect(token.secret().clone())?;
    let own = environment.token.clone().map(connect).transpose()?;
    Ok((config, tested, own))
}
