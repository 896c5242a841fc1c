//! All mutants of one specimen, numbered, each made when it is asked for.

use super::byte_change::{self, ByteChange};
use super::json_change::{self, JsonChange};
use super::part::{Part, parts};
use super::twin;
use serde_json::Value;

/// One mutant: the file, and what was changed where.
pub(super) struct Mutant {
    pub(super) file: Vec<u8>,
    pub(super) place: Place,
}

/// What was changed where. Bits and bytes of one value are one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The kind of part, for the table.
    pub(super) group: &'static str,
    /// The part as a JSON pointer, after `!` the pointer or the path inside of it.
    pub(super) path: String,
    /// What became of it.
    pub(super) change: String,
}

/// Mutants of one kind in one part.
enum Family {
    Bytes(Part),
    /// The bundle itself.
    Bundle {
        bundle: Value,
        changes: Vec<JsonChange>,
    },
    /// A JSON document inside a part.
    Inner {
        part: Part,
        document: Value,
        changes: Vec<JsonChange>,
    },
    /// Signatures twinned, by their place in the part.
    Twins {
        part: Part,
        twins: Vec<(String, Vec<u8>)>,
    },
}

/// All mutants of one bundle.
pub(super) struct Space {
    families: Vec<Family>,
}

impl Space {
    /// Lays out the mutants of a bundle.
    pub(super) fn of(bundle: &Value) -> Self {
        let changes = json_change::all(bundle);
        let mut families = vec![Family::Bundle { bundle: bundle.clone(), changes }];
        for part in parts(bundle) {
            families.extend(twins(bundle, &part));
            families.extend(inner(bundle, &part));
            families.push(Family::Bytes(part));
        }
        Self { families }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.families.iter().map(Family::len).sum()
    }

    /// The mutant of that number; `None` when there are not so many.
    pub(super) fn mutant(&self, mut number: usize) -> Option<Mutant> {
        for family in &self.families {
            if number < family.len() {
                return Some(family.mutant(number));
            }
            number -= family.len();
        }
        None
    }
}

fn twins(bundle: &Value, part: &Part) -> Option<Family> {
    let twins = match part.is_note() {
        true => twin::in_note(std::str::from_utf8(&part.bytes).ok()?),
        false => twin::in_der(&part.bytes),
    };
    let part = Part::at(bundle, part.pointer.clone())?;
    (!twins.is_empty()).then_some(Family::Twins { part, twins })
}

fn inner(bundle: &Value, part: &Part) -> Option<Family> {
    let document: Value = serde_json::from_slice(&part.bytes).ok()?;
    let changes = json_change::all(&document);
    let part = Part::at(bundle, part.pointer.clone())?;
    (!changes.is_empty()).then_some(Family::Inner { part, document, changes })
}

impl Family {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(part) => byte_change::count(part.bytes.len()),
            Self::Bundle { changes, .. } | Self::Inner { changes, .. } => changes.len(),
            Self::Twins { twins, .. } => twins.len(),
        }
    }

    fn mutant(&self, number: usize) -> Mutant {
        match self {
            Self::Bytes(part) => {
                let change: ByteChange = byte_change::nth(number);
                let place = part.place(change.byte);
                let path = match place.is_empty() {
                    true => part.pointer.clone(),
                    false => format!("{}!{place}", part.pointer),
                };
                let change_name = change.kind.to_string();
                Mutant {
                    file: part.replaced(&change.apply(&part.bytes)),
                    place: Place { group: group(&part.pointer), path, change: change_name },
                }
            }
            Self::Bundle { bundle, changes } => {
                let change = &changes[number];
                Mutant {
                    file: change.apply(bundle).into_bytes(),
                    place: Place {
                        group: "JSON of the bundle",
                        path: change.pointer(),
                        change: change.kind.to_string(),
                    },
                }
            }
            Self::Inner { part, document, changes } => {
                let change = &changes[number];
                let path = format!("{}!{}", part.pointer, change.pointer());
                Mutant {
                    file: part.replaced(change.apply(document).as_bytes()),
                    place: Place {
                        group: match part.pointer.ends_with("/payload") {
                            true => "JSON of the statement",
                            false => "JSON of the log entry's body",
                        },
                        path,
                        change: change.kind.to_string(),
                    },
                }
            }
            Self::Twins { part, twins } => {
                let (place, bytes) = &twins[number];
                Mutant {
                    file: part.replaced(bytes),
                    place: Place {
                        group: "ECDSA twins",
                        path: format!("{}!{place}", part.pointer),
                        change: "(r, n - s)".to_owned(),
                    },
                }
            }
        }
    }
}

/// The row of the table that a part belongs to.
fn group(pointer: &str) -> &'static str {
    const GROUPS: [(&str, &str); 12] = [
        ("/rawBytes", "certificate"),
        ("/payload", "payload"),
        ("/sig", "DSSE signature"),
        ("/signedEntryTimestamp", "signed entry timestamp"),
        ("/canonicalizedBody", "log entry's body"),
        ("/hashes/", "inclusion proof's hashes"),
        ("/rootHash", "root hash"),
        ("/checkpoint/envelope", "checkpoint"),
        ("/signedTimestamp", "RFC 3161 timestamp"),
        ("/logId/keyId", "log id"),
        ("/keyid", "key hints"),
        ("/hint", "key hints"),
    ];
    let known = GROUPS.iter().find(|(end, _)| match end.strip_suffix('/') {
        Some(_) => pointer.contains(end),
        None => pointer.ends_with(end),
    });
    known.map_or("types, numbers and names", |(_, group)| group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_number_is_another_mutant_of_the_bundle() {
        let bundle = json!({"payload": "eyJhIjoxfQ==", "mediaType": "m"});
        let space = Space::of(&bundle);
        let mutants: Vec<Mutant> =
            (0..space.len()).map(|number| space.mutant(number).expect("below the end")).collect();
        assert!(space.mutant(space.len()).is_none());
        let original = bundle.to_string().into_bytes();
        assert!(mutants.iter().all(|mutant| mutant.file != original));
        for group in ["payload", "JSON of the bundle", "JSON of the statement"] {
            assert!(mutants.iter().any(|mutant| mutant.place.group == group), "{group}");
        }
    }
}
