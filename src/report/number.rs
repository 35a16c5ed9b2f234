//! Numbers in the words of captions and labels.

use crate::kernels::exp10;
use crate::spec::grouped;

/// 10 to the power of x, which may lie far outside what a float can hold: `3.2e-310`.
pub(super) fn power(x: f64) -> String {
    if !x.is_finite() {
        return if x == f64::NEG_INFINITY { "0".into() } else { "not a number".into() };
    }
    let exponent = x.floor();
    let mantissa = exp10(x - exponent);
    // 9.96 is 10.0 in two digits.
    let (mantissa, exponent) = if mantissa >= 9.95 { (mantissa / 10.0, exponent + 1.0) } else { (mantissa, exponent) };
    match exponent {
        e if (-2.0..=2.0).contains(&e) => {
            let value = exp10(x);
            if value < 0.1 { format!("{value:.3}") } else { format!("{value:.2}") }
        }
        e => format!("{mantissa:.1}e{e:.0}"),
    }
}

/// Decades with their sign, a true minus, and one decimal.
pub(super) fn decades(x: f64) -> String {
    match x {
        x if x.is_nan() => "NaN".into(),
        f64::INFINITY => "+\u{221e}".into(),
        f64::NEG_INFINITY => "\u{2212}\u{221e}".into(),
        x => {
            let text = format!("{x:+.1}");
            // A minus before a zero would say that it vanishes.
            if text == "-0.0" { "+0.0".into() } else { text.replace('-', "\u{2212}") }
        }
    }
}

/// Two numbers with as many decimals, three at least, as tell them apart; 12 at most.
pub(super) fn apart(a: f64, b: f64) -> [String; 2] {
    let texts = |decimals: usize| [a, b].map(|x| format!("{x:.decimals$}"));
    let differ = |decimals: &usize| a == b || texts(*decimals)[0] != texts(*decimals)[1];
    texts((3..12).find(differ).unwrap_or(12))
}

/// `1 cell`, `1,234 cells`.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(n as u128), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_near_chance_are_told_apart() {
        assert_eq!(apart(2.304_586, 2.304_571), ["2.30459", "2.30457"]);
        assert_eq!(apart(2.5, 1.0), ["2.500", "1.000"]);
        assert_eq!(apart(1.0, 1.0), ["1.000", "1.000"]);
    }

    #[test]
    fn powers_of_ten_are_read_as_numbers_however_small() {
        let texts = [-310.5, -3.0, -0.5, 0.0, 1.9, 12.0, -2.0004, f64::NEG_INFINITY, f64::NAN].map(power);
        let expected = ["3.2e-311", "1.0e-3", "0.32", "1.00", "79.43", "1.0e12", "0.010", "0", "not a number"];
        assert_eq!(texts, expected);
    }

    #[test]
    fn decades_have_a_sign_and_no_minus_zero() {
        let texts = [-12.34, -0.01, 0.0, 3.0, f64::NEG_INFINITY, f64::NAN].map(decades);
        assert_eq!(texts, ["\u{2212}12.3", "+0.0", "+0.0", "+3.0", "\u{2212}\u{221e}", "NaN"]);
    }

    #[test]
    fn counts_have_their_commas() {
        assert_eq!(
            [1, 999, 1000, 1_234_567].map(|n| counted(n, "cell")),
            ["1 cell", "999 cells", "1,000 cells", "1,234,567 cells"]
        );
    }
}
