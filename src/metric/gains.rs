//! The factors by which an error changes on its way back through one layer, part by part: why a gradient vanishes or explodes.

use serde::{Deserialize, Serialize};

use crate::kernels::{Magnitude, log10};

/// The parts of a layer's way back, each as log10 of the factor on the RMS of the error; negative shrinks it.
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

/// RMS of one error at the sites of a layer. All are of one batch, so its size cancels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerErrors {
    /// dLoss/dz of the layer above, which is also what a stream carries on.
    pub above: Magnitude,
    /// dLoss/dh.
    pub dh: Magnitude,
    /// dLoss/du, where there is a norm.
    pub du: Option<Magnitude>,
    /// What the branch gives of dLoss/dz, where there is a stream beside it.
    pub branch: Option<Magnitude>,
    /// dLoss/dz.
    pub dz: Magnitude,
}

impl Gains {
    /// Computes the gains from the errors at a layer's sites. Where an error is 0, its gain is -inf and the next one
    /// NaN: nothing says what that factor is.
    pub fn of(way: &LayerErrors) -> Self {
        let &LayerErrors { above, dh, du, branch, dz } = way;
        let own = branch.unwrap_or(dz);
        let du = du.unwrap_or(own);
        let share = |branch: Magnitude| {
            let ratio = above.over(branch);
            1.0 / (1.0 + ratio * ratio)
        };
        let gain = |below: Magnitude, above: Magnitude| log10(below.over(above));
        Self {
            weight: gain(dh, above),
            activation: gain(du, dh),
            norm: gain(own, du),
            branch_share: branch.map_or(1.0, share),
        }
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

    fn plain() -> LayerErrors {
        LayerErrors { above: 1.0.into(), dh: 0.5.into(), du: None, branch: None, dz: 0.125.into() }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-15
    }

    #[test]
    fn the_gains_of_a_layer_sum_to_its_step() {
        for way in [
            plain(),
            LayerErrors { du: Some(4.0.into()), ..plain() },
            LayerErrors {
                above: 1e-300.into(),
                dh: 1e-308.into(),
                dz: Magnitude { entries: 1.5, exponent: -2000 },
                ..plain()
            },
        ] {
            let Gains { weight, activation, norm, branch_share } = Gains::of(&way);
            assert!((weight + activation + norm - (way.dz.decades() - way.above.decades())).abs() < 1e-12, "{way:?}");
            assert_eq!(branch_share, 1.0);
        }
        let Gains { weight, activation, norm, .. } = Gains::of(&plain());
        assert!(close(weight, 0.5_f64.log10()) && close(activation, 0.25_f64.log10()) && norm == 0.0);
    }

    #[test]
    fn a_branch_shares_the_error_with_its_stream_as_their_mean_squares_are() {
        let share = |above: f64, branch: f64| {
            Gains::of(&LayerErrors { above: above.into(), branch: Some(branch.into()), ..plain() }).branch_share
        };
        assert!(close(share(1.0, 1.0), 0.5) && close(share(2.0, 1.0), 0.2));
        assert_eq!((share(1.0, 0.0), share(1e-300, 1.0)), (0.0, 1.0));
        let Gains { norm, .. } =
            Gains::of(&LayerErrors { du: Some(0.25.into()), branch: Some(0.5.into()), dz: 9.0.into(), ..plain() });
        assert!(close(norm, 2_f64.log10()), "the stream's part is not the norm's");
    }

    #[test]
    fn where_nothing_comes_through_the_gain_is_infinite_and_what_follows_is_none() {
        let dead = Gains::of(&LayerErrors { dz: 0.0.into(), ..plain() });
        assert_eq!((dead.activation, dead.norm.is_nan()), (f64::NEG_INFINITY, true));
        assert!(
            Gains::of(&LayerErrors { above: 0.0.into(), dh: 0.0.into(), dz: 0.0.into(), ..plain() }).weight.is_nan()
        );
    }
}
