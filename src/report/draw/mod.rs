//! The drawing layer: scales, axes, marks and words as SVG text. Knows nothing of gradients; of the same input it makes
//! the same bytes on any machine, as it calls no maths library.
//!
//! # Why it is our own
//!
//! kuva 0.6.0, which has six small dependencies and draws nearly everything, was tried first, by drawing a profile and a
//! heat map with it:
//!
//! * a logarithmic axis begins at 1e-10 whatever the data (`log_multipliers`, `generate_ticks_log`): a profile down to
//!   1e-299 became a flat line at the bottom, which is the false floor that this report must not have; and an infinity
//!   among the values panics there, by an overflow;
//! * one NaN or -inf makes a whole heat map black: there are no marks for what is no number, nor rows for it beside the
//!   axis of a line plot;
//! * no `role`, `<title>` or `<desc>` of the figure, no classes or `currentColor` to follow a dark page, and its one
//!   `<style>` is not scoped, so that it reaches the page in which the figure is put;
//! * `$..$` in any label is taken for a formula, so names would have to be escaped against that as well;
//! * coordinates come from the platform's `log10` and `powf`, so the bytes would differ between machines.
//!
//! With log10 values handed in and ticks of our own, what is left to it is lines and rectangles.

mod axis;
mod glyph;
mod heat;
mod legend;
mod letter;
mod lines;
mod palette;
mod rect;
mod scale;
mod sheet;
mod svg;
mod words;

pub(super) use axis::{Axis, AxisKind, Ticks};
pub(super) use glyph::dot;
pub(super) use heat::{HeatPanel, colour_bar, thinned};
pub(super) use legend::{Entry, Sample};
pub(super) use letter::{BOX, letter_box};
pub(super) use lines::{LinePanel, Series, Strips};
#[cfg(test)]
pub(super) use palette::lightness;
pub(super) use palette::{MOST_SERIES, Rgb, cividis, diverging, hex, ink_on};
pub(super) use rect::Rect;
pub(super) use scale::Scale;
pub(super) use sheet::{Block, Canvas, Picture, Sheet};
pub use svg::FIGURE_BEGINS;
pub(super) use svg::{Anchor, Ink, Px, Rule, Svg};
pub(super) use words::{shortened, width};
