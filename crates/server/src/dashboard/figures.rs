//! What the overview counts: 90 days, the 90 before, and the weeks between.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil::Date};
use provost_store::{Day, ReleaseHistory, TimeToAccepted};

/// Length of a period in days.
pub(super) const PERIOD: i64 = 90;
const WEEK: i64 = 7;

/// Where the period of `now` begins, and the one before it.
pub(super) fn beginnings(now: Timestamp) -> (Timestamp, Timestamp) {
    let back = |days: i64| {
        now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
    };
    (back(PERIOD), back(2 * PERIOD))
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) part: u64,
    pub(super) whole: u64,
}

impl Share {
    /// 0 to 1; `None` of nothing.
    pub(super) fn ratio(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }
}

/// Of a period or a week.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stretch {
    /// Releases with accepted provenance, of those first heard of then.
    pub(super) coverage: Share,
    /// Runs that stand at success, of those that ended then.
    pub(super) success: Share,
    /// Runs that stand at failure.
    pub(super) failed: u64,
    /// From the start of a release to its acceptance.
    pub(super) time: Option<TimeToAccepted>,
}

/// What the overview counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) period: Stretch,
    pub(super) before: Stretch,
    /// The weeks of the period with their first days, oldest first. The last one ends today; the
    /// oldest has what is left of the 90 days.
    pub(super) weeks: Vec<(Date, Stretch)>,
}

impl Figures {
    /// `releases` are those first heard of in both periods, `days` the days of both.
    pub(super) fn of(releases: &[ReleaseHistory], days: &[Day], now: Timestamp) -> Self {
        let (since, _) = beginnings(now);
        let today = date(now);
        let mut period = Gathering::default();
        let mut before = Gathering::default();
        let weeks = (PERIOD as u64).div_ceil(WEEK as u64) as usize;
        let mut gathered: Vec<Gathering> = vec![Gathering::default(); weeks];
        // The week of a day counted from the oldest; `None` before the period and after today.
        let week = |day: Date| {
            let age = days_between(day, today);
            let index = usize::try_from(age / WEEK).ok().filter(|_| age >= 0)?;
            weeks.checked_sub(1 + index)
        };
        for release in releases {
            match release.first_at >= since {
                true => {
                    period.release(release);
                    if let Some(week) = week(date(release.first_at)) {
                        gathered[week].release(release);
                    }
                }
                false => before.release(release),
            }
        }
        let first = date(since);
        for day in days {
            // The day in which the period begins counts to it: days are all that is known.
            match day.day >= first {
                true => {
                    period.day(day);
                    if let Some(week) = week(day.day) {
                        gathered[week].day(day);
                    }
                }
                false => before.day(day),
            }
        }
        let beginning = |index: usize| {
            let ago = WEEK * (weeks - index) as i64 - 1;
            today.checked_sub(jiff::Span::new().days(ago.min(PERIOD - 1))).unwrap_or(today)
        };
        let gathered = gathered.into_iter().enumerate();
        Self {
            period: period.stretch(),
            before: before.stretch(),
            weeks: gathered.map(|(index, week)| (beginning(index), week.stretch())).collect(),
        }
    }
}

/// The UTC day of a time.
pub(super) fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(-1, |span| i64::from(span.get_days()))
}

#[derive(Debug, Clone, Default)]
struct Gathering {
    stretch: Stretch,
    times: Vec<SignedDuration>,
}

impl Gathering {
    fn release(&mut self, release: &ReleaseHistory) {
        self.stretch.coverage.whole += 1;
        self.stretch.coverage.part += u64::from(release.accepted);
        self.times.extend(release.time_to_accepted());
    }

    fn day(&mut self, day: &Day) {
        self.stretch.success.part += day.succeeded;
        self.stretch.success.whole += day.succeeded + day.failed;
        self.stretch.failed += day.failed;
    }

    fn stretch(self) -> Stretch {
        Stretch { time: TimeToAccepted::of(self.times), ..self.stretch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn release(days_ago: i64, minutes: Option<i64>) -> ReleaseHistory {
        let first_at = now() - SignedDuration::from_hours(24 * days_ago);
        let accepted_at = minutes.map(|minutes| first_at + SignedDuration::from_mins(minutes));
        ReleaseHistory { first_at, dispatched_at: None, accepted_at, accepted: minutes.is_some() }
    }

    fn day(days_ago: i64, succeeded: u64, failed: u64) -> Day {
        let day = date(now() - SignedDuration::from_hours(24 * days_ago));
        Day { day, runs: succeeded + failed, succeeded, failed, pending: 0 }
    }

    #[test]
    fn nothing_counts_as_nothing_and_not_as_zero_per_cent() {
        let figures = Figures::of(&[], &[], now());
        assert_eq!(figures.period, Stretch::default());
        assert_eq!(figures.period.coverage.ratio(), None);
        assert_eq!(figures.weeks.len(), 13);
        assert_eq!(figures.weeks[12].0.to_string(), "2026-11-17");
        // 90 days with today.
        assert_eq!(figures.weeks[0].0.to_string(), "2026-08-26");
        assert_eq!(figures.weeks[1].0.to_string(), "2026-09-01");
    }

    #[test]
    fn releases_and_days_fall_into_their_period_and_week() {
        let releases = [
            release(0, Some(6)),
            release(6, Some(10)),
            release(7, None),
            release(90, Some(20)),
            release(91, None),
            release(179, Some(30)),
        ];
        let days = [day(0, 2, 1), day(7, 1, 0), day(90, 4, 0), day(91, 0, 5)];
        let figures = Figures::of(&releases, &days, now());
        assert_eq!(figures.period.coverage, Share { part: 3, whole: 4 });
        assert_eq!(figures.before.coverage, Share { part: 1, whole: 2 });
        assert_eq!(figures.period.success, Share { part: 7, whole: 8 });
        assert_eq!(figures.before.success, Share { part: 0, whole: 5 });
        assert_eq!((figures.period.failed, figures.before.failed), (1, 5));
        let time = figures.period.time.expect("a time");
        assert_eq!(time.p50, SignedDuration::from_mins(10));
        assert_eq!(time.p95, SignedDuration::from_mins(20));
        let last = &figures.weeks[12].1;
        assert_eq!(last.coverage, Share { part: 2, whole: 2 });
        assert_eq!(last.success, Share { part: 2, whole: 3 });
        assert_eq!(figures.weeks[11].1.coverage, Share { part: 0, whole: 1 });
        assert_eq!(figures.weeks[0].1.coverage, Share { part: 1, whole: 1 });
    }

    #[test]
    fn what_is_said_to_happen_later_breaks_nothing() {
        let figures = Figures::of(&[release(-3, Some(1))], &[day(-3, 1, 0)], now());
        assert_eq!(figures.period.coverage.whole, 1);
        assert!(figures.weeks.iter().all(|(_, week)| week.coverage.whole == 0));
    }
}
