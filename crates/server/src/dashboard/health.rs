//! Whether the machinery itself is well: queue, dead letters, seals, nightly, trust, token.

use super::frame::{Tab, page as framed};
use super::request::Asked;
use super::text::{age, count, foreign, time};
use crate::app::App;
use crate::http::Problem;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use provost_record::EventKind;
use std::sync::Arc;

/// Dead letters that are shown.
const DEAD: u32 = 50;
/// A message that waits longer than this waits for something that is wrong.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let away = |error| app.unavailable(&error);
    let database = &app.database;
    let outbox = database.outbox_state().await.map_err(away)?;
    let dead = database.dead_letters(DEAD).await.map_err(away)?;
    let counts = database.counts().await.map_err(away)?;
    let seal = database.newest_seal().await.map_err(away)?;
    let nightly = database.newest_of(EventKind::Reconciled, asked.repository()).await;
    let nightly = nightly.map_err(away)?;
    let now = asked.now;
    let waits_long =
        outbox.oldest_waiting.is_some_and(|oldest| now.duration_since(oldest) > PATIENCE);
    let main = html! {
        h1 { "Health" }
        table.health {
            caption.hidden { "How the parts stand" }
            tbody {
                (line("Queue", tone(!waits_long), &html! {
                    (count(outbox.waiting)) " messages wait"
                    @if let Some(oldest) = outbox.oldest_waiting { ", the oldest for " (age(now, oldest)) }
                    "; " (count(outbox.delivered)) " were told"
                }))
                (line("Dead letters", tone(outbox.dead == 0), &html! {
                    @if outbox.dead == 0 { "none" } @else { a href="#dead" { (count(outbox.dead)) } }
                }))
                (line("Seals", tone(seal.is_some() || counts.events == 0), &html! {
                    @match &seal {
                        Some(anchor) => { code { (foreign(&anchor.to_string())) } }
                        None => "no row is sealed yet",
                    }
                    "; " (count(counts.unsealed)) " of " (count(counts.events))
                    " rows are not sealed yet; " code { "provost store verify" } " walks the chain"
                }))
                // A night without a gap leaves no row, so an old one says nothing either way.
                (line("Last reconcile", "none", &html! {
                    @match &nightly {
                        Some(it) => {
                            "told a gap " (age(now, it.event.occurred_at)) " ago, at "
                            (time(it.event.occurred_at))
                        }
                        None => "has told no gap about the log"
                    }
                    "; a night that finds none leaves no row: look at its workflow run"
                }))
                (trust(app, now))
                (token(app))
            }
        }
        (letters(&dead, outbox.dead))
    };
    Ok(framed(app, asked, Tab::Health, "Health", &main))
}

fn line(name: &str, tone: &'static str, value: &Markup) -> Markup {
    let word = match tone {
        "good" => "well",
        "bad" => "look",
        _ => "unknown",
    };
    html! {
        tr {
            th scope="row" { (name) }
            td { span.mark.(tone) { (word) } }
            td { (value) }
        }
    }
}

fn tone(is_well: bool) -> &'static str {
    if is_well { "good" } else { "bad" }
}

fn trust(app: &App, now: Timestamp) -> Markup {
    let root = app.trusted_root();
    let is_fresh = root.dated.is_some_and(|at| now.duration_since(at) < root.stale_after);
    line(
        "Trusted root",
        root.dated.map_or("none", |_| tone(is_fresh)),
        &html! {
            (root.name)
            @if let Some(at) = root.dated { ", " (age(now, at)) " old, of " (time(at)) }
            @else { "; how old it is cannot be told" }
        },
    )
}

fn token(app: &App) -> Markup {
    line(
        "Token age",
        "none",
        &html! {
            "at most " (app.token_age_days()) " days by the policy; " code { "provost token check" }
            " asks GitHub how old the dispatch token is"
        },
    )
}

fn letters(dead: &[provost_store::DeadLetter], all: u64) -> Markup {
    html! {
        @if !dead.is_empty() {
            section aria-labelledby="dead" {
                h2 #dead { "Dead letters" }
                p.quiet {
                    "Messages that were given up. What they tell is in the log; nobody was told of it."
                    @if all > dead.len() as u64 { " The newest " (dead.len()) " of " (count(all)) "." }
                }
                div.scroll role="region" aria-labelledby="dead" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "given up" }
                            th scope="col" { "kind" }
                            th scope="col" { "about" }
                            th.number scope="col" { "tries" }
                            th scope="col" { "why" }
                        } }
                        tbody {
                            @for letter in dead {
                                tr {
                                    td { (time(letter.dead_at)) }
                                    td { (foreign(&letter.kind)) }
                                    th scope="row" { (foreign(about(letter))) }
                                    td.number { (letter.attempts) }
                                    td.why { (foreign(&letter.problem)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The tag that a message is about, else its key.
fn about(letter: &provost_store::DeadLetter) -> &str {
    let tag = letter.payload.get("tag").and_then(serde_json::Value::as_str);
    tag.unwrap_or(&letter.key)
}
