//! SLSA provenance, v0.2 and v1.

use provost_attestation::json;
use provost_attestation::provenance::{Parameters, Provenance, V1, V02};
use serde_json::Value;
use serde_json::value::RawValue;

/// A predicate is provenance of one version at most, and of no unknown type; everything the view
/// says stands in the predicate, where a plain JSON parser finds it too.
pub fn provenance(data: &[u8]) {
    // Predicates reach the parser as part of a scanned payload.
    let Ok(text) = json::scan(data) else { return };
    let predicate: &RawValue = serde_json::from_str(text).expect("strict JSON is JSON");
    let value: Value = serde_json::from_str(text).expect("strict JSON is JSON");
    let old = Provenance::parse(V02, predicate);
    let new = Provenance::parse(V1, predicate);
    assert!(old.is_err() || new.is_err(), "one predicate, two meanings");
    assert!(Provenance::parse("https://slsa.dev/provenance/v1/", predicate).is_err());
    if let Ok(provenance) = old {
        assert_old(&provenance, &value);
    }
    if let Ok(provenance) = new {
        assert_new(&provenance, &value);
    }
}

fn assert_old(provenance: &Provenance, value: &Value) {
    assert_eq!(value["builder"]["id"], provenance.builder_id);
    assert_eq!(value["buildType"], provenance.build_type);
    let invocation = &value["invocation"];
    assert_parameters(&provenance.external_parameters, &invocation["parameters"]);
    assert_parameters(&provenance.internal_parameters, &invocation["environment"]);
    assert_dependencies(provenance, &value["materials"]);
    let metadata = &value["metadata"];
    let spellings = ["buildInvocationID", "buildInvocationId"];
    let invocation_id = spellings.iter().find_map(|name| metadata[name].as_str());
    assert_eq!(provenance.invocation_id.as_deref(), invocation_id);
    let source = &invocation["configSource"];
    assert_eq!(provenance.config_source.is_some(), source.is_object());
    if let Some(config_source) = &provenance.config_source {
        assert_eq!(config_source.uri.as_deref(), source["uri"].as_str());
        assert_eq!(config_source.entry_point.as_deref(), source["entryPoint"].as_str());
    }
}

fn assert_new(provenance: &Provenance, value: &Value) {
    let definition = &value["buildDefinition"];
    let details = &value["runDetails"];
    assert_eq!(details["builder"]["id"], provenance.builder_id);
    assert_eq!(definition["buildType"], provenance.build_type);
    assert_parameters(&provenance.external_parameters, &definition["externalParameters"]);
    assert_parameters(&provenance.internal_parameters, &definition["internalParameters"]);
    assert_dependencies(provenance, &definition["resolvedDependencies"]);
    let metadata = &details["metadata"];
    let spellings = ["invocationId", "invocationID"];
    let invocation_id = spellings.iter().find_map(|name| metadata[name].as_str());
    assert_eq!(provenance.invocation_id.as_deref(), invocation_id);
    assert!(provenance.config_source.is_none(), "v1 has no configSource");
    assert!(provenance.unverifiable_claims.is_empty(), "these are v0.2's");
}

fn assert_parameters(parameters: &Parameters, value: &Value) {
    let members = value.as_object();
    assert_eq!(parameters.names().count(), members.map_or(0, serde_json::Map::len));
    for (name, value) in members.into_iter().flatten() {
        assert!(parameters.contains(name), "{name:?} is lost");
        let text = parameters.text(name).and_then(Result::ok);
        match value {
            Value::String(string) => assert_eq!(text.as_ref(), Some(string)),
            Value::Number(number) if !number.is_f64() => {
                assert_eq!(text, Some(number.to_string()));
            }
            _ => assert_eq!(text, None, "{name:?} is no text"),
        }
        assert_eq!(parameters.object(name).as_ref(), value.as_object());
    }
}

fn assert_dependencies(provenance: &Provenance, value: &Value) {
    let listed = value.as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(provenance.dependencies.len(), listed.len());
    for (dependency, listed) in provenance.dependencies.iter().zip(listed) {
        assert_eq!(dependency.uri.as_deref(), listed["uri"].as_str());
        for (algorithm, digest) in &dependency.digests {
            assert_eq!(listed["digest"][algorithm], *digest);
        }
        let digests = &listed["digest"];
        let commit = digests["gitCommit"].as_str().or_else(|| digests["sha1"].as_str());
        assert_eq!(dependency.commit(), commit);
    }
}
