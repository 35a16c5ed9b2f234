//! The columns of layers.csv, steps.csv and trace.csv: what was measured in each layer and at each step.

use super::column::{TableColumn, integer, number, text, word};
use crate::metric::{Gains, RowStatus};
use crate::tables::cell::CellValue;
use crate::tables::rows::{LayerPlace, LayerRow, TraceRow};
use crate::trace::StepReading;

/// The columns of layers.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const LAYERS: [TableColumn<LayerRow>; 14] = [
    integer("layer", "", "1 to L from the input on; L + 1 is the head.",
        |r| CellValue::count(r.place.site.number)),
    text("site", "The name of the layer's site, as the module of the same make in PyTorch: layers.1, .., head.",
        |r| CellValue::Site(r.place.site)),
    integer("block", "", "The residual block that the site is in or at the end of, from 1; 0 outside of blocks.",
        |r| CellValue::count(r.place.site.block.unwrap_or(0))),
    word("role", "hidden or head.", || LayerPlace::ROLES.into(),
        |r| CellValue::Name(r.place.role)),
    number("log10_delta_rms_init", "decades", "log10 of delta_rms at step 0; -inf where it is 0; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| CellValue::Recorded(r.summary.log10_delta_rms_init)),
    number("log10_delta_rms_mean", "decades", "Mean of log10 delta_rms over the traced steps with finite gradients.",
        |r| CellValue::Recorded(r.summary.log10_delta_rms_mean)),
    number("log10_delta_rms_last", "decades", "log10 of delta_rms at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.summary.log10_delta_rms_last)),
    number("log10_grad_norm_init", "decades", "log10 of grad_norm at step 0; -inf where it is 0; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| CellValue::Recorded(r.summary.log10_grad_norm_init)),
    number("log10_grad_norm_mean", "decades", "Mean of log10 grad_norm over the traced steps with finite gradients.",
        |r| CellValue::Recorded(r.summary.log10_grad_norm_mean)),
    number("log10_grad_norm_last", "decades", "log10 of grad_norm at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.summary.log10_grad_norm_last)),
    number("log10_relative_update_mean", "decades", "Mean of log10 relative_update over the traced steps with finite gradients: how fast the layer learns; -inf where an update changed nothing.",
        |r| CellValue::Recorded(r.summary.log10_relative_update_mean)),
    number("moved", "ratio", "moved after the last traced update: Frobenius norm of W less the initial W over that of the initial W; NaN where that is 0.",
        |r| CellValue::Recorded(r.summary.moved)),
    number("predicted_log10_delta", "decades", "What the mean field says of log10 of delta_rms of this layer over that of layer L, at initialisation; NaN for the head, and where it gives no number.",
        |r| CellValue::Recorded(r.predicted)),
    number("deviation_decades", "decades", "log10_delta_rms_init of this layer less that of layer L less predicted_log10_delta: how far the measurement is from the prediction; NaN where there is none.",
        |r| CellValue::Recorded(r.deviation)),
];

/// The columns of steps.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const STEPS: [TableColumn<StepReading>; 5] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| CellValue::count(r.step)),
    number("loss", "nats, or squared error", "Mean loss of the batch.",
        |r| CellValue::Recorded(r.loss)),
    number("accuracy", "share", "Accuracy on the batch; NaN for regression.",
        |r| CellValue::Recorded(r.accuracy)),
    number("total_grad_norm", "", "Euclidean norm of the gradient of all parameters, before clipping.",
        |r| CellValue::Recorded(r.total_grad_norm)),
    number("clip_factor", "ratio", "What clipping multiplied the gradient by; 1 where it did nothing.",
        |r| CellValue::Recorded(r.clip_factor)),
];

/// The columns of trace.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const TRACE: [TableColumn<TraceRow>; 22] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| CellValue::count(r.step)),
    integer("layer", "", "1 to L from the input on; L + 1 is the head.",
        |r| CellValue::count(r.place.site.number)),
    text("site", "The name of the layer's site, as the module of the same make in PyTorch: layers.1, .., head.",
        |r| CellValue::Site(r.place.site)),
    integer("block", "", "The residual block that the site is in or at the end of, from 1; 0 outside of blocks.",
        |r| CellValue::count(r.place.site.block.unwrap_or(0))),
    word("role", "hidden or head.", || LayerPlace::ROLES.into(),
        |r| CellValue::Name(r.place.role)),
    number("grad_norm", "", "Frobenius norm of dLoss/dW; of a recurrent layer that of W_x and W_h together.",
        |r| CellValue::Recorded(r.reading.grad_norm)),
    number("delta_rms", "", "Root mean square over batch and units, in a recurrent layer over time and all gates, too, of the batch size times dLoss/dz, the error backpropagated from each example's own loss.",
        |r| CellValue::Recorded(r.reading.delta_rms)),
    number("log10_grad_norm", "decades", "log10 of grad_norm, exact also where that is below the range of f64 and 0; -inf where it is 0 for another reason.",
        |r| CellValue::Recorded(r.reading.log10_grad_norm)),
    number("log10_delta_rms", "decades", "log10 of delta_rms, likewise.",
        |r| CellValue::Recorded(r.reading.log10_delta_rms)),
    number("weight_norm", "", "Frobenius norm of W before the update; of a recurrent layer that of W_x and W_h together.",
        |r| CellValue::Recorded(r.reading.weight_norm)),
    number("update_norm", "", "Frobenius norm of the change of W by the update, as stored; of a recurrent layer that of W_x and W_h together.",
        |r| CellValue::Recorded(r.reading.update_norm)),
    number("relative_update", "ratio", "update_norm over weight_norm: what share of itself the layer changes in this step; NaN where weight_norm is 0.",
        |r| CellValue::Recorded(r.reading.relative_update())),
    number("moved", "ratio", "How far the weights have come after this update: Frobenius norm of W less the initial W over that of the initial W; NaN where that is 0.",
        |r| CellValue::Recorded(r.reading.moved)),
    number("act_mean", "", "Mean of the activations over batch and units, in a recurrent layer over time, too; of the logits for the head.",
        |r| CellValue::Recorded(r.reading.act_mean)),
    number("act_std", "", "Population standard deviation of the activations over batch and units, in a recurrent layer over time, too; of the logits for the head.",
        |r| CellValue::Recorded(r.reading.act_std)),
    number("zero_fraction", "share", "Share of activations whose derivative is mathematically 0; 0 for layers with gates.",
        |r| CellValue::Recorded(r.reading.zero_fraction)),
    number("saturated_fraction", "share", "Share of activations whose derivative is below 0.05 times its maximum (sigmoid, tanh); of a layer with gates the mean of their shares.",
        |r| CellValue::Recorded(r.reading.saturated_fraction)),
    number("weight_gain", "decades", "log10 of the RMS of dLoss/dh over that of dLoss/dz of the layer above: by what its weights change the error; with activation_gain and norm_gain the step of log10 delta_rms in a net without residual connections; NaN for the head and for recurrent layers.",
        |r| CellValue::Recorded(gain(r, |g| g.weight))),
    number("activation_gain", "decades", "log10 of the RMS of dLoss/du over that of dLoss/dh: by what the activation's derivative changes the error; NaN for the head and for recurrent layers.",
        |r| CellValue::Recorded(gain(r, |g| g.activation))),
    number("norm_gain", "decades", "log10 of the RMS of dLoss/dz (of a residual branch's part of it) over that of dLoss/du: by what batch norm or layer norm changes the error, 0 without; NaN for the head and for recurrent layers.",
        |r| CellValue::Recorded(gain(r, |g| g.norm))),
    number("branch_share", "share", "Mean square of the residual branch's part of dLoss/dz over the sum of that and of the stream's; 1 without a stream; NaN for the head and for recurrent layers.",
        |r| CellValue::Recorded(gain(r, |g| g.branch_share))),
    word("status", "ok, zero (all of dLoss/dW is: dead units, zero weights or zero inputs), underflow (below what this precision holds: a framework would have 0 there or lose digits; the number is true), not_a_number or infinite.",
        || RowStatus::ALL.map(RowStatus::name).into(),
        |r| CellValue::Name(r.reading.status.name())),
];

/// Returns one of a layer's gains; NaN for a layer without.
fn gain(row: &TraceRow, gain: fn(Gains) -> f64) -> f64 {
    row.reading.gains.map_or(f64::NAN, gain)
}
