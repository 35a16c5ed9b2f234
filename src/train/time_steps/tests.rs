//! Readings of time steps and gates.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::analysis::{Summary, Verdict};
use crate::data::{DataSource, Dataset};
use crate::metric::RowStatus::{self, Ok, Underflow, Zero};
use crate::nn::{Activation, ModelKind};
use crate::spec::{BatchSize, Every, RunSpec};
use crate::trace::Trace;
use crate::train;

const KINDS: [ModelKind; 3] = [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru];

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("positive")
}

/// A net of two small layers, in f32, before its first update.
fn small(kind: ModelKind, length: usize) -> RunSpec {
    let mut spec = RunSpec::default();
    spec.data.source = DataSource::Noise;
    spec.data.length = count(length);
    spec.data.features = count(4);
    spec.data.examples = count(64);
    spec.model.kind = kind;
    spec.model.activation = Activation::Tanh;
    spec.model.depth = count(2);
    spec.model.width = count(16);
    spec.train.batch_size = BatchSize::Examples(count(32));
    spec.train.steps = count(1);
    spec.every = Every::Steps(count(1));
    spec
}

fn trace(spec: &RunSpec) -> Trace {
    let data = Dataset::load(&spec.data).expect("no files");
    train::run(spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it").trace
}

fn statuses(trace: &Trace) -> Vec<RowStatus> {
    trace.layers.iter().map(|row| row.status).collect()
}

/// The statuses of a layer (from 1) at t = 1..T, at the first traced step.
fn through_time(trace: &Trace, layer: usize) -> Vec<RowStatus> {
    let time = trace.through_time.as_ref().expect("a recurrent net");
    let layers = trace.layers_per_step() - 1;
    time.times(0, layers).nth(layer - 1).expect("a layer").iter().map(|row| row.status).collect()
}

#[test]
fn a_layer_whose_sequences_have_one_time_step_is_not_called_zero() {
    for kind in KINDS {
        assert_eq!(statuses(&trace(&small(kind, 1))), [Ok; 3], "{kind:?}: h_0 is 0, and so is dLoss/dW_h");
    }
}

#[test]
fn a_gradient_of_recurrent_weights_that_saturated_gates_lose_is_underflow_beside_one_that_is_not_lost() {
    let mut spec = small(ModelKind::Lstm, 5);
    spec.model.init_gain = 1e5;
    let trace = trace(&spec);
    // What reaches layer 1 passes only at t = 1, where h_0 = 0.
    assert!(trace.layers[0].grad_norm > 1e-3 && trace.layers[0].delta_rms > 1e-4);
    assert_eq!(statuses(&trace), [Underflow, Ok, Ok]);
}

#[test]
fn a_derivative_that_the_layer_above_loses_is_no_zero_of_the_network() {
    let mut spec = small(ModelKind::Rnn, 5);
    spec.model.init_gain = 1e5;
    let trace = trace(&spec);
    assert_eq!(through_time(&trace, 2)[4], Ok, "the head reaches the last time step");
    assert_eq!(through_time(&trace, 1), [Underflow; 5]);
    assert_eq!(statuses(&trace), [Underflow, Underflow, Ok]);
}

#[test]
fn weights_without_inputs_get_no_gradient_and_the_net_is_not_dead_for_it() {
    for kind in KINDS {
        let mut spec = small(kind, 5);
        spec.data.std = 0.0;
        let trace = trace(&spec);
        assert_eq!(statuses(&trace), [Zero; 3], "{kind:?}: all of x and h are 0");
        assert!(trace.layers.iter().all(|row| row.grad_norm == 0.0 && row.delta_rms > 1e-4));
        let summary = Summary::of(&trace);
        assert_ne!(summary.verdict, Verdict::Dead, "{kind:?}");
        assert!(summary.init_decades_per_layer.is_finite() && summary.init_decades_per_step.is_finite());
    }
}

#[test]
fn the_head_above_gates_that_make_all_states_0_underflows() {
    let mut shut = small(ModelKind::Gru, 3);
    (shut.model.depth, shut.model.update_bias) = (count(1), 200.0);
    let mut faint = small(ModelKind::Lstm, 1);
    (faint.model.depth, faint.data.std) = (count(1), 1.6e-38);
    for (spec, why) in [(shut, "1 - z is e^-200"), (faint, "a quarter of each candidate is too small")] {
        let trace = trace(&spec);
        assert_eq!((trace.layers[0].act_mean, trace.layers[0].act_std), (0.0, 0.0), "{why}");
        assert_eq!(statuses(&trace)[1], Underflow, "{why}");
    }
}

#[test]
fn what_a_gate_lets_pass_without_recurrent_weights_and_too_little_of_it_is_underflow() {
    for (kind, early) in [(ModelKind::Rnn, Zero), (ModelKind::Lstm, Underflow), (ModelKind::Gru, Underflow)] {
        let mut spec = small(kind, 4);
        spec.model.depth = count(1);
        spec.model.init_gain = 1e-60;
        (spec.model.forget_bias, spec.model.update_bias) = (-110.0, -110.0);
        let got = through_time(&trace(&spec), 1);
        assert_eq!(got, [early, early, early, Ok], "{kind:?}");
    }
}

#[test]
fn a_layer_that_is_dead_when_the_error_comes_is_zero_although_it_was_alive_before() {
    let mut spec = small(ModelKind::Rnn, 2);
    spec.model.activation = Activation::Relu;
    (spec.model.depth, spec.model.width, spec.data.examples) = (count(1), count(1), count(1));
    spec.train.batch_size = BatchSize::Full;
    let seeds = (0..100).map(|seed| trace(&RunSpec { seed, ..spec.clone() }));
    let mut dead = seeds.filter(|trace| trace.layers[0].delta_rms == 0.0 && trace.layers[0].zero_fraction == 0.5);
    let trace = dead.next().expect("one in four is alive at t = 1 alone");
    assert_eq!((statuses(&trace)[0], through_time(&trace, 1)), (Zero, vec![Zero, Ok]));
    assert_eq!(Summary::of(&trace).verdict, Verdict::Dead);
}
