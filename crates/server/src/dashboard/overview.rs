//! The overview: four figures, what needs attention, and the KPI table.

use super::chart::{Line, sparkline};
use super::figures::{Figures, PERIOD, Share, Stretch};
use super::frame::{Tab, page as framed};
use super::request::Asked;
use super::snapshot::{COUNTED, Snapshot, newest};
use super::text::{builder, count, foreign, level, nothing, optional_time, outward, percent, span};
use super::text::{standing, tag, time};
use super::{address, incident};
use crate::app::App;
use crate::http::Problem;
use jiff::SignedDuration;
use maud::{Markup, html};
use provost_store::KpiRow;
use std::sync::Arc;

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let snapshot = newest(app, asked.repository(), asked.mark).await;
    let snapshot = snapshot.map_err(|error| app.unavailable(&error))?;
    let main = html! {
        h1.hidden { "Overview" }
        @if snapshot.is_empty {
            (nothing_yet())
        } @else {
            (cards(&snapshot, asked))
            (attention(app, &snapshot, asked))
            (kpi(app, &snapshot, asked))
        }
        p.quiet.taken { "Figures of " (time(snapshot.taken_at)) }
    };
    Ok(framed(app, asked, Tab::Overview, "Overview", &main))
}

/// What to do first.
fn nothing_yet() -> Markup {
    html! {
        section.empty {
            h2 { "The event log is empty" }
            p { "Rows come in when a release pipeline runs. Three ways to begin:" }
            ol {
                li { code { "provost init" } " in a repository, and commit the workflows it writes" }
                li {
                    code { "provost gate --tag TAG" }
                    " with " code { "PROVOST_STORE_URL" } " set to this server's "
                    code { "/functions/v1" }
                }
                li {
                    code { "provost ingest docs/reports/*/manifest.json" }
                    " for releases that were recorded before"
                }
            }
        }
    }
}

fn cards(snapshot: &Snapshot, asked: &Asked) -> Markup {
    let Figures { period, before, weeks } = &snapshot.figures;
    let of = |value: fn(&Stretch) -> Option<f64>| -> Vec<Option<f64>> {
        weeks.iter().map(|(_, week)| value(week)).collect()
    };
    let releases = address::of("/releases", &[("repository", asked.repository())]);
    let failures = address::of(
        "/releases",
        &[("repository", asked.repository()), ("status", Some("failure"))],
    );
    let incidents = address::of("/incidents", &[("repository", asked.repository())]);
    let unit = |values| Line { values, from: Some(0.0), to: Some(1.0) };
    let from_zero = |values| Line { values, from: Some(0.0), to: None };
    html! {
        section.cards aria-label={ "Figures of " (PERIOD) " days" } {
            (card(&Card {
                id: "coverage",
                title: "Coverage",
                href: &releases,
                value: share(period.coverage),
                about: html! {
                    (count(period.coverage.part)) " of " (count(period.coverage.whole))
                    " releases have accepted provenance"
                },
                change: points(period.coverage, before.coverage),
                line: unit(of(|week| week.coverage.ratio())),
                table: weekly(weeks, ["releases", "accepted", "coverage"], |week| [
                    html! { (count(week.coverage.whole)) },
                    html! { (count(week.coverage.part)) },
                    share(week.coverage),
                ]),
            }))
            (card(&Card {
                id: "success",
                title: "Success rate",
                href: &failures,
                value: share(period.success),
                about: html! {
                    (count(period.success.part)) " of " (count(period.success.whole))
                    " runs stand at success"
                },
                change: points(period.success, before.success),
                line: unit(of(|week| week.success.ratio())),
                table: weekly(weeks, ["runs", "success", "rate"], |week| [
                    html! { (count(week.success.whole)) },
                    html! { (count(week.success.part)) },
                    share(week.success),
                ]),
            }))
            (card(&Card {
                id: "time",
                title: "Time to accepted",
                href: &releases,
                value: length(p50(period)),
                about: html! { "half of the releases; 95 of 100 within " (length(p95(period))) },
                change: sooner(p50(period), p50(before)),
                line: from_zero(of(|week| p50(week).map(|time| time.as_secs_f64()))),
                table: weekly(weeks, ["releases", "p50", "p95"], |week| [
                    html! { (count(week.coverage.part)) },
                    length(p50(week)),
                    length(p95(week)),
                ]),
            }))
            (card(&Card {
                id: "open",
                title: "Open incidents",
                href: &incidents,
                value: html! {
                    (count(snapshot.open as u64)) @if snapshot.open >= COUNTED { "+" }
                },
                about: html! {
                    @match snapshot.oldest_open {
                        Some(at) => { "oldest " (super::text::age(asked.now, at)) }
                        None if snapshot.open == 0 => "none is open",
                        None => "the newest of them below",
                    }
                    "; " (count(period.failed)) " runs failed in " (PERIOD) " days"
                },
                change: fewer(period.failed, before.failed),
                line: from_zero(of(|week| Some(week.failed as f64))),
                table: weekly(weeks, ["runs", "failed", "rate"], |week| [
                    html! { (count(week.success.whole)) },
                    html! { (count(week.failed)) },
                    share(Share { part: week.failed, whole: week.success.whole }),
                ]),
            }))
        }
    }
}

/// One figure.
struct Card<'a> {
    id: &'static str,
    title: &'static str,
    /// What it counts.
    href: &'a str,
    value: Markup,
    about: Markup,
    change: Change,
    line: Line,
    table: Markup,
}

/// Against the period before.
struct Change {
    text: String,
    tone: &'static str,
}

fn card(card: &Card<'_>) -> Markup {
    let title = format!("{}, by week over {PERIOD} days", card.title);
    html! {
        article.card {
            h2 { a href=(card.href) { (card.title) } }
            p.value { a href=(card.href) { (card.value) } }
            p.change.(card.change.tone) { (card.change.text) }
            (sparkline(&card.line, &title))
            p.about { (card.about) }
            details #{ "table-" (card.id) } {
                summary { "By week" }
                (card.table)
            }
        }
    }
}

fn weekly(
    weeks: &[(jiff::civil::Date, Stretch)],
    names: [&str; 3],
    cells: impl Fn(&Stretch) -> [Markup; 3],
) -> Markup {
    html! {
        table.numbers {
            thead { tr { th scope="col" { "week of" } @for name in names { th scope="col" { (name) } } } }
            tbody {
                @for (first, week) in weeks.iter().rev() {
                    tr {
                        th scope="row" { (first.to_string()) }
                        @for cell in cells(week) { td { (cell) } }
                    }
                }
            }
        }
    }
}

fn p50(stretch: &Stretch) -> Option<SignedDuration> {
    stretch.time.map(|time| time.p50)
}

fn p95(stretch: &Stretch) -> Option<SignedDuration> {
    stretch.time.map(|time| time.p95)
}

fn share(share: Share) -> Markup {
    match share.ratio() {
        Some(ratio) => html! { (percent(ratio)) },
        None => nothing(),
    }
}

fn length(time: Option<SignedDuration>) -> Markup {
    match time {
        Some(time) => html! { (span(time)) },
        None => nothing(),
    }
}

/// Percentage points more, which is better.
fn points(now: Share, before: Share) -> Change {
    let (Some(now), Some(before)) = (now.ratio(), before.ratio()) else {
        return no_comparison();
    };
    let points = (now - before) * 100.0;
    let tone = tone(points, 0.05);
    Change { text: signed(format!("{points:+.1} points against the {PERIOD} days before")), tone }
}

/// Less time, which is better.
fn sooner(now: Option<SignedDuration>, before: Option<SignedDuration>) -> Change {
    let (Some(now), Some(before)) = (now, before) else {
        return no_comparison();
    };
    let difference = now - before;
    let text = match difference.as_secs() {
        0 => "as long as".to_owned(),
        1.. => format!("{} more than", span(difference)),
        _ => format!("{} less than", span(-difference)),
    };
    let tone = tone(-difference.as_secs_f64(), 0.5);
    Change { text: format!("{text} in the {PERIOD} days before"), tone }
}

/// Fewer failures, which is better.
fn fewer(now: u64, before: u64) -> Change {
    let difference = now as i128 - before as i128;
    let text = signed(format!("{difference:+} failed runs against the {PERIOD} days before"));
    Change { text, tone: tone(-(difference as f64), 0.5) }
}

/// With the minus sign that is as wide as the plus.
fn signed(text: String) -> String {
    text.strip_prefix('-').map_or_else(|| text.clone(), |rest| format!("\u{2212}{rest}"))
}

fn no_comparison() -> Change {
    Change { text: format!("nothing to compare in the {PERIOD} days before"), tone: "same" }
}

fn tone(better: f64, smallest: f64) -> &'static str {
    match better {
        _ if better >= smallest => "better",
        _ if better <= -smallest => "worse",
        _ => "same",
    }
}

fn attention(app: &App, snapshot: &Snapshot, asked: &Asked) -> Markup {
    let all = address::of("/incidents", &[("repository", asked.repository())]);
    html! {
        section.attention aria-labelledby="attention" {
            h2 #attention { "Needs attention" }
            @if snapshot.attention.is_empty() {
                p.fine { "Nothing: no release is without its provenance." }
            } @else {
                ul.incidents {
                    @for (found, told) in &snapshot.attention {
                        (incident::item(app, asked, found, told, None))
                    }
                }
                @if snapshot.open > snapshot.attention.len() {
                    p { a href=(all) { "All open incidents" } }
                }
            }
        }
    }
}

fn kpi(app: &App, snapshot: &Snapshot, asked: &Asked) -> Markup {
    let releases = address::of("/releases", &[("repository", asked.repository())]);
    html! {
        section.kpi aria-labelledby="kpi" {
            h2 #kpi { "KPI" }
            @if snapshot.kpi.is_empty() {
                p.fine { "No release has accepted provenance yet." }
            } @else {
                div.scroll role="region" aria-labelledby="kpi" tabindex="0" {
                    table {
                        caption.hidden { "The newest runs that stand at success, as view provenance_kpi has them" }
                        thead { tr {
                            th scope="col" { "tag" }
                            @if asked.repository.is_none() { th scope="col" { "repository" } }
                            th.number scope="col" { "run_id" }
                            th scope="col" { "status" }
                            th scope="col" { "validated_at" }
                            th scope="col" { "level" }
                            th scope="col" { "builder" }
                        } }
                        tbody { @for row in &snapshot.kpi { (kpi_row(app, row, asked)) } }
                    }
                }
                p { a href=(releases) { "All releases" } }
            }
        }
    }
}

fn kpi_row(app: &App, row: &KpiRow, asked: &Asked) -> Markup {
    let repository = row.repository.as_deref();
    let run = app.github_pages(repository).run(row.run_id);
    html! {
        tr {
            th scope="row" { (tag(repository, &row.tag)) }
            @if asked.repository.is_none() {
                td { @match repository { Some(name) => (foreign(name)), None => (nothing()) } }
            }
            td.number { (outward(run.as_deref(), &row.run_id.to_string())) }
            td { (standing(row.status)) }
            td { (optional_time(row.validated_at)) }
            td { (level(row.slsa_build_level)) }
            td { (builder(row.builder_id.as_deref())) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_whether_it_is_for_the_better() {
        let share = |part, whole| Share { part, whole };
        let text = |change: Change| (change.text, change.tone);
        let (said, tone) = text(points(share(41, 43), share(31, 34)));
        assert_eq!((said.as_str(), tone), ("+4.2 points against the 90 days before", "better"));
        assert_eq!(text(points(share(1, 2), share(1, 1))).1, "worse");
        assert_eq!(text(points(share(1, 2), share(1, 2))).1, "same");
        assert_eq!(text(points(share(1, 2), share(0, 0))).1, "same");
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        let (said, tone) = text(sooner(minutes(6), minutes(10)));
        assert_eq!((said.as_str(), tone), ("4 min less than in the 90 days before", "better"));
        assert_eq!(text(sooner(minutes(10), minutes(6))).1, "worse");
        assert_eq!(text(sooner(None, minutes(6))).1, "same");
        let (said, tone) = text(fewer(2, 5));
        assert_eq!(
            (said.as_str(), tone),
            ("\u{2212}3 failed runs against the 90 days before", "better")
        );
        assert_eq!(text(fewer(5, 2)).1, "worse");
    }
}
