//! `provost kpi`

use super::event_log::store_url;
use crate::args::KpiArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen;
use jiff::{SignedDuration, Timestamp};
use provost_control::ControlError;
use provost_store::{EventLog, Incident, KpiFilter, KpiRow, KpiSummary};

const NOT_DONE: &str = "no figure can be shown";

/// What the screen and the JSON are made of.
pub(crate) struct Figures {
    pub(crate) summary: KpiSummary,
    pub(crate) releases: Vec<KpiRow>,
    pub(crate) open: Vec<Incident>,
}

pub(crate) fn run(args: &KpiArgs, output: &Output) -> Shown {
    match figures(args, Timestamp::now()) {
        Ok(figures) => {
            output.document(&screen::kpi::json(&figures), &screen::kpi::render(&figures))?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            output.error(NOT_DONE, error.code(), &error)?;
            Ok(Exit::from(&error))
        }
    }
}

fn figures(args: &KpiArgs, now: Timestamp) -> Result<Figures, ControlError> {
    let url = store_url(args.store.as_deref(), args.config.as_deref())?;
    if let Some(path) = url.sqlite_path().filter(|path| !path.exists()) {
        return Err(ControlError::NothingToCheck(format!(
            "there is no event log at {}; `provost gate` or `provost ingest` makes one",
            path.display()
        )));
    }
    let since = args.since.map(|days| {
        now.saturating_sub(SignedDuration::from_hours(i64::from(days) * 24))
            .unwrap_or(Timestamp::MIN)
    });
    let filter = KpiFilter {
        since,
        repository: args.repository.clone(),
        limit: Some(args.limit),
        ..KpiFilter::default()
    };
    let log = EventLog::open(&url)?;
    Ok(Figures {
        summary: log.summary(&filter, now)?,
        releases: log.latest(&filter)?,
        open: log.open_incidents(&KpiFilter { since: None, ..filter })?,
    })
}
