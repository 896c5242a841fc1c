//! `[server]`: what `provost serve` takes from whom.

use provost_outbound::Origin;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// In an entry of `workflows` or `callers`: the ref on which the job itself runs.
pub const OWN_REF: &str = "{ref}";

/// What `provost serve` takes from whom. Secrets do not belong here: they are read from
/// `PROVOST_WEBHOOK_SECRET`, `PROVOST_DOCS_KEY` and the variables of `[notify]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    /// The server's own URL, such as `https://provost.example.com`. A job's token must be made out
    /// to exactly this text; without it no job's token is accepted.
    pub audience: Option<String>,
    /// Where `{"manifest_url"}` may point: this URL and what is below it.
    pub manifest_base_url: Option<String>,
    /// The issuer's key set as a file, for a server that cannot reach the issuer. It is read once.
    pub jwks_file: Option<PathBuf>,
    /// Ask for a token with the scope `read` wherever rows are shown. A server that does not may
    /// listen on loopback alone.
    #[serde(default)]
    pub protect_reads: bool,
    /// Connections that one client, an address or a network of 64 bits of IPv6, may have at the
    /// same time; absent: 128. Behind a reverse proxy all are the proxy's.
    #[schemars(range(min = 1, max = 512))]
    pub connections_per_address: Option<u16>,
    /// Raise an incident for a release that has no accepted provenance so many minutes after it
    /// was published or dispatched; absent: never.
    #[schemars(range(min = 1, max = 43200))]
    pub deadline_minutes: Option<u32>,
    /// Tell new failures in Slack or in an issue, as `[notify]` says.
    #[serde(default = "yes")]
    pub notify: bool,
    /// Senders that are no job of GitHub Actions.
    #[serde(default, rename = "token")]
    pub tokens: Vec<TokenSection>,
    /// Repositories whose jobs may send.
    #[serde(default, rename = "repository")]
    pub repositories: Vec<RepositorySection>,
    /// Policies that `POST /api/v1/verify` knows.
    #[serde(default, rename = "policy")]
    pub policies: Vec<NamedPolicySection>,
}

/// A sender that is no job of GitHub Actions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSection {
    /// What the log calls it.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// SHA-256 of the token, lower-case hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// What it may do.
    #[schemars(length(min = 1))]
    pub scopes: Vec<TokenScope>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// Write events.
    Ingest,
    /// Have a message sent.
    Notify,
    /// See rows.
    Read,
    /// Have a bundle verified.
    Verify,
}

/// A repository whose jobs may send.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepositorySection {
    /// `OWNER/NAME`, as it stands in the rows. The two numbers decide.
    pub repository: String,
    /// GitHub's numeric id of the repository.
    pub repository_id: u64,
    /// GitHub's numeric id of its owner.
    pub owner_id: u64,
    /// Workflows that hold the sending job: `OWNER/REPO/.github/workflows/FILE.yml@REF`, where REF
    /// is a full ref, a commit, or `{ref}` for the ref that the job itself runs on.
    #[schemars(length(min = 1))]
    pub workflows: Vec<String>,
    /// Commits of those workflows that are accepted whatever their ref.
    #[serde(default)]
    pub job_workflow_shas: Vec<String>,
    /// Workflows that may call them, in the same form; empty: any of the repository.
    #[serde(default)]
    pub callers: Vec<String>,
    /// Events that may start the run.
    #[serde(default = "default_events")]
    pub events: Vec<String>,
    /// Full branch refs whose jobs may send about every tag, such as the nightly comparison on
    /// `refs/heads/main`. A job on a tag sends about that tag alone.
    #[serde(default)]
    pub branches: Vec<String>,
    /// The deployment environment that the job must run in.
    pub environment: Option<String>,
}

/// A policy that has a name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPolicySection {
    /// The name.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// The `provost.toml` that describes it.
    pub config: PathBuf,
}

fn yes() -> bool {
    true
}

fn default_events() -> Vec<String> {
    ["push", "release", "workflow_dispatch"].map(str::to_owned).to_vec()
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            audience: None,
            manifest_base_url: None,
            jwks_file: None,
            protect_reads: false,
            connections_per_address: None,
            deadline_minutes: None,
            notify: true,
            tokens: Vec::new(),
            repositories: Vec::new(),
            policies: Vec::new(),
        }
    }
}

impl ServerSection {
    pub(super) fn check(&self) -> Result<(), String> {
        for (key, url) in [
            ("[server].audience", &self.audience),
            ("[server].manifest_base_url", &self.manifest_base_url),
        ] {
            if let Some(url) = url {
                Origin::parse(url, key).map_err(|error| error.to_string())?;
            }
        }
        if let Some(audience) = &self.audience {
            check_audience(audience)?;
        }
        if self.audience.is_none() && !self.repositories.is_empty() {
            return Err("[server].audience: a [[server.repository]] needs the server's own URL, \
                        which the tokens of its jobs are made out to"
                .to_owned());
        }
        if !matches!(self.deadline_minutes, None | Some(1..=43_200)) {
            return Err("[server].deadline_minutes: write 1 to 43200".to_owned());
        }
        if !matches!(self.connections_per_address, None | Some(1..=512)) {
            return Err("[server].connections_per_address: write 1 to 512".to_owned());
        }
        self.tokens.iter().try_for_each(TokenSection::check)?;
        let names = self.tokens.iter().map(|token| token.name.as_str());
        only_once("[[server.token]].name", names)?;
        let hashes = self.tokens.iter().map(|token| token.sha256.as_str());
        only_once("[[server.token]].sha256", hashes)?;
        self.repositories.iter().try_for_each(RepositorySection::check)?;
        let ids = self.repositories.iter().map(|repository| repository.repository_id);
        only_once("[[server.repository]].repository_id", ids)?;
        let names =
            self.repositories.iter().map(|repository| repository.repository.to_ascii_lowercase());
        only_once("[[server.repository]].repository", names)?;
        self.policies
            .iter()
            .try_for_each(|policy| check_name("[[server.policy]].name", &policy.name))?;
        only_once("[[server.policy]].name", self.policies.iter().map(|policy| &policy.name))
    }
}

/// GitHub makes out a token to the owner's page when nobody says to whom, and other services have
/// names of their own: none of these may open this one.
fn check_audience(audience: &str) -> Result<(), String> {
    let host = audience.split("//").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    if host.eq_ignore_ascii_case("github.com") || host.ends_with(".githubusercontent.com") {
        return Err(format!(
            "[server].audience: {audience:?} is GitHub's and not this server's; tokens that were \
             made for something else would be accepted"
        ));
    }
    Ok(())
}

fn only_once<T: Ord + std::fmt::Display>(
    key: &str,
    values: impl IntoIterator<Item = T>,
) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for value in values {
        let shown = value.to_string();
        if !seen.insert(value) {
            return Err(format!("{key}: {shown} is there twice"));
        }
    }
    Ok(())
}

fn check_name(key: &str, name: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match (1..=64).contains(&name.len()) && name.bytes().all(is_plain) {
        true => Ok(()),
        false => Err(format!("{key}: {name:?} is not 1 to 64 letters, digits, `-`, `_` or `.`")),
    }
}

impl TokenSection {
    fn check(&self) -> Result<(), String> {
        check_name("[[server.token]].name", &self.name)?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if self.sha256.len() != 64 || !self.sha256.bytes().all(is_hex) {
            return Err(format!(
                "[[server.token]].sha256 of {}: it must be the token's SHA-256 in 64 lower-case \
                 hex digits, and never the token itself",
                self.name
            ));
        }
        match self.scopes.is_empty() {
            true => Err(format!("[[server.token]].scopes of {}: it may do nothing", self.name)),
            false => Ok(()),
        }
    }
}

impl RepositorySection {
    fn check(&self) -> Result<(), String> {
        let here = |key: &str, text: &str| format!("[[server.repository]].{key}: {text}");
        let slug = &self.repository;
        if provost_github::RepositoryName::parse(slug).is_none() {
            return Err(here("repository", &format!("{slug:?} is no OWNER/NAME")));
        }
        if self.repository_id == 0 || self.owner_id == 0 {
            return Err(here("repository_id", "GitHub's ids are not 0"));
        }
        if self.workflows.is_empty() {
            return Err(here("workflows", &format!("{slug} needs at least one")));
        }
        for (key, list) in [("workflows", &self.workflows), ("callers", &self.callers)] {
            if let Some(wrong) = list.iter().find(|text| !is_workflow_ref(text)) {
                let form = "is no OWNER/REPO/.github/workflows/FILE.yml@REF with a full ref, a \
                            commit or {ref}";
                return Err(here(key, &format!("{wrong:?} {form}")));
            }
        }
        if let Some(wrong) = self.job_workflow_shas.iter().find(|text| !is_commit(text)) {
            return Err(here("job_workflow_shas", &format!("{wrong:?} is no 40-digit commit")));
        }
        let is_event = |text: &String| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        if self.events.is_empty() || !self.events.iter().all(is_event) {
            return Err(here("events", "name at least one event, such as \"push\""));
        }
        let is_branch = |text: &String| text.strip_prefix("refs/heads/").is_some_and(is_ref_name);
        if let Some(wrong) = self.branches.iter().find(|text| !is_branch(text)) {
            return Err(here("branches", &format!("{wrong:?} is no refs/heads/NAME")));
        }
        match self.environment.as_deref() {
            Some("") => Err(here("environment", "it is empty; leave it out to ask for none")),
            _ => Ok(()),
        }
    }
}

fn is_ref_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
}

fn is_commit(text: &str) -> bool {
    provost_attestation::git_ref::is_commit(text)
}

fn is_workflow_ref(text: &str) -> bool {
    let Some((file, git_ref)) = text.split_once('@') else {
        return false;
    };
    // A claim names the workflow without a server.
    let server = provost_attestation::repository::GITHUB;
    let is_file = super::workflow_uri(file).is_ok_and(|uri| uri == format!("{server}/{file}"));
    let is_full = ["refs/heads/", "refs/tags/"]
        .iter()
        .any(|prefix| git_ref.strip_prefix(prefix).is_some_and(is_ref_name));
    is_file && (is_full || is_commit(git_ref) || git_ref == OWN_REF)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
audience = "https://provost.example.com"
manifest_base_url = "https://docs.example.com/reports/"
protect_reads = true
connections_per_address = 512
deadline_minutes = 30

[[token]]
name = "nightly"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
scopes = ["ingest", "read"]

[[repository]]
repository = "acme/app"
repository_id = 486325809
owner_id = 80431187
workflows = ["acme/app/.github/workflows/slsa-provenance.yml@{ref}"]
job_workflow_shas = ["1b2d77aa01c4f0e8c2f7f0b7c9a0f9bd3b6f1e52"]
callers = ["acme/app/.github/workflows/release.yml@refs/heads/main"]
events = ["workflow_dispatch"]
branches = ["refs/heads/main"]
environment = "release"

[[policy]]
name = "app"
config = "app.toml"
"#;

    fn parse(text: &str) -> Result<ServerSection, String> {
        let section: ServerSection = toml::from_str(text).map_err(|error| error.to_string())?;
        section.check().map(|()| section)
    }

    #[test]
    fn a_section_says_who_may_send_what() {
        let section = parse(GOOD).expect("section");
        assert_eq!(section.tokens[0].scopes, [TokenScope::Ingest, TokenScope::Read]);
        assert_eq!(section.repositories[0].repository_id, 486_325_809);
        let empty = parse("").expect("nothing is needed");
        assert!(!empty.protect_reads && empty.notify);
        let least = "[[repository]]\nrepository = \"a/b\"\nrepository_id = 1\nowner_id = 2\n\
                     workflows = [\"a/b/.github/workflows/w.yml@refs/tags/v1\"]\n";
        let least = parse(&format!("audience = \"https://p.example\"\n{least}")).expect("least");
        assert_eq!(least.repositories[0].events, ["push", "release", "workflow_dispatch"]);
    }

    #[test]
    fn what_could_never_be_met_is_refused_by_its_key() {
        for (from, to, key) in [
            ("audience = \"https://provost.example.com\"\n", "", "[server].audience"),
            ("https://provost.example.com", "http://provost.example.com", "[server].audience"),
            ("https://provost.example.com", "https://github.com/acme", "[server].audience"),
            ("https://docs.example.com/", "https://u:p@docs.example.com/", "manifest_base_url"),
            ("deadline_minutes = 30", "deadline_minutes = 0", "deadline_minutes"),
            ("per_address = 512", "per_address = 0", "connections_per_address"),
            ("per_address = 512", "per_address = 513", "connections_per_address"),
            ("\"nightly\"", "\"nigh\\ntly\"", "[[server.token]].name"),
            ("e3b0c442", "E3b0c442", "sha256 of nightly"),
            ("[\"ingest\", \"read\"]", "[]", "scopes of nightly"),
            ("\"read\"", "\"write\"", "scopes"),
            ("\"acme/app\"", "\"acme\"", "[[server.repository]].repository"),
            ("repository_id = 486325809", "repository_id = 0", "repository_id"),
            ("slsa-provenance.yml@{ref}", "slsa-provenance.yml", "workflows"),
            ("slsa-provenance.yml@{ref}", "slsa-provenance.yml@v1", "workflows"),
            ("slsa-provenance.yml@{ref}", "slsa-provenance.yml@refs/tags/*", "workflows"),
            ("release.yml@refs/heads/main", "release.txt@refs/heads/main", "callers"),
            ("1b2d77aa", "1b2d77a", "job_workflow_shas"),
            ("[\"workflow_dispatch\"]", "[]", "events"),
            ("\"refs/heads/main\"]", "\"main\"]", "branches"),
            ("environment = \"release\"", "environment = \"\"", "environment"),
            ("name = \"app\"", "name = \"\"", "[[server.policy]].name"),
            (
                "[[policy]]",
                "[[policy]]\nname = \"x\"\nconfig = \"y\"\nzone = 1\n[[policy]]",
                "zone",
            ),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = parse(&text).expect_err(to);
            assert!(error.contains(key), "{to}: {error}");
        }
        let token = GOOD.split("[[token]]").nth(1).expect("token");
        let token = token.split("[[repository]]").next().expect("token");
        let error = parse(&format!("{GOOD}\n[[token]]{token}")).expect_err("twice");
        assert!(error.contains("nightly is there twice"), "{error}");
    }
}
