//! A panel of lines: means over seeds with their range as a band, predictions dashed, and a strip for each kind of number
//! that is none, beside the axis.

use std::fmt::Write as _;

use super::axis::{Axis, Ticks};
use super::glyph::{dot, mark_path};
use super::palette::SERIES;
use super::rect::Rect;
use super::svg::{Anchor, Escaped, Ink, Px, Rule, Svg};
use super::words::shortened;
use crate::report::{Band, Mark};

const FITS: &str = "a String takes all text";

/// The height of a strip, and its distance from the panel.
const STRIP: f64 = 13.0;
const GAP: f64 = 6.0;

/// How far left of a panel its vertical axis' label stands.
const Y_LABEL: f64 = 53.0;

/// The most markers of a line. Where it has more points, only some at even distances have one.
const MOST_MARKERS: usize = 40;

/// One line of a panel.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Series {
    /// Its colour and marker.
    pub(in crate::report) style: usize,
    /// What it is.
    pub(in crate::report) name: String,
    /// Where its points are.
    pub(in crate::report) x: Vec<f64>,
    /// What they are, on the scale of the y axis.
    pub(in crate::report) bands: Vec<Band>,
    /// A prediction at the same places; empty where there is none.
    pub(in crate::report) dashed: Vec<f64>,
}

/// The strips of a figure: the marks that any of its panels has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::report) struct Strips {
    above: Vec<Mark>,
    below: Vec<Mark>,
}

impl Strips {
    /// Returns the strips that the series need.
    pub(in crate::report) fn of<'a>(series: impl Iterator<Item = &'a Series>) -> Self {
        let mut strips = Self::default();
        let marks: Vec<Mark> = series.flat_map(|s| &s.bands).flat_map(|band| band.marks.present()).collect();
        for mark in Mark::ALL.into_iter().filter(|mark| marks.contains(mark)) {
            match mark {
                Mark::Zero | Mark::Underflow => strips.below.insert(0, mark),
                Mark::Nan | Mark::Inf => strips.above.push(mark),
            }
        }
        strips
    }

    /// All marks that there are.
    pub(in crate::report) fn marks(&self) -> impl Iterator<Item = Mark> {
        self.above.iter().chain(&self.below).copied()
    }

    /// The height of those above the panel.
    pub(in crate::report) fn above(&self) -> f64 {
        height(self.above.len())
    }

    /// The height of those below it.
    pub(in crate::report) fn below(&self) -> f64 {
        height(self.below.len())
    }

    /// The middle of each, with its mark.
    fn places(&self, rect: Rect) -> impl Iterator<Item = (Mark, f64)> {
        let middle = |i: usize| GAP + STRIP * (i as f64 + 0.5);
        let above = self.above.iter().enumerate().map(move |(i, mark)| (*mark, rect.y - middle(i)));
        above.chain(self.below.iter().enumerate().map(move |(i, mark)| (*mark, rect.bottom() + middle(i))))
    }
}

/// The height of `strips` strips.
fn height(strips: usize) -> f64 {
    if strips == 0 { 0.0 } else { GAP + STRIP * strips as f64 }
}

/// A panel of lines.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct LinePanel<'a> {
    /// What stands above it.
    pub(in crate::report) title: String,
    /// Its horizontal axis.
    pub(in crate::report) x: &'a Axis,
    /// Its vertical axis.
    pub(in crate::report) y: &'a Axis,
    /// Its lines.
    pub(in crate::report) series: Vec<Series>,
    /// The strips of the whole figure.
    pub(in crate::report) strips: &'a Strips,
    /// A height that is worth a line, with its name.
    pub(in crate::report) level: Option<(f64, &'static str)>,
}

impl LinePanel<'_> {
    /// Draws it around the rectangle of its inside.
    pub(in crate::report) fn draw(&self, svg: &mut Svg, rect: Rect) {
        frame(svg, rect, self.x, self.y, self.strips);
        let title = shortened(&self.title, 12.5, rect.w + 30.0);
        let above = rect.y - self.strips.above() - 7.0;
        svg.text((rect.x, above), Anchor::Start, Ink::Full, &title);
        let at = |x: f64, y: f64| (rect.x + self.x.share(x) * rect.w, rect.bottom() - self.y.share(y) * rect.h);
        if let Some((level, name)) = self.level {
            let y = at(self.x.low, level).1;
            if (rect.y..=rect.bottom()).contains(&y) {
                svg.line((rect.x, y), (rect.right(), y), Rule::Axis);
                svg.text((rect.right() - 3.0, y - 4.0), Anchor::End, Ink::Muted, name);
            }
        }
        for series in &self.series {
            svg.element("g", format_args!("class=\"series\" {}", Data(series)), |svg| {
                draw_series(svg, series, &at);
                self.draw_marks(svg, series, rect);
            });
        }
    }

    fn draw_marks(&self, svg: &mut Svg, series: &Series, rect: Rect) {
        let (style, colour) = (series.style, SERIES[series.style]);
        // Series that have a mark at one place stand side by side.
        let aside = (series.style as f64 - 3.0) * 2.0;
        for (mark, y) in self.strips.places(rect) {
            let mut path = String::new();
            for (x, _) in series.x.iter().zip(&series.bands).filter(|(_, band)| band.marks.count(mark) > 0) {
                let x = rect.x + self.x.share(*x) * rect.w + aside;
                path += &mark_path(mark, (x, y), (3.0, 3.0));
            }
            if !path.is_empty() {
                let attributes = format_args!(
                    "class=\"stroke{style} mark\" data-mark=\"{}\" d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\"",
                    mark.name()
                );
                svg.leaf("path", attributes);
            }
        }
    }
}

/// A series' numbers as attributes, for programs.
struct Data<'a>(&'a Series);

impl std::fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |values: &mut dyn Iterator<Item = f64>| {
            let words: Vec<String> = values.map(short).collect();
            words.join(" ")
        };
        let Series { name, x, bands, dashed, .. } = self.0;
        write!(
            f,
            "data-name=\"{}\" data-x=\"{}\" data-mean=\"{}\" data-low=\"{}\" data-high=\"{}\"",
            Escaped(name),
            list(&mut x.iter().copied()),
            list(&mut bands.iter().map(|band| band.mean)),
            list(&mut bands.iter().map(|band| band.low)),
            list(&mut bands.iter().map(|band| band.high)),
        )?;
        if !dashed.is_empty() {
            write!(f, " data-theory=\"{}\"", list(&mut dashed.iter().copied()))?;
        }
        Ok(())
    }
}

/// A number of six decimals at most.
fn short(x: f64) -> String {
    let text = format!("{x:.6}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn draw_series(svg: &mut Svg, series: &Series, at: &impl Fn(f64, f64) -> (f64, f64)) {
    let (style, colour) = (series.style, SERIES[series.style]);
    let points = || series.x.iter().copied().zip(&series.bands);
    let band = band_path(&points().collect::<Vec<_>>(), at);
    if !band.is_empty() {
        svg.leaf(
            "path",
            format_args!("class=\"fill{style} band\" d=\"{band}\" fill=\"{colour}\" fill-opacity=\"0.18\""),
        );
    }
    let mean = line_path(points().map(|(x, band)| (x, band.mean)), at);
    svg.leaf(
        "path",
        format_args!("class=\"stroke{style} mean\" d=\"{mean}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-linejoin=\"round\""),
    );
    // On the mean, with a dark core, so that it is seen where both agree.
    let dashed = line_path(series.x.iter().copied().zip(series.dashed.iter().copied()), at);
    if !dashed.is_empty() {
        let rest = "fill=\"none\" stroke-dasharray=\"6 5\"";
        svg.leaf(
            "path",
            format_args!(
                "class=\"stroke{style} theory\" d=\"{dashed}\" {rest} stroke=\"{colour}\" stroke-width=\"2.8\""
            ),
        );
        svg.leaf("path", format_args!("class=\"pen\" d=\"{dashed}\" {rest} stroke=\"#1b1b1f\" stroke-width=\"1\""));
    }
    // Markers of different series do not stand on each other, where there are enough points.
    let every = series.x.len().div_ceil(MOST_MARKERS).max(series.x.len() / 12).max(1);
    let offset = if every > 1 { style * every / 7 } else { 0 };
    let mut markers = String::new();
    for (i, (x, band)) in points().enumerate().filter(|(_, (_, band))| band.is_finite()) {
        let alone = |j: Option<usize>| j.and_then(|j| series.bands.get(j)).is_none_or(|band| !band.is_finite());
        let is_alone = alone(i.checked_sub(1)) && alone(i.checked_add(1));
        if i % every == offset || is_alone || i + 1 == series.x.len() {
            markers += &dot(style, at(x, band.mean), 2.6);
        }
    }
    svg.leaf("path", format_args!("class=\"fill{style}\" d=\"{markers}\" fill=\"{colour}\""));
}

fn line_path(points: impl Iterator<Item = (f64, f64)>, at: &impl Fn(f64, f64) -> (f64, f64)) -> String {
    let (mut path, mut pen_is_down) = (String::new(), false);
    for (x, y) in points {
        if y.is_finite() {
            let (x, y) = at(x, y);
            write!(path, "{}{} {}", if pen_is_down { "L" } else { "M" }, Px(x), Px(y)).expect(FITS);
        }
        pen_is_down = y.is_finite();
    }
    path
}

/// The ranges of neighbouring points as one outline; of a point alone, and where nothing has a range, none.
fn band_path(points: &[(f64, &Band)], at: &impl Fn(f64, f64) -> (f64, f64)) -> String {
    let mut path = String::new();
    if !points.iter().any(|(_, band)| band.high > band.low) {
        return path;
    }
    for run in points.split(|(_, band)| !band.is_finite()).filter(|run| run.len() > 1) {
        let upper = run.iter().map(|(x, band)| at(*x, band.high));
        let lower = run.iter().rev().map(|(x, band)| at(*x, band.low));
        for (i, (x, y)) in upper.chain(lower).enumerate() {
            write!(path, "{}{} {}", if i == 0 { "M" } else { "L" }, Px(x), Px(y)).expect(FITS);
        }
        path.push('z');
    }
    path
}

/// Axes, ticks, grid, labels and the names of the strips.
fn frame(svg: &mut Svg, rect: Rect, x: &Axis, y: &Axis, strips: &Strips) {
    let column = |value: f64| rect.x + x.share(value) * rect.w;
    let row = |value: f64| rect.bottom() - y.share(value) * rect.h;
    let floor = rect.bottom() + strips.below();
    svg.element("g", format_args!("font-size=\"11\""), |svg| {
        match y.ticks(rect.h / 26.0) {
            Ticks::Words(ticks) => {
                for (value, word) in ticks {
                    svg.line((rect.x, row(value)), (rect.right(), row(value)), Rule::Grid);
                    svg.text((rect.x - 6.0, row(value) + 4.0), Anchor::End, Ink::Muted, &word);
                }
            }
            Ticks::Powers(ticks) => {
                for exponent in ticks {
                    let y = row(f64::from(exponent));
                    svg.line((rect.x, y), (rect.right(), y), Rule::Grid);
                    svg.power((rect.x - 6.0, y + 4.0), Anchor::End, exponent);
                }
            }
        }
        svg.line((rect.x, rect.y), (rect.x, rect.bottom()), Rule::Axis);
        svg.line((rect.x, floor), (rect.right(), floor), Rule::Axis);
        let (ticks, base) = (x.ticks(rect.w / 44.0), floor + 15.0);
        match ticks {
            Ticks::Words(ticks) => {
                for (value, word) in ticks {
                    svg.line((column(value), floor), (column(value), floor + 4.0), Rule::Axis);
                    svg.text((column(value), base), Anchor::Middle, Ink::Muted, &word);
                }
            }
            Ticks::Powers(ticks) => {
                for exponent in ticks {
                    let x = column(f64::from(exponent));
                    svg.line((x, floor), (x, floor + 4.0), Rule::Axis);
                    svg.power((x, base), Anchor::Middle, exponent);
                }
            }
        }
        for (mark, y) in strips.places(rect) {
            svg.text((rect.x - 6.0, y + 4.0), Anchor::End, Ink::Muted, strip_name(mark));
        }
        svg.text((rect.x + rect.w / 2.0, base + 16.0), Anchor::Middle, Ink::Full, &x.label);
        let (left, middle) = (rect.x - Y_LABEL, rect.y + rect.h / 2.0);
        svg.element("g", format_args!("transform=\"rotate(-90 {} {})\"", Px(left), Px(middle)), |svg| {
            svg.text((left, middle), Anchor::Middle, Ink::Full, &shortened(&y.label, 11.0, rect.h + 60.0));
        });
    });
}

/// A mark's name beside its strip.
fn strip_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Zero => "zero",
        Mark::Underflow => "underflow",
        Mark::Nan => "NaN",
        Mark::Inf => "inf",
    }
}
