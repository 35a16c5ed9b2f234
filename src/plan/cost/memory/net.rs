//! The parameters: in training, and while they are drawn.

use super::sizes::{MATRIX, RunSizes, WORD, all_layers, size};
use crate::nn::{Hidden, Init, OptimizerKind, RecurrentLayer};
use crate::plan::cost::layers::Layers;
use crate::spec::RunSpec;

/// A parameter tensor beside its entries: its place in the update rule's list, and the norm of its gradient.
const TENSOR: f64 = 7.0 * WORD;

/// The arrays of a norm beside their entries.
const NORM: f64 = 36.0 * WORD;

/// The net in training, and what there is of it at most while its weights are drawn, layer by layer.
pub(super) fn net(spec: &RunSpec, sizes: &RunSizes) -> (f64, f64) {
    let remembered = match spec.train.optimizer.kind {
        OptimizerKind::Sgd => 0.0,
        OptimizerKind::Momentum | OptimizerKind::Rmsprop => 1.0,
        OptimizerKind::Adam | OptimizerKind::Adamw => 2.0,
    };
    let is_recurrent = spec.model.kind.is_recurrent();
    let structure =
        if is_recurrent { size::<RecurrentLayer<f64>>() + 4.0 * MATRIX } else { size::<Hidden<f64>>() + 2.0 * MATRIX };
    let (mut drawn, mut drawing, mut in_training) = (0.0, 0.0, 0.0);
    let all = all_layers(spec, sizes);
    let hidden_groups = all.len() - 1;
    for (i, (layers, layer)) in all.iter().enumerate() {
        let of_one = sizes.float * (2.0 * layer.parameters + layer.running) + structure + NORM * layer.norms;
        let room = if i < hidden_groups { room_to_draw(spec, sizes, layers) } else { 0.0 };
        // The last of the group, beside all layers before it.
        drawing = f64::max(drawing, drawn + (layers.count - 1.0) * of_one + sizes.float * layer.weights + room);
        drawn += layers.count * of_one;
        in_training += layers.count * (remembered * sizes.float * layer.parameters + TENSOR * layer.tensors);
    }
    (drawn + in_training, drawing)
}

/// What drawing a layer takes beside its weights: of a recurrent one the block of a gate, and for orthogonal weights the
/// normal numbers, the frame that is made of them, and the result.
fn room_to_draw(spec: &RunSpec, sizes: &RunSizes, layers: &Layers) -> f64 {
    let is_recurrent = spec.model.kind.is_recurrent();
    let drawn = if is_recurrent { layers.units } else { layers.fan_in } * layers.units;
    let frames = if spec.model.init == Init::Orthogonal { 3.0 * WORD * drawn } else { 0.0 };
    let block = if is_recurrent { sizes.float * layers.units * layers.units.max(layers.fan_in) } else { 0.0 };
    frames + block
}
