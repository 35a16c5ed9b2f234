//! Expectations over a Gaussian: E f(u), u = sqrt(q) Z, Z ~ N(0, 1), as a sum over nodes with weights.
//!
//! The two half-lines are integrated apart, since every kink of an activation is at 0 (across a kink, quadrature
//! converges as 1/n only). Each is cut into panels that are short against both scales of the integrand: sqrt(q), that of
//! the Gaussian, and that of the activation, which near 0 is 1 whatever q is, and grows in proportion to u, as the
//! singularities of tanh and sigmoid stand on the imaginary axis. So the sharp step that an activation is in the eyes of
//! a wide Gaussian costs some panels, and a narrow Gaussian none.

use super::legendre::panel;
use crate::kernels::{Unary, exp, map};

/// How far the integral goes, in standard deviations. Beyond, even z^8 exp(-z^2/2) adds less than 1e-15 of the whole.
const RANGE: f64 = 10.0;

/// The widest panel, in standard deviations.
const WIDEST: f64 = 2.5;

/// The panel at 0, in the activation's scale: tanh's nearest singularity is at a distance of pi/2.
const FIRST: f64 = 2.0;

/// 1 / sqrt(2 pi).
const DENSITY: f64 = 0.398_942_280_401_432_7;

/// Where f is to be known, so that E f(u) = sum of weight f(u).
#[derive(Debug)]
pub(super) struct Nodes {
    /// Arguments of f.
    pub(super) u: Vec<f64>,
    /// u / sqrt(q).
    pub(super) z: Vec<f64>,
    /// What f(u) counts.
    pub(super) weight: Vec<f64>,
}

/// exp(-z^2 / 2).
struct Bell;

impl Unary<f64> for Bell {
    #[inline(always)]
    fn at(&self, z: f64) -> f64 {
        exp(-0.5 * z * z)
    }
}

impl Nodes {
    /// Makes the nodes for u ~ N(0, `q`), q > 0.
    pub(super) fn of(q: f64) -> Self {
        let std = q.sqrt();
        let (mut z, mut lengths) = (Vec::new(), Vec::new());
        let mut from = 0.0;
        while from < RANGE {
            let to = RANGE.min(from + from.max(FIRST / std).min(WIDEST));
            panel(from, to, |at, length| {
                z.extend([at, -at]);
                lengths.extend([length; 2]);
            });
            from = to;
        }
        let mut weight = vec![0.0; z.len()];
        map(&z, &mut weight, Bell);
        weight.iter_mut().zip(lengths).for_each(|(weight, length)| *weight *= DENSITY * length);
        Self { u: z.iter().map(|z| std * z).collect(), z, weight }
    }
}
