//! What `provost ingest` did.

use super::store::{Document, count};
use crate::args::Format;
use crate::output::annotation;
use crate::sink::command::Level;
use crate::sink::terminal;
use provost_control::{Comparison, Difference, Ingested, LoggedEvent, Rebuilt};
use provost_store::StoreUrl;
use serde_json::{Value, json};
use std::fmt::Write;

/// Lines of one kind that are shown; the JSON has all.
const SHOWN: usize = 20;

pub(crate) fn ingested(ingested: &Ingested, format: Format) -> Document {
    let json = ingested_json(ingested);
    let text = format!("{}\n{}", counts(ingested), rejections(ingested, format));
    Document { json: format!("{json}\n"), text }
}

pub(crate) fn rebuilt(
    rebuilt: &Rebuilt,
    [present, into]: &[StoreUrl; 2],
    format: Format,
) -> Document {
    let mut json = ingested_json(&rebuilt.ingested);
    json["schema"] = json!("https://provost.dev/rebuild/v1");
    json["into"] = json!(into.to_string());
    json["compared_with"] = json!(present.to_string());
    let (compared, not_compared) = match &rebuilt.compared {
        Ok(comparison) => (comparison_json(comparison), Value::Null),
        Err(why) => (Value::Null, json!(why)),
    };
    json["compared"] = compared;
    json["not_compared"] = not_compared;
    let mut text = format!(
        "rebuilt   {}  {}\n{}",
        terminal(&into.to_string()),
        counts(&rebuilt.ingested),
        rejections(&rebuilt.ingested, format)
    );
    match &rebuilt.compared {
        Ok(comparison) => {
            let _ = writeln!(text, "compared  {}", terminal(&present.to_string()));
            text.push_str(&comparison_text(comparison));
        }
        Err(why) => {
            let _ = writeln!(text, "not compared: {}", terminal(why));
        }
    }
    Document { json: format!("{json}\n"), text }
}

fn counts(ingested: &Ingested) -> String {
    let entries = match ingested.inserted() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let text = format!("{entries} inserted, {} there already", ingested.duplicates());
    match ingested.rejected().count() {
        0 => text,
        rejected => format!("{text}, {rejected} rejected"),
    }
}

fn rejections(ingested: &Ingested, format: Format) -> String {
    let rejected = ingested.rejected().map(|(index, entry)| {
        let problem = entry.problem.as_deref().unwrap_or_default();
        let line = format!("entry {index} (run {}, tag {}): {problem}", entry.run, entry.tag);
        match format {
            Format::Github => annotation(Level::Error, "rejected by the event log", &line),
            _ => format!("rejected  {}\n", terminal(&line)),
        }
    });
    rejected.collect()
}

fn ingested_json(ingested: &Ingested) -> Value {
    let rejected = ingested.rejected().map(|(index, entry)| {
        json!({
            "index": index,
            "run": entry.run.to_string(),
            "tag": entry.tag,
            "problem": entry.problem,
        })
    });
    json!({
        "inserted": ingested.inserted(),
        "duplicates": ingested.duplicates(),
        "rejected": rejected.collect::<Vec<Value>>(),
    })
}

fn comparison_json(comparison: &Comparison) -> Value {
    let event = |event: &LoggedEvent| {
        json!({
            "event": event.kind.as_str(),
            "run": event.run.to_string(),
            "tag": event.tag,
            "event_key": event.key,
        })
    };
    let differing = comparison.differing.iter().map(|difference| {
        let mut json = event(&difference.event);
        json["column"] = json!(difference.column);
        json["there"] = json!(difference.there);
        json["here"] = json!(difference.here);
        json
    });
    json!({
        "same": comparison.same,
        "operational": comparison.operational,
        "only_there": comparison.only_there.iter().map(event).collect::<Vec<Value>>(),
        "only_here": comparison.only_here.iter().map(event).collect::<Vec<Value>>(),
        "differing": differing.collect::<Vec<Value>>(),
    })
}

fn comparison_text(comparison: &Comparison) -> String {
    let mut text = format!(
        "  {} alike, {} there that git keeps nothing of\n",
        count(comparison.same, "event"),
        comparison.operational
    );
    let only_there = comparison.only_there.iter().map(named).collect::<Vec<_>>();
    let only_here = comparison.only_here.iter().map(named).collect::<Vec<_>>();
    let differing = comparison.differing.iter().map(difference).collect::<Vec<_>>();
    for (what, lines) in
        [("only there", only_there), ("only here", only_here), ("differs", differing)]
    {
        for line in lines.iter().take(SHOWN) {
            let _ = writeln!(text, "  {what:10}  {}", terminal(line));
        }
        if lines.len() > SHOWN {
            let _ = writeln!(text, "  {what:10}  and {} more (--format json)", lines.len() - SHOWN);
        }
    }
    text
}

fn named(event: &LoggedEvent) -> String {
    format!("{} {} run {}", event.kind.as_str(), event.tag, event.run)
}

fn difference(it: &Difference) -> String {
    let Difference { event, column, there, here } = it;
    format!("{}  {column}: {there:?} there, {here:?} here", named(event))
}
