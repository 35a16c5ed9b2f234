//! Where many equal layers lead: the fixed points of the map from q to q, and the factor on errors there.
//!
//! E phi^2 grows with q for every activation, so that q goes one way, from where the first layer puts it, to the nearest
//! fixed point on that way, to 0 or to infinity.

use super::activated::{Activated, Activator, Known};
use super::{Net, Normalisation};
use crate::kernels::{exp, ln};

/// What becomes of q, the mean square of a linear output, over many layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// It tends to this fixed point.
    FixedPoint(f64),
    /// It stays what the first layer makes it: every q is a fixed point.
    Neutral,
    /// It tends to 0, by a constant factor per layer in the end.
    Vanishes,
    /// It tends to 0 as a power of the depth.
    VanishesSlowly,
    /// It grows without bound, by a constant factor per layer in the end.
    Diverges,
    /// It grows without bound, by ever smaller factors.
    DivergesSlowly,
}

impl Fate {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedPoint(_) => "fixed_point",
            Self::Neutral => "neutral",
            Self::Vanishes => "vanishes",
            Self::VanishesSlowly => "vanishes_slowly",
            Self::Diverges => "diverges",
            Self::DivergesSlowly => "diverges_slowly",
        }
    }

    /// What q tends to; NaN where it stays what the first layer makes it.
    pub fn q(self) -> f64 {
        match self {
            Self::FixedPoint(q) => q,
            Self::Neutral => f64::NAN,
            Self::Vanishes | Self::VanishesSlowly => 0.0,
            Self::Diverges | Self::DivergesSlowly => f64::INFINITY,
        }
    }
}

/// Where many layers lead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// What becomes of q.
    pub fate: Fate,
    /// The factor on the mean square of an error per layer, in the limit; 1 where errors change as a power of the depth.
    pub chi: f64,
}

/// How many depth scales of a plain net an error crosses in the deepest one that can be trained (Schoenholz et al. 2017).
const TRAINABLE_SCALES: f64 = 6.0;

/// A q as good as 0; 1 / `TINY` is as good as infinite. Power laws differ from 1 there by no more than `MARGIN`.
const TINY: f64 = 1e-16;

/// How far from 1 a factor per layer must be to be one, and not a power law.
const MARGIN: f64 = 1e-6;

/// How far from 1 q' / q may be by rounding alone.
const ROUNDING: f64 = 1e-12;

/// The factor between the q that are tried on the way to a fixed point.
const STRIDE: f64 = 3.0;

impl Limit {
    /// The factor on the norm of an error per layer: below 1 it vanishes, above 1 it explodes.
    pub fn factor(self) -> f64 {
        self.chi.sqrt()
    }

    /// 1 / |ln chi|: the number of layers over which the mean square of an error changes by a factor of e; infinite where
    /// it changes as a power of the depth, or not at all.
    pub fn depth_scale(self) -> f64 {
        1.0 / ln(self.chi).abs()
    }

    /// The depth up to which such a net can be trained. The 6 depth scales were found with plain nets; of other nets
    /// nothing is known.
    pub fn trainable_depth(self) -> f64 {
        TRAINABLE_SCALES * self.depth_scale()
    }
}

/// The limit of `net` for more and more layers like its last; `None` where its widths differ, or where the theory does
/// not know what its norm does. A residual net keeps its s.
pub fn limit(net: &Net) -> Option<Limit> {
    limit_by(net, &mut Known::default())
}

/// Computes what [`limit()`] does, with what is known from other nets.
pub(super) fn limit_by(net: &Net, known: &mut Known) -> Option<Limit> {
    let (&width, widths) = net.widths.split_first()?;
    if widths.iter().any(|w| *w != width) {
        return None;
    }
    let mut map = Map::of(net, width, known)?;
    let first = net.inputs.square * net.inputs.units as f64 * net.weight_variance(net.inputs.units, width)
        + net.bias_variance(net.inputs.units);
    match (net.residual, net.norm) {
        (Some(_), Normalisation::Batch { .. } | Normalisation::Layer { .. }) => {
            Some(Limit { fate: Fate::DivergesSlowly, chi: 1.0 })
        }
        (Some(s), Normalisation::None) => {
            let growth = s * s * map.at(1.0 / TINY)?.chi;
            let fate = if growth > MARGIN { Fate::Diverges } else { Fate::DivergesSlowly };
            Some(Limit { fate, chi: settled(1.0 + growth) })
        }
        (None, Normalisation::Batch { .. }) => {
            let Step { next, chi, .. } = map.at(first)?;
            Some(Limit { fate: Fate::FixedPoint(next), chi })
        }
        (None, Normalisation::None | Normalisation::Layer { .. }) => map.fate(first),
    }
}

/// The map of one layer after another of equal width.
struct Map<'k> {
    activator: Activator<'k>,
    /// Width times the variance of a weight.
    weights: f64,
    /// The variance of a bias.
    biases: f64,
}

/// One application of the map.
#[derive(Clone, Copy)]
struct Step {
    q: f64,
    /// q of the next layer.
    next: f64,
    /// d ln `next` / d ln q.
    elasticity: f64,
    /// The factor on the mean square of an error.
    chi: f64,
}

impl Step {
    /// ln(next / q).
    fn growth(&self) -> f64 {
        let growth = ln(self.next / self.q);
        if growth.abs() < ROUNDING { 0.0 } else { growth }
    }
}

impl<'k> Map<'k> {
    fn of(net: &Net, width: usize, known: &'k mut Known) -> Option<Self> {
        let weights = width as f64 * net.weight_variance(width, width);
        Some(Self { activator: Activator::of(net, known)?, weights, biases: net.bias_variance(width) })
    }

    fn at(&mut self, q: f64) -> Option<Step> {
        // In a plain net with batch norm, what varies within the batch is the same from layer 2 on.
        let within = self.weights * self.activator.variance();
        let Activated { square, backward, square_elasticity, .. } = self.activator.activate(q, within)?;
        let next = self.weights * square + self.biases;
        let elasticity = self.weights * square * square_elasticity / next;
        Some(Step { q, next, elasticity, chi: self.weights * backward })
    }

    /// What becomes of `q`.
    fn fate(&mut self, q: f64) -> Option<Limit> {
        let start = self.at(q)?;
        if start.growth() == 0.0 {
            let neutral = self.at(q * STRIDE)?.growth() == 0.0 && self.at(q / STRIDE)?.growth() == 0.0;
            let fate = if neutral { Fate::Neutral } else { Fate::FixedPoint(q) };
            return Some(Limit { fate, chi: settled(start.chi) });
        }
        let upwards = start.growth() > 0.0;
        let (stride, end) = if upwards { (STRIDE, 1.0 / TINY) } else { (1.0 / STRIDE, TINY) };
        let (mut here, mut q) = (start, q);
        // A q that is tiny at first may still grow up to a fixed point, and a huge one shrink to it.
        while if upwards { q < end } else { q > end } {
            q *= stride;
            let there = self.at(q)?;
            if (there.growth() > 0.0) != upwards && there.growth() != 0.0 {
                let Step { q, chi, .. } = self.between(here, there)?;
                return Some(Limit { fate: Fate::FixedPoint(q), chi: unrounded(chi) });
            }
            here = there;
        }
        let Step { q, next, chi, .. } = self.at(end)?;
        let slowly = (next / q - 1.0).abs() < MARGIN;
        let fate = match (upwards, slowly) {
            (true, true) => Fate::DivergesSlowly,
            (true, false) => Fate::Diverges,
            (false, true) => Fate::VanishesSlowly,
            (false, false) => Fate::Vanishes,
        };
        Some(Limit { fate, chi: settled(chi) })
    }

    /// The fixed point between `a` and `b`, at which q grows and shrinks or the other way round: Newton's method in ln q,
    /// and bisection wherever that would leave the bracket.
    fn between(&mut self, mut a: Step, mut b: Step) -> Option<Step> {
        loop {
            let (from, to) = (ln(a.q), ln(b.q));
            let newton = from - a.growth() / (a.elasticity - 1.0);
            let inside = (newton - from) * (newton - to) < 0.0;
            let x = if inside { newton } else { 0.5 * (from + to) };
            let step = self.at(exp(x))?;
            if step.growth() == 0.0 || x == from || x == to {
                return Some(step);
            }
            if (step.growth() > 0.0) == (a.growth() > 0.0) {
                a = step;
            } else {
                (a, b) = (step, a);
            }
        }
    }
}

/// Returns 1 for a factor so near 1 that it is 1 in the limit.
fn settled(chi: f64) -> f64 {
    if (chi - 1.0).abs() < MARGIN { 1.0 } else { chi }
}

/// Returns 1 for a factor that is 1 but for rounding.
fn unrounded(chi: f64) -> f64 {
    if (chi - 1.0).abs() < ROUNDING { 1.0 } else { chi }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

    use super::*;
    use crate::nn::{Activation, Init};
    use crate::theory::tests::{BATCH, LAYER, near, net, normed};
    use crate::theory::{Inputs, profile};

    #[test]
    fn the_fixed_points_are_those_of_the_published_table() {
        use Activation::{Elu, Gelu, LeakyRelu, Linear, Prelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
        use Fate::{Diverges, DivergesSlowly, FixedPoint, Neutral, Vanishes, VanishesSlowly};
        use Init::{HeNormal as He, LecunNormal as One};
        let infinite = f64::INFINITY;
        #[rustfmt::skip]
        let table = [
            // activation, init, fate, chi, factor, depth scale
            (Linear, One, Neutral, 1.0, 1.0, infinite),
            (Linear, He, Diverges, 2.0, SQRT_2, 1.443),
            (Sigmoid, One, FixedPoint(0.264_687), 0.055_721, 0.236_05, 0.346),
            (Sigmoid, He, FixedPoint(0.555_290), 0.100_977, 0.317_77, 0.436),
            (Tanh, One, VanishesSlowly, 1.0, 1.0, infinite),
            (Tanh, He, FixedPoint(0.617_965), 1.105_529, 1.051_44, 9.97),
            (Relu, One, Vanishes, 0.5, FRAC_1_SQRT_2, 1.443),
            (Relu, He, Neutral, 1.0, 1.0, infinite),
            (LeakyRelu, One, Vanishes, 0.500_050, 0.707_14, 1.443),
            (LeakyRelu, He, Diverges, 1.000_1, 1.000_05, 10_000.5),
            (Prelu, One, Vanishes, 0.531_250, 0.728_87, 1.581),
            (Prelu, He, Diverges, 1.062_5, 1.030_78, 16.495),
            (Elu, One, VanishesSlowly, 1.0, 1.0, infinite),
            (Elu, He, DivergesSlowly, 1.0, 1.0, infinite),
            (Selu, One, FixedPoint(1.0), 1.071_575, 1.035_17, 14.466),
            (Selu, He, Diverges, 1.103_97, 1.050_70, 10.110),
            (Gelu, One, Vanishes, 0.25, 0.5, 0.721),
            (Gelu, He, Vanishes, 0.5, FRAC_1_SQRT_2, 1.443),
            (Silu, One, Vanishes, 0.25, 0.5, 0.721),
            (Silu, He, Vanishes, 0.5, FRAC_1_SQRT_2, 1.443),
            (Softplus, One, FixedPoint(0.856_305), 0.288_722, 0.537_33, 0.805),
            (Softplus, He, DivergesSlowly, 1.0, 1.0, infinite),
        ];
        for (activation, init, fate, chi, factor, depth_scale) in table {
            let got = limit(&net(activation, init, 3)).expect("a plain net has a limit");
            let same = match (got.fate, fate) {
                (FixedPoint(got), FixedPoint(want)) => (got - want).abs() < 6e-7,
                (got, want) => got == want,
            };
            assert!(same, "{activation:?} {init:?}: {got:?}");
            assert!((got.chi - chi).abs() < 6e-6, "{activation:?} {init:?}: {got:?}");
            assert!((got.factor() - factor).abs() < 1.5e-5, "{activation:?} {init:?}: {got:?}");
            let scale = got.depth_scale();
            assert!(
                scale == depth_scale || (scale / depth_scale - 1.0).abs() < 1.5e-3,
                "{activation:?} {init:?}: {scale}"
            );
            assert_eq!(got.trainable_depth(), 6.0 * scale);
        }
    }

    #[test]
    fn the_fate_depends_on_where_the_first_layer_puts_q() {
        // Between silu's fixed point at 0 and infinity is one that q leaves on either side.
        let from = |variance| {
            let start = Net {
                inputs: Inputs::centred(256, variance),
                init_gain: 1.1,
                ..net(Activation::Silu, Init::HeNormal, 3)
            };
            limit(&start).expect("a plain net has a limit").fate
        };
        assert_eq!(from(0.1), Fate::Vanishes);
        assert_eq!(from(100.0), Fate::Diverges);
        // However tiny or huge the inputs, tanh's is between them.
        for variance in [1e-120, 1e-30, 1e30, 1e120] {
            let far = Net { inputs: Inputs::centred(256, variance), ..net(Activation::Tanh, Init::HeNormal, 3) };
            let Some(Limit { fate: Fate::FixedPoint(q), chi }) = limit(&far) else {
                panic!("{variance}: {:?}", limit(&far))
            };
            assert!((q - 0.617_965).abs() < 6e-7 && (chi - 1.105_529).abs() < 6e-7, "{variance}: {q}, {chi}");
        }
        // Biases hold q above 0.
        let biased = Net { bias_std: Some(0.1), ..net(Activation::Relu, Init::LecunNormal, 3) };
        let Some(Limit { fate: Fate::FixedPoint(q), chi }) = limit(&biased) else { panic!("{:?}", limit(&biased)) };
        near(q, 0.02, 1e-10, "q = q / 2 + 0.01");
        near(chi, 0.5, 1e-12, "chi");
    }

    #[test]
    fn a_fixed_point_is_where_a_deep_profile_ends() {
        for (activation, init_gain, bias_std) in [
            (Activation::Tanh, 1.3, Some(0.2)),
            (Activation::Gelu, 0.9, Some(1.0)),
            (Activation::Selu, 0.8, None),
            (Activation::Softplus, 0.7, Some(0.3)),
            (Activation::Sigmoid, 8.0, None),
        ] {
            let net = Net { init_gain, bias_std, widths: vec![1 << 20; 300], ..net(activation, Init::LecunNormal, 0) };
            let layers = profile(&net).expect("wide enough").layers;
            let Some(Limit { fate: Fate::FixedPoint(q), chi }) = limit(&net) else { panic!("{activation:?}") };
            near(layers[299].q, q, 1e-9, "q");
            let per_layer = 2.0 * (layers[298].log10_delta - layers[299].log10_delta);
            assert!((per_layer - chi.log10()).abs() < 1e-9, "{activation:?}: {per_layer}");
        }
    }

    #[test]
    fn norms_and_residual_connections_have_limits_of_their_own() {
        let of = |activation, norm, residual| limit(&normed(activation, norm, residual, 3)).expect("a known norm");
        near(of(Activation::Relu, BATCH, None).factor(), 1.2219, 5e-5, "batch norm");
        near(of(Activation::Sigmoid, LAYER, None).factor(), 0.3909, 2e-4, "layer norm");
        assert_eq!(of(Activation::Relu, LAYER, None).depth_scale(), f64::INFINITY, "relu keeps all under layer norm");
        assert_eq!(of(Activation::Relu, BATCH, Some(1.0)), Limit { fate: Fate::DivergesSlowly, chi: 1.0 });
        assert_eq!(
            of(Activation::Tanh, Normalisation::None, Some(1.0)),
            Limit { fate: Fate::DivergesSlowly, chi: 1.0 }
        );
        let Limit { fate, chi } = of(Activation::Relu, Normalisation::None, Some(0.5));
        assert_eq!(fate, Fate::Diverges);
        near(chi, 1.25, 1e-12, "1 + s^2 chi");
        let tapered = Net { widths: vec![64, 32], ..net(Activation::Tanh, Init::HeNormal, 0) };
        assert_eq!(limit(&tapered), None);
    }
}
