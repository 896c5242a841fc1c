//! Telling gaps, each once, and closing the issues of what succeeded since.

use super::Telling;
use super::gap::Gap;
use super::world::World;
use crate::error::ControlError;
use crate::notify::{notify_failure, notify_gap, notify_log_gap, notify_recovery};
use jiff::Timestamp;
use provost_manifest::Entry;
use provost_record::{Event, Status};
use provost_store::EventLog;
use std::collections::BTreeSet;

/// Tells every open gap that nobody was told of, all of one run and tag together.
pub(super) fn tell(world: &World, telling: &Telling<'_>, gaps: &mut [Gap], now: Timestamp) {
    let is_meant = |gap: &Gap| gap.mended.is_none() && !gap.kind.is_of_log();
    let keys: BTreeSet<(String, u64)> =
        gaps.iter().filter(|gap| is_meant(gap)).map(|gap| (gap.tag.clone(), gap.run)).collect();
    for (tag, run) in keys {
        let mut of_key: Vec<&mut Gap> = gaps
            .iter_mut()
            .filter(|gap| is_meant(gap) && gap.tag == tag && gap.run == run)
            .collect();
        let entry =
            world.all.iter().find(|entry| entry.run == run && entry.tag.as_str() == tag.as_str());
        let told = tell_of(entry, telling, &of_key, now);
        for gap in &mut of_key {
            gap.is_told = Some(told);
        }
    }
    let of_log = |gap: &&mut Gap| gap.mended.is_none() && gap.kind.is_of_log();
    for gap in gaps.iter_mut().filter(of_log) {
        gap.is_told = Some(tell_of_log(world, telling, gap, now).unwrap_or(false));
    }
}

/// What is about the event log alone changes no entry, so it is the log that remembers it. Told
/// first and remembered then: what breaks between costs a message more, and loses none.
fn tell_of_log(
    world: &World,
    telling: &Telling<'_>,
    gap: &Gap,
    now: Timestamp,
) -> Result<bool, ControlError> {
    let repository = world.config.config.repository().map_err(ControlError::Configuration)?.slug();
    let event = Event::of_gap(&repository, gap.run, &gap.tag, gap.kind.as_str(), &gap.detail, now);
    let log = EventLog::open(&world.store)?;
    let known = log.release_events(Some(&repository), &gap.tag)?;
    if known.iter().any(|known| known.event.key == event.key) {
        return Ok(true);
    }
    let invalid = |error| ControlError::Configuration(format!("tag {:?}: {error}", gap.tag));
    let mut request = telling.request.clone();
    request.tag = gap.tag.parse().map_err(invalid)?;
    request.run = gap.run;
    request.reason = format!("{}: {}", gap.kind.as_str(), gap.detail);
    let since = world.happened_at(gap).unwrap_or(now);
    if !notify_log_gap(&request, gap.kind.as_str(), since, telling.tracker) {
        return Ok(false);
    }
    log.append(&[event])?;
    Ok(true)
}

fn tell_of(
    entry: Option<&Entry>,
    telling: &Telling<'_>,
    gaps: &[&mut Gap],
    now: Timestamp,
) -> bool {
    let Some(first) = gaps.first() else { return true };
    let Ok(tag) = first.tag.parse() else { return false };
    let lines: Vec<String> =
        gaps.iter().map(|gap| format!("{}: {}", gap.kind.as_str(), gap.detail)).collect();
    let mut request = telling.request.clone();
    request.tag = tag;
    request.run = first.run;
    request.reason = lines.join("; ");
    match entry {
        // Nothing was recorded: that is a failure of its own, and becomes an entry.
        None => notify_failure(&request, telling.tracker, now)
            .is_ok_and(|outcome| outcome.is_delivered()),
        // A failure is an alarm itself: told once, with the reason that stands.
        Some(entry) if entry.status == Status::Failure => {
            let told = entry.notified.as_ref();
            if told.is_some_and(|told| told.slack || told.issue.is_some()) {
                return true;
            }
            request.reason = entry.failure_reason.clone().unwrap_or(request.reason);
            notify_failure(&request, telling.tracker, now)
                .is_ok_and(|outcome| outcome.is_delivered())
        }
        Some(entry) => {
            let codes: BTreeSet<String> =
                gaps.iter().map(|gap| gap.kind.as_str().to_owned()).collect();
            notify_gap(&request, entry, &codes, telling.tracker).is_ok_and(|told| told)
        }
    }
}

/// Closes the issues of failures whose tag succeeded since, and gives their numbers. What cannot
/// be closed now is closed the next time.
pub(super) fn close(world: &World, telling: &Telling<'_>) -> Vec<u64> {
    let has_issue = |entry: &&Entry| entry.notified.as_ref().is_some_and(|it| it.issue.is_some());
    let failures: Vec<&Entry> = world
        .all
        .iter()
        .filter(|entry| entry.status == Status::Failure)
        .filter(has_issue)
        .collect();
    let mut closed = Vec::new();
    let is_success = |entry: &&Entry| {
        entry.status == Status::Success
            && failures.iter().any(|failure| {
                failure.tag == entry.tag && failure.validated_at <= entry.validated_at
            })
    };
    for success in world.entries().filter(is_success) {
        let mut request = telling.request.clone();
        request.tag = success.tag.clone();
        request.run = success.run;
        closed.extend(notify_recovery(&request, telling.tracker).unwrap_or_default());
    }
    closed
}
