//! Runs against what was recorded of them.

use super::gap::{Gap, GapKind};
use super::world::World;
use crate::error::ControlError;
use crate::gate::Online;
use provost_record::Status;
use std::collections::BTreeSet;

/// Asks GitHub about the run of every success and of every dispatch, and returns how many it was.
pub(super) fn compare(
    world: &World,
    online: &Online,
    gaps: &mut Vec<Gap>,
) -> Result<usize, ControlError> {
    let repository = online.connection.repository();
    let mut asked = BTreeSet::new();
    let successes = world.entries().filter(|entry| entry.status == Status::Success);
    for entry in successes.filter(|entry| entry.run != 0) {
        asked.insert(entry.run);
        let run = match repository.run(entry.run) {
            Ok(run) => run,
            // GitHub keeps runs for a while only, and they may be deleted.
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.into()),
        };
        let is_own = online.own_run == Some(entry.run);
        let tag = entry.tag.as_str();
        if !run.is_completed() {
            if !is_own && world.is_due(run.updated_at) {
                let detail = format!("{} since {}", run.state(), run.updated_at);
                gaps.push(Gap::new(GapKind::RunPending, tag, run.id, detail));
            }
        } else if run.conclusion.as_deref() != Some("success") {
            let detail = format!("ended with {}", run.state());
            gaps.push(Gap::new(GapKind::RunFailed, tag, run.id, detail));
        }
    }
    let recorded: BTreeSet<(u64, &str)> =
        world.all.iter().map(|entry| (entry.run, entry.tag.as_str())).collect();
    for dispatch in &world.dispatches {
        let is_recorded = recorded.contains(&(dispatch.run_id, dispatch.tag.as_str()));
        if is_recorded || !world.is_due(dispatch.occurred_at) {
            continue;
        }
        asked.insert(dispatch.run_id);
        let gap = |kind, detail| Gap::new(kind, &dispatch.tag, dispatch.run_id, detail);
        gaps.push(match repository.run(dispatch.run_id) {
            Ok(run) if run.is_completed() => {
                gap(GapKind::RunWithoutEntry, format!("ended with {}", run.state()))
            }
            Ok(run) => gap(
                GapKind::RunPending,
                format!("started {}, {}", dispatch.occurred_at, run.state()),
            ),
            Err(error) if error.is_not_found() => {
                gap(GapKind::DispatchWithoutRun, format!("started {}", dispatch.occurred_at))
            }
            Err(error) => return Err(error.into()),
        });
    }
    Ok(asked.len())
}
