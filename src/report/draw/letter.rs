//! A capital letter in a box of its colour: a glyph that is told apart by its letter, by its hue, and in grey by its
//! lightness.

use super::palette::{Rgb, hex, ink_on};
use super::svg::{Px, Svg};

/// The side of a box.
pub(in crate::report) const BOX: f64 = 15.0;

/// Draws a letter's box around a point.
pub(in crate::report) fn letter_box(svg: &mut Svg, (x, y): (f64, f64), letter: char, colour: Rgb) {
    let (left, top, side) = (Px(x - BOX / 2.0), Px(y - BOX / 2.0), Px(BOX));
    // The edge keeps it apart from what is below it, also where that has its colour.
    svg.leaf(
        "rect",
        format_args!(
            "x=\"{left}\" y=\"{top}\" width=\"{side}\" height=\"{side}\" rx=\"2\" fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"1\"",
            hex(colour)
        ),
    );
    let attributes = format_args!(
        "x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\" font-weight=\"bold\" fill=\"{}\"",
        Px(x),
        Px(y + 4.0),
        ink_on(colour)
    );
    svg.words("text", attributes, letter.encode_utf8(&mut [0; 4]));
}
