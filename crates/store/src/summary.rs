//! The figures above the KPI table.

use jiff::{SignedDuration, Timestamp};

/// The figures of one period. A release is one tag of one repository, and belongs to the period in
/// which the log first heard of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiSummary {
    /// The releases of the period.
    pub coverage: Coverage,
    /// The releases of the period of the same length just before; `None` when the period has no
    /// beginning.
    pub before: Option<Coverage>,
    /// How long acceptance took; `None` when it is known of no release of the period.
    pub time_to_accepted: Option<TimeToAccepted>,
    /// Incidents that are open now, however old.
    pub open_incidents: u64,
}

/// How many releases have accepted provenance, as the log knows it now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Releases that the log heard of.
    pub releases: u64,
    /// Those whose newest run stands at success and was validated.
    pub accepted: u64,
}

/// Time from the dispatch of a release, or else from the first that was heard of it, to its first
/// acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeToAccepted {
    /// Half of the releases took no longer.
    pub p50: SignedDuration,
    /// 95 of 100 releases took no longer.
    pub p95: SignedDuration,
    /// Of how many releases the time is known.
    pub releases: u64,
}

impl KpiSummary {
    /// The figures of the releases that were first heard of in the period since `since` or in the
    /// one before it.
    pub(crate) fn of(
        releases: Vec<ReleaseHistory>,
        since: Option<Timestamp>,
        open_incidents: u64,
    ) -> Self {
        let (period, before): (Vec<_>, Vec<_>) = releases
            .into_iter()
            .partition(|release| since.is_none_or(|since| release.first_at >= since));
        Self {
            coverage: Coverage::of(&period),
            before: since.map(|_| Coverage::of(&before)),
            time_to_accepted: TimeToAccepted::of(
                period.iter().filter_map(ReleaseHistory::time_to_accepted).collect(),
            ),
            open_incidents,
        }
    }

    /// Change of the coverage ratio against the period before, such as 0.041 for 4.1 percentage
    /// points more; `None` when one of the two periods has no release.
    pub fn coverage_change(&self) -> Option<f64> {
        Some(self.coverage.ratio()? - self.before?.ratio()?)
    }
}

impl Coverage {
    /// The part of the releases that is accepted, 0 to 1; `None` without a release.
    pub fn ratio(&self) -> Option<f64> {
        (self.releases > 0).then(|| self.accepted as f64 / self.releases as f64)
    }

    fn of(releases: &[ReleaseHistory]) -> Self {
        Self {
            releases: releases.len() as u64,
            accepted: releases.iter().filter(|it| it.accepted).count() as u64,
        }
    }
}

impl TimeToAccepted {
    /// Of the times that are known ([`ReleaseHistory::time_to_accepted`]); `None` when none is.
    pub fn of(mut times: Vec<SignedDuration>) -> Option<Self> {
        times.sort_unstable();
        // Nearest rank: the smallest time that at least so many per cent do not exceed.
        let percentile = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.checked_sub(1)?).copied()
        };
        Some(Self { p50: percentile(50)?, p95: percentile(95)?, releases: times.len() as u64 })
    }
}

/// What the log knows of the course of one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseHistory {
    /// When it was first heard of.
    pub first_at: Timestamp,
    /// When it was first started.
    pub dispatched_at: Option<Timestamp>,
    /// When it was first accepted.
    pub accepted_at: Option<Timestamp>,
    /// Whether its newest run stands at success and was validated.
    pub accepted: bool,
}

/// When the period before the one from `since` to `now` began: it is of the same length.
pub(crate) fn beginning_of_the_period_before(since: Timestamp, now: Timestamp) -> Timestamp {
    // A time before all that the log can hold leaves nothing before it either.
    since.checked_sub(now.max(since).duration_since(since)).unwrap_or(Timestamp::MIN)
}

impl ReleaseHistory {
    /// Time from its dispatch, or else from the first that was heard of it, to its first acceptance;
    /// `None` when it was never accepted, or when nothing was heard of it before.
    pub fn time_to_accepted(&self) -> Option<SignedDuration> {
        let accepted_at = self.accepted_at?;
        let start = match self.dispatched_at {
            Some(dispatched_at) if dispatched_at <= accepted_at => dispatched_at,
            _ if self.first_at < accepted_at => self.first_at,
            _ => return None,
        };
        Some(accepted_at.duration_since(start))
    }
}
