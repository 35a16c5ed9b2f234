//! E f(u_1) f(u_2) of two Gaussian arguments of one variance, as a function of their correlation.
//!
//! With a_k the coefficients of f(u) in normalised Hermite polynomials of u / sqrt(q), it is the sum of a_k^2 c^k
//! (Mehler). The degrees from 3 on are counted as c^3, which is no less than c^k for c >= 0: the spread that comes of it
//! is at most too large.

/// The shares that degrees 0, 1 and 2 have of E f^2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlap([f64; 3]);

impl Overlap {
    /// Computes the shares from values `f` at `z` = u / sqrt(q), each of which counts `weight`.
    pub(super) fn of(f: impl Iterator<Item = f64>, z: &[f64], weight: &[f64]) -> Self {
        let (mut sums, mut all) = ([0.0; 3], 0.0);
        for ((f, z), weight) in f.zip(z).zip(weight) {
            let hermite = [1.0, *z, (z * z - 1.0) * std::f64::consts::FRAC_1_SQRT_2];
            sums.iter_mut().zip(hermite).for_each(|(sum, hermite)| *sum += weight * f * hermite);
            all += weight * f * f;
        }
        Self(sums.map(|sum| sum * sum / all))
    }

    /// E f(u_1) f(u_2) / E f^2 at the correlation `c` from 0 to 1.
    pub(super) fn at(self, c: f64) -> f64 {
        let Self([none, first, second]) = self;
        let rest = (1.0 - none - first - second).max(0.0);
        none + c * (first + c * (second + c * rest))
    }
}

/// The overlaps of an activation between two examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlaps {
    /// The overlap of phi.
    pub(super) value: Overlap,
    /// The overlap of phi'.
    pub(super) slope: Overlap,
    /// The overlap of phi^2.
    pub(super) square: Overlap,
    /// The overlap of phi'^2.
    pub(super) slope_square: Overlap,
}

#[cfg(test)]
mod tests {
    use crate::nn::Activation;
    use crate::theory::moments::Moments;
    use crate::theory::tests::{near, phi};

    /// The arc-cosine kernels of Cho and Saul 2009.
    #[test]
    fn two_examples_of_relu_overlap_as_the_arc_cosine_kernels_say_or_a_little_more() {
        use std::f64::consts::PI;
        let overlaps = Moments::at(phi(Activation::Relu), 2.0).overlaps;
        for c in [0.0, 0.1, 0.3, 0.6, 0.9, 0.99, 1.0_f64] {
            let angle = c.acos();
            let value = (angle.sin() + (PI - angle) * c) / PI;
            let slope = 1.0 - angle / PI;
            assert!((0.0..0.02).contains(&(overlaps.value.at(c) - value + 1e-12)), "{c}: {}", overlaps.value.at(c));
            assert!((0.0..0.12).contains(&(overlaps.slope.at(c) - slope + 1e-12)), "{c}: {}", overlaps.slope.at(c));
        }
    }

    #[test]
    fn an_example_overlaps_with_itself_entirely_and_with_one_that_is_independent_by_the_mean() {
        for activation in Activation::ALL {
            let Moments { overlaps, square_noise, .. } = Moments::at(phi(activation), 0.7);
            for overlap in [overlaps.value, overlaps.slope, overlaps.square, overlaps.slope_square] {
                near(overlap.at(1.0), 1.0, 1e-12, "itself");
                let grows = [0.0, 0.2, 0.5, 0.8, 1.0].map(|c| overlap.at(c));
                assert!(grows.is_sorted(), "{activation:?}: {grows:?}");
            }
            near(overlaps.square.at(0.0) * (1.0 + square_noise), 1.0, 1e-11, "independent squares");
        }
    }
}
