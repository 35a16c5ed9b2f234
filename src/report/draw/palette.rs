//! Colours that remain apart for the colour-blind and in grey: Okabe and Ito's for lines, whose markers differ as well;
//! cividis for amounts; for a sign blue and orange, which are lightest in the middle.

/// Lines that can be told apart in one panel.
pub(in crate::report) const MOST_SERIES: usize = 7;

/// The colour of each series on a light page.
pub(in crate::report) const SERIES: [&str; MOST_SERIES] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1b1b1f"];

/// A colour: red, green, blue.
pub(in crate::report) type Rgb = [u8; 3];

/// Nuñez, Anderton and Renslow (2018), at eleven even places: dark is little, light is much.
const CIVIDIS: [Rgb; 11] = [
    [0, 34, 78],
    [18, 53, 112],
    [59, 73, 108],
    [87, 93, 109],
    [112, 113, 115],
    [138, 134, 120],
    [165, 156, 116],
    [195, 179, 105],
    [225, 204, 85],
    [243, 219, 76],
    [254, 232, 56],
];

/// Blue below, orange above, nearly white between.
const DIVERGING: [Rgb; 7] =
    [[17, 79, 150], [67, 130, 191], [150, 190, 224], [245, 245, 243], [250, 196, 128], [224, 130, 44], [166, 72, 8]];

/// The colour of a share of the way from little (0) to much (1).
pub(in crate::report) fn cividis(share: f64) -> Rgb {
    between(&CIVIDIS, share)
}

/// The colour of a number between -1 and 1.
pub(in crate::report) fn diverging(x: f64) -> Rgb {
    between(&DIVERGING, f64::midpoint(x, 1.0))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the places before")]
fn between(places: &[Rgb], share: f64) -> Rgb {
    let last = places.len() - 1;
    let at = share.clamp(0.0, 1.0) * last as f64;
    let below = (at as usize).min(last - 1);
    let part = at - below as f64;
    let mix = |i: usize| {
        let [a, b] = [places[below][i], places[below + 1][i]].map(f64::from);
        (a + part * (b - a)).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// Writes a colour as SVG has it.
pub(in crate::report) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// How light a colour is in grey, from 0 to 255: Rec. 601's luma, which is what printers use.
pub(in crate::report) fn lightness([r, g, b]: Rgb) -> f64 {
    0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
}

/// Black or white, whichever can be read on the colour.
pub(in crate::report) fn ink_on(colour: Rgb) -> &'static str {
    if lightness(colour) > 135.0 { "#1b1b1f" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_grow_lighter_in_grey_all_the_way() {
        let grey: Vec<f64> = (0..=100).map(|i| lightness(cividis(f64::from(i) / 100.0))).collect();
        assert!(grey.is_sorted_by(|a, b| a < b), "{grey:?}");
        assert!(grey[100] - grey[0] > 180.0);
    }

    #[test]
    fn a_sign_is_darkest_at_both_ends() {
        let grey: Vec<f64> = (-50..=50).map(|i| lightness(diverging(f64::from(i) / 50.0))).collect();
        assert!(grey[..=50].is_sorted_by(|a, b| a < b) && grey[50..].is_sorted_by(|a, b| a > b), "{grey:?}");
    }

    #[test]
    fn a_number_that_is_out_of_bounds_has_the_colour_of_the_bound() {
        assert_eq!((cividis(-1.0), cividis(2.0)), (CIVIDIS[0], CIVIDIS[10]));
        assert_eq!((diverging(-9.0), diverging(9.0)), (DIVERGING[0], DIVERGING[6]));
    }
}
