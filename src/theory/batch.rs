//! Batch norm in a finite batch of B examples: what it does to the second moments of a unit's values, forward and back.
//!
//! Over random weights, the B values of a unit are a Gaussian vector in which no example is special. Once their mean is
//! taken off, its direction is therefore uniform among those orthogonal to (1, .., 1). Batch norm fixes the length: its
//! outputs u = (u_1, .., u_B) are uniform on a sphere (Yang et al. 2019, "A mean field theory of batch normalization").
//! Forward, A = E phi(u_1)^2 and C = E phi(u_1) phi(u_2). A - C is the part of A that varies within the batch, which is
//! what the next norm sees. Back, let d = phi'(u). The mean square of errors that have mean 0 over the batch grows
//! through phi', and the norm of values whose variance within the batch is V, by K / V,
//!
//! (B - 3) K = (B - 1) E d_1^2 + E d_1 d_2 - E d_1^2 u_1^2 + E d_1 u_1 d_2 u_2.
//!
//! This is the trace of the squared Jacobian over the B - 1 directions; E 1/chi^2 of B - 1 degrees of freedom is
//! 1/(B - 3). So in a plain net the error grows by sqrt(K / (A - C)) per layer: sqrt((B - 2)/(B - 3)) for linear, their
//! theorem 8 for relu, and sqrt(E phi'^2 / Var phi) for B -> infinity.
//!
//! All of this is about examples that are alike. Let one of them vary more than the others, by a factor of 1 + v in the
//! mean square over units. One layer on, the factor is 1 + lambda v, with m the batch's mean of phi(u) and
//!
//! lambda = B (E (phi(u_1) - m)^2 u_1^2 - E (phi(u_1) - m)^2) / (2 (B - 2) (A - C)).
//!
//! Where lambda is above 1 (silu, gelu and softplus in large batches), the small differences that finite layers make
//! grow with depth, until a few examples have most of the variance. The moments above are then no longer those of the
//! net.

use super::moments::Phi;
use super::pair::Pairs;

/// The smallest batch that is predicted. From 4 on K is finite, but what one net shows then depends on few units whose
/// values happen to be close together: of 1/chi^2, the variance is finite from B = 6 on.
pub(super) const SMALLEST: usize = 8;

/// The moments of activations under batch norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BatchMoments {
    /// A: the mean square of the activations.
    pub(super) square: f64,
    /// A - C: the part of it that varies within the batch.
    pub(super) variance: f64,
    /// K: by how much an error's mean square grows on its way back through phi and a norm of values of variance 1.
    pub(super) backward: f64,
    /// lambda: by how much an example's deviation from the others grows.
    pub(super) splitting: f64,
    /// Var (phi - E phi)^2 / (Var phi)^2: units times the variance of that deviation that averaging over a layer adds.
    pub(super) noise: f64,
}

impl BatchMoments {
    /// Computes the moments of `phi` behind the norm over `examples` > 3 examples.
    pub(super) fn at(phi: Phi, examples: f64) -> Self {
        let Pairs { u1, u2, weight } = Pairs::of(examples);
        let ((h1, d1), (h2, d2)) = (phi.both(&u1), phi.both(&u2));
        let mut sums = [0.0; 9];
        for i in 0..weight.len() {
            let (e1, e2, g1) = (d1[i] * u1[i], d2[i] * u2[i], h1[i] * u1[i]);
            let forward = [h1[i], h1[i] * h1[i], h1[i] * h2[i], g1 * g1, g1 * h2[i] * u1[i]];
            let back = [d1[i] * d1[i], d1[i] * d2[i], e1 * e1, e1 * e2];
            sums.iter_mut().zip(forward.into_iter().chain(back)).for_each(|(sum, term)| *sum += weight[i] * term);
        }
        let [mean, square, product, far_square, far_product, slopes, slope_product, along, along_product] = sums;
        let (b, variance) = (examples, square - product);
        // E (phi(u_1) - m)^2 u_1^2, where m counts the example itself once and B - 1 others; E m^2 u_1^2 is E m^2, as the
        // mean of u^2 over the batch is 1.
        let of_batch = |own: f64, of_two: f64| (own + (b - 1.0) * of_two) / b;
        let far = far_square - 2.0 * of_batch(far_square, far_product) + of_batch(square, product);
        let centred = variance * (b - 1.0) / b;
        let (mut second, mut fourth) = (0.0, 0.0);
        for (weight, h) in weight.iter().zip(&h1) {
            let deviation = (h - mean) * (h - mean);
            second += weight * deviation;
            fourth += weight * deviation * deviation;
        }
        Self {
            square,
            variance,
            backward: ((b - 1.0) * slopes + slope_product - along + along_product) / (b - 3.0),
            splitting: b * (far - centred) / (2.0 * (b - 2.0) * variance),
            noise: fourth / (second * second) - 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;
    use crate::theory::moments::Moments;
    use crate::theory::tests::{near, phi, reference};

    /// Yang et al. 2019, theorem 8, as their numbers are.
    #[test]
    fn batch_norm_of_a_finite_batch_has_the_rates_of_yang_et_al() {
        let rate = |activation, examples: f64| {
            let moments = BatchMoments::at(phi(activation), examples);
            (moments.backward / moments.variance).sqrt()
        };
        for (examples, want) in
            [(8.0, 1.3372), (16.0, 1.2609), (32.0, 1.2337), (64.0, 1.2219), (128.0, 1.2164), (256.0, 1.2138)]
        {
            assert!(
                (rate(Activation::Relu, examples) - want).abs() < 5e-5,
                "{examples}: {}",
                rate(Activation::Relu, examples)
            );
            near(rate(Activation::Linear, examples), ((examples - 2.0) / (examples - 3.0)).sqrt(), 1e-12, "linear");
        }
        assert!((rate(Activation::Tanh, 64.0) - 1.092).abs() < 5e-4);
        assert!((rate(Activation::Sigmoid, 64.0) - 1.024).abs() < 5e-4);
    }

    #[test]
    fn batch_norm_of_an_endless_batch_has_the_rates_of_independent_examples() {
        use Activation::{Elu, Gelu, LeakyRelu, Linear, Prelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
        for (activation, want) in [
            (Relu, 1.2112),
            (LeakyRelu, 1.2056),
            (Gelu, 1.1484),
            (Silu, 1.1009),
            (Prelu, 1.0967),
            (Tanh, 1.0853),
            (Softplus, 1.0395),
            (Elu, 1.0388),
            (Selu, 1.0352),
            (Sigmoid, 1.0167),
            (Linear, 1.0),
        ] {
            let BatchMoments { square, variance, backward, splitting, .. } = BatchMoments::at(phi(activation), 1e9);
            assert!(((backward / variance).sqrt() - want).abs() < 5e-5, "{activation:?}");
            let alone = Moments::at(phi(activation), 1.0);
            near(square, alone.square, 1e-8, "E phi^2");
            near(backward, alone.slope_square, 1e-8, "E phi'^2");
            let mean = reference(1.0, |u| activation.f(u, activation.default_slope()));
            near(variance, alone.square - mean * mean, 1e-7, "Var phi");
            let far = reference(1.0, |u| (activation.f(u, activation.default_slope()) - mean).powi(2) * u * u);
            near(splitting, 0.5 * (far / variance - 1.0), 1e-6, "lambda");
        }
    }

    #[test]
    fn examples_come_to_differ_under_batch_norm_where_the_activation_bends_upwards_and_the_batch_is_large() {
        let splitting = |activation, examples| BatchMoments::at(phi(activation), examples).splitting;
        for examples in [8.0, 64.0, 1e4] {
            near(splitting(Activation::Linear, examples), (examples - 1.0) / (examples + 1.0), 1e-12, "linear");
        }
        for activation in Activation::ALL {
            let bends = matches!(activation, Activation::Silu | Activation::Gelu | Activation::Softplus);
            assert_eq!(splitting(activation, 64.0) > 1.0, bends, "{activation:?}");
            assert!(splitting(activation, 16.0) < 1.0, "{activation:?}");
        }
    }

    /// The sphere itself, drawn: B values with mean 0 and mean square 1.
    #[test]
    fn batch_norms_moments_are_those_of_normalised_normal_numbers() {
        let mut random = crate::seed::Random::new(5, crate::seed::Stream::TrainInputs);
        for activation in [Activation::Elu, Activation::Sigmoid, Activation::Gelu] {
            let (examples, draws) = (12, 40_000);
            let (mut square, mut pair) = (0.0, 0.0);
            for _ in 0..draws {
                let z: Vec<f64> = (0..examples).map(|_| random.normal()).collect();
                let mean = z.iter().sum::<f64>() / 12.0;
                let std = (z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / 12.0).sqrt();
                let (h, _) = phi(activation).both(&z.iter().map(|z| (z - mean) / std).collect::<Vec<_>>());
                let (sum, squares) = h.iter().fold((0.0, 0.0), |(sum, squares), h| (sum + h, squares + h * h));
                square += squares / 12.0;
                pair += (sum * sum - squares) / (12.0 * 11.0);
            }
            let got = BatchMoments::at(phi(activation), 12.0);
            near(got.square, square / f64::from(draws), 0.01, "A");
            near(got.variance, (square - pair) / f64::from(draws), 0.01, "A - C");
        }
    }
}
