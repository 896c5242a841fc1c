//! Both functions, their database, an issuer and a docs bucket: one of each for all tests.

use super::issuer::Issuer;
use super::web::Web;
use provost_testkit::deno::{Deno, Function};
use provost_testkit::postgres::{Database, Flavour, PASSWORD, database};
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const AUDIENCE: &str = "https://app.example.com";
/// A static token that may write, and one that may not.
pub(crate) const WRITER: &str = "provost_canary_writer_0123456789";
pub(crate) const READER: &str = "provost_canary_reader_0123456789";
pub(crate) const SERVICE_KEY: &str = "canary-service-role-key";
pub(crate) const BUCKET: &str = "/storage/v1/object/docs";

/// What all tests share.
pub(crate) struct World {
    pub(crate) deno: Deno,
    pub(crate) database: Database,
    pub(crate) issuer: Issuer,
    pub(crate) docs: Web,
    pub(crate) telemetry: Function,
    pub(crate) validate: Function,
}

/// The world, or the line that says why there is none here.
pub(crate) fn world() -> Option<&'static World> {
    static WORLD: LazyLock<Result<World, String>> = LazyLock::new(World::start);
    match &*WORLD {
        Ok(world) => Some(world),
        Err(why) => {
            not_checked(why);
            None
        }
    }
}

#[allow(clippy::print_stdout, reason = "what could not be asked is said there")]
pub(crate) fn not_checked(why: &dyn std::fmt::Display) {
    println!("not checked here: Edge functions: {why}");
}

/// A function's file.
pub(crate) fn entry(function: &str) -> PathBuf {
    functions().join(function).join("index.ts")
}

pub(crate) fn functions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supabase/functions")
}

/// The variables of a function.
pub(crate) struct Variables(pub(crate) Vec<(&'static str, String)>);

impl Variables {
    pub(crate) fn new(database_url: String, issuer: &Issuer, docs: &Web) -> Self {
        let own = "acme/app/.github/workflows/slsa-provenance.yml";
        let repositories = json!([
            {
                "repository": "acme/app", "repository_id": 486_325_809, "owner_id": "80431187",
                "workflows": [format!("{own}@{{ref}}")], "branches": ["refs/heads/main"],
            },
            {
                "repository": "acme/strict", "repository_id": 2, "owner_id": 80_431_187,
                "workflows": ["acme/builders/.github/workflows/build.yml@refs/tags/v9"],
                "job_workflow_shas": ["1b2d77aa01c4f0e8c2f7f0b7c9a0f9bd3b6f1e52"],
                "callers": ["acme/strict/.github/workflows/release.yml@{ref}"],
                "events": ["push"], "environment": "release",
            },
        ]);
        let tokens = json!([
            { "name": "writer", "sha256": sha256(WRITER), "scopes": ["ingest"] },
            { "name": "reader", "sha256": sha256(READER), "scopes": ["read", "notify"] },
        ]);
        Self(vec![
            ("SUPABASE_DB_URL", database_url),
            ("PROVOST_OIDC_AUDIENCE", AUDIENCE.to_owned()),
            ("PROVOST_OIDC_ISSUER", issuer.url()),
            ("PROVOST_REPOSITORIES", repositories.to_string()),
            ("PROVOST_TOKENS", tokens.to_string()),
            ("PROVOST_DOCS_BASE_URL", docs.url(BUCKET)),
            ("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY.to_owned()),
        ])
    }

    /// The same with one variable set otherwise; an empty one is as good as none.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.to_owned()));
        self
    }

    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

impl World {
    fn start() -> Result<Self, String> {
        let deno = Deno::find().map_err(|why| why.to_string())?;
        deno.fetch(&entry("telemetry")).map_err(|why| why.to_string())?;
        let database = database(Flavour::Supabase).map_err(|why| why.to_string())?;
        let (issuer, docs) = (Issuer::start(), Web::start());
        let variables = Variables::new(database.url(true), &issuer, &docs);
        let telemetry = deno.serve(&entry("telemetry"), &variables.pairs());
        let validate = deno.serve(&entry("provenance-validate"), &variables.pairs());
        Ok(Self { deno, database, issuer, docs, telemetry, validate })
    }

    /// Variables that differ in nothing from those of the shared functions.
    pub(crate) fn variables(&self) -> Variables {
        Variables::new(self.database.url(true), &self.issuer, &self.docs)
    }

    /// A function of a test's own.
    pub(crate) fn own_telemetry(&self, variables: &Variables) -> Function {
        self.deno.serve(&entry("telemetry"), &variables.pairs())
    }

    /// Rows with this tag in the log.
    pub(crate) fn rows(&self, tag: &str) -> usize {
        let query = format!("select count(*) from provenance_audit_log where tag = '{tag}';");
        self.database.owner().execute(&query).unwrap().parse().unwrap()
    }

    /// What `service_role` gets for a query of one JSON value.
    pub(crate) fn sql(&self, query: &str) -> Value {
        let text = self.database.supabase_role("service_role").execute(query).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Neither function wrote a secret into its log.
    pub(crate) fn keeps_its_secrets(&self) {
        for log in [self.telemetry.log(), self.validate.log()] {
            for secret in [WRITER, READER, SERVICE_KEY, PASSWORD, "eyJ"] {
                assert!(!log.contains(secret), "{secret} in {log}");
            }
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(String, String)>,
}

impl Reply {
    /// The code of its only error.
    pub(crate) fn code(&self) -> &str {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(errors.len(), 1, "{self:?}");
        errors[0]["code"].as_str().unwrap()
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["errors"][0]["detail"].as_str().unwrap()
    }
}

pub(crate) fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> =
        LazyLock::new(|| Client::builder().no_proxy().build().unwrap());
    &CLIENT
}

/// A POST of JSON with a bearer token.
pub(crate) fn request(
    function: &Function,
    token: &str,
    body: impl Into<Vec<u8>>,
) -> RequestBuilder {
    client()
        .post(format!("{}/telemetry", function.url()))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(body.into())
}

pub(crate) fn reply(request: RequestBuilder) -> Reply {
    let response = request.send().unwrap();
    let status = response.status().as_u16();
    let mut headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let body = response.bytes().unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{body:?}"));
    Reply { status, body, headers }
}

pub(crate) fn post(function: &Function, token: &str, body: &Value) -> Reply {
    reply(request(function, token, body.to_string()))
}

/// A tag that no other test has.
pub(crate) fn tag() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("v1.{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A manifest entry of this tag.
pub(crate) fn entry_of(tag: &str) -> Value {
    json!({
        "run": "14095611671", "tag": tag, "status": "success",
        "artifact": format!("artifacts/slsa/{tag}/provenance-{tag}.json"),
        "release_url": format!("https://github.com/acme/app/releases/tag/{tag}"),
        "validated_at": "2026-11-23T12:00:00Z", "repository": "acme/app", "decision": "accepted",
        "slsa_build_level": 3,
    })
}

fn sha256(text: &str) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}
