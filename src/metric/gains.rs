//! The factors by which an error changes on its way back through one layer, part by part: why a gradient vanishes or explodes.

use serde::{Deserialize, Serialize};

use crate::kernels::{Magnitude, log10};
use crate::nn::GainOf;

/// The parts of the way back from one site to the one below, each as log10 of the factor on the RMS of the error; negative
/// shrinks it.
///
/// In a net without residual connections the three gains sum to log10(`delta_rms` of this layer / of the layer above). In a
/// residual net they are those of the branch, whose error is added to that of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gains {
    /// Gain of W^T of the layer above (and of the scaling of a residual branch): dLoss/dh over dLoss/dz of the layer
    /// above.
    pub weight: f64,
    /// Gain of phi': dLoss/du over dLoss/dh.
    pub activation: f64,
    /// Gain of the norm: the branch's dLoss/dz over dLoss/du; 0 without one.
    pub norm: f64,
    /// How much of the error is the branch's: its mean square over the sum of its own and the stream's; 1 where there is
    /// no stream.
    pub branch_share: f64,
}

/// RMS of the errors between two sites. All are of one batch, so its size cancels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WayBack<'a> {
    /// What changes the error, in the order of the way back, each with the error before it; the first one's is that of the
    /// site above, which is also what a stream carries on.
    pub factors: &'a [(GainOf, Magnitude)],
    /// What the branch gives of the error at the site below, where there is a stream beside it.
    pub branch: Option<Magnitude>,
    /// The error at the site below.
    pub below: Magnitude,
}

impl Gains {
    /// Computes the gains on the way from one site to the one below; several of one kind count together. Where an error is
    /// 0, its gain is -inf and the next one NaN: nothing says what that factor is. None where nothing is on the way.
    pub fn of(way: &WayBack<'_>) -> Option<Self> {
        let &WayBack { factors, branch, below } = way;
        let above = factors.first()?.1;
        let own = branch.unwrap_or(below);
        let share = |branch: Magnitude| {
            let ratio = above.over(branch);
            1.0 / (1.0 + ratio * ratio)
        };
        let gain = |after: Magnitude, before: Magnitude| log10(after.over(before));
        let of = |kind: GainOf| {
            let after = factors.iter().skip(1).map(|factor| factor.1).chain([own]);
            let gains = factors.iter().zip(after).filter(|(factor, _)| factor.0 == kind);
            gains.map(|(factor, after)| gain(after, factor.1)).reduce(|a, b| a + b).unwrap_or_else(|| gain(own, own))
        };
        Some(Self {
            weight: of(GainOf::Weight),
            activation: of(GainOf::Activation),
            norm: of(GainOf::Norm),
            branch_share: branch.map_or(1.0, share),
        })
    }

    /// Returns the gains with every number passed through `f`.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let Self { weight, activation, norm, branch_share } = self;
        Self { weight: f(weight), activation: f(activation), norm: f(norm), branch_share: f(branch_share) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use GainOf::{Activation, Norm, Weight};

    /// The gains of factors with the errors before them, the part of a branch, and the error below.
    fn gains(factors: &[(GainOf, f64)], branch: Option<f64>, below: f64) -> Gains {
        let factors: Vec<_> = factors.iter().map(|&(kind, error)| (kind, error.into())).collect();
        Gains::of(&WayBack { factors: &factors, branch: branch.map(Into::into), below: below.into() }).expect("factors")
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-15
    }

    #[test]
    fn the_gains_of_a_layer_sum_to_its_step() {
        let far = Magnitude { entries: 1.5, exponent: -2000 };
        for (factors, below) in [
            (&[(Weight, 1.0), (Activation, 0.5)][..], 0.125.into()),
            (&[(Weight, 1.0), (Activation, 0.5), (Norm, 4.0)], 0.125.into()),
            (&[(Norm, 1.0), (Weight, 2.0), (Activation, 0.5), (Weight, 3.0), (Norm, 7.0)], 0.125.into()),
            (&[(Weight, 1e-300), (Activation, 1e-308)], far),
        ] {
            let above = Magnitude::from(factors[0].1);
            let factors: Vec<_> = factors.iter().map(|&(kind, error)| (kind, error.into())).collect();
            let all = Gains::of(&WayBack { factors: &factors, branch: None, below }).expect("factors");
            let Gains { weight, activation, norm, branch_share } = all;
            assert!((weight + activation + norm - (below.decades() - above.decades())).abs() < 1e-12, "{all:?}");
            assert_eq!(branch_share, 1.0);
        }
        let Gains { weight, activation, norm, .. } = gains(&[(Weight, 1.0), (Activation, 0.5)], None, 0.125);
        assert!(close(weight, 0.5_f64.log10()) && close(activation, 0.25_f64.log10()) && norm == 0.0);
        assert_eq!(Gains::of(&WayBack { factors: &[], branch: None, below: far }), None);
    }

    #[test]
    fn a_branch_shares_the_error_with_its_stream_as_their_mean_squares_are() {
        let share = |above: f64, branch: f64| gains(&[(Weight, above)], Some(branch), 0.125).branch_share;
        assert!(close(share(1.0, 1.0), 0.5) && close(share(2.0, 1.0), 0.2));
        assert_eq!((share(1.0, 0.0), share(1e-300, 1.0)), (0.0, 1.0));
        let Gains { norm, .. } = gains(&[(Weight, 1.0), (Activation, 0.5), (Norm, 0.25)], Some(0.5), 9.0);
        assert!(close(norm, 2_f64.log10()), "the stream's part is not the norm's");
    }

    #[test]
    fn where_nothing_comes_through_the_gain_is_infinite_and_what_follows_is_none() {
        let dead = gains(&[(Weight, 1.0), (Activation, 0.5)], None, 0.0);
        assert_eq!((dead.activation, dead.norm.is_nan()), (f64::NEG_INFINITY, true));
        assert!(gains(&[(Weight, 0.0), (Activation, 0.0)], None, 0.0).weight.is_nan());
    }
}
