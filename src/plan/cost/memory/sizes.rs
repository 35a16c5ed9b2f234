//! The sizes of a run that its arrays follow from, as floats.

use crate::data::Sizes as DataSizes;
use crate::nn::{LINE, NormKind};
use crate::plan::cost::layers::{Layers, blocks, layers};
use crate::spec::{Precision, RunSpec};

/// An entry of f64, a count, the address of something.
pub(super) const WORD: f64 = 8.0;

/// A matrix beside its entries, which begin at a cache line.
pub(super) const MATRIX: f64 = LINE as f64;

/// Numbers of the spec that many sums need.
pub(super) struct RunSizes {
    /// Bytes of an entry in the run's precision.
    pub(super) float: f64,
    /// Examples B of a batch, its rows T B, and those M B of them that are answered.
    pub(super) batch: f64,
    pub(super) rows: f64,
    pub(super) answered: f64,
    pub(super) length: f64,
    pub(super) inputs: f64,
    pub(super) outputs: f64,
    /// Bytes of the data set, and of what every step draws.
    pub(super) data: f64,
    pub(super) drawn: f64,
    /// Traced steps.
    pub(super) traced: f64,
    pub(super) blocks: f64,
}

/// A size of something as a float.
pub(super) fn size<T>() -> f64 {
    size_of::<T>() as f64
}

impl RunSizes {
    pub(super) fn of(spec: &RunSpec) -> Self {
        let data = spec.data.sizes().expect("a plan's runs have data of known sizes");
        let of_batch = DataSizes { train: spec.train.batch_size.of(data.train), test: 0, ..data };
        let (batch, length) = (of_batch.train as f64, data.length as f64);
        // Every example also has its place in an order: that of an epoch, of the test, of a step.
        let with_order = |data: DataSizes| data.bytes() + WORD * (data.train as f64 + data.test as f64);
        Self {
            float: match spec.train.precision {
                Precision::F32 => 4.0,
                Precision::F64 => 8.0,
            },
            batch,
            rows: length * batch,
            answered: data.answers as f64 * batch,
            length,
            inputs: data.inputs as f64,
            outputs: data.outputs as f64,
            data: with_order(data),
            drawn: if spec.data.source.is_fresh() { with_order(of_batch) } else { 0.0 },
            traced: spec.every.count(spec.train.steps) as f64,
            blocks: blocks(spec.model.kind),
        }
    }
}

/// Numbers of one layer, in entries.
pub(super) struct LayerSizes {
    /// Every W, all parameters, and running statistics.
    pub(super) weights: f64,
    pub(super) parameters: f64,
    pub(super) running: f64,
    /// Parameter tensors, and whether there is a norm.
    pub(super) tensors: f64,
    pub(super) norms: f64,
}

impl LayerSizes {
    fn of(spec: &RunSpec, sizes: &RunSizes, layers: &Layers, is_first: bool) -> Self {
        let model = &spec.model;
        let one_if = |is: bool| f64::from(u8::from(is));
        let is_recurrent = model.kind.is_recurrent();
        let weights = layers.weights(model);
        let (biases, slopes) = (one_if(model.bias), one_if(has_slopes(spec)));
        let has_norm = model.norm() != NormKind::None && !(is_recurrent && is_first);
        let normed = one_if(has_norm) * if is_recurrent { layers.fan_in } else { layers.units };
        Self {
            weights,
            parameters: weights + biases * sizes.blocks * layers.units + 2.0 * normed + slopes,
            running: if model.norm() == NormKind::Batch { 2.0 * normed } else { 0.0 },
            tensors: 1.0 + one_if(is_recurrent) + biases + 2.0 * one_if(has_norm) + slopes,
            norms: one_if(has_norm),
        }
    }
}

/// Whether the slopes of the activation are parameters.
fn has_slopes(spec: &RunSpec) -> bool {
    spec.model.kind.has_activation() && spec.model.activation.is_trained()
}

/// The head, as a layer.
fn head(spec: &RunSpec, sizes: &RunSizes, top: &Layers) -> LayerSizes {
    let weights = top.units * sizes.outputs;
    let biases = f64::from(u8::from(spec.model.bias));
    LayerSizes {
        weights,
        parameters: weights + biases * sizes.outputs,
        running: 0.0,
        tensors: 1.0 + biases,
        norms: 0.0,
    }
}

/// Each group of layers with one of them, then the head; the number of each is in its group.
pub(super) fn all_layers(spec: &RunSpec, sizes: &RunSizes) -> Vec<(Layers, LayerSizes)> {
    let hidden = layers(spec);
    let top = *hidden.last().expect("a net has a hidden layer");
    let of_group = |(i, group): (usize, &Layers)| (*group, LayerSizes::of(spec, sizes, group, i == 0));
    let mut all: Vec<(Layers, LayerSizes)> = hidden.iter().enumerate().map(of_group).collect();
    all.push((Layers { count: 1.0, fan_in: top.units, units: sizes.outputs }, head(spec, sizes, &top)));
    all
}
