//! What a run costs before it has run: the order in which runs begin, and the estimate that `plan` prints.

use super::describe;
use crate::nn::{BatchShape, Extent, OptimizerKind};
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

/// Passes over the parameters that an update takes.
fn update_passes(kind: OptimizerKind) -> f64 {
    match kind {
        OptimizerKind::Sgd => 2.0,
        OptimizerKind::Momentum => 4.0,
        OptimizerKind::Rmsprop | OptimizerKind::Adam | OptimizerKind::Adamw => 6.0,
    }
}

/// Passes over what weights write, and over the weights, that a measurement takes: sums of squares in f64, means, counts.
const MEASURED_PASSES: f64 = 8.0;
/// Seconds per layer and step that no size explains: calls and allocations.
const CALLS: f64 = 1e-6;

/// What a run costs: per step a forward product and one for dW in every op with weights (2 B in out operations each), and
/// one for dX in all but the first; of a recurrence for every time step; entrywise work; the update; what is measured in
/// the traced steps; one test of the result.
pub fn cost(spec: &RunSpec) -> Cost {
    let net = describe(spec);
    let examples = spec.train.batch_size.of(spec.data.train_examples());
    let batch = BatchShape { examples, length: spec.data.length(), answers: spec.data.answers() };
    let steps = spec.train.steps.get() as f64;
    let traced = spec.every.count(spec.train.steps) as f64;
    let share_of_test = spec.data.test_examples() as f64 / batch.examples as f64;
    let (mut there_and_back, mut there, mut passes, mut written) = (0.0, 0.0, 0.0, 0.0);
    net.each(|op| {
        let work = op.form.work(op.read);
        let rows = Extent { has_start: false, ..op.form.writes(op.read) }.size(batch).0 as f64;
        let products = 2.0 * op.times * rows * work.products;
        there_and_back += if op.is_first { 2.0 } else { 3.0 } * products;
        there += products;
        passes += op.times * rows * work.units * work.passes;
        written += if work.products > 0.0 { op.times * rows * work.units } else { 0.0 };
    });
    let size = net.size(batch, 4.0);
    let flops = steps * there_and_back + share_of_test * there;
    let entries = steps * (passes + size.parameters * update_passes(spec.train.optimizer.kind))
        + traced * MEASURED_PASSES * (written + size.weights)
        + share_of_test * passes / 2.0;
    let seconds = flops * product_seconds(spec.train.precision)
        + entries * PASS
        + steps * batch.length as f64 * size.sites * CALLS;
    Cost { flops, seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, ModelKind};

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
