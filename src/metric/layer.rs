//! The definitions behind the columns of trace.csv: a layer's gradients, weights and activations at a traced step.

use serde::{Deserialize, Serialize};

use super::{Gains, RowStatus};
use crate::kernels::{self, Magnitude, Real, mean_and_std, norm};
use crate::nn::Activation;

/// What was measured of one layer at one traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerReading {
    /// Frobenius norm of dLoss/dW; of a recurrent layer, here and in the other norms, of W_x and W_h together.
    pub grad_norm: f64,
    /// RMS over batch and units, in a recurrent layer over time and all gates, too, of B dLoss/dz: of each example's own
    /// loss, so that batch sizes compare.
    pub delta_rms: f64,
    /// log10 of `grad_norm`, also where that is below f64's range and 0.
    pub log10_grad_norm: f64,
    /// log10 of `delta_rms`, also where that is below f64's range and 0.
    pub log10_delta_rms: f64,
    /// Frobenius norm of W before the update.
    pub weight_norm: f64,
    /// Frobenius norm of `W_after` - `W_before`, as stored.
    pub update_norm: f64,
    /// How far W has come from where it began: Frobenius norm of `W_after` - W_0 over that of W_0, the initial weights.
    /// NaN where W_0 is 0.
    pub moved: f64,
    /// Mean of h over batch and units (and time); for the head, of the logits.
    pub act_mean: f64,
    /// Population standard deviation of h over batch and units (and time); for the head, of the logits.
    pub act_std: f64,
    /// Share of entries whose phi' is mathematically 0.
    pub zero_fraction: f64,
    /// Share of entries with |phi'| < 0.05 max |phi'| (sigmoid, tanh); of a layer with gates the mean of their shares.
    pub saturated_fraction: f64,
    /// How the error changed on its way back from the layer above; none for the head and for recurrent layers.
    pub gains: Option<Gains>,
    /// The gradient's state in words.
    pub status: RowStatus,
}

impl LayerReading {
    /// A reading for tests: with these norms, of a layer whose units are all alive.
    #[cfg(test)]
    pub(crate) fn with_norms(grad_norm: f64, delta_rms: f64, status: RowStatus) -> Self {
        let (log10_grad_norm, log10_delta_rms) = (kernels::log10(grad_norm), kernels::log10(delta_rms));
        Self {
            grad_norm,
            delta_rms,
            log10_grad_norm,
            log10_delta_rms,
            weight_norm: 1.0,
            update_norm: 1.0,
            moved: 1.0,
            act_mean: 0.0,
            act_std: 1.0,
            zero_fraction: 0.0,
            saturated_fraction: 0.0,
            gains: None,
            status,
        }
    }

    /// Returns the reading with the logarithms of its `grad_norm` and `delta_rms`, as they are.
    #[must_use]
    pub fn with_logarithms(self) -> Self {
        let (log10_grad_norm, log10_delta_rms) = (kernels::log10(self.grad_norm), kernels::log10(self.delta_rms));
        Self { log10_grad_norm, log10_delta_rms, ..self }
    }

    /// `update_norm` over `weight_norm`: how much of itself the layer changes in one step. NaN where W is 0.
    pub fn relative_update(&self) -> f64 {
        if self.weight_norm == 0.0 { f64::NAN } else { self.update_norm / self.weight_norm }
    }
}

/// The gradient's part of a reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientReading {
    /// Frobenius norm of dLoss/dW.
    pub grad_norm: Magnitude,
    /// RMS of B dLoss/dz.
    pub delta_rms: Magnitude,
    /// Its state, by itself: [`settle_underflow`] then looks at the layers above.
    pub status: RowStatus,
}

/// Reads a layer's gradients: of every dLoss/dW its Frobenius norm and number of entries (one W of a dense layer, W_x
/// and W_h of a recurrent one), and the root mean square of `dz` = dLoss/dz (batch x units, or time x
/// batch x units).
///
/// One dLoss/dW that is zero beside one that is not says nothing by itself: W_h of sequences of one time step never
/// multiplies anything but 0, nor does W_x of inputs that are all 0. [`super::owes_gradient`] tells which W_h ought to
/// have a gradient.
pub fn read_gradient<F: Real>(dw: &[(Magnitude, usize)], dz: Magnitude, batch: usize) -> GradientReading {
    let all_zero = dw.iter().all(|dw| dw.0.entries == 0.0);
    let telling = dw.iter().filter(|dw| all_zero || dw.0.entries != 0.0);
    let rms = telling.map(|&(norm, entries)| norm.times(1.0 / kernels::sqrt(entries as f64)));
    let status = RowStatus::of::<F>(&rms.chain([dz]));
    let exponent = dw.iter().map(|dw| dw.0.exponent).max().unwrap_or(0);
    let grad_norm = Magnitude { entries: norm_of_norms(dw.iter().map(|dw| dw.0.at(exponent))), exponent };
    GradientReading { grad_norm, delta_rms: dz.times(batch as f64), status }
}

/// log10 of a recorded number, or where that left the range of f64's normal numbers the `exact` one.
pub fn recorded_log10(recorded: f64, exact: f64) -> f64 {
    if recorded < f64::MIN_POSITIVE { exact } else { kernels::log10(recorded) }
}

/// The Frobenius norm of a layer's matrices as one, from the norms of each: of one matrix its own, of two their root of
/// squares.
///
/// # Panics
/// If there are more than two.
pub fn norm_of_norms(mut norms: impl Iterator<Item = f64>) -> f64 {
    let (first, second) = (norms.next(), norms.next());
    assert!(norms.next().is_none(), "a layer has W, or W_x and W_h");
    match (first, second) {
        (None, _) => 0.0,
        (Some(first), None) => first,
        (Some(first), Some(second)) => norm(&[first, second]),
    }
}

/// Tells the zeros that underflow made from those of the network, in the rows of one step, first layer to head. A zero
/// is underflow's
///
/// * in the head of a softmax (`softmax`), whose probabilities are never mathematically 0;
/// * where the error above is not zero, nor the weights it comes through, and not all of the layer's slopes are
///   mathematically 0 where it comes (`has_slope`, by index; of layers without time `zero_fraction` says it): then phi'
///   was too small;
/// * below a layer whose error underflow made 0;
/// * anywhere in a net whose activations shrink below `least` on their way forward, or are 0 because their arguments or
///   gates are too small (`are_small`, by index, says so): the gradients of their weights, and relu's slope at what became 0,
///   are consequences.
pub fn settle_underflow(
    rows: &mut [LayerReading],
    softmax: bool,
    least: f64,
    are_small: impl Fn(usize) -> bool,
    has_slope: impl Fn(usize) -> bool,
) {
    let h_rms = |row: &LayerReading| kernels::sqrt(row.act_mean * row.act_mean + row.act_std * row.act_std);
    let (mut forward_underflows, mut passes) = (false, true);
    for (l, row) in rows.iter().enumerate().take(rows.len().saturating_sub(1)) {
        let h_rms = h_rms(row);
        let is_lost = h_rms == 0.0 && passes && row.weight_norm > 0.0 && are_small(l);
        forward_underflows |= is_lost || h_rms > 0.0 && h_rms < least;
        passes = h_rms > 0.0 || is_lost;
    }
    let mut underflows_above = false;
    let mut above: Option<LayerReading> = None;
    for (i, row) in rows.iter_mut().enumerate().rev() {
        let is_zero = row.log10_delta_rms == f64::NEG_INFINITY;
        let lost_here = is_zero
            && match above {
                None => softmax,
                Some(above) => {
                    let comes = above.log10_delta_rms > f64::NEG_INFINITY && above.weight_norm > 0.0;
                    comes && row.zero_fraction < 1.0 && has_slope(i)
                }
            };
        if row.status == RowStatus::Zero && (underflows_above || lost_here || forward_underflows) {
            row.status = RowStatus::Underflow;
        }
        underflows_above |= row.status == RowStatus::Underflow;
        above = Some(*row);
    }
}

/// The activation's part of a reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivationReading {
    /// Mean of h.
    pub mean: f64,
    /// Population standard deviation of h.
    pub std: f64,
    /// Share of entries whose phi' is mathematically 0.
    pub zero_fraction: f64,
    /// Share of entries with |phi'| < 0.05 max |phi'|.
    pub saturated_fraction: f64,
}

/// Reads h = phi(u) of a hidden layer.
pub fn read_activation<F: Real>(phi: Activation, slope: F, u: &[F], h: &[F]) -> ActivationReading {
    let (mean, std) = mean_and_std(h);
    ActivationReading {
        mean,
        std,
        zero_fraction: phi.zero_fraction(u, slope),
        saturated_fraction: phi.saturated_fraction(u),
    }
}

/// Reads the logits, which have no activation.
pub fn read_logits<F: Real>(logits: &[F]) -> ActivationReading {
    let (mean, std) = mean_and_std(logits);
    ActivationReading { mean, std, zero_fraction: 0.0, saturated_fraction: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(delta_rms: f64, status: RowStatus) -> LayerReading {
        LayerReading::with_norms(1.0, delta_rms, status)
    }

    #[test]
    fn gradients_are_named_by_what_the_precision_can_hold() {
        let one = Magnitude::from(1.0);
        let status = |x: f32| read_gradient::<f32>(&[(norm(&[x; 4]).into(), 4)], one, 2).status;
        assert_eq!(status(1.0), RowStatus::Ok);
        assert_eq!(status(1e-36), RowStatus::Ok);
        assert_eq!(status(1e-37), RowStatus::Underflow);
        assert_eq!(status(1e-45), RowStatus::Underflow);
        assert_eq!(status(0.0), RowStatus::Zero);
        assert_eq!(status(f32::NAN), RowStatus::Nan);
        assert_eq!(status(f32::NEG_INFINITY), RowStatus::Inf);
        assert_eq!(read_gradient::<f64>(&[(1e-37.into(), 1)], one, 1).status, RowStatus::Ok);
        let far = Magnitude { entries: 1.0, exponent: -5000 };
        let reading = read_gradient::<f64>(&[(far, 1)], far, 10);
        assert_eq!((reading.status, reading.grad_norm.value()), (RowStatus::Underflow, 0.0));
        assert!((reading.delta_rms.decades() - 1.0 + 5000.0 * 2_f64.log10()).abs() < 1e-9);
    }

    #[test]
    fn a_layer_is_zero_only_where_all_its_matrices_get_no_gradient() {
        let status =
            |dw: [f64; 2], dz: f64| read_gradient::<f32>(&dw.map(|norm| (norm.into(), 4)), dz.into(), 2).status;
        assert_eq!(status([1.0, 0.0], 1.0), RowStatus::Ok);
        assert_eq!(status([0.0, 1.0], 1.0), RowStatus::Ok);
        assert_eq!(status([0.0, 0.0], 1.0), RowStatus::Zero);
        assert_eq!(status([0.0, 0.0], 0.0), RowStatus::Zero);
        assert_eq!(status([1e-40, 0.0], 1.0), RowStatus::Underflow);
        assert_eq!(status([1.0, 1e-40], 1.0), RowStatus::Underflow);
        assert_eq!(status([0.0, f64::NAN], 1.0), RowStatus::Nan);
    }

    #[test]
    fn delta_is_that_of_each_examples_own_loss() {
        assert_eq!(read_gradient::<f32>(&[(1.0.into(), 1)], 0.25.into(), 4).delta_rms.value(), 1.0);
    }

    #[test]
    fn zeros_below_an_underflow_are_underflow_and_dead_layers_are_zero() {
        use RowStatus::{Ok, Underflow, Zero};
        let statuses = |input: &[RowStatus]| {
            // Without slope anywhere, only the rows' own statuses speak.
            let flat = |s: &RowStatus| LayerReading { zero_fraction: 1.0, ..row(f64::from(*s == Ok), *s) };
            let mut rows: Vec<_> = input.iter().map(flat).collect();
            settle_underflow(&mut rows, false, 0.0, |_| false, |_| true);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&[Zero, Zero, Underflow, Ok]), [Underflow, Underflow, Underflow, Ok]);
        assert_eq!(statuses(&[Zero, Ok, Zero, Ok]), [Zero, Ok, Zero, Ok]);
    }

    #[test]
    fn a_zero_that_mathematics_does_not_have_is_underflow() {
        use RowStatus::{Ok, Underflow, Zero};
        let settled = |mut rows: Vec<LayerReading>, softmax| {
            settle_underflow(&mut rows, softmax, 1e-36, |_| false, |_| true);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        let dead = |zero_fraction| LayerReading { zero_fraction, ..row(0.0, Zero) };
        assert_eq!(settled(vec![dead(0.0), row(1.0, Ok)], true), [Underflow, Ok], "phi' underflowed");
        assert_eq!(settled(vec![dead(1.0), row(1.0, Ok)], true), [Zero, Ok], "all units are dead");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], true), [Underflow; 2], "the softmax is sure");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], false), [Zero; 2], "the numbers are hit exactly");
        let mut rows = [dead(0.5), row(1.0, Ok)];
        settle_underflow(&mut rows, true, 1e-36, |_| false, |_| false);
        assert_eq!(rows[0].status, Zero, "all units are dead when the error comes");
        let faint = LayerReading { act_mean: 0.0, act_std: 1e-37, ..row(1e-20, Ok) };
        assert_eq!(settled(vec![faint, dead(1.0), row(1.0, Ok)], true), [Ok, Underflow, Ok], "h underflowed");
        for (silent, expected) in [(0, Underflow), (9, Zero)] {
            let gone = LayerReading { act_std: 0.0, ..dead(1.0) };
            let mut rows = [row(1e-20, Ok), gone, row(1.0, Ok)];
            settle_underflow(&mut rows, true, 1e-36, |l| l == silent + 1, |_| true);
            assert_eq!(
                rows.map(|row| row.status),
                [Ok, expected, Ok],
                "h is 0 because z is too small, or all are dead"
            );
        }
    }
}
