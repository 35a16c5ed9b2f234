//! The definitions behind the columns of trace.csv: a layer's gradients, weights and activations at a traced step.

use serde::{Deserialize, Serialize};

use super::status::rms;
use super::{Gains, RowStatus};
use crate::kernels::{self, Real, mean_and_std, norm};
use crate::nn::Activation;

/// What was measured of one layer at one traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerReading {
    /// Frobenius norm of dLoss/dW; of a recurrent layer, here and in the other norms, of W_x and W_h together.
    pub grad_norm: f64,
    /// RMS over batch and units, in a recurrent layer over time and all gates, too, of B dLoss/dz: of each example's own
    /// loss, so that batch sizes compare.
    pub delta_rms: f64,
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
    /// By what the error changed on its way back from the layer above; none for the head and for recurrent layers.
    pub gains: Option<Gains>,
    /// The gradient's state in words.
    pub status: RowStatus,
}

impl LayerReading {
    /// `update_norm` over `weight_norm`: how much of itself the layer changes in one step. NaN where W is 0.
    pub fn relative_update(&self) -> f64 {
        if self.weight_norm == 0.0 { f64::NAN } else { self.update_norm / self.weight_norm }
    }
}

/// The gradient's part of a reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientReading {
    /// Frobenius norm of dLoss/dW.
    pub grad_norm: f64,
    /// RMS of B dLoss/dz.
    pub delta_rms: f64,
    /// Its state, by itself: [`settle_underflow`] then looks at the layers above.
    pub status: RowStatus,
}

/// Reads a layer's gradients: of every dLoss/dW its Frobenius norm and number of entries (one W of a dense layer, W_x
/// and W_h of a recurrent one), and `dz` = dLoss/dz (batch x units, or time x batch x units) as the run's precision
/// holds it.
///
/// One dLoss/dW that is zero beside one that is not says nothing by itself: W_h of sequences of one time step never
/// multiplies anything but 0, nor does W_x of inputs that are all 0. [`super::owes_gradient`] tells which W_h ought to
/// have a gradient.
pub fn read_gradient<F: Real>(dw: &[(f64, usize)], dz: &[F], batch: usize) -> GradientReading {
    let dz_norm = norm(dz);
    let all_zero = dw.iter().all(|dw| dw.0 == 0.0);
    let telling = dw.iter().copied().filter(|dw| all_zero || dw.0 != 0.0);
    let status = RowStatus::of::<F>(&telling.chain([(dz_norm, dz.len())]));
    let dz_rms = rms(dz_norm, dz.len());
    GradientReading { grad_norm: norm_of_norms(dw.iter().map(|w| w.0)), delta_rms: batch as f64 * dz_rms, status }
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
///   or its product with the error was too small;
/// * below a layer that underflows;
/// * anywhere in a net whose activations shrink below `least` on their way forward: the gradients of their weights, and
///   relu's slope at what became 0, are consequences.
pub fn settle_underflow(rows: &mut [LayerReading], softmax: bool, least: f64, has_slope: impl Fn(usize) -> bool) {
    let h_rms = |row: &LayerReading| kernels::sqrt(row.act_mean * row.act_mean + row.act_std * row.act_std);
    let faint = |row: &LayerReading| h_rms(row) > 0.0 && h_rms(row) < least;
    let forward_underflows = rows.split_last().is_some_and(|(_, hidden)| hidden.iter().any(faint));
    let mut underflows_above = false;
    let mut above: Option<LayerReading> = None;
    for (i, row) in rows.iter_mut().enumerate().rev() {
        let lost_here = row.delta_rms == 0.0
            && match above {
                None => softmax,
                Some(above) => {
                    above.delta_rms > 0.0 && above.weight_norm > 0.0 && row.zero_fraction < 1.0 && has_slope(i)
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
        LayerReading {
            grad_norm: 1.0,
            delta_rms,
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

    #[test]
    fn gradients_are_named_by_what_the_precision_can_hold() {
        let status = |x: f32| read_gradient(&[(norm(&[x; 4]), 4)], &[1.0_f32; 4], 2).status;
        assert_eq!(status(1.0), RowStatus::Ok);
        assert_eq!(status(1e-36), RowStatus::Ok);
        assert_eq!(status(1e-37), RowStatus::Underflow);
        assert_eq!(status(1e-45), RowStatus::Underflow);
        assert_eq!(status(0.0), RowStatus::Zero);
        assert_eq!(status(f32::NAN), RowStatus::Nan);
        assert_eq!(status(f32::NEG_INFINITY), RowStatus::Inf);
        assert_eq!(read_gradient(&[(1e-37, 1)], &[1.0_f64], 1).status, RowStatus::Ok);
    }

    #[test]
    fn a_layer_is_zero_only_where_all_its_matrices_get_no_gradient() {
        let status = |dw: [f64; 2], dz: f32| read_gradient(&dw.map(|norm| (norm, 4)), &[dz; 4], 2).status;
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
        assert_eq!(read_gradient(&[(1.0, 1)], &[0.25, -0.25, 0.25, 0.25], 4).delta_rms, 1.0);
    }

    #[test]
    fn zeros_below_an_underflow_are_underflow_and_dead_layers_are_zero() {
        use RowStatus::{Ok, Underflow, Zero};
        let statuses = |input: &[RowStatus]| {
            // Without slope anywhere, only the rows' own statuses speak.
            let flat = |s: &RowStatus| LayerReading { zero_fraction: 1.0, ..row(f64::from(*s == Ok), *s) };
            let mut rows: Vec<_> = input.iter().map(flat).collect();
            settle_underflow(&mut rows, false, 0.0, |_| true);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&[Zero, Zero, Underflow, Ok]), [Underflow, Underflow, Underflow, Ok]);
        assert_eq!(statuses(&[Zero, Ok, Zero, Ok]), [Zero, Ok, Zero, Ok]);
    }

    #[test]
    fn a_zero_that_mathematics_does_not_have_is_underflow() {
        use RowStatus::{Ok, Underflow, Zero};
        let settled = |mut rows: Vec<LayerReading>, softmax| {
            settle_underflow(&mut rows, softmax, 1e-36, |_| true);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        let dead = |zero_fraction| LayerReading { zero_fraction, ..row(0.0, Zero) };
        assert_eq!(settled(vec![dead(0.0), row(1.0, Ok)], true), [Underflow, Ok], "phi' underflowed");
        assert_eq!(settled(vec![dead(1.0), row(1.0, Ok)], true), [Zero, Ok], "all units are dead");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], true), [Underflow; 2], "the softmax is sure");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], false), [Zero; 2], "the numbers are hit exactly");
        let mut rows = [dead(0.5), row(1.0, Ok)];
        settle_underflow(&mut rows, true, 1e-36, |_| false);
        assert_eq!(rows[0].status, Zero, "all units are dead when the error comes");
        let faint = LayerReading { act_mean: 0.0, act_std: 1e-37, ..row(1e-20, Ok) };
        assert_eq!(settled(vec![faint, dead(1.0), row(1.0, Ok)], true), [Ok, Underflow, Ok], "h underflowed");
    }
}
