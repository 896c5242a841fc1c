//! Provenance v1 as it is written on the wire.

use super::{Dependency, Parameters, Provenance, ProvenanceVersion, null_as_default};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BuildDefinition {
    build_type: String,
    #[serde(default, deserialize_with = "null_as_default")]
    external_parameters: Parameters,
    #[serde(default, deserialize_with = "null_as_default")]
    internal_parameters: Parameters,
    #[serde(default, deserialize_with = "null_as_default")]
    resolved_dependencies: Vec<ResourceDescriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceDescriptor {
    uri: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    digest: BTreeMap<String, String>,
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "downloadLocation")]
    _download_location: Option<IgnoredAny>,
    #[serde(rename = "mediaType")]
    _media_type: Option<IgnoredAny>,
    #[serde(rename = "content")]
    _content: Option<IgnoredAny>,
    #[serde(rename = "annotations")]
    _annotations: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RunDetails {
    builder: Builder,
    #[serde(default, deserialize_with = "null_as_default")]
    metadata: Metadata,
    #[serde(rename = "byproducts")]
    _byproducts: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Builder {
    id: String,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "builderDependencies")]
    _builder_dependencies: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    // The first v1 texts wrote `invocationID`, and some builders still do.
    #[serde(alias = "invocationID")]
    invocation_id: Option<String>,
    #[serde(rename = "startedOn")]
    _started_on: Option<IgnoredAny>,
    #[serde(rename = "finishedOn")]
    _finished_on: Option<IgnoredAny>,
}

pub(super) fn parse(predicate: &RawValue) -> Result<Provenance, serde_json::Error> {
    let wire: Predicate = serde_json::from_str(predicate.get())?;
    let definition = wire.build_definition;
    let dependencies = definition
        .resolved_dependencies
        .into_iter()
        .map(|dependency| Dependency { uri: dependency.uri, digests: dependency.digest })
        .collect();
    Ok(Provenance {
        version: ProvenanceVersion::V1,
        builder_id: wire.run_details.builder.id,
        build_type: definition.build_type,
        dependencies,
        config_source: None,
        external_parameters: definition.external_parameters,
        internal_parameters: definition.internal_parameters,
        invocation_id: wire.run_details.metadata.invocation_id,
        unverifiable_claims: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use crate::provenance::{InvalidProvenance, Provenance, V1};
    use serde_json::value::RawValue;

    const GOOD: &str = r#"{"buildDefinition":{"buildType":"t","externalParameters":{"w":{}},
        "internalParameters":{"GITHUB_RUN_ID":1},"resolvedDependencies":
        [{"uri":"git+https://h/o/r@refs/tags/v1","digest":{"gitCommit":"c"}}]},
        "runDetails":{"builder":{"id":"b","version":{}},"metadata":{"invocationId":"i"}}}"#;

    fn parse(json: &str) -> Result<Provenance, InvalidProvenance> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("json");
        Provenance::parse(V1, &raw)
    }

    #[test]
    fn reads_the_view() {
        let provenance = parse(GOOD).expect("provenance");
        assert_eq!(provenance.builder_id, "b");
        assert_eq!(provenance.invocation_id.as_deref(), Some("i"));
        assert_eq!(provenance.dependencies[0].commit(), Some("c"));
        assert_eq!(provenance.internal_parameters.text("GITHUB_RUN_ID"), Some(Ok("1".into())));
    }

    #[test]
    fn refuses_unknown_and_missing_members() {
        for (from, to) in [
            ("\"buildType\":\"t\",", ""),
            ("\"buildType\"", "\"BuildType\""),
            ("\"runDetails\"", "\"rundetails\""),
            ("{\"id\":\"b\",", "{"),
            ("\"version\":{}", "\"versions\":{}"),
            ("\"resolvedDependencies\"", "\"materials\""),
            ("\"invocationId\":\"i\"", "\"invocationId\":1"),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from}");
            assert!(parse(&changed).is_err(), "{from} -> {to}");
        }
        let raw: Box<RawValue> = serde_json::from_str(GOOD).expect("json");
        assert!(matches!(
            Provenance::parse("https://slsa.dev/provenance/v1.0?draft", &raw),
            Err(InvalidProvenance::UnsupportedType(_))
        ));
    }
}
