//! What `provost store` did or found.

use crate::screen::style::{ACCEPTED, LABEL, REFUSED};
use crate::sink::terminal;
use provost_store::{
    Anchor, Exported, Fault, Imported, RowFault, Schema, SealFault, Sealed, Verification,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// One result, as JSON and for people.
pub(crate) struct Document {
    pub(crate) json: String,
    pub(crate) text: String,
}

fn document(json: &Value, text: String) -> Document {
    Document { json: format!("{json}\n"), text }
}

/// `2 rows`, `1 row`.
pub(super) fn count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

pub(crate) fn migrated(place: &str, before: Schema, after: Schema) -> Document {
    let json = json!({
        "schema": "https://provost.dev/store-migrate/v1",
        "store": place,
        "before": before.found,
        "version": after.found,
        "supported": after.supported,
    });
    let how = match (before.found, after.found) {
        (before, now) if before == now => format!("schema {now}, as before"),
        (before, now) => format!("schema {now}, before that {before}"),
    };
    document(&json, format!("{}  {how}\n", terminal(place)))
}

pub(crate) fn sealed(place: &str, sealed: &Sealed) -> Document {
    let json = json!({
        "schema": "https://provost.dev/store-seal/v1",
        "store": place,
        "seals": sealed.seals,
        "rows": sealed.rows,
        "newest": sealed.newest.map(|seal| seal.to_string()),
    });
    let mut text = match sealed.rows {
        0 => format!("{}  every row is under a seal already\n", terminal(place)),
        rows => format!(
            "{}  {} under {}\n",
            terminal(place),
            count(rows, "row"),
            count(sealed.seals, "new seal")
        ),
    };
    if let Some(newest) = sealed.newest {
        let _ = writeln!(text, "newest seal  {newest}");
    }
    document(&json, text)
}

pub(crate) fn exported(place: &str, exported: &Exported) -> Document {
    let json = json!({
        "schema": "https://provost.dev/store-export/v1",
        "store": place,
        "events": exported.events,
    });
    document(
        &json,
        format!("{} exported from {}\n", count(exported.events, "event"), terminal(place)),
    )
}

pub(crate) fn imported(place: &str, imported: &Imported) -> Document {
    let json = json!({
        "schema": "https://provost.dev/store-import/v1",
        "store": place,
        "inserted": imported.inserted,
        "duplicates": imported.duplicates,
    });
    let text = format!(
        "{} inserted into {}, {} there already\n",
        count(imported.inserted, "event"),
        terminal(place),
        imported.duplicates
    );
    document(&json, text)
}

pub(crate) fn verified(place: &str, found: &Verification, anchors: &[Anchor]) -> Document {
    let json = json!({
        "schema": "https://provost.dev/store-verify/v1",
        "store": place,
        "outcome": if found.fault.is_none() { "sound" } else { "altered" },
        "seals": found.seals,
        "rows": found.rows,
        "unsealed": found.unsealed,
        "newest": found.newest.map(|seal| seal.to_string()),
        "anchors": anchors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fault": found.fault.as_ref().map(fault_json),
    });
    document(&json, verified_text(place, found, anchors))
}

fn verified_text(place: &str, found: &Verification, anchors: &[Anchor]) -> String {
    let mut text = match &found.fault {
        None => format!("{ACCEPTED}sound{ACCEPTED:#}     {}\n\n", terminal(place)),
        Some(fault) => {
            let fault = fault.to_string();
            format!(
                "{REFUSED}altered{REFUSED:#}   {}\n\n  {}\n\n",
                terminal(place),
                terminal(&fault)
            )
        }
    };
    let mut rows = match found.fault {
        None => vec![
            ("seals", found.seals.to_string()),
            ("rows", format!("{} under them, {} under none yet", found.rows, found.unsealed)),
        ],
        // The walk ends at what is wrong: of the rest nothing is known.
        Some(_) => vec![
            ("seals", format!("{} good before it", found.seals)),
            ("rows", format!("{} good before it", found.rows)),
        ],
    };
    if let Some(newest) = found.newest {
        rows.push(("newest", newest.to_string()));
    }
    if !anchors.is_empty() && found.fault.is_none() {
        rows.push(("anchors", format!("{}, all there", anchors.len())));
    }
    for (label, value) in rows {
        let _ = writeln!(text, "  {LABEL}{label:9}{LABEL:#} {value}");
    }
    if found.fault.is_some() {
        text.push_str(
            "\nhelp: whoever may write to the database past its triggers did this; restore a backup, or\n      \
             rebuild the log from git: `provost ingest --rebuild --into URL` says what differs\n",
        );
    }
    text
}

fn fault_json(fault: &Fault) -> Value {
    let text = fault.to_string();
    match fault {
        Fault::Row { fault, id, seq, seal } => json!({
            "kind": "row",
            "fault": row_fault(*fault),
            "id": id.to_string(),
            "seq": seq,
            "seal": seal,
            "text": text,
        }),
        Fault::Seal { fault, seal } => json!({
            "kind": "seal",
            "fault": seal_fault(*fault),
            "id": null,
            "seq": null,
            "seal": seal,
            "text": text,
        }),
    }
}

fn row_fault(fault: RowFault) -> &'static str {
    match fault {
        RowFault::Altered => "altered",
        RowFault::Missing => "missing",
        RowFault::Reordered => "reordered",
        RowFault::SlippedIn => "slipped-in",
    }
}

fn seal_fault(fault: SealFault) -> &'static str {
    match fault {
        SealFault::Anchor => "anchor",
        SealFault::Bounds => "bounds",
        SealFault::Hash => "hash",
        SealFault::Leaves => "leaves",
        SealFault::Missing => "missing",
        SealFault::Previous => "previous",
    }
}
