//! Charts: lines drawn on the server as SVG, each with the same numbers as a table.

use maud::{Markup, html};
use std::fmt::Write;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 48.0;
/// Room for half a line and the last dot.
const EDGE: f64 = 4.0;

/// A line through values from left to right. A gap is where there is nothing to show.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) values: Vec<Option<f64>>,
    /// What lies at the lower and the upper edge; the values' own when there is none.
    pub(super) from: Option<f64>,
    pub(super) to: Option<f64>,
}

/// A drawing with what it shows in words.
pub(super) fn sparkline(line: &Line, label: &str) -> Markup {
    let points = line.points();
    let path = path(&points);
    let last = points.iter().rev().flatten().next();
    html! {
        svg.spark viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label)
            preserveAspectRatio="none" {
            line.base x1="0" x2=(WIDTH) y1=(HEIGHT - 1.0) y2=(HEIGHT - 1.0)
                vector-effect="non-scaling-stroke" {}
            @if !path.is_empty() {
                path.curve d=(path) fill="none" vector-effect="non-scaling-stroke" {}
            }
            @if let Some((x, y)) = last {
                // A line of no length is a dot, however the drawing is stretched.
                path.dot d={ "M" (round(*x)) " " (round(*y)) "h0" }
                    vector-effect="non-scaling-stroke" {}
            }
        }
    }
}

impl Line {
    /// Where the values lie in the drawing.
    fn points(&self) -> Vec<Option<(f64, f64)>> {
        let known = || self.values.iter().flatten().copied().filter(|value| value.is_finite());
        let low = self.from.unwrap_or_else(|| known().fold(f64::INFINITY, f64::min));
        let high = self.to.unwrap_or_else(|| known().fold(f64::NEG_INFINITY, f64::max));
        let height = HEIGHT - 2.0 * EDGE;
        let step = (WIDTH - 2.0 * EDGE) / (self.values.len().max(2) - 1) as f64;
        let point = |(index, value): (usize, &Option<f64>)| {
            let value = value.filter(|value| value.is_finite())?;
            // All the same: in the middle.
            let share = if high > low { (value - low) / (high - low) } else { 0.5 };
            let y = HEIGHT - EDGE - share.clamp(0.0, 1.0) * height;
            Some((EDGE + index as f64 * step, y))
        };
        self.values.iter().enumerate().map(point).collect()
    }
}

fn path(points: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for point in points {
        match point {
            Some((x, y)) => {
                let step = if drawing { 'L' } else { 'M' };
                // Writing to a string cannot fail.
                let _ = write!(path, "{step}{} {}", round(*x), round(*y));
                drawing = true;
            }
            None => drawing = false,
        }
    }
    path
}

/// A tenth is finer than a pixel.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[Option<f64>]) -> Line {
        Line { values: values.to_vec(), from: None, to: None }
    }

    #[test]
    fn the_lowest_value_lies_below_and_the_highest_above() {
        let points = line(&[Some(1.0), Some(3.0), Some(2.0)]).points();
        assert_eq!(points, [Some((4.0, 44.0)), Some((120.0, 4.0)), Some((236.0, 24.0))]);
        assert_eq!(path(&points), "M4 44L120 4L236 24");
    }

    #[test]
    fn a_gap_breaks_the_line_and_nothing_leaves_the_drawing() {
        let points = line(&[Some(1.0), None, Some(f64::NAN), Some(2.0)]).points();
        assert_eq!(path(&points), "M4 44M236 4");
        let within = Line { values: vec![Some(-5.0), Some(7.0)], from: Some(0.0), to: Some(1.0) };
        assert_eq!(within.points(), [Some((4.0, 44.0)), Some((236.0, 4.0))]);
        for few in [vec![], vec![None], vec![Some(2.0)]] {
            let drawn = sparkline(&line(&few), "x").into_string();
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
        }
    }

    #[test]
    fn a_label_cannot_leave_its_attribute() {
        let drawn = sparkline(&line(&[]), "\"><script>").into_string();
        assert!(drawn.contains("aria-label=\"&quot;&gt;&lt;script&gt;\""), "{drawn}");
    }
}
