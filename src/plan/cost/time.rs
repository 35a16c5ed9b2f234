//! What a run costs before it has run: the order in which runs begin, and the estimate that `plan` prints.

use super::layers::{blocks, layers};
use crate::nn::{Activation, ModelKind, NormKind, OptimizerKind};
use crate::spec::{Precision, RunSpec};

/// What a run costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Floating-point operations of its matrix products.
    pub flops: f64,
    /// Seconds on the core that the constants of this file were taken for. Another core takes a multiple, much the same
    /// for every run.
    pub seconds: f64,
}

/// Seconds per operation of a product on one core of an AVX2 machine: nets of width 64 reached 80 GFLOP/s in f32.
fn product_seconds(precision: Precision) -> f64 {
    match precision {
        Precision::F32 => 1.0 / 80e9,
        Precision::F64 => 1.0 / 40e9,
    }
}

/// Seconds per entry of a pass that only moves memory within the cache.
const PASS: f64 = 0.3e-9;

/// Passes over h that an activation takes, forward and backward: from one comparison to exponentials and erfc. Measured
/// against relu at depth 20, width 64, batch 64.
fn activation_passes(activation: Activation) -> f64 {
    match activation {
        Activation::Linear => 1.0,
        Activation::Relu | Activation::LeakyRelu | Activation::Prelu => 2.0,
        Activation::Sigmoid | Activation::Tanh => 7.0,
        Activation::Elu | Activation::Selu => 5.0,
        Activation::Silu | Activation::Softplus => 14.0,
        Activation::Gelu => 24.0,
    }
}

/// Passes over z that a normalisation takes, forward and backward: means, variances and the terms of their gradients.
fn norm_passes(norm: NormKind) -> f64 {
    match norm {
        NormKind::None => 0.0,
        NormKind::Batch => 5.0,
        NormKind::Layer => 9.0,
    }
}

/// Passes over the parameters that an update takes.
fn update_passes(kind: OptimizerKind) -> f64 {
    match kind {
        OptimizerKind::Sgd => 2.0,
        OptimizerKind::Momentum => 4.0,
        OptimizerKind::Rmsprop | OptimizerKind::Adam | OptimizerKind::Adamw => 6.0,
    }
}

/// Passes over z and h in every step beside activation and norm: biases, their gradients, copies.
const LAYER_PASSES: f64 = 4.0;
/// Passes over z and h, and over the weights, that a measurement takes: sums of squares in f64, means, counts.
const MEASURED_PASSES: f64 = 8.0;
/// Seconds per layer and step that no size explains: calls and allocations.
const CALLS: f64 = 1e-6;

/// Sizes of a net.
struct Weights {
    /// Weights of all layers that see every time step, and those of the head.
    hidden: f64,
    head: f64,
    /// Weights of the first layer, whose input needs no gradient.
    first: f64,
    /// Outputs of all hidden layers, those of gates included; and of the head.
    units: f64,
    outputs: f64,
}

fn weights(spec: &RunSpec) -> Weights {
    let (layers, blocks, outputs) = (layers(spec), blocks(spec.model.kind), spec.data.outputs() as f64);
    let first = layers.first().map_or(0.0, |layer| layer.fan_in * layer.units);
    let head = layers.last().map_or(0.0, |layer| layer.units * outputs);
    let hidden = layers.iter().map(|layers| layers.count * layers.weights(&spec.model)).sum();
    let units: f64 = layers.iter().map(|layers| layers.count * layers.units).sum();
    Weights { hidden, head, first: blocks * first, units: blocks * units, outputs }
}

/// Passes over z that the nonlinearities of a layer take, forward and backward.
fn unit_passes(spec: &RunSpec) -> f64 {
    match spec.model.kind {
        ModelKind::Mlp | ModelKind::Rnn => activation_passes(spec.model.activation),
        // Every gate is computed in the forward and again in the backward, and an lstm has one more tanh.
        ModelKind::Lstm | ModelKind::Gru => 14.0,
    }
}

/// What a run costs: per step a forward product and one for dW in every layer (2 B in out operations each), and one for
/// dX in all but the first; of a recurrent layer for every time step, and one for dh; entrywise work; the update; what
/// is measured in the traced steps; one test of the result.
pub fn cost(spec: &RunSpec) -> Cost {
    let Weights { hidden, head, first, units, outputs } = weights(spec);
    let batch = spec.train.batch_size.of(spec.data.train_examples()) as f64;
    let (length, answers) = (spec.data.length() as f64, spec.data.answers() as f64);
    let steps = spec.train.steps.get() as f64;
    let traced = spec.every.count(spec.train.steps) as f64;
    let test = spec.data.test_examples() as f64;

    let flops = steps * 2.0 * batch * (length * (3.0 * hidden - first) + 3.0 * answers * head)
        + 2.0 * test * (length * hidden + answers * head);
    let all_weights = hidden + head;
    let entries_of_one = length * units + answers * outputs;
    let layer_passes = LAYER_PASSES + unit_passes(spec) + norm_passes(spec.model.norm());
    let entries = steps
        * (batch * entries_of_one * layer_passes + all_weights * update_passes(spec.train.optimizer.kind))
        + traced * MEASURED_PASSES * (batch * entries_of_one + all_weights)
        + test * entries_of_one * layer_passes / 2.0;
    let seconds = flops * product_seconds(spec.train.precision)
        + entries * PASS
        + steps * length * (spec.model.hidden_layers() + 1) as f64 * CALLS;
    Cost { flops, seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_of_a_small_net_by_hand() {
        let mut spec = RunSpec::default();
        spec.model.depth = 1.try_into().expect("positive");
        spec.model.width = 2.try_into().expect("positive");
        spec.train.steps = 10.try_into().expect("positive");
        // 64 -> 2 -> 10: forward and dW of both layers, dX of the head alone, 64 examples; then 360 tested.
        let step = 2.0 * 64.0 * (2.0 * (128.0 + 20.0) + 20.0);
        assert_eq!(cost(&spec).flops, 10.0 * step + 2.0 * 360.0 * 148.0);
    }

    #[test]
    fn the_operations_of_a_small_lstm_by_hand() {
        let mut spec = RunSpec::default();
        spec.model.kind = ModelKind::Lstm;
        spec.data.source = crate::data::DataSource::Adding;
        spec.data.length = 7.try_into().expect("positive");
        spec.model.depth = 2.try_into().expect("positive");
        spec.model.width = 3.try_into().expect("positive");
        spec.train.steps = 10.try_into().expect("positive");
        // 2 -> 3 -> 3 -> 1, four gates. Forward, dW and dh or dX of all weights but the first layer's W_x, which has no
        // dX; 64 examples of 7 time steps, of which the head sees the last; then 512 tested.
        let (first, recurrent, second, head) = (2.0 * 12.0, 3.0 * 12.0, 3.0 * 12.0, 3.0);
        let hidden = first + recurrent + second + recurrent;
        let step = 2.0 * 64.0 * (7.0 * (3.0 * hidden - first) + 3.0 * head);
        assert_eq!(cost(&spec).flops, 10.0 * step + 2.0 * 512.0 * (7.0 * hidden + head));
    }

    #[test]
    fn equal_widths_cost_what_depth_and_width_cost() {
        let mut listed = RunSpec::default();
        listed.model.widths = [listed.model.width; 10].into();
        assert_eq!(cost(&listed), cost(&RunSpec::default()));
    }

    #[test]
    fn more_of_anything_costs_more() {
        let base = RunSpec::default();
        let seconds = |change: fn(&mut RunSpec)| {
            let mut spec = base.clone();
            change(&mut spec);
            cost(&spec).seconds
        };
        let plain = seconds(|_| {});
        assert!(plain < seconds(|s| s.model.depth = s.model.depth.saturating_add(1)));
        assert!(plain < seconds(|s| s.train.steps = s.train.steps.saturating_add(1)));
        assert!(plain < seconds(|s| s.model.activation = Activation::Gelu));
        assert!(plain < seconds(|s| s.model.layer_norm = true));
        assert!(plain < seconds(|s| s.train.optimizer.kind = OptimizerKind::Adam));
        assert!(plain < seconds(|s| s.train.precision = Precision::F64));
    }
}
