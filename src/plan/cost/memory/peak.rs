//! The sum of data, net, workspace and results, and the moment when they take most.

use super::net::net;
use super::sizes::{LayerSizes, RunSizes, WORD, all_layers, size};
use super::workspace::workspace;
use crate::data::DataSource;
use crate::metric::{GateReading, LayerReading, TimeReading};
use crate::plan::cost::layers::{Layers, layers};
use crate::spec::RunSpec;

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
    let (net, drawing) = net(spec, &sizes);
    let workspace = workspace(spec, &sizes);
    let (measured, kept) = (measured(spec, &sizes), kept(spec, &sizes));
    let results = measured + kept;
    let training = data + net + workspace + results + reading_gates(spec, &sizes);
    let storing = data + workspace + kept + STORING * measured;
    let peak = [loading, data + drawing, training, storing].into_iter().fold(0.0, f64::max);
    Memory { data, net, workspace, results, peak }
}

/// The readings of all traced steps.
fn measured(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let layers = spec.model.hidden_layers() as f64;
    let through_time = if spec.model.kind.is_recurrent() {
        let gates = spec.model.kind.gates().len() as f64;
        layers * (sizes.length * size::<TimeReading>() + gates * size::<GateReading>())
    } else {
        0.0
    };
    sizes.traced * ((layers + 1.0) * size::<LayerReading>() + through_time + STEP)
}

/// Copies of a gate's arguments and values while they are read.
fn reading_gates(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let widest = layers(spec).iter().map(|layers| layers.units).fold(0.0, f64::max);
    if spec.model.kind.gates().is_empty() { 0.0 } else { 2.0 * sizes.float * sizes.rows * widest }
}

/// The weights and the order of examples that the run was asked to keep, in 64 bits each.
fn kept(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let second_biases = |layers: &Layers| {
        if spec.model.kind.is_recurrent() && spec.model.bias { sizes.blocks * layers.units } else { 0.0 }
    };
    let of_layers = |(layers, layer): &(Layers, LayerSizes)| {
        let entries = layer.parameters + layer.running + second_biases(layers);
        layers.count * (WORD * entries + KEPT_TENSOR * (layer.tensors + 2.0 * layer.norms))
    };
    let net: f64 = all_layers(spec, sizes).iter().map(of_layers).sum();
    let copies = f64::from(u8::from(spec.weights.init()) + u8::from(spec.weights.last()));
    let order = if spec.order { WORD * spec.train.steps.get() as f64 * sizes.batch } else { 0.0 };
    copies * net + order
}
