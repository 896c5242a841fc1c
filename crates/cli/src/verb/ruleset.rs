//! `provost init --ruleset`

use super::environment::{environment, retry};
use crate::args::InitArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::sink::terminal;
use provost_control::config::LoadedConfig;
use provost_control::{
    Connection, ControlError, REQUIRED_CHECK, RulesetReport, RulesetState, apply_ruleset,
    ruleset_body,
};

pub(crate) fn run(args: &InitArgs, output: &Output) -> Shown {
    if !args.apply {
        let body = format!("{:#}\n", ruleset_body());
        output.document(&body, &body)?;
        return Ok(Exit::Fine);
    }
    match apply(args) {
        Ok((repository, report)) => {
            output.document(&json(&repository, &report), &text(&repository, &report))?;
            if let Some(actors @ 1..) = report.bypass_actors {
                output.warn(&format!(
                    "{actors} of the people, teams or apps of {repository} may bypass the ruleset"
                ));
            }
            let is_finding = report.state == RulesetState::Differs;
            Ok(if is_finding { Exit::Findings } else { Exit::Fine })
        }
        Err(error) => {
            output.error("the ruleset was not created", error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn apply(args: &InitArgs) -> Result<(String, RulesetReport), ControlError> {
    let environment = environment()?;
    let config = LoadedConfig::from_file(&args.root.join("provost.toml"))?;
    let token = environment.token.clone().ok_or_else(|| {
        ControlError::Configuration(
            "neither GITHUB_TOKEN nor GH_TOKEN is set: set one to a token with `administration: \
             write`"
                .into(),
        )
    })?;
    let connection = Connection::new(&config.config, &environment, Some(token), &retry())?;
    let report = apply_ruleset(&connection, args.dry_run)?;
    Ok((connection.slug(), report))
}

fn json(repository: &str, report: &RulesetReport) -> String {
    let document = serde_json::json!({
        "schema": "https://provost.dev/ruleset/v1",
        "repository": repository,
        "name": report.name,
        "state": report.state.as_str(),
        "id": report.id.map(|id| id.to_string()),
        "difference": report.difference,
        "bypass_actors": report.bypass_actors,
        "error": null,
    });
    format!("{document}\n")
}

fn text(repository: &str, report: &RulesetReport) -> String {
    let word = match report.state {
        RulesetState::Added => "added",
        RulesetState::Missing => "would add",
        RulesetState::Unchanged => "up to date",
        RulesetState::Differs => "differs",
    };
    let mut text = format!("{word:<12} ruleset {} of {}\n", report.name, terminal(repository));
    for line in &report.difference {
        text.push_str(&format!("{}\n", terminal(line)));
    }
    if report.state == RulesetState::Differs {
        text.push_str(&format!(
            "\nit was left alone; change it in the settings of the repository, or rename it and \
             run this again\n{REQUIRED_CHECK} may not be required everywhere until then\n"
        ));
    }
    text
}
