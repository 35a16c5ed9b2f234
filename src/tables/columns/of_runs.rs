//! The columns of runs.csv.

use super::column::{TableColumn, boolean, integer, number, text, word};
use crate::analysis::{Cause, Verdict};
use crate::tables::cell::CellValue;
use crate::tables::rows::{RunRow, RunStatus};

/// The verdict of a run that failed.
const NO_VERDICT: &str = "none";

/// The columns of runs.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const RUNS: [TableColumn<RunRow>; 27] = [
    text("run_id", "r and 16 hexadecimal digits of a hash over everything that decides the run's numbers; the same on every machine.",
        |r| CellValue::Id(r.id)),
    word("status", "ok, diverged (a loss was not finite) or failed (a panic or an I/O error; the row has no numbers).",
        || RunStatus::ALL.map(RunStatus::name).into(),
        |r| CellValue::Name(r.status.name())),
    word("verdict", "What the gradients are at the last traced step (exploding where a gradient of that step is not finite): diverged, dead, saturated, exploding, vanishing or healthy; recovered where one of these held at step 0 and none does at the last; none where the run failed.",
        || Verdict::ALL.map(Verdict::name).into_iter().chain([NO_VERDICT]).collect(),
        |r| CellValue::Name(r.verdict.map_or(NO_VERDICT, Verdict::name))),
    boolean("learned", "Whether loss_last is below 0.9 times the loss of chance: ln C for C classes, however often each occurs; the variance of the target for a number.",
        |r| CellValue::Bool(r.learned)),
    number("loss_first", "nats, or squared error", "Mean loss of the batch at step 0, before any update.",
        |r| CellValue::Recorded(r.outcome.loss_first)),
    number("loss_last", "nats, or squared error", "Mean loss over the last min(20, steps) steps that ran.",
        |r| CellValue::Recorded(r.outcome.loss_last)),
    number("accuracy_last", "share", "Mean accuracy over the same steps as loss_last; NaN for regression.",
        |r| CellValue::Recorded(r.outcome.accuracy_last)),
    number("test_loss", "nats, or squared error", "Loss on the test set after the last update; NaN without a test set or after divergence.",
        |r| CellValue::Recorded(r.outcome.test_loss)),
    number("test_accuracy", "share", "Accuracy on the test set after the last update; NaN for regression, without a test set or after divergence.",
        |r| CellValue::Recorded(r.outcome.test_accuracy)),
    number("init_decades_per_layer", "decades per layer", "Least-squares slope of log10 delta_rms over the distance L - l at step 0; negative is vanishing, positive exploding; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| CellValue::Recorded(r.init_decades_per_layer)),
    number("last_decades_per_layer", "decades per layer", "The slope of init_decades_per_layer at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.last_decades_per_layer)),
    number("init_gradient_decades", "decades", "log10 of delta_rms of layer 1 over that of layer L at step 0; -inf where nothing reaches layer 1; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| CellValue::Recorded(r.init_gradient_decades)),
    number("last_gradient_decades", "decades", "The ratio of init_gradient_decades at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.last_gradient_decades)),
    number("init_decades_per_step", "decades per time step", "Least-squares slope of log10 dh_rms of the top recurrent layer over the lag, from the first time step whose answer is judged, that one included, back to t = 1, at step 0; negative is vanishing into the past, positive exploding; NaN for a feed-forward net.",
        |r| CellValue::Recorded(r.init_decades_per_step)),
    number("last_decades_per_step", "decades per time step", "The slope of init_decades_per_step at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.last_decades_per_step)),
    number("init_time_decades", "decades", "log10 of state_rms of the top recurrent layer at t = 1 over that one time step before the first whose answer is judged, at step 0; -inf where nothing reaches t = 1; NaN where the first time step has an answer of its own, and for a feed-forward net.",
        |r| CellValue::Recorded(r.init_time_decades)),
    number("last_time_decades", "decades", "The ratio of init_time_decades at the last traced step with finite gradients.",
        |r| CellValue::Recorded(r.last_time_decades)),
    number("first_moved", "ratio", "moved of layer 1 after the last traced update, the last of the run: how far its weights came, over the norm of the initial ones; NaN where that is 0.",
        |r| CellValue::Recorded(r.first_moved)),
    number("first_over_last_moved", "ratio", "moved of layer 1 over that of layer L: 1 where both come as far, 0.01 where layer 1 moves a hundred times less; NaN where layer L did not move.",
        |r| CellValue::Recorded(r.first_over_last_moved)),
    integer("diverged_at", "steps", "Step of the first loss that was not finite; -1 where there was none.",
        |r| r.outcome.diverged_at.map_or(CellValue::Int(-1), CellValue::count)),
    integer("parameters", "", "Number of trained parameters; -1 where the run failed.",
        |r| r.parameters.map_or(CellValue::Int(-1), CellValue::count)),
    number("predicted_decades_per_layer", "decades per layer", "What the mean field says of init_decades_per_layer, from the architecture and the moments of the data; NaN where it gives no number, for a recurrent net and a net with one hidden layer.",
        |r| CellValue::Recorded(r.predicted_decades_per_layer)),
    number("predicted_decades_per_step", "decades per time step", "What theory says of init_decades_per_step; NaN where it gives no number, and for a feed-forward net.",
        |r| CellValue::Recorded(r.predicted_decades_per_step)),
    number("predicted_gradient_decades", "decades", "What the mean field says of init_gradient_decades; NaN where it gives no number, and for a recurrent net.",
        |r| CellValue::Recorded(r.predicted_gradient_decades)),
    number("predicted_time_decades", "decades", "What theory says of init_time_decades; NaN where it gives no number, and for a feed-forward net.",
        |r| CellValue::Recorded(r.predicted_time_decades)),
    number("theory_z", "standard deviations", "How far one seed is from theory: init_gradient_decades less predicted_gradient_decades (of a recurrent net init_time_decades less predicted_time_decades) and less the bias that theory gives to nets of this width, over the standard deviation that it gives to one seed (of a feed-forward net at this batch size); below 4 in at least 99 of 100 nets. NaN where there is no prediction, for a net with one hidden layer, and for two time steps.",
        |r| CellValue::Recorded(r.theory_z)),
    word("cause", "What the verdict is due to, in a word: the part of the way back that takes or adds most (activation, weights, norm, branches of a residual net, recurrence, stack of recurrent layers, underflow), or what ended it (dead_units, zero_weights, saturation, learning_rate, overflow); of a run that diverged or saturated, what left the healthy band first; of one that is not sick and did not learn, why (small_steps, few_steps, small_gradients, large_steps, random_labels, unexplained); none where the run learned and is not sick, and where it failed.",
        || Cause::ALL.map(Cause::name).into(),
        |r| CellValue::Name(r.cause.name())),
];
