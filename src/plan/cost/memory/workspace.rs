//! The arrays of one batch on its way forward and back.

use super::sizes::{LayerSizes, MATRIX, RunSizes, WORD, all_layers, size};
use crate::nn::{HiddenCache, ModelKind, RecurrentLayerCache, ResidualScaling};
use crate::plan::cost::layers::Layers;
use crate::spec::RunSpec;

/// The arrays of a batch on its way forward and back, the batch itself, every W of a layer before its update, and those of
/// all layers before the first one.
pub(super) fn workspace(spec: &RunSpec, sizes: &RunSizes) -> f64 {
    let all = all_layers(spec, sizes);
    let (_, hidden) = all.split_last().expect("a net has a head");
    let adds = spec.model.residual && spec.model.hidden_layers() > 1;
    let of_layers = |(i, (layers, layer)): (usize, &(Layers, LayerSizes))| {
        let (entries, structure) = match spec.model.kind {
            ModelKind::Mlp => {
                let matrices = (3.0 + layer.norms) * MATRIX;
                (feed_forward_entries(sizes, layers, layer), size::<HiddenCache<f64>>() + matrices)
            }
            ModelKind::Rnn | ModelKind::Lstm | ModelKind::Gru => {
                let stream = if adds && i > 0 { sizes.rows * layers.units } else { 0.0 };
                let entries = stream + recurrent_entries(spec.model.kind, sizes, layers, layer);
                (entries, size::<RecurrentLayerCache<f64>>() + 7.0 * MATRIX)
            }
        };
        layers.count * (sizes.float * entries + structure)
    };
    let caches: f64 = hidden.iter().enumerate().map(of_layers).sum();
    let widest = hidden.iter().map(|(layers, _)| layers.units).fold(0.0, f64::max);
    let shared = match spec.model.kind {
        ModelKind::Mlp if adds && spec.model.residual_scaling != ResidualScaling::None => sizes.batch * widest,
        ModelKind::Mlp => 0.0,
        ModelKind::Rnn | ModelKind::Lstm | ModelKind::Gru => {
            let stream = if adds { sizes.rows * widest } else { 0.0 };
            let product = if spec.model.kind == ModelKind::Gru { sizes.batch * sizes.blocks * widest } else { 0.0 };
            sizes.blocks * widest * widest + stream + product
        }
    };
    let before = all.iter().map(|(_, layer)| layer.weights).fold(0.0, f64::max);
    let answers = 2.0 * sizes.answered * sizes.outputs;
    let origin: f64 = all.iter().map(|(layers, layer)| layers.count * layer.weights).sum();
    let entries = shared + before + origin + answers + sizes.rows * sizes.inputs;
    caches + sizes.float * entries + WORD * sizes.answered + sizes.drawn
}

/// z, h and dz; with a norm its output and its statistics.
fn feed_forward_entries(sizes: &RunSizes, layers: &Layers, layer: &LayerSizes) -> f64 {
    let array = sizes.batch * layers.units;
    3.0 * array + layer.norms * (array + 2.0 * sizes.batch.max(layers.units))
}

/// z and dz of all gates; h and dh, and of an lstm c, dc and tanh(c), of a gru dp and q; the norm's output and its
/// statistics.
fn recurrent_entries(kind: ModelKind, sizes: &RunSizes, layers: &Layers, layer: &LayerSizes) -> f64 {
    let state = sizes.rows * layers.units;
    let with_start = state + sizes.batch * layers.units;
    let of_cell = match kind {
        ModelKind::Mlp | ModelKind::Rnn => 0.0,
        ModelKind::Lstm => 2.0 * with_start + state,
        ModelKind::Gru => (sizes.blocks + 1.0) * state,
    };
    let normed = layer.norms * (sizes.rows * layers.fan_in + 2.0 * sizes.rows.max(layers.fan_in));
    2.0 * sizes.blocks * state + 2.0 * with_start + of_cell + normed
}
