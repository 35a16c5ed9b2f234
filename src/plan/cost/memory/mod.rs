//! How much memory a run takes, before it has run. [`crate::nn::Description::size`] counts the net and its batches; here
//! are the data, the update rule, what is measured and kept, and the moment when all of it is most.

#[cfg(test)]
mod tests;

use super::describe;
use crate::data::{DataSource, Sizes as DataSizes};
use crate::metric::{GateReading, LayerReading, TimeReading};
use crate::nn::{BatchShape, OptimizerKind, Size};
use crate::spec::{Precision, RunSpec};

/// An entry of f64, a count, the address of something.
const WORD: f64 = 8.0;

/// A parameter tensor beside its entries: its place in the update rule's list, and the norm of its gradient.
const TENSOR: f64 = 7.0 * WORD;

/// Bytes that a run takes, as floats: no size that a config may name overflows them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Its data set, which runs may share.
    pub data: f64,
    /// Parameters, their gradients, and what the update rule remembers of them.
    pub net: f64,
    /// Room for one batch on its way forward and back, which the worker's next run uses again.
    pub workspace: f64,
    /// What it measures, and what it was asked to keep.
    pub results: f64,
    /// All of it at the moment when it is most.
    pub peak: f64,
}

/// While the digits are read: the data set as it was read beside its two parts.
const LOADING_DIGITS: f64 = 2.0;

/// While a table is read: its two parts, the file, and the numbers in an array that grew by doubling.
const LOADING_A_TABLE: f64 = 3.0;

/// What a record is while it is written: the bytes of its frame, in an array that grew by doubling, beside the record.
const STORING: f64 = 3.5;

/// A tensor that is kept beside its entries: name, shape, and its place in a list that grew by doubling.
const KEPT_TENSOR: f64 = 23.0 * WORD;

/// A traced step beside its layers: its own reading, and its place in the list of steps, which grew by doubling.
const STEP: f64 = 7.0 * WORD;

/// What a run takes.
pub fn memory(spec: &RunSpec) -> Memory {
    let sizes = RunSizes::of(spec);
    let data = sizes.data;
    let loading = match spec.data.source {
        DataSource::Csv => LOADING_A_TABLE * data,
        DataSource::Digits | DataSource::DigitsRows | DataSource::DigitsPixels => LOADING_DIGITS * data,
        DataSource::Idx
        | DataSource::Spirals
        | DataSource::Moons
        | DataSource::Blobs
        | DataSource::Noise
        | DataSource::Adding
        | DataSource::Copy => data,
    };
    let of_net = &sizes.net;
    let net = of_net.net + update_rule(spec, &sizes);
    let workspace = sizes.workspace(spec);
    let (measured, kept) = (measured(spec, &sizes), kept(spec, &sizes));
    let results = measured + kept;
    let training = data + net + workspace + results + reading_gates(spec, &sizes);
    let storing = data + workspace + kept + STORING * measured;
    let peak = [loading, data + of_net.drawing, training, storing].into_iter().fold(0.0, f64::max);
    Memory { data, net, workspace, results, peak }
}

/// Numbers of the spec that many sums need.
struct RunSizes {
    net: Size,
    /// Bytes of an entry in the run's precision.
    float: f64,
    batch: BatchShape,
    /// Bytes of the data set, and of what every step draws.
    data: f64,
    drawn: f64,
    /// Traced steps.
    traced: f64,
}

impl RunSizes {
    fn of(spec: &RunSpec) -> Self {
        let data = spec.data.sizes().expect("a plan's runs have data of known sizes");
        let of_batch = DataSizes { train: spec.train.batch_size.of(data.train), test: 0, ..data };
        let batch = BatchShape { examples: of_batch.train, length: data.length, answers: data.answers };
        // Every example also has its place in an order: that of an epoch, of the test, of a step.
        let with_order = |data: DataSizes| data.bytes() + WORD * (data.train as f64 + data.test as f64);
        let float = match spec.train.precision {
            Precision::F32 => 4.0,
            Precision::F64 => 8.0,
        };
        Self {
            net: describe(spec).size(batch, float),
            float,
            batch,
            data: with_order(data),
            drawn: if spec.data.source.is_fresh() { with_order(of_batch) } else { 0.0 },
            traced: spec.every.count(spec.train.steps) as f64,
        }
    }

    /// The arrays of a batch on its way forward and back, its answers, the largest W before its update, and every W
    /// before the first one.
    fn workspace(&self, spec: &RunSpec) -> f64 {
        let Self { net, float, batch, drawn, .. } = self;
        let gradients = if spec.train.clip_norm > 0.0 { net.gradients } else { net.gradients_of_a_site };
        net.buffers
            + gradients
            + float * (net.largest_weight + net.weights)
            + WORD * batch.answered_rows() as f64
            + drawn
    }
}

/// What the update rule remembers.
fn update_rule(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let remembered = match spec.train.optimizer.kind {
        OptimizerKind::Sgd => 0.0,
        OptimizerKind::Momentum | OptimizerKind::Rmsprop => 1.0,
        OptimizerKind::Adam | OptimizerKind::Adamw => 2.0,
    };
    remembered * sizes.float * sizes.net.parameters + TENSOR * sizes.net.trained_tensors
}

/// The readings of all traced steps.
fn measured(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let mut through_time = 0.0;
    describe(spec).each(|op| {
        if let Some(cell) = op.form.cell() {
            let of_times = sizes.batch.length as f64 * size_of::<TimeReading>() as f64;
            through_time += op.times * (of_times + (cell.gates().len() * size_of::<GateReading>()) as f64);
        }
    });
    sizes.traced * (sizes.net.sites * size_of::<LayerReading>() as f64 + through_time + STEP)
}

/// Copies of a gate's arguments and values while they are read.
fn reading_gates(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let mut most = 0.0_f64;
    describe(spec).each(|op| {
        if let Some(cell) = op.form.cell().filter(|cell| !cell.gates().is_empty()) {
            most = most.max(sizes.batch.rows() as f64 * op.read.units as f64 / cell.blocks() as f64);
        }
    });
    2.0 * sizes.float * most
}

/// The weights and the order of examples that the run was asked to keep, in 64 bits each.
fn kept(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let net = WORD * sizes.net.entries + KEPT_TENSOR * sizes.net.tensors;
    let copies = f64::from(u8::from(spec.weights.init()) + u8::from(spec.weights.last()));
    let order = if spec.order { WORD * spec.train.steps.get() as f64 * sizes.batch.examples as f64 } else { 0.0 };
    copies * net + order
}
