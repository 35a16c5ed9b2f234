//! Training of single runs: what is recorded, and when.

use std::num::NonZeroUsize;

use super::*;
use crate::data::DataSource;
use crate::kernels::norm;
use crate::metric::RowStatus;
use crate::nn::{Activation, Init, ModelKind, NormKind};
use crate::spec::{BatchSize, Every, KeptWeights};

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("positive")
}

/// A small net on a little noise, in f64.
fn small() -> RunSpec {
    let mut spec = RunSpec::default();
    spec.data.source = DataSource::Noise;
    spec.data.features = count(6);
    spec.data.examples = count(32);
    spec.model.depth = count(3);
    spec.model.width = count(8);
    spec.train.batch_size = BatchSize::Examples(count(8));
    spec.train.steps = count(12);
    spec.train.precision = Precision::F64;
    spec.every = Every::Steps(count(1));
    spec
}

fn data(spec: &RunSpec) -> Dataset {
    Dataset::load(&spec.data).expect("no files")
}

fn trace(spec: &RunSpec) -> Trace {
    trained(spec).trace
}

fn trained(spec: &RunSpec) -> Trained {
    run(spec, &data(spec), &mut |_| ControlFlow::Continue(())).expect("nothing stops it")
}

#[test]
fn a_run_measures_every_layer_at_every_traced_step() {
    let trace = trace(&small());
    assert_eq!(trace.steps.len(), 12);
    assert_eq!(trace.layers.len(), 12 * 4);
    assert!(trace.layers.iter().all(|r| r.status == RowStatus::Ok && r.update_norm > 0.0));
    // 6x8+8, twice 8x8+8, 8x10+10
    assert_eq!(trace.outcome.parameters, 56 + 2 * 72 + 90);
}

#[test]
fn plain_sgd_moves_the_weights_by_the_rate_times_the_gradient() {
    let spec = small();
    for reading in trace(&spec).layers {
        let want = spec.train.optimizer.learning_rate * reading.grad_norm;
        assert!((reading.update_norm / want - 1.0).abs() < 1e-9);
    }
}

#[test]
fn how_far_weights_moved_is_from_where_they_began_to_where_they_are() {
    for kind in [ModelKind::Mlp, ModelKind::Lstm] {
        for clip_norm in [0.0, 0.1] {
            let mut spec = RunSpec { weights: KeptWeights::Both, every: Every::Steps(count(5)), ..small() };
            spec.model.kind = kind;
            spec.model.depth = count(2);
            (spec.train.optimizer.learning_rate, spec.train.clip_norm) = (0.1, clip_norm);
            let Trained { trace, kept } = trained(&spec);
            let (before, after) = (kept.init.expect("asked for"), kept.last.expect("asked for"));
            let last = trace.by_step().next_back().expect("a step").1;
            for (l, reading) in (1..).zip(last) {
                // A dense layer's W, or W_x and W_h; the names are PyTorch's.
                let prefixes = match kind {
                    ModelKind::Mlp => vec![format!("layers.{l}.weight")],
                    _ => ["ih", "hh"].map(|of| format!("weight_{of}_l{}", l - 1)).to_vec(),
                };
                let is_of_layer = |name: &str| {
                    if l == last.len() { name == "head.weight" } else { prefixes.iter().any(|p| name.ends_with(p)) }
                };
                let of_layer = |tensors: &[nn::Tensor]| -> Vec<f64> {
                    tensors.iter().filter(|t| is_of_layer(&t.name)).flat_map(|t| t.values.clone()).collect()
                };
                let (was, is) = (of_layer(&before), of_layer(&after));
                let difference: Vec<f64> = is.iter().zip(&was).map(|(a, b)| a - b).collect();
                let want = norm(&difference) / norm(&was);
                assert!(
                    want > 0.0 && (reading.moved / want - 1.0).abs() < 1e-9,
                    "{kind:?} {l}: {} {want}",
                    reading.moved
                );
            }
            // The first update moves them by what it changes.
            for reading in trace.by_step().next().expect("a step").1 {
                assert!((reading.moved / reading.relative_update() - 1.0).abs() < 1e-9);
            }
        }
    }
}

/// Returns how much one small step of plain sgd on all examples lowers the loss, over what the gradient promises: the
/// rate times the square of its norm. The result is 1 where the gradient is right. The step is so small that the loss's
/// curvature changes the seventh digit, and rounding the ninth: then one wrong tensor among many shows, too.
fn fall_over_promise(mut spec: RunSpec) -> f64 {
    spec.train.batch_size = BatchSize::Full;
    spec.train.optimizer.learning_rate = 1e-6;
    spec.train.steps = count(2);
    let steps = trace(&spec).steps;
    let fall = (steps[0].loss - steps[1].loss) / spec.train.optimizer.learning_rate;
    fall / (steps[0].total_grad_norm * steps[0].total_grad_norm)
}

#[test]
fn loss_falls_by_the_rate_times_the_squared_gradient_norm() {
    for (activation, batch_norm, residual) in
        [(Activation::Tanh, false, false), (Activation::Sigmoid, true, false), (Activation::Gelu, true, true)]
    {
        let mut spec = small();
        spec.model.activation = activation;
        spec.model.batch_norm = batch_norm;
        spec.model.residual = residual;
        let ratio = fall_over_promise(spec);
        assert!((ratio - 1.0).abs() < 1e-4, "{activation:?}: {ratio}");
    }
}

/// A small recurrent net that reads seven time steps of noise, in f64.
fn small_recurrent(kind: ModelKind, depth: usize) -> RunSpec {
    let mut spec = small();
    spec.data.length = count(7);
    spec.model.kind = kind;
    spec.model.depth = count(depth);
    spec.model.activation = Activation::Tanh;
    spec.model.init = Init::Orthogonal;
    spec
}

const CELLS: [ModelKind; 3] = [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru];

#[test]
fn loss_of_every_cell_falls_by_the_rate_times_the_squared_gradient_norm() {
    for kind in CELLS {
        for depth in [1, 2] {
            let ratio = fall_over_promise(small_recurrent(kind, depth));
            assert!((ratio - 1.0).abs() < 1e-4, "{kind:?} of depth {depth}: {ratio}");
        }
    }
}

#[test]
fn a_gradient_that_is_off_by_2_percent_does_not_lower_the_loss_by_what_it_promises() {
    for kind in CELLS {
        for depth in [1, 2] {
            let mut spec = small_recurrent(kind, depth);
            spec.train.batch_size = BatchSize::Full;
            // Clipping makes the update that of a gradient of 98 % the size, and leaves the recorded norm alone.
            spec.train.clip_norm = 0.98 * trace(&spec).steps[0].total_grad_norm;
            let ratio = fall_over_promise(spec);
            assert!((ratio - 1.0).abs() > 0.01, "{kind:?} of depth {depth}: {ratio}");
        }
    }
}

#[test]
fn tracing_less_often_changes_no_number() {
    let all = trace(&small());
    let mut spec = small();
    spec.every = Every::Listed([5].into());
    let few = trace(&spec);
    assert_eq!(few.steps, [all.steps[0], all.steps[5], all.steps[11]]);
    assert_eq!(format!("{:?}", few.outcome), format!("{:?}", all.outcome), "as text, for NaN is not equal to itself");
}

#[test]
fn clipping_shortens_the_update_and_not_the_recorded_gradient() {
    let free = trace(&small());
    let mut spec = small();
    spec.train.clip_norm = 0.5 * free.steps[0].total_grad_norm;
    let clipped = trace(&spec);
    assert_eq!(clipped.steps[0].total_grad_norm, free.steps[0].total_grad_norm);
    assert!((clipped.steps[0].clip_factor - 0.5).abs() < 1e-5);
    let ratio = clipped.layers[0].update_norm / free.layers[0].update_norm;
    assert!((ratio - 0.5).abs() < 1e-5, "{ratio}");
}

#[test]
fn a_diverging_run_ends_at_its_first_non_finite_loss_and_that_step_is_traced() {
    let mut spec = small();
    spec.train.optimizer.learning_rate = 1e200;
    spec.every = Every::Listed([10].into());
    let short = trace(&spec);
    let at = short.outcome.diverged_at.expect("it diverges");
    assert!(0 < at && at < 10);
    assert_eq!(short.steps.last().map(|s| s.step), Some(at));
    assert!(!short.outcome.loss_last.is_finite() && short.outcome.test_loss.is_nan());
    spec.train.stop_when_diverged = false;
    let long = trace(&spec);
    assert_eq!(long.outcome.diverged_at, Some(at));
    assert_eq!(long.steps.last().map(|s| s.step), Some(11));
}

#[test]
fn a_stopped_run_leaves_no_trace() {
    let spec = small();
    let stop = &mut |step| if step < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    assert_eq!(run(&spec, &data(&spec), stop), None);
}

#[test]
fn weights_and_order_are_shared_by_runs_that_differ_in_activation_or_flags() {
    let mut spec = small();
    let relu = trace(&spec);
    spec.model.activation = Activation::Tanh;
    spec.model.residual = true;
    let tanh = trace(&spec);
    for l in 0..4 {
        assert_eq!(relu.layers[l].weight_norm, tanh.layers[l].weight_norm);
    }
}

#[test]
fn f32_and_f64_runs_begin_with_the_same_numbers() {
    let mut spec = small();
    let double = trace(&spec);
    spec.train.precision = Precision::F32;
    let single = trace(&spec);
    for (a, b) in single.layers[..4].iter().zip(&double.layers[..4]) {
        assert!((a.grad_norm / b.grad_norm - 1.0).abs() < 1e-5 && (a.delta_rms / b.delta_rms - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_deep_sigmoid_net_underflows_in_f32_by_name_and_not_in_f64() {
    let mut spec = small();
    spec.model.activation = Activation::Sigmoid;
    spec.model.init = Init::XavierNormal;
    spec.model.depth = count(80);
    spec.train.steps = count(1);
    let double = trace(&spec);
    assert!(double.layers.iter().all(|r| r.status == RowStatus::Ok));
    spec.train.precision = Precision::F32;
    let single = trace(&spec);
    assert_eq!(single.layers[0].status, RowStatus::Underflow);
    assert_eq!(single.layers[80].status, RowStatus::Ok);
    assert!(single.layers.iter().all(|r| r.status != RowStatus::Zero));
}

#[test]
fn activations_that_underflow_on_their_way_forward_are_not_called_dead() {
    let mut spec = small();
    spec.model.init = Init::XavierNormal;
    spec.model.depth = count(400);
    spec.train.steps = count(1);
    spec.train.precision = Precision::F32;
    for activation in [Activation::Relu, Activation::Gelu] {
        spec.model.activation = activation;
        assert!(trace(&spec).layers.iter().all(|r| r.status != RowStatus::Zero), "{activation:?}");
    }
}

#[test]
fn slopes_that_underflow_are_not_called_zero() {
    let mut spec = small();
    spec.model.activation = Activation::Tanh;
    spec.model.init_gain = 1e6;
    spec.train.steps = count(1);
    let trace = trace(&spec);
    assert!(trace.layers.iter().all(|r| r.status != RowStatus::Zero));
    assert!(trace.layers[1].saturated_fraction > 0.99 && trace.layers[1].zero_fraction == 0.0);
}

#[test]
fn what_is_kept_is_what_was_asked_for_and_changes_no_number() {
    let spec = small();
    assert_eq!(trained(&spec).kept, Kept::default());
    let asked = RunSpec { weights: KeptWeights::Both, order: true, ..spec.clone() };
    let both = trained(&asked);
    assert_eq!(format!("{:?}", both.trace), format!("{:?}", trace(&spec)), "as text, for NaN is not equal to itself");
    let norm = |tensors: &[nn::Tensor]| norm(&tensors[2].values);
    let (init, last) = (both.kept.init.expect("asked for"), both.kept.last.expect("asked for"));
    assert!((norm(&init) / both.trace.layers[1].weight_norm - 1.0).abs() < 1e-12);
    assert_ne!(norm(&last), norm(&init));
    let order = both.kept.order.expect("asked for");
    assert_eq!((order.batch, order.rows.len()), (8, 12 * 8));
    let mut epoch = order.rows[32..64].to_vec();
    epoch.sort_unstable();
    assert_eq!(epoch, (0..32).collect::<Vec<_>>(), "the second epoch takes each example once");
}

#[test]
fn the_last_weights_of_a_shorter_run_are_those_a_longer_one_had_then() {
    let mut spec = RunSpec { weights: KeptWeights::Final, ..small() };
    let at = |steps: usize, spec: &mut RunSpec| {
        spec.train.steps = count(steps);
        let trained = trained(spec);
        let norms: Vec<f64> = trained.trace.layers.iter().map(|r| r.weight_norm).collect();
        (norm(&trained.kept.last.expect("asked for")[0].values), norms)
    };
    let (after_three, _) = at(3, &mut spec);
    let (_, norms) = at(12, &mut spec);
    assert!((after_three / norms[3 * 4] - 1.0).abs() < 1e-12);
}

#[test]
fn blobs_are_learned_with_every_optimizer() {
    for optimizer in nn::OptimizerKind::ALL {
        let mut spec = RunSpec::default();
        spec.data.source = DataSource::Blobs;
        spec.model.depth = count(2);
        spec.train.optimizer.kind = optimizer;
        spec.train.optimizer.learning_rate = if optimizer == nn::OptimizerKind::Sgd { 0.1 } else { 0.003 };
        let outcome = trace(&spec).outcome;
        assert!(outcome.loss_last < 0.5 && outcome.test_accuracy > 0.8, "{optimizer:?}: {outcome:?}");
    }
}

/// Every combination of what decides which arrays a run needs, small, all steps traced.
fn runs_of_all_kinds() -> impl Iterator<Item = RunSpec> {
    feed_forward_runs().chain(recurrent_runs())
}

/// Every kind of recurrent net on stored examples and on those that each step draws, numbers and classes.
fn recurrent_runs() -> impl Iterator<Item = RunSpec> {
    let kinds = [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru];
    let sources = [DataSource::Noise, DataSource::Adding, DataSource::Copy];
    let norms = [NormKind::None, NormKind::Layer];
    let runs = kinds.into_iter().flat_map(move |kind| sources.map(|source| (kind, source)));
    runs.zip(norms.into_iter().cycle()).zip(nn::OptimizerKind::ALL.into_iter().cycle()).map(
        |(((kind, source), norm), optimizer)| {
            let mut spec = small();
            spec.data.source = source;
            (spec.data.length, spec.data.delay) = (count(4), count(2));
            spec.train.precision = if norm == NormKind::None { Precision::F32 } else { Precision::F64 };
            spec.train.optimizer.kind = optimizer;
            spec.train.clip_norm = if source == DataSource::Noise { 0.1 } else { 0.0 };
            spec.model.kind = kind;
            spec.model.activation = Activation::Prelu;
            spec.model.layer_norm = norm == NormKind::Layer;
            spec.model.residual = norm == NormKind::None;
            spec
        },
    )
}

fn feed_forward_runs() -> impl Iterator<Item = RunSpec> {
    let precisions = [Precision::F32, Precision::F64];
    let norms = [NormKind::None, NormKind::Batch, NormKind::Layer];
    let kinds = precisions.into_iter().flat_map(move |precision| norms.map(|norm| (precision, norm)));
    let feed_forward = kinds.zip(nn::OptimizerKind::ALL.into_iter().cycle()).map(|((precision, norm), optimizer)| {
        let mut spec = small();
        spec.train.precision = precision;
        spec.train.optimizer.kind = optimizer;
        spec.train.clip_norm = 0.1;
        spec.model.activation = Activation::Prelu;
        spec.model.batch_norm = norm == NormKind::Batch;
        spec.model.layer_norm = norm == NormKind::Layer;
        spec.model.residual = true;
        spec.model.residual_scaling = nn::ResidualScaling::InvSqrtDepth;
        spec.every = Every::Steps(count(1));
        spec
    });
    let sources = [(Precision::F32, DataSource::Adding), (Precision::F64, DataSource::Noise)];
    let recurrent = CELLS.into_iter().flat_map(move |kind| {
        sources.map(|(precision, source)| {
            let mut spec = small_recurrent(kind, 2);
            spec.train.precision = precision;
            spec.data.source = source;
            spec.train.clip_norm = 0.1;
            spec.model.layer_norm = true;
            spec.model.residual = true;
            spec
        })
    });
    feed_forward.chain(recurrent)
}

#[test]
fn a_step_allocates_nothing() {
    for mut spec in runs_of_all_kinds() {
        let data = data(&spec);
        let mut allocations = |steps: usize| {
            spec.train.steps = count(steps);
            let mut workspace = Workspace::new(&ThreadBudget::alone());
            let info = allocation_counter::measure(|| {
                run_in(&mut workspace, &spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it");
            });
            info.count_total
        };
        // The first run of a process also allocates what the process keeps. The list of traced steps grows by doubling,
        // and 40 and 60 of them need as many.
        let (_, few, many) = (allocations(2), allocations(40), allocations(60));
        assert!(few > 10, "the allocations are counted");
        assert_eq!(few, many, "{spec:?}");
    }
}

#[test]
fn a_workspace_changes_no_number_and_its_memory_is_used_again() {
    let mut workspace = Workspace::new(&ThreadBudget::alone());
    for mut spec in runs_of_all_kinds() {
        let data = data(&spec);
        for (depth, width) in [(5, 24), (3, 40), (4, 8)] {
            (spec.model.depth, spec.model.width) = (count(depth), count(width));
            let mut in_it =
                || run_in(&mut workspace, &spec, &data, &mut |_| ControlFlow::Continue(())).expect("it ends");
            let first = in_it();
            assert_eq!(format!("{:?}", first.trace), format!("{:?}", trace(&spec)));
            let mut again = 0;
            let counted = allocation_counter::measure(|| again = in_it().trace.layers.len());
            let fresh = allocation_counter::measure(|| again += trace(&spec).layers.len());
            assert!(counted.bytes_total < fresh.bytes_total, "{} of {}", counted.bytes_total, fresh.bytes_total);
            assert_eq!(again, 2 * first.trace.layers.len());
        }
    }
}
