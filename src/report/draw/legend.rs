//! Legends: a sample of each line, colour and mark beside what it means.

use super::glyph::{dot, mark_path};
use super::letter::letter_box;
use super::palette::{Rgb, SERIES, hex};
use super::rect::Rect;
use super::svg::{Anchor, Ink, Px, Svg};
use super::words::{shortened, width};
use crate::report::Mark;

/// What a legend explains.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) enum Sample {
    /// The line of a series, with its marker.
    Line(usize),
    /// A dashed line.
    Dashed,
    /// A band around a line.
    Band,
    /// A mark.
    Mark(Mark),
    /// A letter in a box of its colour.
    Letter(char, Rgb),
    /// A tile of a colour.
    Tile(Rgb),
}

/// A line of a legend.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Entry {
    /// What it explains.
    pub(in crate::report) sample: Sample,
    /// What that means.
    pub(in crate::report) words: String,
}

impl Entry {
    pub(in crate::report) fn new(sample: Sample, words: impl Into<String>) -> Self {
        Self { sample, words: words.into() }
    }
}

const SAMPLE: f64 = 28.0;
const LINE: f64 = 18.0;
/// An entry is no wider: a value of an axis may be a path.
const MOST: f64 = 330.0;

/// Draws entries beside each other in lines; the height that they take.
pub(super) fn draw_entries(svg: &mut Svg, room: Rect, entries: &[Entry]) -> f64 {
    let (mut x, mut y) = (room.x, room.y + LINE / 2.0);
    for entry in entries {
        let words = shortened(&entry.words, 12.0, MOST);
        let wide = SAMPLE + 6.0 + width(&words, 12.0) + 16.0;
        if x > room.x && x + wide > room.right() + 16.0 {
            (x, y) = (room.x, y + LINE);
        }
        svg.element("g", format_args!("class=\"entry\""), |svg| {
            if words != entry.words {
                svg.tip(&entry.words);
            }
            sample(svg, &entry.sample, (x, y));
            svg.text((x + SAMPLE + 6.0, y + 4.0), Anchor::Start, Ink::Full, &words);
        });
        x += wide;
    }
    y + LINE / 2.0 + 4.0 - room.y
}

fn sample(svg: &mut Svg, sample: &Sample, (x, y): (f64, f64)) {
    let (middle, end) = (x + SAMPLE / 2.0, x + SAMPLE);
    let (left, right, at) = (Px(x), Px(end), Px(y));
    match sample {
        Sample::Line(series) => {
            let colour = SERIES[*series];
            svg.leaf(
                "path",
                format_args!("d=\"M{left} {at}L{right} {at}\" class=\"stroke{series}\" stroke=\"{colour}\" stroke-width=\"1.8\""),
            );
            let d = dot(*series, (middle, y), 3.2);
            svg.leaf("path", format_args!("d=\"{d}\" class=\"fill{series}\" fill=\"{colour}\""));
        }
        Sample::Dashed => svg.leaf(
            "path",
            format_args!(
                "d=\"M{left} {at}L{right} {at}\" class=\"pen\" stroke=\"#1b1b1f\" stroke-width=\"1.4\" stroke-dasharray=\"6 4\""
            ),
        ),
        Sample::Band => svg.leaf(
            "rect",
            format_args!(
                "x=\"{left}\" y=\"{}\" width=\"{SAMPLE}\" height=\"10\" class=\"ink\" fill=\"#1b1b1f\" fill-opacity=\"0.2\"",
                Px(y - 5.0)
            ),
        ),
        Sample::Mark(mark) => {
            let d = mark_path(*mark, (middle, y), (4.0, 4.0));
            svg.leaf("path", format_args!("d=\"{d}\" fill=\"none\" class=\"pen\" stroke=\"#1b1b1f\" stroke-width=\"1.6\""));
        }
        Sample::Letter(letter, colour) => letter_box(svg, (middle, y), *letter, *colour),
        Sample::Tile(colour) => {
            let (left, top) = (Px(middle - 7.0), Px(y - 6.0));
            let place = format_args!(
                "x=\"{left}\" y=\"{top}\" width=\"14\" height=\"12\" fill=\"{}\" stroke=\"#565b65\" stroke-width=\"0.5\"",
                hex(*colour)
            );
            svg.leaf("rect", place);
        }
    }
}
