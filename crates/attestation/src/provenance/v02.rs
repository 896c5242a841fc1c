//! Provenance v0.2 as it is written on the wire.

use super::{ConfigSource, Dependency, Parameters, Provenance, ProvenanceVersion, null_as_default};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    builder: Builder,
    build_type: String,
    #[serde(default, deserialize_with = "null_as_default")]
    invocation: Invocation,
    build_config: Option<Value>,
    #[serde(default, deserialize_with = "null_as_default")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "null_as_default")]
    materials: Vec<Material>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Builder {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Invocation {
    config_source: Option<Source>,
    #[serde(default, deserialize_with = "null_as_default")]
    parameters: Parameters,
    #[serde(default, deserialize_with = "null_as_default")]
    environment: Parameters,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Source {
    uri: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    digest: BTreeMap<String, String>,
    entry_point: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    // Go's encoder of the older builders writes `buildInvocationID`; serde refuses both at once.
    #[serde(alias = "buildInvocationID")]
    build_invocation_id: Option<String>,
    build_started_on: Option<IgnoredAny>,
    build_finished_on: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "null_as_default")]
    completeness: Completeness,
    #[serde(default, deserialize_with = "null_as_default")]
    reproducible: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Completeness {
    #[serde(default)]
    parameters: bool,
    #[serde(default)]
    environment: bool,
    #[serde(default)]
    materials: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Material {
    uri: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    digest: BTreeMap<String, String>,
}

pub(super) fn parse(predicate: &RawValue) -> Result<Provenance, serde_json::Error> {
    let wire: Predicate = serde_json::from_str(predicate.get())?;
    let unverifiable_claims = unverifiable_claims(&wire);
    let config_source = wire.invocation.config_source.map(|source| ConfigSource {
        uri: source.uri,
        digests: source.digest,
        entry_point: source.entry_point,
    });
    let dependencies = wire
        .materials
        .into_iter()
        .map(|material| Dependency { uri: material.uri, digests: material.digest })
        .collect();
    Ok(Provenance {
        version: ProvenanceVersion::V02,
        builder_id: wire.builder.id,
        build_type: wire.build_type,
        dependencies,
        config_source,
        external_parameters: wire.invocation.parameters,
        internal_parameters: wire.invocation.environment,
        invocation_id: wire.metadata.build_invocation_id,
        unverifiable_claims,
    })
}

fn unverifiable_claims(wire: &Predicate) -> Vec<&'static str> {
    let metadata = &wire.metadata;
    let completeness = &metadata.completeness;
    let empty = |value: &Value| value.is_null() || value.as_object().is_some_and(|o| o.is_empty());
    let claims = [
        ("buildConfig", wire.build_config.as_ref().is_some_and(|config| !empty(config))),
        (
            "metadata.completeness",
            completeness.parameters || completeness.environment || completeness.materials,
        ),
        ("metadata.reproducible", metadata.reproducible),
        ("metadata.buildStartedOn", metadata.build_started_on.is_some()),
        ("metadata.buildFinishedOn", metadata.build_finished_on.is_some()),
    ];
    claims.into_iter().filter(|(_, made)| *made).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use crate::provenance::{Provenance, V02};
    use serde_json::value::RawValue;

    const GOOD: &str = r#"{"builder":{"id":"b"},"buildType":"t","invocation":{"configSource":
        {"uri":"git+https://h/o/r@refs/heads/main","digest":{"sha1":"c"},"entryPoint":"w.yml"},
        "parameters":{"any":[1]},"environment":{"github_run_id":"1"}},"buildConfig":null,
        "metadata":{"buildInvocationID":"1-1","completeness":{}},
        "materials":[{"uri":"u","digest":{"sha1":"c"}}]}"#;

    fn parse(json: &str) -> Result<Provenance, crate::provenance::InvalidProvenance> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("json");
        Provenance::parse(V02, &raw)
    }

    #[test]
    fn reads_both_spellings_of_the_invocation_id() {
        let go = parse(GOOD).expect("go spelling");
        assert_eq!(go.invocation_id.as_deref(), Some("1-1"));
        let plain = parse(&GOOD.replace("InvocationID", "InvocationId")).expect("specification");
        assert_eq!(plain.invocation_id, go.invocation_id);
        assert_eq!(plain.dependencies[0].commit(), Some("c"));
    }

    #[test]
    fn refuses_unknown_missing_and_doubled_members() {
        for (from, to) in [
            ("\"buildType\":\"t\",", ""),
            ("\"buildType\":\"t\"", "\"buildtype\":\"t\""),
            ("{\"id\":\"b\"}", "{}"),
            ("{\"id\":\"b\"}", "{\"id\":\"b\",\"version\":{}}"),
            (
                "\"buildInvocationID\":\"1-1\"",
                "\"buildInvocationID\":\"1\",\"buildInvocationId\":\"2\"",
            ),
            ("\"entryPoint\"", "\"entrypoint\""),
            ("\"buildConfig\"", "\"resolvedDependencies\""),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from}");
            assert!(parse(&changed).is_err(), "{from} -> {to}");
        }
    }
}
