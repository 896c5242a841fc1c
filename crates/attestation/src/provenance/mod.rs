//! SLSA provenance, v0.2 and v1, behind one view.
//!
//! Sources: <https://slsa.dev/provenance/v0.2>, <https://slsa.dev/provenance/v1>. Unknown members
//! are refused outside the objects that the specification leaves free.

mod parameters;
mod v02;
mod v1;

pub use parameters::Parameters;

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// `predicateType` of provenance v0.2.
pub const V02: &str = "https://slsa.dev/provenance/v0.2";
/// `predicateType` of provenance v1.
pub const V1: &str = "https://slsa.dev/provenance/v1";

/// Which version of the predicate was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenanceVersion {
    /// v0.2: `invocation.configSource`, `materials`.
    V02,
    /// v1: `buildDefinition`, `resolvedDependencies`.
    V1,
}

/// What a provenance predicate says, as far as anything here reads it.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The version of the predicate.
    pub version: ProvenanceVersion,
    /// `builder.id` or `runDetails.builder.id`.
    pub builder_id: String,
    /// `buildType` or `buildDefinition.buildType`.
    pub build_type: String,
    /// `materials` or `resolvedDependencies`, in order.
    pub dependencies: Vec<Dependency>,
    /// `invocation.configSource`; v0.2 only.
    pub config_source: Option<ConfigSource>,
    /// `invocation.parameters` or `externalParameters`.
    pub external_parameters: Parameters,
    /// `invocation.environment` or `internalParameters`.
    pub internal_parameters: Parameters,
    /// `metadata.buildInvocationId` or `runDetails.metadata.invocationId`.
    pub invocation_id: Option<String>,
    /// Which claims it makes that nothing but the build itself vouches for; v0.2 only, in the
    /// order of the predicate: `buildConfig`, `metadata.completeness`, `.reproducible`, times.
    pub unverifiable_claims: Vec<&'static str>,
}

/// One material or resolved dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its URI; v1 allows it to be absent.
    pub uri: Option<String>,
    /// Its digest set.
    pub digests: BTreeMap<String, String>,
}

impl Dependency {
    /// The git commit it names: `gitCommit`, or `sha1` as older builders write it.
    pub fn commit(&self) -> Option<&str> {
        self.digests.get("gitCommit").or_else(|| self.digests.get("sha1")).map(String::as_str)
    }
}

/// `invocation.configSource` of v0.2: the workflow that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSource {
    /// `git+https://…@ref`.
    pub uri: Option<String>,
    /// Its digest set; `sha1` is the commit.
    pub digests: BTreeMap<String, String>,
    /// Path of the workflow file.
    pub entry_point: Option<String>,
}

/// Why a predicate is no SLSA provenance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProvenance {
    /// The predicate type is none of [`V02`] and [`V1`].
    #[error("predicate type {0:?} is not SLSA provenance v0.2 or v1")]
    UnsupportedType(String),
    /// JSON of another shape.
    #[error("the predicate is no {predicate_type}: {detail}")]
    Shape {
        /// What it claims to be.
        predicate_type: &'static str,
        /// The parser's words, with the place in the predicate.
        detail: String,
    },
}

impl Provenance {
    /// Parses a predicate of that type.
    ///
    /// # Errors
    /// [`InvalidProvenance`].
    pub fn parse(predicate_type: &str, predicate: &RawValue) -> Result<Self, InvalidProvenance> {
        match predicate_type {
            V02 => v02::parse(predicate).map_err(shape(V02)),
            V1 => v1::parse(predicate).map_err(shape(V1)),
            other => Err(InvalidProvenance::UnsupportedType(other.to_owned())),
        }
    }
}

fn shape(predicate_type: &'static str) -> impl Fn(serde_json::Error) -> InvalidProvenance {
    move |error| InvalidProvenance::Shape { predicate_type, detail: error.to_string() }
}

/// A member that is null or absent is an empty one; Go's encoders write both.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    use serde::Deserialize;
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
