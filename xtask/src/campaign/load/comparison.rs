//! Two sides, run in turn.

use crate::bench::Spread;
use crate::screen::say;

/// What is compared, and the figures of both sides, a pair a run.
pub(super) struct Comparison {
    pub(super) what: &'static str,
    pub(super) reference: &'static str,
    pub(super) unit: &'static str,
    pub(super) goal: Goal,
    pub(super) ours: Vec<f64>,
    pub(super) theirs: Vec<f64>,
}

/// Of our figure over the other one, as median.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Told for what it is.
    None,
}

impl Comparison {
    pub(super) fn new(
        what: &'static str,
        reference: &'static str,
        unit: &'static str,
        goal: Goal,
    ) -> Self {
        Self { what, reference, unit, goal, ours: Vec::new(), theirs: Vec::new() }
    }

    /// A run of both sides.
    pub(super) fn push(&mut self, ours: f64, theirs: f64) {
        let Self { what, unit, .. } = self;
        say!("  {what}: {ours:.2} against {theirs:.2} {unit}, ratio {:.2}", ours / theirs);
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    fn ratio(&self) -> Spread {
        Spread::of(self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect())
    }

    fn row(&self) -> String {
        let ratio = self.ratio();
        let (goal, met) = match self.goal {
            Goal::AtLeast(bound) => (format!("at least {bound:.2}"), ratio.median >= bound),
            Goal::AtMost(bound) => (format!("at most {bound:.2}"), ratio.median <= bound),
            Goal::None => ("none".to_owned(), true),
        };
        let met = match (self.goal, met) {
            (Goal::None, _) => "",
            (_, true) => "yes",
            (_, false) => "no",
        };
        let Self { what, reference, .. } = self;
        let runs = self.ours.len();
        format!("| {what} | {reference} | {goal} | {runs} | {} | {met} |\n", ratio.show(2))
    }

    fn figures(&self) -> String {
        let digits = if self.unit == "ms" { 2 } else { 0 };
        let show = |values: &[f64]| Spread::of(values.to_vec()).show(digits);
        let Self { what, unit, ours, theirs, .. } = self;
        format!("| {what} | {unit} | {} | {} |\n", show(ours), show(theirs))
    }
}

/// Ratios first, then the figures behind them.
pub(super) fn table(comparisons: &[Comparison]) -> String {
    let mut text = "| what | reference | goal of the ratio | runs | ratio | met |\n\
                    | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    text.extend(comparisons.iter().map(Comparison::row));
    text.push_str("\n| what | unit | ours | reference |\n| --- | --- | --- | --- |\n");
    text.extend(comparisons.iter().map(Comparison::figures));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_held_against_the_median_of_the_ratios() {
        let mut comparison = Comparison::new("a", "b", "rows/s", Goal::AtLeast(0.5));
        comparison.push(1.0, 10.0);
        comparison.push(6.0, 10.0);
        comparison.push(9.0, 10.0);
        let page = table(&[comparison]);
        let row = "| a | b | at least 0.50 | 3 | 0.60 (0.10 to 0.90) | yes |\n";
        assert!(page.contains(row), "{page}");
        let mut slow = Comparison::new("a", "b", "ms", Goal::AtMost(3.0));
        slow.push(31.0, 10.0);
        assert!(slow.row().ends_with("| no |\n"), "{}", slow.row());
    }
}
