//! The text of a `provost.toml`: for the builder that *init* writes, and for the one that a known
//! release came from.

use super::known_release::KnownRelease;
use super::{InitError, Origin};
use crate::config::Config;
use crate::error::ControlError;
use std::fmt::Write as _;

/// The builder that *init* writes, in the repository itself.
const OWN_BUILDER: &str = ".github/workflows/slsa-builder.yml";

/// Events that start the workflow which calls the builder.
const OWN_TRIGGERS: [&str; 2] = ["release", "workflow_dispatch"];

/// The text, which is read back before it leaves: what does not parse is a fault of this program.
pub(super) fn text(origin: &Origin, known: Option<&KnownRelease>) -> Result<String, InitError> {
    let text = unchecked(origin, known);
    match Config::parse(&text) {
        Ok(_) => Ok(text),
        Err(detail) => {
            let fault = ControlError::Internal(format!("the provost.toml of init: {detail}"));
            Err(fault.into())
        }
    }
}

/// The same before it was read back.
pub(super) fn unchecked(origin: &Origin, known: Option<&KnownRelease>) -> String {
    let mut text = String::from(
        "# What the releases of this repository must be. Keys: docs/configuration.md of provost.\n\n",
    );
    source(&mut text, origin, known);
    policy(&mut text, origin, known);
    text.push_str(
        "\n# The git-kept record of every release: docs/reports and artifacts/slsa.\n\
         [manifest]\nroot = \".\"\n\n\
         # The event log. A file does not outlive a hosted runner; the manifest can always fill a new\n\
         # one (`provost ingest`).\n\
         [store]\nurl = \"sqlite:.provost/events.db\"\n",
    );
    if !origin.is_github_com() {
        let server = quoted(origin.server());
        let issuer = quoted(&issuer(origin));
        let _ = write!(text, "\n[github]\nserver_url = {server}\noidc_issuer = {issuer}\n");
    }
    text
}

fn source(text: &mut String, origin: &Origin, known: Option<&KnownRelease>) {
    let _ = writeln!(text, "[source]\nrepository = {}", quoted(&origin.to_string()));
    match known.map(|known| (known.repository_id, known.owner_id)) {
        Some((Some(repository), Some(owner))) => {
            text.push_str(
                "# GitHub's numeric ids, as signed: a name can be given to another repository.\n",
            );
            let _ = writeln!(text, "repository_id = {repository}\nowner_id = {owner}");
        }
        _ => {
            text.push_str(
                "# A name can be given to another repository; GitHub's numeric ids cannot:\n",
            );
            let _ = writeln!(text, "# gh api repos/{} --jq '.id, .owner.id'", origin.slug());
            text.push_str("# repository_id =\n# owner_id =\n");
        }
    }
    text.push_str("# The provenance is made on the tag itself, so the signed ref is the tag.\n");
    text.push_str("tag_binding = \"ref\"\n");
}

fn policy(text: &mut String, origin: &Origin, known: Option<&KnownRelease>) {
    let mut triggers: Vec<&str> = OWN_TRIGGERS.to_vec();
    if let Some(trigger) = known.and_then(|known| known.trigger.as_deref())
        && !triggers.contains(&trigger)
    {
        triggers.push(trigger);
    }
    let triggers: Vec<String> = triggers.into_iter().map(quoted).collect();
    let level = known.map_or(3, |known| known.level.min(3));
    let _ = write!(text, "\n[policy]\nmin_level = {level}\ntriggers = [{}]\n", triggers.join(", "));
    if let Some(root) = known.and_then(|known| known.trusted_root.as_deref()) {
        let _ = writeln!(text, "trusted_root = {}", quoted(root));
    }
    let own = format!("{}/{}/{OWN_BUILDER}", origin.server(), origin.slug());
    if known.is_none_or(|known| known.builder.workflow != own) {
        text.push_str("\n# .github/workflows/slsa-builder.yml of this repository, at a tag.\n");
        builder(text, origin, &own, None, "refs/tags/v*");
    }
    if let Some(known) = known {
        let _ = write!(text, "\n# Read off a release that is known to be good ({}).\n", known.name);
        let found = &known.builder;
        builder(text, origin, &found.workflow, found.id.as_deref(), &found.refs);
    }
}

/// One `[[policy.builder]]`. The short form of a workflow means github.com.
fn builder(text: &mut String, origin: &Origin, workflow: &str, id: Option<&str>, refs: &str) {
    text.push_str("[[policy.builder]]\n");
    let short = workflow.strip_prefix("https://github.com/").filter(|_| origin.is_github_com());
    let id = id.or(match short {
        Some(_) => None,
        None => Some(workflow),
    });
    if let Some(id) = id {
        let _ = writeln!(text, "id = {}", quoted(id));
    }
    if let Some(short) = short {
        let _ = writeln!(text, "signer_workflow = {}", quoted(short));
    }
    let _ = writeln!(text, "refs = [{}]", quoted(refs));
}

/// The OIDC issuer of an enterprise host: `token.actions.SUBDOMAIN.ghe.com` for GitHub Enterprise
/// Cloud with data residency, `HOST/_services/token` for GitHub Enterprise Server.
fn issuer(origin: &Origin) -> String {
    let host = origin.host();
    match host.ends_with(".ghe.com") {
        true => format!("https://token.actions.{host}"),
        false => format!("https://{host}/_services/token"),
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_builder_that_init_writes() {
        let origin = Origin::parse("git@github.com:acme/app.git").expect("origin");
        let config = Config::parse(&text(&origin, None).expect("text")).expect("config");
        let [builder] = config.policy.builders.as_slice() else { panic!("one builder") };
        assert_eq!(
            builder.signer_workflow.as_deref(),
            Some("acme/app/.github/workflows/slsa-builder.yml")
        );
        assert_eq!(builder.refs, ["refs/tags/v*"]);
        assert_eq!(config.policy.triggers, ["release", "workflow_dispatch"]);
        assert_eq!(config.policy.min_level, Some(3));
    }

    #[test]
    fn an_enterprise_host_is_named_in_full() {
        for (url, issuer) in [
            ("https://acme.ghe.com/acme/app", "https://token.actions.acme.ghe.com"),
            ("https://git.example.com/acme/app", "https://git.example.com/_services/token"),
        ] {
            let origin = Origin::parse(url).expect(url);
            let config = Config::parse(&text(&origin, None).expect("text")).expect("config");
            assert_eq!(config.github.server_url, origin.server());
            assert_eq!(config.github.oidc_issuer, issuer);
            assert_eq!(config.repository().expect("repository").url(), url);
            let id = format!("{url}/.github/workflows/slsa-builder.yml");
            assert_eq!(config.policy.builders[0].id.as_deref(), Some(id.as_str()));
        }
    }
}
