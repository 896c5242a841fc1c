//! Samples: figures of one side, and their order statistics.

/// Wall time and peak memory of one run of a whole process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Nanoseconds from start to end.
    pub(crate) nanoseconds: u64,
    /// Largest resident set, in KiB.
    pub(crate) peak_kib: u64,
}

/// Minimum, median and maximum of a list that is not empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) minimum: f64,
    pub(crate) median: f64,
    pub(crate) maximum: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { minimum: at(0), median: at(values.len() / 2), maximum: at(values.len().max(1) - 1) }
    }

    pub(crate) fn show(&self, digits: usize) -> String {
        let Self { minimum, median, maximum } = self;
        format!("{median:.digits$} ({minimum:.digits$} to {maximum:.digits$})")
    }
}
