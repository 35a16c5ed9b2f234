//! The tables' columns: name, type, unit, meaning and value of each, in the order in which they are written. Headers,
//! rows and the data package's description all come from here.

use super::cell::Cell;
use super::rows::{Applies, GateRow, LayerPlace, LayerRow, RunRow, RunStatus, TimeRow, TraceRow};
use super::{Axes, effects};
use crate::analysis::{Cause, Verdict};
use crate::config::Table;
use crate::metric::{Gains, RowStatus};
use crate::nn::ModelKind;
use crate::stats::Statistics;
use crate::trace::StepReading;

/// The first column of every table but summary.csv and effects.csv: the run's number in the plan.
pub(super) const RUN: &str = "run";

/// A table's own columns: those after `run` and the swept axes. summary.csv has no `run`, and of the axes all but the
/// seed; effects.csv has neither.
pub fn fields(table: Table) -> Vec<Field> {
    match table {
        Table::Runs => RUNS.iter().map(Column::field).collect(),
        Table::Summary => summary_fields(),
        Table::Layers => LAYERS.iter().map(Column::field).collect(),
        Table::Steps => STEPS.iter().map(Column::field).collect(),
        Table::Trace => TRACE.iter().map(Column::field).collect(),
        Table::Time => TIME.iter().map(Column::field).collect(),
        Table::Gates => GATES.iter().map(Column::field).collect(),
        Table::Effects => effects::fields(),
    }
}

/// All columns of a table, in the order of its header.
pub(super) fn table_fields(table: Table, axes: &Axes) -> Vec<Field> {
    let of_axes = axes.fields();
    let mut all = match table {
        Table::Summary => axes.of_cell(&of_axes).cloned().collect(),
        Table::Effects => Vec::new(),
        Table::Runs | Table::Layers | Table::Steps | Table::Trace | Table::Time | Table::Gates => {
            let doc = "Number of the run in the plan, from 0; rows are in its order.".into();
            let run = Field { name: RUN.into(), kind: FieldKind::Integer, unit: "", doc, names: Vec::new() };
            [vec![run], of_axes].concat()
        }
    };
    all.extend(fields(table));
    all
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A whole number.
    Integer,
    /// A number, `NaN`, `inf` or `-inf`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A name.
    Text,
}

/// A column as it is described to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in the header.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// The unit; empty where there is none.
    pub unit: &'static str,
    /// The definition, in one sentence.
    pub doc: String,
    /// Of text, the names that occur, if they are known beforehand.
    pub names: Vec<&'static str>,
}

/// A column of a table with rows of type `R`.
pub(super) struct Column<R> {
    name: &'static str,
    kind: FieldKind,
    unit: &'static str,
    doc: &'static str,
    names: fn() -> Vec<&'static str>,
    /// The row's value.
    pub(super) cell: fn(&R) -> Cell<'static>,
}

impl<R> Column<R> {
    fn field(&self) -> Field {
        Field { name: self.name.into(), kind: self.kind, unit: self.unit, doc: self.doc.into(), names: (self.names)() }
    }
}

const fn integer<R>(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    cell: fn(&R) -> Cell<'static>,
) -> Column<R> {
    Column { name, kind: FieldKind::Integer, unit, doc, names: Vec::new, cell }
}

const fn number<R>(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    cell: fn(&R) -> Cell<'static>,
) -> Column<R> {
    Column { name, kind: FieldKind::Number, unit, doc, names: Vec::new, cell }
}

const fn boolean<R>(name: &'static str, doc: &'static str, cell: fn(&R) -> Cell<'static>) -> Column<R> {
    Column { name, kind: FieldKind::Boolean, unit: "", doc, names: Vec::new, cell }
}

const fn text<R>(name: &'static str, doc: &'static str, cell: fn(&R) -> Cell<'static>) -> Column<R> {
    Column { name, kind: FieldKind::Text, unit: "", doc, names: Vec::new, cell }
}

/// Text that is one of a few names.
const fn word<R>(
    name: &'static str,
    doc: &'static str,
    names: fn() -> Vec<&'static str>,
    cell: fn(&R) -> Cell<'static>,
) -> Column<R> {
    Column { name, kind: FieldKind::Text, unit: "", doc, names, cell }
}

/// The verdict of a run that failed.
const NO_VERDICT: &str = "none";

/// runs.csv.
#[rustfmt::skip]
pub(super) const RUNS: [Column<RunRow>; 27] = [
    text("run_id", "r and 16 hexadecimal digits of a hash over everything that decides the run's numbers; the same on every machine.",
        |r| Cell::Id(r.id)),
    word("status", "ok, diverged (a loss was not finite) or failed (a panic or an I/O error; the row has no numbers).",
        || RunStatus::ALL.map(RunStatus::name).into(),
        |r| Cell::Name(r.status.name())),
    word("verdict", "What the gradients are at the last traced step (exploding where a gradient of that step is not finite): diverged, dead, saturated, exploding, vanishing or healthy; recovered where one of these held at step 0 and none does at the last; none where the run failed.",
        || Verdict::ALL.map(Verdict::name).into_iter().chain([NO_VERDICT]).collect(),
        |r| Cell::Name(r.verdict.map_or(NO_VERDICT, Verdict::name))),
    boolean("learned", "Whether loss_last is below 0.9 times the loss of chance: ln C for C classes, however often each occurs; the variance of the target for a number.",
        |r| Cell::Bool(r.learned)),
    number("loss_first", "", "Mean loss of the batch at step 0, before any update.",
        |r| Cell::Recorded(r.outcome.loss_first)),
    number("loss_last", "", "Mean loss over the last min(20, steps) steps that ran.",
        |r| Cell::Recorded(r.outcome.loss_last)),
    number("accuracy_last", "", "Mean accuracy over the same steps as loss_last; NaN for regression.",
        |r| Cell::Recorded(r.outcome.accuracy_last)),
    number("test_loss", "", "Loss on the test set after the last update; NaN without a test set or after divergence.",
        |r| Cell::Recorded(r.outcome.test_loss)),
    number("test_accuracy", "", "Accuracy on the test set after the last update; NaN for regression, without a test set or after divergence.",
        |r| Cell::Recorded(r.outcome.test_accuracy)),
    number("init_decades_per_layer", "decades per layer", "Least-squares slope of log10 delta_rms over the distance L - l at step 0; negative is vanishing, positive exploding; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| Cell::Recorded(r.init_decades_per_layer)),
    number("last_decades_per_layer", "decades per layer", "The slope of init_decades_per_layer at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.last_decades_per_layer)),
    number("init_gradient_decades", "decades", "log10 of delta_rms of layer 1 over that of layer L at step 0; -inf where nothing reaches layer 1; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| Cell::Recorded(r.init_gradient_decades)),
    number("last_gradient_decades", "decades", "The ratio of init_gradient_decades at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.last_gradient_decades)),
    number("init_decades_per_step", "decades per time step", "Least-squares slope of log10 dh_rms of the top recurrent layer over the lag, from the first time step whose answer is judged, that one included, back to t = 1, at step 0; negative is vanishing into the past, positive exploding; NaN for a feed-forward net.",
        |r| Cell::Recorded(r.init_decades_per_step)),
    number("last_decades_per_step", "decades per time step", "The slope of init_decades_per_step at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.last_decades_per_step)),
    number("init_time_decades", "decades", "log10 of state_rms of the top recurrent layer at t = 1 over that one time step before the first whose answer is judged, at step 0; -inf where nothing reaches t = 1; NaN where the first time step has an answer of its own, and for a feed-forward net.",
        |r| Cell::Recorded(r.init_time_decades)),
    number("last_time_decades", "decades", "The ratio of init_time_decades at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.last_time_decades)),
    number("first_moved", "", "moved of layer 1 after the last traced update, the last of the run: how far its weights came, over the norm of the initial ones; NaN where that is 0.",
        |r| Cell::Recorded(r.first_moved)),
    number("first_over_last_moved", "", "moved of layer 1 over that of layer L: 1 where both come as far, 0.01 where layer 1 moves a hundred times less; NaN where layer L did not move.",
        |r| Cell::Recorded(r.first_over_last_moved)),
    integer("diverged_at", "steps", "Step of the first loss that was not finite; -1 where there was none.",
        |r| r.outcome.diverged_at.map_or(Cell::Int(-1), Cell::count)),
    integer("parameters", "", "Number of trained parameters; -1 where the run failed.",
        |r| r.parameters.map_or(Cell::Int(-1), Cell::count)),
    number("predicted_decades_per_layer", "decades per layer", "What the mean field says of init_decades_per_layer, from the architecture and the moments of the data; NaN where it gives no number, for a recurrent net and a net with one hidden layer.",
        |r| Cell::Recorded(r.predicted_decades_per_layer)),
    number("predicted_decades_per_step", "decades per time step", "What theory says of init_decades_per_step; NaN where it gives no number, and for a feed-forward net.",
        |r| Cell::Recorded(r.predicted_decades_per_step)),
    number("predicted_gradient_decades", "decades", "What the mean field says of init_gradient_decades; NaN where it gives no number, and for a recurrent net.",
        |r| Cell::Recorded(r.predicted_gradient_decades)),
    number("predicted_time_decades", "decades", "What theory says of init_time_decades; NaN where it gives no number, and for a feed-forward net.",
        |r| Cell::Recorded(r.predicted_time_decades)),
    number("theory_z", "", "How far one seed is from theory: init_gradient_decades less predicted_gradient_decades (of a recurrent net init_time_decades less predicted_time_decades) and less the bias that theory gives to nets of this width, over the standard deviation that it gives to one seed (of a feed-forward net at this batch size); below 4 in at least 99 of 100 nets. NaN where there is no prediction, for a net with one hidden layer, and for two time steps.",
        |r| Cell::Recorded(r.theory_z)),
    word("cause", "What the verdict is due to, in a word: the part of the way back that takes or adds most (activation, weights, norm, branches of a residual net, recurrence, stack of recurrent layers, underflow), or what ended it (dead_units, zero_weights, saturation, learning_rate, overflow); of a run that diverged or saturated, what left the healthy band first; of one that is not sick and did not learn, why (small_steps, few_steps, small_gradients, large_steps, random_labels, unexplained); none where the run learned and is not sick, and where it failed.",
        || Cause::ALL.map(Cause::name).into(),
        |r| Cell::Name(r.cause.name())),
];

/// layers.csv.
#[rustfmt::skip]
pub(super) const LAYERS: [Column<LayerRow>; 12] = [
    integer("layer", "", "1 to L from the input on; L + 1 is the head.",
        |r| Cell::count(r.place.layer)),
    word("role", "hidden or head.", || LayerPlace::ROLES.into(),
        |r| Cell::Name(r.place.role)),
    number("log10_delta_rms_init", "decades", "log10 of delta_rms at step 0; -inf where it is 0; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| Cell::Recorded(r.summary.log10_delta_rms_init)),
    number("log10_delta_rms_mean", "decades", "Mean of log10 delta_rms over the traced steps with finite gradients.",
        |r| Cell::Recorded(r.summary.log10_delta_rms_mean)),
    number("log10_delta_rms_last", "decades", "log10 of delta_rms at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.summary.log10_delta_rms_last)),
    number("log10_grad_norm_init", "decades", "log10 of grad_norm at step 0; -inf where it is 0; NaN where a gradient of step 0 is not finite, or all are 0.",
        |r| Cell::Recorded(r.summary.log10_grad_norm_init)),
    number("log10_grad_norm_mean", "decades", "Mean of log10 grad_norm over the traced steps with finite gradients.",
        |r| Cell::Recorded(r.summary.log10_grad_norm_mean)),
    number("log10_grad_norm_last", "decades", "log10 of grad_norm at the last traced step with finite gradients.",
        |r| Cell::Recorded(r.summary.log10_grad_norm_last)),
    number("log10_relative_update_mean", "decades", "Mean of log10 relative_update over the traced steps with finite gradients: how fast the layer learns; -inf where an update changed nothing.",
        |r| Cell::Recorded(r.summary.log10_relative_update_mean)),
    number("moved", "", "moved after the last traced update: Frobenius norm of W less the initial W over that of the initial W; NaN where that is 0.",
        |r| Cell::Recorded(r.summary.moved)),
    number("predicted_log10_delta", "decades", "What the mean field says of log10 of delta_rms of this layer over that of layer L, at initialisation; NaN for the head, and where it gives no number.",
        |r| Cell::Recorded(r.predicted)),
    number("deviation_decades", "decades", "log10_delta_rms_init of this layer less that of layer L less predicted_log10_delta: how far the measurement is from the prediction; NaN where there is none.",
        |r| Cell::Recorded(r.deviation)),
];

/// steps.csv.
#[rustfmt::skip]
pub(super) const STEPS: [Column<StepReading>; 5] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| Cell::count(r.step)),
    number("loss", "", "Mean loss of the batch.",
        |r| Cell::Recorded(r.loss)),
    number("accuracy", "", "Accuracy on the batch; NaN for regression.",
        |r| Cell::Recorded(r.accuracy)),
    number("total_grad_norm", "", "Euclidean norm of the gradient of all parameters, before clipping.",
        |r| Cell::Recorded(r.total_grad_norm)),
    number("clip_factor", "", "What clipping multiplied the gradient by; 1 where it did nothing.",
        |r| Cell::Recorded(r.clip_factor)),
];

/// trace.csv.
#[rustfmt::skip]
pub(super) const TRACE: [Column<TraceRow>; 20] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| Cell::count(r.step)),
    integer("layer", "", "1 to L from the input on; L + 1 is the head.",
        |r| Cell::count(r.place.layer)),
    word("role", "hidden or head.", || LayerPlace::ROLES.into(),
        |r| Cell::Name(r.place.role)),
    number("grad_norm", "", "Frobenius norm of dLoss/dW; of a recurrent layer that of W_x and W_h together.",
        |r| Cell::Recorded(r.reading.grad_norm)),
    number("delta_rms", "", "Root mean square over batch and units, in a recurrent layer over time and all gates, too, of the batch size times dLoss/dz, the error backpropagated from each example's own loss.",
        |r| Cell::Recorded(r.reading.delta_rms)),
    number("log10_grad_norm", "decades", "log10 of grad_norm, exact also where that is below the range of f64 and 0; -inf where it is 0 for another reason.",
        |r| Cell::Recorded(r.reading.log10_grad_norm)),
    number("log10_delta_rms", "decades", "log10 of delta_rms, likewise.",
        |r| Cell::Recorded(r.reading.log10_delta_rms)),
    number("weight_norm", "", "Frobenius norm of W before the update; of a recurrent layer that of W_x and W_h together.",
        |r| Cell::Recorded(r.reading.weight_norm)),
    number("update_norm", "", "Frobenius norm of the change of W by the update, as stored; of a recurrent layer that of W_x and W_h together.",
        |r| Cell::Recorded(r.reading.update_norm)),
    number("relative_update", "", "update_norm over weight_norm: what share of itself the layer changes in this step; NaN where weight_norm is 0.",
        |r| Cell::Recorded(r.reading.relative_update())),
    number("moved", "", "How far the weights have come after this update: Frobenius norm of W less the initial W over that of the initial W; NaN where that is 0.",
        |r| Cell::Recorded(r.reading.moved)),
    number("act_mean", "", "Mean of the activations over batch and units, in a recurrent layer over time, too; of the logits for the head.",
        |r| Cell::Recorded(r.reading.act_mean)),
    number("act_std", "", "Population standard deviation of the activations over batch and units, in a recurrent layer over time, too; of the logits for the head.",
        |r| Cell::Recorded(r.reading.act_std)),
    number("zero_fraction", "", "Share of activations whose derivative is mathematically 0; 0 for layers with gates.",
        |r| Cell::Recorded(r.reading.zero_fraction)),
    number("saturated_fraction", "", "Share of activations whose derivative is below 0.05 times its maximum (sigmoid, tanh); of a layer with gates the mean of their shares.",
        |r| Cell::Recorded(r.reading.saturated_fraction)),
    number("weight_gain", "decades", "log10 of the RMS of dLoss/dh over that of dLoss/dz of the layer above: by what its weights change the error; with activation_gain and norm_gain the step of log10 delta_rms in a net without residual connections; NaN for the head and for recurrent layers.",
        |r| Cell::Recorded(gain(r, |g| g.weight))),
    number("activation_gain", "decades", "log10 of the RMS of dLoss/du over that of dLoss/dh: by what the activation's derivative changes the error; NaN for the head and for recurrent layers.",
        |r| Cell::Recorded(gain(r, |g| g.activation))),
    number("norm_gain", "decades", "log10 of the RMS of dLoss/dz (of a residual branch's part of it) over that of dLoss/du: by what batch norm or layer norm changes the error, 0 without; NaN for the head and for recurrent layers.",
        |r| Cell::Recorded(gain(r, |g| g.norm))),
    number("branch_share", "", "Mean square of the residual branch's part of dLoss/dz over the sum of that and of the stream's; 1 without a stream; NaN for the head and for recurrent layers.",
        |r| Cell::Recorded(gain(r, |g| g.branch_share))),
    word("status", "ok, zero (all of dLoss/dW is: dead units, zero weights or zero inputs), underflow (below what this precision holds: a framework would have 0 there or lose digits; the number is true), not_a_number or infinite.",
        || RowStatus::ALL.map(RowStatus::name).into(),
        |r| Cell::Name(r.reading.status.name())),
];

/// One of a layer's gains; NaN of a layer without.
fn gain(row: &TraceRow, gain: fn(Gains) -> f64) -> f64 {
    row.reading.gains.map_or(f64::NAN, gain)
}

/// time.csv.
#[rustfmt::skip]
pub(super) const TIME: [Column<TimeRow>; 10] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| Cell::count(r.step)),
    integer("layer", "", "1 to L from the input on; the head has no time steps of its own.",
        |r| Cell::count(r.layer)),
    integer("t", "time steps", "The time step, from 1 to T.",
        |r| Cell::count(r.t)),
    integer("lag", "time steps", "How far back it is: T - t.",
        |r| Cell::count(r.lag)),
    number("dh_rms", "", "Root mean square over batch and units of the batch size times dLoss/dh_t, the total derivative, what the loss at t itself sends included.",
        |r| Cell::Recorded(r.reading.dh_rms)),
    number("dc_rms", "", "The same of dLoss/dc_t, the state of an lstm's cells; NaN for a layer without one.",
        |r| Cell::Recorded(r.reading.dc_rms)),
    number("state_rms", "", "The error at the whole state: the root of dh_rms^2 + dc_rms^2, dh_rms for a layer without c.",
        |r| Cell::Recorded(r.reading.state_rms())),
    number("log10_state_rms", "decades", "log10 of state_rms, exact also where that is below the range of f64 and 0; -inf where it is 0 for another reason.",
        |r| Cell::Recorded(r.reading.log10_state_rms)),
    number("h_rms", "", "Root mean square over batch and units of h_t.",
        |r| Cell::Recorded(r.reading.h_rms)),
    word("status", "ok, zero (dead units or zero weights), underflow (below what this precision holds: a framework would have 0 there or lose digits; the number is true), not_a_number or infinite.",
        || RowStatus::ALL.map(RowStatus::name).into(),
        |r| Cell::Name(r.reading.status.name())),
];

/// gates.csv.
#[rustfmt::skip]
pub(super) const GATES: [Column<GateRow>; 5] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| Cell::count(r.step)),
    integer("layer", "", "1 to L from the input on; the head has no gates.",
        |r| Cell::count(r.layer)),
    word("gate", "input, forget, cell or output of an lstm; reset, update or new of a gru.", gate_names,
        |r| Cell::Name(r.gate)),
    number("mean", "", "Mean of the gate's values over batch, units and time.",
        |r| Cell::Recorded(r.reading.mean)),
    number("saturated_fraction", "", "Share of the gate's values at which the derivative of its nonlinearity is below 0.05 times its maximum.",
        |r| Cell::Recorded(r.reading.saturated_fraction)),
];

/// The gates of all cells, each name once.
fn gate_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for gate in ModelKind::ALL.into_iter().flat_map(ModelKind::gates) {
        if !names.contains(gate) {
            names.push(gate);
        }
    }
    names
}

/// A number of a run under its name in runs.csv, and the runs that it says anything of.
type Metric = (&'static str, fn(&RunRow) -> f64, Applies);

/// The columns of runs.csv that summary.csv takes statistics of.
pub(super) const HEADLINE: [Metric; 14] = [
    ("loss_last", |r| r.outcome.loss_last, Applies::Always),
    ("accuracy_last", |r| r.outcome.accuracy_last, Applies::Classes),
    ("test_loss", |r| r.outcome.test_loss, Applies::Tested),
    ("test_accuracy", |r| r.outcome.test_accuracy, Applies::TestedClasses),
    ("init_decades_per_layer", |r| r.init_decades_per_layer, Applies::AcrossLayers),
    ("last_decades_per_layer", |r| r.last_decades_per_layer, Applies::AcrossLayers),
    ("init_gradient_decades", |r| r.init_gradient_decades, Applies::Always),
    ("last_gradient_decades", |r| r.last_gradient_decades, Applies::Always),
    ("init_decades_per_step", |r| r.init_decades_per_step, Applies::ThroughTime),
    ("last_decades_per_step", |r| r.last_decades_per_step, Applies::ThroughTime),
    ("init_time_decades", |r| r.init_time_decades, Applies::ThroughTime),
    ("last_time_decades", |r| r.last_time_decades, Applies::ThroughTime),
    ("first_moved", |r| r.first_moved, Applies::Always),
    ("first_over_last_moved", |r| r.first_over_last_moved, Applies::Always),
];

/// A measured number of runs.csv, its prediction and it.
type Prediction = (&'static str, fn(&RunRow) -> f64, fn(&RunRow) -> f64);

/// The columns of runs.csv that theory predicts.
pub(super) const PREDICTED: [Prediction; 2] = [
    ("decades_per_layer", |r| r.predicted_decades_per_layer, |r| r.init_decades_per_layer),
    ("decades_per_step", |r| r.predicted_decades_per_step, |r| r.init_decades_per_step),
];

/// A number of a run under its name in runs.csv.
type Number = (&'static str, fn(&RunRow) -> f64);

/// The columns of runs.csv of which summary.csv has nothing but the mean.
pub(super) const OF_ONE_SEED: [Number; 3] = [
    ("predicted_gradient_decades", |r| r.predicted_gradient_decades),
    ("predicted_time_decades", |r| r.predicted_time_decades),
    ("theory_z", |r| r.theory_z),
];

/// The statistics of each headline metric; names are what stands behind `<metric>_`.
#[rustfmt::skip]
pub(super) const STATISTICS: [Column<Statistics>; 10] = [
    number("mean", "", "Mean", |s| Cell::Float(s.mean)),
    number("sd", "", "Sample standard deviation (NaN for fewer than two values)", |s| Cell::Float(s.sd)),
    number("ci95_low", "", "Lower end of the 95 % confidence interval (Student's t) of the mean", |s| Cell::Float(s.ci95_low)),
    number("ci95_high", "", "Upper end of the 95 % confidence interval (Student's t) of the mean", |s| Cell::Float(s.ci95_high)),
    number("min", "", "Least value", |s| Cell::Recorded(s.min)),
    number("max", "", "Greatest value", |s| Cell::Recorded(s.max)),
    integer("n", "", "Number of values", |s| Cell::count(s.n)),
    integer("n_minus_inf", "", "", |s| Cell::count(s.n_minus_inf)),
    integer("n_nan", "", "", |s| Cell::count(s.n_nan)),
    integer("n_plus_inf", "", "", |s| Cell::count(s.n_plus_inf)),
];

/// summary.csv, in the order of the cells that [`super::tables`] writes.
fn summary_fields() -> Vec<Field> {
    let field =
        |name: &str, kind, doc: &str| Field { name: name.into(), kind, unit: "", doc: doc.into(), names: Vec::new() };
    let count = |name: &str, doc: &str| field(name, FieldKind::Integer, doc);
    let mut fields = vec![
        count("n", "Number of runs of the cell that have a record."),
        count(
            "n_not_finite",
            "Runs in which any headline metric that says something of their nets and data is not finite; failed runs are among them. Slopes through time say nothing of a feed-forward net, slopes over layers nothing of a net with one hidden layer, accuracies nothing where a number is to be learned, and those of a test nothing without a test set.",
        ),
        count("n_failed", "Runs that ended by a panic or an I/O error and have no numbers."),
    ];
    for (metric, _, _) in HEADLINE {
        let of_runs = RUNS.iter().find(|c| c.name == metric).expect("headline metrics are columns of runs.csv");
        fields.extend(STATISTICS.iter().map(|statistic| Field {
            name: format!("{metric}_{}", statistic.name),
            kind: statistic.kind,
            unit: match statistic.kind {
                FieldKind::Number => of_runs.unit,
                FieldKind::Integer | FieldKind::Boolean | FieldKind::Text => "",
            },
            doc: match statistic.name {
                "n_minus_inf" => format!("Runs of the cell in which {metric} is -inf, as log10 of 0 is."),
                "n_nan" => format!("Runs of the cell in which {metric} is NaN; failed runs are not counted."),
                "n_plus_inf" => format!("Runs of the cell in which {metric} is inf."),
                _ => format!("{} of {metric} over the runs of the cell in which it is finite.", statistic.doc),
            },
            names: Vec::new(),
        }));
    }
    for (metric, _, _) in PREDICTED {
        let number = |name: String, unit, doc: String| Field { unit, ..field(&name, FieldKind::Number, &doc) };
        let of_runs = RUNS.iter().find(|c| c.name == format!("predicted_{metric}")).expect("predictions are columns");
        let doc = format!("Mean of predicted_{metric} over the runs of the cell in which it is a number.");
        fields.push(number(format!("predicted_{metric}"), of_runs.unit, doc));
        let doc = format!(
            "Mean of init_{metric} less predicted_{metric} over the runs in which both are finite, in its standard errors: sd / sqrt(n) of that difference over the seeds; NaN for fewer than two runs or without a prediction."
        );
        fields.push(number(format!("init_{metric}_z"), "", doc));
    }
    for (name, _) in OF_ONE_SEED {
        let of_runs = RUNS.iter().find(|c| c.name == name).expect("a column of runs.csv");
        let doc = format!("Mean of {name} over the runs of the cell in which it is finite.");
        fields.push(Field { unit: of_runs.unit, ..field(name, FieldKind::Number, &doc) });
    }
    let share = "Share of the runs that did not fail in which learned is true; NaN where all failed.";
    fields.push(field("learned_share", FieldKind::Number, share));
    fields.extend(
        Verdict::ALL.map(|v| count(&format!("n_{}", v.name()), &format!("Runs with the verdict {}.", v.name()))),
    );
    fields
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::analysis::{LayerSummary, Summary};
    use crate::data::TargetKind;
    use crate::store::frame;
    use crate::store::rows::{Headline, LayerPlace, Measured, TableRun};

    #[test]
    fn every_cell_is_of_its_columns_kind() {
        fn hold<R>(columns: &[Column<R>], row: &R) {
            for column in columns {
                let kind = match (column.cell)(row) {
                    Cell::Bool(_) => FieldKind::Boolean,
                    Cell::Int(_) => FieldKind::Integer,
                    Cell::Float(_) | Cell::Recorded(_) => FieldKind::Number,
                    Cell::Name(_) | Cell::Text(_) | Cell::Id(_) => FieldKind::Text,
                };
                assert_eq!(kind, column.kind, "{}", column.name);
            }
        }
        let trace = frame::tests::trace(0.5);
        let place = LayerPlace::of(0, 2);
        let summary = LayerSummary {
            log10_delta_rms_init: 1.0,
            log10_delta_rms_mean: 2.0,
            log10_delta_rms_last: 3.0,
            log10_grad_norm_init: 4.0,
            log10_grad_norm_mean: 5.0,
            log10_grad_norm_last: 6.0,
            log10_relative_update_mean: 9.0,
            moved: 10.0,
        };
        hold(&LAYERS, &LayerRow { place, summary, predicted: 7.0, deviation: 8.0 });
        hold(&STEPS, &trace.steps[0]);
        hold(&TRACE, &TraceRow { step: 0, place, reading: trace.layers[0] });
        let through_time = frame::tests::recurrent_trace(0.5).through_time.unwrap();
        hold(&TIME, &TimeRow { step: 0, layer: 1, t: 1, lag: 2, reading: through_time.times[0] });
        hold(&GATES, &GateRow { step: 0, layer: 1, gate: "input", reading: through_time.gates[0] });
        hold(&STATISTICS, &Statistics::of([]));
        let summary = Summary {
            verdict: Verdict::Healthy,
            why: crate::analysis::Why::NONE,
            learned: true,
            init_decades_per_layer: 1.0,
            last_decades_per_layer: 2.0,
            init_gradient_decades: 3.0,
            last_gradient_decades: 4.0,
            init_decades_per_step: 5.0,
            last_decades_per_step: 6.0,
            init_time_decades: 7.0,
            last_time_decades: 8.0,
            first_moved: 9.0,
            first_over_last_moved: 10.0,
            layers: Vec::new(),
        };
        let none = crate::analysis::Prediction::NONE;
        for measured in [Measured::Done(&trace, &summary, &none), Measured::Failed] {
            let precision = crate::spec::Precision::F64;
            let run = TableRun {
                run: 0,
                id: crate::spec::RunId(1),
                axes: &[],
                precision,
                target: TargetKind::Class,
                test_examples: 9,
                measured,
            };
            let row = RunRow::of(&run);
            hold(&RUNS, &row);
            // The headline is what runs.csv shows under the same names.
            for ((name, _, _), value) in HEADLINE.iter().zip(Headline::of(&run).values) {
                let column = RUNS.iter().find(|c| c.name == *name).unwrap();
                assert_eq!(format!("{:?}", (column.cell)(&row)), format!("{:?}", Cell::Recorded(value)));
            }
        }
    }

    #[test]
    fn what_expectations_speak_of_are_columns_with_the_same_numbers() {
        use crate::spec::{LagMetric, LayerMetric, RunMetric};

        assert_eq!(HEADLINE.map(|(name, _, _)| name), RunMetric::ALL.map(RunMetric::name));
        let trace = frame::tests::recurrent_trace(0.5);
        let shown = |cell: Cell<'_>| format!("{cell:?}");
        let row = TraceRow { step: 0, place: LayerPlace::of(0, 2), reading: trace.layers[0] };
        for metric in LayerMetric::ALL {
            let column = TRACE.iter().find(|c| c.name == metric.name()).unwrap();
            assert_eq!(shown((column.cell)(&row)), shown(Cell::Recorded(metric.of(&row.reading))), "{metric:?}");
        }
        let row = TimeRow { step: 0, layer: 1, t: 1, lag: 2, reading: trace.through_time.unwrap().times[0] };
        for metric in LagMetric::ALL {
            let column = TIME.iter().find(|c| c.name == metric.name()).unwrap();
            assert_eq!(shown((column.cell)(&row)), shown(Cell::Recorded(metric.of(&row.reading))), "{metric:?}");
        }
        let names = |all: Vec<Field>| -> Vec<String> { all.into_iter().map(|field| field.name).collect() };
        let (runs, trace, time) = (fields(Table::Runs), fields(Table::Trace), fields(Table::Time));
        let (runs, trace, time) = (names(runs), names(trace), names(time));
        for metric in crate::spec::Metric::ALL {
            let columns = match metric {
                crate::spec::Metric::Run(_) => &runs,
                crate::spec::Metric::Layer(_) => &trace,
                crate::spec::Metric::Lag(_) => &time,
            };
            assert!(columns.iter().any(|name| name == metric.name()), "{metric:?}");
        }
    }

    #[test]
    fn no_axis_can_take_the_name_of_a_column() {
        // The statistics of summary.csv carry the name of another column before their own, and effects.csv has no axes.
        let has_names = |table: &Table| ![Table::Summary, Table::Effects].contains(table);
        for table in Table::ALL.into_iter().filter(has_names) {
            for field in fields(table) {
                assert!(crate::plan::MEASURED.contains(&field.name.as_str()), "{field:?}");
            }
        }
        for key in crate::spec::KEYS {
            let mut of_many = fields(Table::Summary).into_iter().chain(fields(Table::Effects));
            assert!(of_many.all(|field| field.name != key.short_name()), "{}", key.name);
        }
    }

    #[test]
    fn every_column_is_described_in_a_sentence_and_named_for_every_reader() {
        for table in Table::ALL {
            for field in fields(table) {
                assert!(field.doc.ends_with('.') && field.doc.len() > 10, "{field:?}");
                let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                assert!(field.name.chars().all(is_plain) && !field.name.starts_with('_'), "{field:?}");
            }
        }
    }
}
