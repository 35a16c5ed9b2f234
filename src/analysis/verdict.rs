//! The verdict on a run's gradients, and its thresholds.
//!
//! | verdict | when | why there |
//! |---|---|---|
//! | diverged | a loss was not finite | nothing after it means anything |
//! | dead | a hidden layer passes no gradient, or fewer than 1 in 100 of its units do | what is above it cannot reach below |
//! | saturated | more than 9 in 10 units of a hidden layer have a slope below a twentieth of the largest | the layer hardly moves; in a residual net up to 8 in 10 were seen in nets that learn well |
//! | exploding | gradient_decades or time_decades > 2, or a gradient of the last traced step is not finite | the thresholds of depth were fitted on nets of digits; tests/verdict counts how often they are right |
//! | vanishing | gradient_decades or time_decades < -1 | as above |
//! | recovered | one of these at step 0, where no finite gradient counts as exploding, and none at the last traced step | training has mended it |
//! | healthy | none of these | does not mean that it learns |
//!
//! All but the first are judged at the last traced step that tells something of the way back: what the net is like when
//! training ends. A net that is sick at step 0 and not then learns more often than not.
//!
//! `time_decades` is that of a recurrent net's top layer: by how much the error at its whole state shrinks or grows from one
//! time step before the first answer back to the first time step. It has the thresholds of depth.

use super::step::{Step, Untold, untold};
use crate::metric::{LayerReading, RowStatus, Verdict, gradient_decades};
use crate::trace::Trace;

/// A run counts as having learned below this share of the loss of chance.
pub(super) const LEARNED_BELOW: f64 = 0.9;

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
    /// The verdict on a run, its own or another program's. `finite` are its traced steps with finite gradients.
    pub(super) fn of(trace: &Trace, finite: &[Step<'_>]) -> Self {
        if trace.outcome.diverged_at.is_some() {
            return Self::Diverged;
        }
        let Some(last) = finite.last() else { return Self::Exploding };
        match last.verdict() {
            // Gradients that are not finite are worse than those of the nearest step that has some.
            verdict if Step::broken_end(trace).is_some() => verdict.min(Self::Exploding),
            Self::Healthy if Self::at_first(trace).is_sick() => Self::Recovered,
            verdict => verdict,
        }
    }

    /// The verdict on step 0; healthy where the trace does not begin there, or step 0 tells nothing of the way back.
    fn at_first(trace: &Trace) -> Self {
        match Step::initial(trace) {
            Some(step) => step.verdict(),
            None if begins_broken(trace) => Self::Exploding,
            None => Self::Healthy,
        }
    }

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

/// Whether a gradient of step 0 is not finite.
fn begins_broken(trace: &Trace) -> bool {
    trace.steps.first().is_some_and(|reading| reading.step == 0)
        && matches!(untold(trace, 0), Some(Untold::NotFinite { .. }))
}

/// Whether a layer passes no error, or nearly no unit of it does. What underflows is not dead: relu's slope is also 0
/// where the argument became 0 for want of range. Nor is a layer whose W alone gets no gradient, as its inputs are all 0:
/// the error passes.
pub(super) fn is_dead(layer: &LayerReading) -> bool {
    match layer.status {
        RowStatus::Underflow => false,
        RowStatus::Zero | RowStatus::Ok | RowStatus::Nan | RowStatus::Inf => {
            layer.log10_delta_rms == f64::NEG_INFINITY || layer.zero_fraction > DEAD_ABOVE
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
        let row = |delta_rms: f64| LayerReading {
            zero_fraction,
            saturated_fraction,
            ..LayerReading::with_norms(1.0, delta_rms, status)
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

    /// The further an error is from where it began, in either direction and through depth and time alike, the worse the
    /// verdict; and whatever else holds, it never makes it better.
    #[test]
    fn the_verdict_is_monotone_in_decades() {
        let decades: Vec<f64> = (-60..=60).map(|i| f64::from(i) / 8.0).collect();
        let of = |depth: f64, time: f64, saturated: f64, flat: f64| {
            through_time(10_f64.powf(depth), flat, saturated, RowStatus::Ok, time)
        };
        for &other in &[f64::NAN, -3.0, -0.5, 0.0, 1.5, 4.0] {
            for (saturated, flat) in [(0.0, 0.0), (0.95, 0.0), (0.0, 0.995)] {
                for pair in decades.windows(2) {
                    let [nearer, further] = if pair[0] < 0.0 { [pair[1], pair[0]] } else { [pair[0], pair[1]] };
                    let depth = |x| of(x, other, saturated, flat);
                    assert!(depth(further) <= depth(nearer), "{nearer} {further} {other}");
                    let time = |x| of(0.0, x, saturated, flat);
                    assert!(time(further) <= time(nearer), "{nearer} {further}");
                }
            }
        }
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
