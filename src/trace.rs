//! What one run measured, and what else it was asked to keep: plain numbers, ready to be stored.

use serde::{Deserialize, Serialize};

use crate::data::Moments;
use crate::metric::{GateReading, LayerReading, TimeReading};
use crate::nn::{ModelKind, Tensor};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "nearly every record is a trace, and few are held at a time")]
pub enum Record {
    /// It ended by itself, diverged or not.
    Done(Trace),
    /// A panic or an I/O error of this run; it is tried again by the next sweep.
    Failed(String),
}

/// Everything that one run measured. Numbers are rounded to the run's precision as the tables show them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The whole run in a few numbers.
    pub outcome: Outcome,
    /// What came in.
    pub inputs: Moments,
    /// The traced steps, ascending.
    pub steps: Vec<StepReading>,
    /// Readings of layer 1, .., L, head at each traced step, step by step.
    pub layers: Vec<LayerReading>,
    /// What a recurrent net's time steps and gates were like; none for a feed-forward net.
    pub through_time: Option<ThroughTime>,
}

/// What was measured of the time steps and gates of a recurrent net.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThroughTime {
    /// Which cell its layers have.
    pub kind: ModelKind,
    /// Time steps T of a sequence.
    pub length: usize,
    /// The first time step, from 1, whose answer is judged: T where the loss is that of the last step alone.
    pub first_answer: usize,
    /// Readings at each traced step of layer 1, .., L (without the head), and of each at t = 1, .., T.
    pub times: Vec<TimeReading>,
    /// Readings at each traced step of layer 1, .., L, and of each the gates in the order of [`ModelKind::gates`].
    pub gates: Vec<GateReading>,
}

/// The whole run in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The step of the first non-finite loss, if there was one.
    pub diverged_at: Option<usize>,
    /// Loss at step 0.
    pub loss_first: f64,
    /// Mean loss over the last min(20, steps) steps that ran.
    pub loss_last: f64,
    /// Mean accuracy over the same steps; NaN for regression.
    pub accuracy_last: f64,
    /// Loss of chance: of an even guess among C classes ln C, of the target's mean its variance.
    pub loss_of_chance: f64,
    /// Loss on the test set after the last update; NaN without a test set or after divergence.
    pub test_loss: f64,
    /// Accuracy on the test set; NaN for regression, without a test set or after divergence.
    pub test_accuracy: f64,
    /// Number of trained parameters.
    pub parameters: usize,
}

/// What was measured of the whole net at one traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepReading {
    /// The step: the gradient computed for update k, before that update.
    pub step: usize,
    /// Mean loss of the batch.
    pub loss: f64,
    /// Accuracy on the batch; NaN for regression.
    pub accuracy: f64,
    /// Euclidean norm of the gradient of all parameters, before clipping.
    pub total_grad_norm: f64,
    /// What clipping multiplied the gradient by; 1 where it did nothing.
    pub clip_factor: f64,
}

/// A run that ended: what it measured, and what its spec asked to keep beside.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// What it measured.
    pub trace: Trace,
    /// What it was asked to keep.
    pub kept: Kept,
}

/// What a run was asked to keep for other programs; `None` where it was not asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// The net before the first update.
    pub init: Option<Vec<Tensor>>,
    /// The net after the last update that ran.
    pub last: Option<Vec<Tensor>>,
    /// The examples of each step that ran.
    pub order: Option<Order>,
}

/// Rows of the training part, batch by batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Examples per batch.
    pub batch: usize,
    /// (steps, batch).
    pub rows: Vec<usize>,
}

impl ThroughTime {
    /// Returns the readings of each layer's time steps, layer 1 first, at traced step number `i` (from 0) of a net of
    /// `layers` recurrent layers.
    pub fn times(&self, i: usize, layers: usize) -> impl DoubleEndedIterator<Item = &[TimeReading]> {
        let size = self.length;
        (i * layers..(i + 1) * layers).map(move |l| &self.times[l * size..(l + 1) * size])
    }

    /// Returns the readings of each layer's gates, layer 1 first, at traced step number `i` (from 0) of a net of
    /// `layers` recurrent layers.
    pub fn gates(&self, i: usize, layers: usize) -> impl DoubleEndedIterator<Item = &[GateReading]> {
        let size = self.kind.gates().len();
        (i * layers..(i + 1) * layers).map(move |l| &self.gates[l * size..(l + 1) * size])
    }
}

impl Trace {
    /// Whether its parts fit each other, as in every trace that was measured: there is a step, each step has at least a
    /// hidden layer and the head, and a recurrent net has all its time steps and gates.
    pub fn is_whole(&self) -> bool {
        let (steps, hidden) = (self.steps.len(), self.layers_per_step().saturating_sub(1));
        let has_layers = hidden > 0 && self.layers.len() == steps * (hidden + 1);
        has_layers
            && self.through_time.as_ref().is_none_or(|time| {
                let readings = steps * hidden;
                time.length > 0
                    && readings.checked_mul(time.length) == Some(time.times.len())
                    && time.gates.len() == readings * time.kind.gates().len()
                    && (1..=time.length).contains(&time.first_answer)
            })
    }

    /// Rows per traced step: L hidden layers and the head.
    pub fn layers_per_step(&self) -> usize {
        self.layers.len().checked_div(self.steps.len()).unwrap_or(0)
    }

    /// Each traced step with its layers, first layer to head.
    pub fn by_step(&self) -> impl DoubleEndedIterator<Item = (&StepReading, &[LayerReading])> {
        self.steps.iter().zip(self.layers.chunks(self.layers_per_step().max(1)))
    }
}
