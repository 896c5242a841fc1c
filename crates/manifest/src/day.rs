//! The day whose file an entry stands in.

use crate::relative_path::RelativePath;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::fmt;

/// Name of the manifest file in a day's folder.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A UTC date: the day of an entry's first recording, and the name of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The UTC date of a time.
    pub fn of(time: Timestamp) -> Self {
        Self(Offset::UTC.to_datetime(time).date())
    }

    /// Reads a folder's name, `YYYY-MM-DD` and nothing else; `None` for a date that is not in the
    /// calendar or is spelled differently.
    pub fn from_folder(name: &str) -> Option<Self> {
        let day = Self(name.parse().ok()?);
        (day.to_string() == name).then_some(day)
    }

    /// Path of its manifest below the root.
    pub fn path(self) -> RelativePath {
        RelativePath::of(&["docs", "reports", &self.to_string(), MANIFEST])
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_date_of_the_calendar_in_one_spelling() {
        let day = Day::from_folder("2026-11-23").expect("date");
        assert_eq!(day.path().as_str(), "docs/reports/2026-11-23/manifest.json");
        for wrong in [
            "",
            "2026-02-29",
            "2026-13-01",
            "20261123",
            "2026-1-1",
            "2026-11-23 ",
            "+002026-11-23",
            "2026-11-23T12:00:00",
            "2026-W48-1",
            "latest",
            "..",
        ] {
            assert_eq!(Day::from_folder(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_day_of_a_time_is_the_utc_date() {
        let day = |text: &str| Day::of(text.parse().expect("time")).to_string();
        assert_eq!(day("2026-11-23T23:59:59.999Z"), "2026-11-23");
        assert_eq!(day("2026-11-24T00:00:00Z"), "2026-11-24");
        assert_eq!(day("2026-11-24T01:00:00+02:00"), "2026-11-23");
    }
}
