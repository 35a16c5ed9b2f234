//! A panel of coloured fields, row by row, with strokes over those that hold a number that is none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::axis::{Axis, Ticks};
use super::glyph::mark_path;
use super::palette::{cividis, hex};
use super::rect::Rect;
use super::svg::{Anchor, Ink, Px, Rule, Svg};
use super::words::{shortened, width};
use crate::report::Mark;

const FITS: &str = "a String takes all text";

/// Shades that are told apart: fields of one shade are one path, so that a map of thousands of fields stays small.
const SHADES: f64 = 63.0;

/// A heat map.
pub(in crate::report) struct HeatPanel<'a> {
    /// What stands above it.
    pub(in crate::report) title: String,
    /// What its rows are, from below.
    pub(in crate::report) rows: Vec<String>,
    /// What its columns are, from the left.
    pub(in crate::report) columns: Vec<String>,
    /// The value and the mark of a row and a column. A value that is not finite has no colour.
    pub(in crate::report) field: &'a dyn Fn(usize, usize) -> (f64, Option<Mark>),
    /// What the colours are.
    pub(in crate::report) colours: &'a Axis,
    /// What the columns are.
    pub(in crate::report) x: &'static str,
    /// What the rows are.
    pub(in crate::report) y: &'static str,
}

impl HeatPanel<'_> {
    /// Draws it around the rectangle of its inside.
    pub(in crate::report) fn draw(&self, svg: &mut Svg, rect: Rect) {
        svg.text((rect.x, rect.y - 7.0), Anchor::Start, Ink::Full, &shortened(&self.title, 12.5, rect.w + 20.0));
        let corner = (Px(rect.x), Px(rect.y));
        let size = (Px(rect.w), Px(rect.h));
        svg.leaf(
            "rect",
            format_args!(
                "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"blank\" fill=\"#eceef2\"",
                corner.0, corner.1, size.0, size.1
            ),
        );
        let (w, h) = (rect.w / self.columns.len() as f64, rect.h / self.rows.len() as f64);
        let (mut shades, mut marks): (BTreeMap<u8, String>, BTreeMap<usize, String>) =
            (BTreeMap::new(), BTreeMap::new());
        for row in 0..self.rows.len() {
            let y = rect.bottom() - (row + 1) as f64 * h;
            for column in 0..self.columns.len() {
                let x = rect.x + column as f64 * w;
                let (value, mark) = (self.field)(row, column);
                if value.is_finite() {
                    let path = shades.entry(self.shade(value)).or_default();
                    // A hair wider, so that no seam shows between fields.
                    write!(path, "M{} {}h{}v{}H{}z", Px(x), Px(y), Px(w + 0.3), Px(h + 0.3), Px(x)).expect(FITS);
                }
                if let Some(mark) = mark {
                    let reach = |length: f64| (length / 2.0 - 0.6).clamp(0.6, 5.0);
                    let place = (x + w / 2.0, y + h / 2.0);
                    *marks.entry(mark as usize).or_default() += &mark_path(mark, place, (reach(w), reach(h)));
                }
            }
        }
        for (shade, path) in &shades {
            let colour = hex(cividis(f64::from(*shade) / SHADES));
            svg.leaf("path", format_args!("d=\"{path}\" fill=\"{colour}\" shape-rendering=\"crispEdges\""));
        }
        for (mark, path) in &marks {
            let name = Mark::ALL[*mark].name();
            svg.leaf(
                "path",
                format_args!("class=\"halo\" d=\"{path}\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"2.6\""),
            );
            svg.leaf(
                "path",
                format_args!("class=\"pen mark\" data-mark=\"{name}\" d=\"{path}\" fill=\"none\" stroke=\"#1b1b1f\" stroke-width=\"1.1\""),
            );
        }
        self.labels(svg, rect, (w, h));
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    fn shade(&self, value: f64) -> u8 {
        (self.colours.share(value).clamp(0.0, 1.0) * SHADES).round() as u8
    }

    fn labels(&self, svg: &mut Svg, rect: Rect, (w, h): (f64, f64)) {
        svg.element("g", format_args!("font-size=\"11\""), |svg| {
            for row in thinned(&self.rows, h, |_| 13.0) {
                let y = rect.bottom() - (row as f64 + 0.5) * h;
                svg.text((rect.x - 5.0, y + 4.0), Anchor::End, Ink::Muted, &self.rows[row]);
            }
            for column in thinned(&self.columns, w, |word| width(word, 11.0) + 8.0) {
                let x = rect.x + (column as f64 + 0.5) * w;
                svg.line((x, rect.bottom()), (x, rect.bottom() + 3.0), Rule::Axis);
                svg.text((x, rect.bottom() + 14.0), Anchor::Middle, Ink::Muted, &self.columns[column]);
            }
            svg.text((rect.x + rect.w / 2.0, rect.bottom() + 28.0), Anchor::Middle, Ink::Full, self.x);
            let (left, middle) = (rect.x - 34.0, rect.y + rect.h / 2.0);
            svg.element("g", format_args!("transform=\"rotate(-90 {} {})\"", Px(left), Px(middle)), |svg| {
                svg.text((left, middle), Anchor::Middle, Ink::Full, self.y);
            });
        });
    }
}

/// The positions whose words have room: every so many from the first on, and the last in the place of the one that it
/// touches.
pub(in crate::report) fn thinned(words: &[String], pitch: f64, size: impl Fn(&str) -> f64) -> Vec<usize> {
    let widest = words.iter().map(|word| size(word)).fold(1.0, f64::max);
    let has_room = |places: usize| places as f64 * pitch >= widest;
    let last = words.len() - 1;
    let every = (1..words.len()).find(|&places| has_room(places)).unwrap_or(words.len());
    let mut shown: Vec<usize> = (0..words.len()).step_by(every).collect();
    if shown.last() != Some(&last) && every <= last {
        if shown.len() > 1 && shown.last().is_some_and(|at| !has_room(last - at)) {
            shown.pop();
        }
        shown.push(last);
    }
    shown
}

/// A horizontal bar of the colours of an axis, with its ticks and label.
pub(in crate::report) fn colour_bar(svg: &mut Svg, room: Rect, colours: &Axis) {
    const STEPS: u8 = 60;
    let bar = Rect { x: room.x + room.w * 0.5 - 30.0, y: room.y + 8.0, w: room.w * 0.5, h: 11.0 };
    let step = bar.w / f64::from(STEPS);
    for i in 0..STEPS {
        let colour = hex(cividis((f64::from(i) + 0.5) / f64::from(STEPS)));
        let x = Px(bar.x + f64::from(i) * step);
        svg.leaf(
            "rect",
            format_args!(
                "x=\"{x}\" y=\"{}\" width=\"{}\" height=\"11\" fill=\"{colour}\" shape-rendering=\"crispEdges\"",
                Px(bar.y),
                Px(step + 0.3)
            ),
        );
    }
    svg.text((bar.x - 10.0, bar.y + 10.0), Anchor::End, Ink::Full, &colours.label);
    svg.element("g", format_args!("font-size=\"11\""), |svg| {
        if let Ticks::Powers(ticks) = colours.ticks(8.0) {
            for exponent in ticks {
                let x = bar.x + colours.share(f64::from(exponent)) * bar.w;
                svg.line((x, bar.bottom()), (x, bar.bottom() + 3.0), Rule::Axis);
                svg.power((x, bar.bottom() + 15.0), Anchor::Middle, exponent);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_room_and_the_last_is_among_them() {
        let words: Vec<String> = (0..21).map(|i| (i * 10).to_string()).collect();
        assert_eq!(thinned(&words, 5.0, |_| 20.0), [0, 4, 8, 12, 16, 20]);
        assert_eq!(thinned(&words[..20], 5.0, |_| 20.0), [0, 4, 8, 12, 19]);
        assert_eq!(thinned(&words[..6], 5.0, |_| 20.0), [0, 5]);
        assert_eq!(thinned(&words[..2], 5.0, |_| 20.0), [0]);
        assert_eq!(thinned(&words[..1], 5.0, |_| 20.0), [0]);
    }
}
