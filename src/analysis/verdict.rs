//! The verdict on a run's gradients, and its thresholds.
//!
//! | verdict | when | why there |
//! |---|---|---|
//! | diverged | a loss was not finite | nothing after it means anything |
//! | dead | a hidden layer passes no gradient, or fewer than 1 in 100 of its units do | what is above it cannot reach below |
//! | saturated | more than 9 in 10 units of a hidden layer have a slope below a twentieth of the largest | the layer hardly moves; in a residual net up to 8 in 10 were seen in nets that learn well |
//! | exploding | gradient_decades or time_decades > 2, or a gradient of the first or the last traced step is not finite | with the next line: over 288 nets "outside [-1, 2]" found "did not learn" with precision .84 and recall .98; a rule on the slope reached .39/1.00 or .78/.81 |
//! | vanishing | gradient_decades or time_decades < -1 | as above |
//! | healthy | none of these | does not mean that it learns |
//!
//! All but the first are judged at the first and at the last traced step with finite gradients, and the worse counts.
//!
//! `time_decades` is that of a recurrent net's top layer: by how much its error shrinks or grows from the first answer
//! back to the first time step. It has the thresholds of depth, by analogy alone: nothing was fitted for it. So a
//! sequence that is long enough vanishes for nearly any cell, an lstm that learns it included: the verdict says what
//! reaches the first time step, and `learned` says whether that was needed.

use crate::metric::{LayerReading, RowStatus, Verdict, gradient_decades};

/// Share of flat units above which a layer is dead.
const DEAD_ABOVE: f64 = 0.99;

/// Share of saturated units above which a layer is saturated.
const SATURATED_ABOVE: f64 = 0.9;

/// Decades from layer L to layer 1, or from the first answer to the first time step, above which gradients explode.
const EXPLODING_ABOVE: f64 = 2.0;

/// Decades from layer L to layer 1, or from the first answer to the first time step, below which gradients vanish.
const VANISHING_BELOW: f64 = -1.0;

/// How runs are judged; the verdicts themselves are in [`crate::metric::Verdict`].
impl Verdict {
    /// The verdict on one step's hidden layers, whose gradients are finite. `time_decades` is NaN for a net without time.
    pub(super) fn of_step(hidden: &[LayerReading], time_decades: f64) -> Self {
        let decades = [gradient_decades(hidden), time_decades];
        if hidden.iter().any(is_dead) {
            Self::Dead
        } else if hidden.iter().any(is_saturated) {
            Self::Saturated
        } else {
            decades.into_iter().filter_map(Self::of_decades).min().unwrap_or(Self::Healthy)
        }
    }

    /// Exploding or vanishing, where decades on the way back are either; NaN is neither.
    pub(super) fn of_decades(decades: f64) -> Option<Self> {
        if decades > EXPLODING_ABOVE {
            Some(Self::Exploding)
        } else if decades < VANISHING_BELOW {
            Some(Self::Vanishing)
        } else {
            None
        }
    }
}

/// Whether a layer passes no error, or nearly no unit of it does. What underflows is not dead: relu's slope is also 0
/// where the argument became 0 for want of range. Nor is a layer whose W alone gets no gradient, as its inputs are all 0:
/// the error passes.
pub(super) fn is_dead(layer: &LayerReading) -> bool {
    match layer.status {
        RowStatus::Underflow => false,
        RowStatus::Zero | RowStatus::Ok | RowStatus::Nan | RowStatus::Inf => {
            layer.delta_rms == 0.0 || layer.zero_fraction > DEAD_ABOVE
        }
    }
}

/// Whether nearly all units of a layer are where their activation is flat.
pub(super) fn is_saturated(layer: &LayerReading) -> bool {
    layer.saturated_fraction > SATURATED_ABOVE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(first: f64, zero_fraction: f64, saturated_fraction: f64, status: RowStatus) -> Verdict {
        through_time(first, zero_fraction, saturated_fraction, status, f64::NAN)
    }

    fn through_time(first: f64, zero_fraction: f64, saturated_fraction: f64, status: RowStatus, time: f64) -> Verdict {
        let row = |delta_rms| LayerReading {
            grad_norm: 1.0,
            delta_rms,
            weight_norm: 1.0,
            update_norm: 1.0,
            act_mean: 0.0,
            act_std: 1.0,
            zero_fraction,
            saturated_fraction,
            gains: None,
            status,
        };
        Verdict::of_step(&[row(first), row(1.0)], time)
    }

    #[test]
    fn the_thresholds_are_those_of_the_table() {
        assert_eq!(step(0.11, 0.5, 0.9, RowStatus::Ok), Verdict::Healthy);
        assert_eq!(step(0.09, 0.5, 0.9, RowStatus::Ok), Verdict::Vanishing);
        assert_eq!(step(99.0, 0.5, 0.9, RowStatus::Ok), Verdict::Healthy);
        assert_eq!(step(101.0, 0.5, 0.9, RowStatus::Ok), Verdict::Exploding);
        assert_eq!(step(101.0, 0.5, 0.91, RowStatus::Ok), Verdict::Saturated);
        assert_eq!(step(101.0, 0.995, 0.91, RowStatus::Ok), Verdict::Dead);
        assert_eq!(step(0.0, 0.0, 0.0, RowStatus::Zero), Verdict::Dead);
        assert_eq!(step(1.0, 0.0, 0.0, RowStatus::Zero), Verdict::Healthy, "the inputs are zero, the error passes");
        assert_eq!(step(1.0, 0.995, 0.0, RowStatus::Zero), Verdict::Dead);
        assert_eq!(step(1.0, 1.0, 0.0, RowStatus::Underflow), Verdict::Healthy);
        assert_eq!(step(0.0, 0.0, 0.0, RowStatus::Underflow), Verdict::Vanishing);
    }

    #[test]
    fn a_layer_whose_inputs_are_0_is_not_dead_where_its_error_passes() {
        assert_eq!(step(1.0, 0.5, 0.0, RowStatus::Zero), Verdict::Healthy);
        assert_eq!(step(1.0, 1.0, 0.0, RowStatus::Zero), Verdict::Dead);
    }

    #[test]
    fn time_has_the_thresholds_of_depth_and_the_worse_of_both_counts() {
        let of = |depth, time| through_time(depth, 0.0, 0.0, RowStatus::Ok, time);
        assert_eq!(of(1.0, -0.9), Verdict::Healthy);
        assert_eq!(of(1.0, -1.1), Verdict::Vanishing);
        assert_eq!(of(1.0, f64::NEG_INFINITY), Verdict::Vanishing);
        assert_eq!(of(1.0, 1.9), Verdict::Healthy);
        assert_eq!(of(1.0, 2.1), Verdict::Exploding);
        assert_eq!(of(0.01, 2.1), Verdict::Exploding, "of vanishing and exploding the worse");
        assert_eq!(of(0.01, 0.0), Verdict::Vanishing);
        assert_eq!(through_time(1.0, 0.0, 1.0, RowStatus::Ok, 2.1), Verdict::Saturated);
    }
}
