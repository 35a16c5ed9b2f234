//! Shapes: a marker for each series, and a mark for each kind of number that cannot be drawn.

use std::fmt::Write as _;

use super::palette::MOST_SERIES;
use super::svg::Px;
use crate::report::Mark;

const FITS: &str = "a String takes all text";

/// The outline of a series' marker around a point, as SVG path data.
pub(in crate::report) fn dot(series: usize, (x, y): (f64, f64), r: f64) -> String {
    match series % MOST_SERIES {
        0 => circle((x, y), r),
        1 => polygon(&[(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]),
        2 => polygon(&[(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)]),
        3 => polygon(&[(x, y - 1.4 * r), (x + 1.4 * r, y), (x, y + 1.4 * r), (x - 1.4 * r, y)]),
        4 => polygon(&[(x, y + 1.2 * r), (x + 1.2 * r, y - r), (x - 1.2 * r, y - r)]),
        5 => polygon(&[
            (x - 1.4 * r, y - 0.5 * r),
            (x + 1.4 * r, y - 0.5 * r),
            (x + 1.4 * r, y + 0.5 * r),
            (x - 1.4 * r, y + 0.5 * r),
        ]),
        _ => polygon(&[
            (x - 0.5 * r, y - 1.4 * r),
            (x + 0.5 * r, y - 1.4 * r),
            (x + 0.5 * r, y + 1.4 * r),
            (x - 0.5 * r, y + 1.4 * r),
        ]),
    }
}

/// The strokes of a mark in a box of half-widths `rx` and `ry` around a point: a bar for zero, a falling stroke for
/// underflow, a cross for what is no number, and an upright cross for infinity.
pub(in crate::report) fn mark_path(mark: Mark, (x, y): (f64, f64), (rx, ry): (f64, f64)) -> String {
    let mut path = String::new();
    for ((x1, y1), (x2, y2)) in strokes(mark) {
        let at = |(u, v): (f64, f64)| (Px(x + u * rx), Px(y + v * ry));
        let ((x1, y1), (x2, y2)) = (at((*x1, *y1)), at((*x2, *y2)));
        write!(path, "M{x1} {y1}L{x2} {y2}").expect(FITS);
    }
    path
}

/// A line: the point where it begins and the point where it ends.
type Stroke = ((f64, f64), (f64, f64));

/// The strokes of a mark, in a box from -1 to 1.
fn strokes(mark: Mark) -> &'static [Stroke] {
    match mark {
        Mark::Zero => &[((-1.0, 0.0), (1.0, 0.0))],
        Mark::Underflow => &[((-1.0, -1.0), (1.0, 1.0))],
        Mark::Nan => &[((-1.0, -1.0), (1.0, 1.0)), ((-1.0, 1.0), (1.0, -1.0))],
        Mark::Inf => &[((-1.0, 0.0), (1.0, 0.0)), ((0.0, -1.0), (0.0, 1.0))],
    }
}

fn circle((x, y): (f64, f64), r: f64) -> String {
    let (left, y, r, across) = (Px(x - r), Px(y), Px(r), Px(2.0 * r));
    format!("M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z")
}

fn polygon(corners: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in corners.iter().enumerate() {
        write!(path, "{}{} {}", if i == 0 { "M" } else { "L" }, Px(*x), Px(*y)).expect(FITS);
    }
    path + "z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_series_and_no_two_marks_share_a_shape() {
        let mut shapes: Vec<String> = (0..MOST_SERIES).map(|series| dot(series, (50.0, 50.0), 10.0)).collect();
        shapes.extend(Mark::ALL.map(|mark| mark_path(mark, (50.0, 50.0), (10.0, 10.0))));
        shapes.sort();
        shapes.dedup();
        assert_eq!(shapes.len(), MOST_SERIES + Mark::ALL.len());
    }
}
