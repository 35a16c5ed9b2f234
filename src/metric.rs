//! What one number per layer means: the definitions behind the columns of trace.csv.
//!
//! Gradients here are those of the loss, the mean over the batch. `delta` is dLoss/dz, the backpropagated error.

use serde::{Deserialize, Serialize};

use crate::kernels::{self, Real, mean_and_std, norm};
use crate::nn::Activation;

/// What a layer's row says in words, because a spreadsheet holds NaN as text and hides a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// Every number is one.
    Ok,
    /// All gradient entries are zero for a reason of the network: dead units, zero weights.
    Zero,
    /// The gradient is too small for the run's precision to hold with its usual digits.
    Underflow,
    /// Some gradient entry is NaN.
    Nan,
    /// Some gradient entry is infinite.
    Inf,
}

impl RowStatus {
    /// Every status, in the order in which docs list them.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Zero, Self::Underflow, Self::Nan, Self::Inf];

    /// The name in tables. Not `nan` and `inf`: pandas takes the first for a missing value, and a column of either for
    /// numbers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Zero => "zero",
            Self::Underflow => "underflow",
            Self::Nan => "not_a_number",
            Self::Inf => "infinite",
        }
    }

    /// Whether the gradient's numbers are finite.
    pub fn is_finite(self) -> bool {
        match self {
            Self::Ok | Self::Zero | Self::Underflow => true,
            Self::Nan | Self::Inf => false,
        }
    }
}

/// What was measured of one layer at one traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerReading {
    /// Frobenius norm of dLoss/dW.
    pub grad_norm: f64,
    /// RMS over batch and units of B dLoss/dz: of each example's own loss, so that batch sizes compare.
    pub delta_rms: f64,
    /// Frobenius norm of W before the update.
    pub weight_norm: f64,
    /// Frobenius norm of `W_after` - `W_before`, as stored.
    pub update_norm: f64,
    /// Mean of h over batch and units; for the head, of the logits.
    pub act_mean: f64,
    /// Population standard deviation of h over batch and units; for the head, of the logits.
    pub act_std: f64,
    /// Share of entries whose phi' is mathematically 0.
    pub zero_fraction: f64,
    /// Share of entries with |phi'| < 0.05 max |phi'| (sigmoid, tanh).
    pub saturated_fraction: f64,
    /// The gradient's state in words.
    pub status: RowStatus,
}

/// What was measured of one recurrent layer at one time step of a traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimeReading {
    /// RMS over batch and units of B `dLoss/dh_t`: the total derivative, the loss at t included, of each example's own
    /// loss.
    pub dh_rms: f64,
    /// The same of the cell state, B `dLoss/dc_t`; NaN for a layer without one.
    pub dc_rms: f64,
    /// RMS over batch and units of `h_t`.
    pub h_rms: f64,
    /// The state in words of `dLoss/dh_t`, and of `dLoss/dc_t` where there is one.
    pub status: RowStatus,
}

/// What was measured of one gate of a recurrent layer at a traced step, over batch, units and time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateReading {
    /// Mean of the gate's values.
    pub mean: f64,
    /// Share of its values where the derivative of its nonlinearity is below 0.05 times the largest.
    pub saturated_fraction: f64,
}

/// A gradient whose RMS is below this many times the smallest normal number has lost digits in a good part of its
/// entries: they scatter over a decade around the RMS.
const UNDERFLOW_FACTOR: f64 = 16.0;

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

/// Reads a layer's gradients: `dw` = dLoss/dW, `dz` = dLoss/dz (batch x units) as the run's precision holds them.
pub fn read_gradient<F: Real>(dw: &[F], dz: &[F], batch: usize) -> GradientReading {
    let (grad_norm, dz_norm) = (norm(dw), norm(dz));
    let rms = |norm: f64, n: usize| norm / kernels::sqrt(n as f64);
    let dz_rms = rms(dz_norm, dz.len());
    let least = least_rms::<F>();
    let lost = |norm: f64, n: usize| norm > 0.0 && rms(norm, n) < least;
    let status = if grad_norm.is_nan() || dz_norm.is_nan() {
        RowStatus::Nan
    } else if grad_norm.is_infinite() || dz_norm.is_infinite() {
        RowStatus::Inf
    } else if lost(grad_norm, dw.len()) || lost(dz_norm, dz.len()) {
        RowStatus::Underflow
    } else if grad_norm == 0.0 || dz_norm == 0.0 {
        RowStatus::Zero
    } else {
        RowStatus::Ok
    };
    GradientReading { grad_norm, delta_rms: batch as f64 * dz_rms, status }
}

/// Tells the zeros that underflow made from those of the network, in the rows of one step, first layer to head. A zero
/// is underflow's
///
/// * in the head of a softmax (`softmax`), whose probabilities are never mathematically 0;
/// * where the error above is not zero, nor the weights it comes through, and not all of the layer's slopes are
///   mathematically 0: then phi' or its product with the error was too small;
/// * below a layer that underflows;
/// * anywhere in a net whose activations shrink below `least` on their way forward: the gradients of their weights, and
///   relu's slope at what became 0, are consequences.
pub fn settle_underflow(rows: &mut [LayerReading], softmax: bool, least: f64) {
    let rms = |row: &LayerReading| kernels::sqrt(row.act_mean * row.act_mean + row.act_std * row.act_std);
    let faint = |row: &LayerReading| rms(row) > 0.0 && rms(row) < least;
    let forward_underflows = rows.split_last().is_some_and(|(_, hidden)| hidden.iter().any(faint));
    let mut underflows_above = false;
    let mut above: Option<LayerReading> = None;
    for row in rows.iter_mut().rev() {
        let lost_here = row.delta_rms == 0.0
            && match above {
                None => softmax,
                Some(above) => above.delta_rms > 0.0 && above.weight_norm > 0.0 && row.zero_fraction < 1.0,
            };
        if row.status == RowStatus::Zero && (underflows_above || lost_here || forward_underflows) {
            row.status = RowStatus::Underflow;
        }
        underflows_above |= row.status == RowStatus::Underflow;
        above = Some(*row);
    }
}

/// RMS below which a tensor of the precision has lost digits in a good part of its entries.
pub fn least_rms<F: Real>() -> f64 {
    UNDERFLOW_FACTOR * F::MIN_NORMAL
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

/// Least-squares slope of log10 `delta_rms` over the backward distance L - l, for layers l = 2..L, or 1..L where that
/// leaves fewer than two: the decades by which the error shrinks (negative) or grows (positive) per layer on its way
/// back. `hidden` are the readings of layers 1..L. NaN for L = 1; -inf if one of these layers is zero or underflows.
pub fn decades_per_layer(hidden: &[LayerReading]) -> f64 {
    let used = if hidden.len() > 2 { &hidden[1..] } else { hidden };
    if used.len() < 2 {
        return f64::NAN;
    }
    if used.iter().any(|r| matches!(r.status, RowStatus::Zero | RowStatus::Underflow)) {
        return f64::NEG_INFINITY;
    }
    let n = used.len() as f64;
    let mean_distance = (n - 1.0) / 2.0;
    // sum (d - mean)^2 over d = 0..n-1, in closed form.
    let spread = n * (n * n - 1.0) / 12.0;
    let covariance: f64 = used
        .iter()
        .rev()
        .enumerate()
        .map(|(distance, r)| (distance as f64 - mean_distance) * kernels::log10(r.delta_rms))
        .sum();
    covariance / spread
}

/// log10(`delta_rms` of layer 1 / of layer L); -inf where nothing reaches layer 1. `hidden` are the readings of layers
/// 1..L.
///
/// # Panics
/// If there is no layer.
pub fn gradient_decades(hidden: &[LayerReading]) -> f64 {
    let first = hidden.first().expect("a net has a hidden layer").delta_rms;
    let last = hidden.last().expect("a net has a hidden layer").delta_rms;
    if first == 0.0 { f64::NEG_INFINITY } else { kernels::log10(first) - kernels::log10(last) }
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
            act_mean: 0.0,
            act_std: 1.0,
            zero_fraction: 0.0,
            saturated_fraction: 0.0,
            status,
        }
    }

    fn profile(log10: &[f64]) -> Vec<LayerReading> {
        log10.iter().map(|e| row(10_f64.powf(*e), RowStatus::Ok)).collect()
    }

    #[test]
    fn the_slope_leaves_out_layer_1_where_three_or_more_layers_are() {
        let vanishing = profile(&[5.0, -3.0, -2.5, -2.0]);
        assert!((decades_per_layer(&vanishing) + 0.5).abs() < 1e-12, "{}", decades_per_layer(&vanishing));
        assert!((decades_per_layer(&profile(&[-1.0, -3.0])) - 2.0).abs() < 1e-12);
        assert!(decades_per_layer(&profile(&[1.0])).is_nan());
        assert!((gradient_decades(&vanishing) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_layer_without_gradient_makes_the_slope_infinite() {
        assert_eq!(gradient_decades(&[row(0.0, RowStatus::Zero), row(0.0, RowStatus::Zero)]), f64::NEG_INFINITY);
        let mut rows = profile(&[0.0, -3.0, -2.0]);
        rows[1].status = RowStatus::Underflow;
        assert_eq!(decades_per_layer(&rows), f64::NEG_INFINITY);
        rows[1] = row(0.0, RowStatus::Zero);
        assert_eq!(decades_per_layer(&rows), f64::NEG_INFINITY);
    }

    #[test]
    fn gradients_are_named_by_what_the_precision_can_hold() {
        let status = |x: f32| read_gradient(&[x; 4], &[1.0_f32; 4], 2).status;
        assert_eq!(status(1.0), RowStatus::Ok);
        assert_eq!(status(1e-36), RowStatus::Ok);
        assert_eq!(status(1e-37), RowStatus::Underflow);
        assert_eq!(status(1e-45), RowStatus::Underflow);
        assert_eq!(status(0.0), RowStatus::Zero);
        assert_eq!(status(f32::NAN), RowStatus::Nan);
        assert_eq!(status(f32::NEG_INFINITY), RowStatus::Inf);
        assert_eq!(read_gradient(&[1e-37_f64], &[1.0], 1).status, RowStatus::Ok);
    }

    #[test]
    fn delta_is_that_of_each_examples_own_loss() {
        assert_eq!(read_gradient(&[1.0], &[0.25, -0.25, 0.25, 0.25], 4).delta_rms, 1.0);
    }

    #[test]
    fn zeros_below_an_underflow_are_underflow_and_dead_layers_are_zero() {
        use RowStatus::{Ok, Underflow, Zero};
        let statuses = |input: &[RowStatus]| {
            // Without slope anywhere, only the rows' own statuses speak.
            let flat = |s: &RowStatus| LayerReading { zero_fraction: 1.0, ..row(f64::from(*s == Ok), *s) };
            let mut rows: Vec<_> = input.iter().map(flat).collect();
            settle_underflow(&mut rows, false, 0.0);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&[Zero, Zero, Underflow, Ok]), [Underflow, Underflow, Underflow, Ok]);
        assert_eq!(statuses(&[Zero, Ok, Zero, Ok]), [Zero, Ok, Zero, Ok]);
    }

    #[test]
    fn a_zero_that_mathematics_does_not_have_is_underflow() {
        use RowStatus::{Ok, Underflow, Zero};
        let settled = |mut rows: Vec<LayerReading>, softmax| {
            settle_underflow(&mut rows, softmax, 1e-36);
            rows.iter().map(|r| r.status).collect::<Vec<_>>()
        };
        let dead = |zero_fraction| LayerReading { zero_fraction, ..row(0.0, Zero) };
        assert_eq!(settled(vec![dead(0.0), row(1.0, Ok)], true), [Underflow, Ok], "phi' underflowed");
        assert_eq!(settled(vec![dead(1.0), row(1.0, Ok)], true), [Zero, Ok], "all units are dead");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], true), [Underflow; 2], "the softmax is sure");
        assert_eq!(settled(vec![dead(1.0), dead(0.0)], false), [Zero; 2], "the numbers are hit exactly");
        let faint = LayerReading { act_mean: 0.0, act_std: 1e-37, ..row(1e-20, Ok) };
        assert_eq!(settled(vec![faint, dead(1.0), row(1.0, Ok)], true), [Ok, Underflow, Ok], "h underflowed");
    }
}
