//! Gauss-Legendre quadrature on a panel: the nodes and weights of the rule, from Newton's method on the polynomial.

use std::sync::LazyLock;

use crate::kernels::cos;

/// Nodes per panel. The rule is exact to degree 31; of a function whose nearest singularity is as far from a panel's
/// middle as the panel is wide, it leaves an error of about 1e-18.
const NODES: usize = 16;

/// The rule on [-1, 1]: nodes, and their weights.
static RULE: LazyLock<[(f64, f64); NODES]> = LazyLock::new(|| std::array::from_fn(node));

/// Adds up over the panel [`from`, `to`] by calling `visit` with every node and its weight.
pub(super) fn panel(from: f64, to: f64, mut visit: impl FnMut(f64, f64)) {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    for (x, weight) in *RULE {
        visit(middle + half * x, half * weight);
    }
}

/// Node number `i` from the right, and its weight 2 / ((1 - x^2) P'(x)^2).
fn node(i: usize) -> (f64, f64) {
    let n = NODES as f64;
    // Tricomi's approximation is so near that four steps of Newton's method reach the last bit.
    let mut x = cos(std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5));
    for _ in 0..6 {
        let (p, slope) = legendre(x);
        x -= p / slope;
    }
    let (_, slope) = legendre(x);
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

/// The Legendre polynomial of degree [`NODES`] and its derivative, by the three-term recurrence.
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut p) = (1.0, x);
    for k in 2..=NODES {
        let k = k as f64;
        (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
    }
    (p, NODES as f64 * (x * p - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
        let mut sum = 0.0;
        panel(from, to, |x, weight| sum += weight * f(x));
        sum
    }

    #[test]
    fn a_panel_is_exact_for_every_polynomial_to_degree_31() {
        for degree in 0..=31 {
            let want = (3_f64.powi(degree + 1) - 0.5_f64.powi(degree + 1)) / f64::from(degree + 1);
            let got = integral(0.5, 3.0, |x| x.powi(degree));
            assert!((got / want - 1.0).abs() < 1e-13, "degree {degree}: {got} not {want}");
        }
    }

    #[test]
    fn it_is_not_exact_for_degree_32() {
        let got = integral(-1.0, 1.0, |x| x.powi(32));
        assert!((got - 2.0 / 33.0).abs() > 1e-10);
    }

    #[test]
    fn smooth_functions_come_out_to_the_last_digits() {
        assert!((integral(0.0, 1.0, f64::exp) / (1_f64.exp() - 1.0) - 1.0).abs() < 1e-15);
        assert!((integral(0.0, 1.0, |x| 1.0 / (1.0 + x * x)) - std::f64::consts::FRAC_PI_4).abs() < 1e-14);
    }
}
