//! The JSON Schema of a manifest file.

use crate::entry::Entry;
use schemars::Schema;
use schemars::generate::SchemaSettings;

/// Describes the array of a manifest file (JSON Schema 2020-12).
///
/// A schema cannot say everything that `manifest lint` checks: order, duplicates, places and
/// contradictions are beyond it.
pub fn schema() -> Schema {
    // As written, not as read: a key that may be left out is then not required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Vec<Entry>>();
    schema.insert("title".to_owned(), "Provost release manifest".into());
    let description = "One day's release records, sorted by run as a number, then tag.";
    schema.insert("description".to_owned(), description.into());
    schema
}
